use std::net::SocketAddr;

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyInt, PyString};
use switchwire::{LogLevel, LogRecord as CoreRecord};

use crate::errors::exception;

/// A log line of the server.
#[pyclass(frozen, get_all, module = "switchwire")]
pub(crate) struct LogRecord {
    /// 0 (console) to 7 (debug).
    level: u8,
    /// The level's name, e.g. `WARNING`.
    level_name: &'static str,
    /// The server's source file.
    file: String,
    /// The function in it.
    function: String,
    /// The line in it.
    line: u32,
    /// The channel that the line is about.
    channel_uuid: Option<String>,
    /// The line itself, without its line feed.
    text: String,
}

/// Level, place in the source, channel, text.
type Fields = (u8, (String, String, u32), Option<String>, String);

impl LogRecord {
    pub(crate) fn new(record: CoreRecord) -> Self {
        Self {
            level: record.level as u8,
            level_name: record.level.name(),
            file: record.file,
            function: record.function,
            line: record.line,
            channel_uuid: record.channel_uuid,
            text: record.text.trim_end_matches(['\r', '\n']).to_owned(),
        }
    }
}

#[pymethods]
impl LogRecord {
    /// For pickle (`logging.handlers.QueueHandler` sends records to other processes).
    fn __reduce__<'py>(slf: Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Fields)> {
        let record = slf.get();
        let restore = slf.py().get_type::<Self>().getattr("_restore")?;
        let source = (record.file.clone(), record.function.clone(), record.line);
        Ok((restore, (record.level, source, record.channel_uuid.clone(), record.text.clone())))
    }

    #[staticmethod]
    fn _restore(
        level: u8,
        source: (String, String, u32),
        channel_uuid: Option<String>,
        text: String,
    ) -> Self {
        let (file, function, line) = source;
        let level_name = LogLevel::from_number(level).name();
        Self { level, level_name, file, function, line, channel_uuid, text }
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("LogRecord({}, {:?})", self.level_name, self.text)
    }
}

/// A log level given as a name or a number; the core's rule says which there are.
pub(crate) struct Level(pub(crate) LogLevel);

impl<'a, 'py> FromPyObject<'a, 'py> for Level {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyString>() && !object.is_instance_of::<PyInt>() {
            let found = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!("a log level is a name or a number, not {found}")));
        }
        let text = object.str()?.to_string_lossy().into_owned();
        let level = text.parse::<LogLevel>();
        level.map(Self).map_err(|error| exception(object.py(), &error.into()))
    }
}

/// Hands a log line to Python's `logging`.
pub(crate) fn emit(py: Python<'_>, record: CoreRecord) -> PyResult<()> {
    static EMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let emit =
        EMIT.get_or_try_init(py, || py.import("switchwire.log")?.getattr("emit").map(Bound::unbind))?;
    emit.bind(py).call1((LogRecord::new(record),)).map(|_| ())
}

/// Tells the logger `switchwire.connection`, at debug, what a connection does: never arguments, never secrets. Costs one call
/// of Python while nothing listens, and less where `logging` has not been imported.
pub(crate) fn debug(py: Python<'_>, message: impl FnOnce() -> String) {
    let told = logger(py).and_then(|logger| {
        let Some(logger) = logger else { return Ok(()) };
        if logger.call_method1(intern!(py, "isEnabledFor"), (DEBUG,))?.is_truthy()? {
            logger.call_method1(intern!(py, "debug"), ("%s", message()))?;
        }
        Ok(())
    });
    if let Err(error) = told {
        error.write_unraisable(py, None);
    }
}

/// A command that is being sent.
pub(crate) fn command(py: Python<'_>, connection: &switchwire::Connection, name: impl FnOnce() -> String) {
    debug(py, || format!("{}: {}", peer(connection.peer_addr()), name()));
}

/// How a connection is named in log lines.
pub(crate) fn peer(address: Option<SocketAddr>) -> String {
    address.map_or_else(|| "no peer".to_owned(), |address| address.to_string())
}

/// `None` where nothing can listen, as `logging` has not been imported.
fn logger(py: Python<'_>) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py)));
    }
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    if !modules.contains(intern!(py, "logging"))? {
        return Ok(None);
    }
    let logger = LOGGER.get_or_try_init(py, || {
        py.import("logging")?.call_method1("getLogger", ("switchwire.connection",)).map(Bound::unbind)
    })?;
    Ok(Some(logger.bind(py)))
}

/// `logging.DEBUG`.
const DEBUG: u8 = 10;
