use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use switchwire::LogRecord as CoreRecord;

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

impl LogRecord {
    fn new(record: CoreRecord) -> Self {
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
    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("LogRecord({}, {:?})", self.level_name, self.text)
    }
}

/// Hands a log line to Python's `logging`.
pub(crate) fn emit(py: Python<'_>, record: CoreRecord) -> PyResult<()> {
    static EMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let emit =
        EMIT.get_or_try_init(py, || py.import("switchwire.log")?.getattr("emit").map(Bound::unbind))?;
    emit.bind(py).call1((LogRecord::new(record),)).map(|_| ())
}
