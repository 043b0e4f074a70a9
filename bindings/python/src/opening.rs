//! How connections begin: connecting, sockets that are connected already, and step by step for event loops.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use switchwire::{Builder, Connection, Options, Overflow, QueueLimits};
use switchwire::{Login, Opening as CoreOpening};

use crate::errors::exception;
use crate::log;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A connection on its way into the Python class that shows it.
#[pyclass(frozen)]
pub(crate) struct Handle(Mutex<Option<Connection>>);

impl Handle {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Mutex::new(Some(connection)))
    }

    pub(crate) fn take(&self) -> PyResult<Connection> {
        self.0.lock().take().ok_or_else(|| PyValueError::new_err("the connection was taken already"))
    }
}

/// The options of a connection; a timeout of `None` means no limit.
#[derive(FromPyObject)]
pub(crate) struct OptionValues {
    connect_timeout: Option<Timeout>,
    login_timeout: Option<Timeout>,
    command_timeout: Option<Timeout>,
    keepalive: Option<Timeout>,
    queue_events: usize,
    queue_bytes: usize,
    overflow: String,
    max_body: usize,
}

impl OptionValues {
    pub(crate) fn options(&self) -> PyResult<Options> {
        let overflow = OVERFLOWS.into_iter().find(|overflow| word(*overflow) == self.overflow);
        let overflow = overflow.ok_or_else(|| {
            PyValueError::new_err("overflow is 'drop-newest', 'drop-oldest', 'fail' or 'block'")
        })?;
        let mut options = Options::inbound();
        options.connect_timeout = duration(self.connect_timeout).unwrap_or(Duration::MAX);
        options.login_timeout = duration(self.login_timeout).unwrap_or(Duration::MAX);
        options.command_timeout = duration(self.command_timeout);
        options.keepalive = duration(self.keepalive);
        options.queue = QueueLimits::new(self.queue_events, self.queue_bytes, overflow);
        options.limits.body = self.max_body;
        Ok(options)
    }
}

const OVERFLOWS: [Overflow; 4] =
    [Overflow::DropNewest, Overflow::DropOldest, Overflow::Fail, Overflow::Block];

fn word(overflow: Overflow) -> &'static str {
    match overflow {
        Overflow::DropNewest => "drop-newest",
        Overflow::DropOldest => "drop-oldest",
        Overflow::Fail => "fail",
        Overflow::Block => "block",
    }
}

/// The core's options by the names that they have in Python: the defaults of `switchwire.Options`.
pub(crate) fn defaults<'py>(py: Python<'py>, options: &Options) -> PyResult<Bound<'py, PyDict>> {
    let values = PyDict::new(py);
    values.set_item("connect_timeout", options.connect_timeout.as_secs_f64())?;
    values.set_item("login_timeout", options.login_timeout.as_secs_f64())?;
    values.set_item("command_timeout", options.command_timeout.map(|time| time.as_secs_f64()))?;
    values.set_item("keepalive", options.keepalive.map(|time| time.as_secs_f64()))?;
    values.set_item("queue_events", options.queue.events)?;
    values.set_item("queue_bytes", options.queue.bytes)?;
    values.set_item("overflow", word(options.queue.overflow))?;
    values.set_item("max_body", options.limits.body)?;
    Ok(values)
}

/// Resolves, connects and logs in; blocks for at most the two timeouts, and `timeout` for everything.
#[pyfunction]
pub(crate) fn connect(
    py: Python<'_>,
    host: String,
    port: u16,
    password: String,
    user: Option<String>,
    timeout: Option<Timeout>,
    options: OptionValues,
) -> PyResult<Handle> {
    let address = format!("{host}:{port}");
    let builder = Builder::new(host, port).options(options.options()?).password(password);
    let builder = builder.timeout(duration(timeout));
    let builder = builder.user(user.unwrap_or_default());
    let opened = wait::blocking(py, move || builder.connect())?;
    match opened {
        Ok(connection) => Ok(connected(py, connection)),
        Err(error) => {
            log::debug(py, || format!("{address}: cannot connect: {error}"));
            Err(exception(py, &error))
        }
    }
}

fn connected(py: Python<'_>, connection: Connection) -> Handle {
    log::command(py, &connection, || "connected".to_owned());
    Handle::new(connection)
}

/// The host without the brackets that an IPv6 address may have.
#[pyfunction]
pub(crate) fn bare_host(host: &str) -> &str {
    switchwire::bare_host(host)
}

/// A connection being opened on a connected socket, for an event loop: call `advance` when the descriptor is ready.
#[pyclass(frozen)]
pub(crate) struct Opening(Mutex<Option<CoreOpening>>);

impl Opening {
    fn new(opening: CoreOpening) -> Self {
        Self(Mutex::new(Some(opening)))
    }
}

#[pymethods]
impl Opening {
    /// A login on a connected socket, of which a duplicate is set up and used.
    #[staticmethod]
    fn login(
        py: Python<'_>,
        fd: i32,
        password: &str,
        user: Option<&str>,
        options: OptionValues,
    ) -> PyResult<Self> {
        let login = match user.filter(|user| !user.is_empty()) {
            Some(user) => Login::user(user, password),
            None => Login::password(password),
        };
        let login = login.map_err(|error| exception(py, &error.into()))?;
        let options = options.options()?;
        Ok(Self::new(CoreOpening::login(prepared(py, fd, &options)?, login, options)))
    }

    /// A call's socket that was accepted, of which a duplicate is set up and used.
    #[staticmethod]
    fn outbound(py: Python<'_>, fd: i32, options: OptionValues) -> PyResult<Self> {
        let options = options.options()?;
        let opening = CoreOpening::outbound(prepared(py, fd, &options)?, options);
        opening.map(Self::new).map_err(|error| exception(py, &error))
    }

    /// Goes on as far as what has arrived allows; `None` while the server's next word is awaited. Never waits.
    fn advance(&self, py: Python<'_>) -> PyResult<Option<Handle>> {
        let Some(advanced) = self.0.lock().as_mut().map(CoreOpening::advance) else {
            return Err(PyValueError::new_err("the opening was given up"));
        };
        let advanced = advanced.map_err(|error| {
            log::debug(py, || format!("cannot connect: {error}"));
            exception(py, &error)
        })?;
        Ok(advanced.map(|connection| connected(py, connection)))
    }

    /// The descriptor.
    fn fileno(&self) -> i32 {
        self.0.lock().as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// Gives up and closes the socket, even while an exception keeps this object alive.
    fn close(&self) {
        let opening = self.0.lock().take();
        drop(opening);
    }
}

/// A duplicate of the socket, set up as the core sets up its own.
fn prepared(py: Python<'_>, fd: i32, options: &Options) -> PyResult<OwnedFd> {
    let socket = duplicate(fd)?;
    switchwire::prepare_socket(&socket, options).map_err(|error| exception(py, &error))?;
    Ok(socket)
}

/// Another descriptor of the same socket, so that its owner may close the other.
pub(crate) fn duplicate(fd: i32) -> std::io::Result<OwnedFd> {
    if fd < 0 {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the number is used for this one call, in which the system checks it: a number that is no open descriptor
    // gives an error. It is not -1, which `BorrowedFd` must not hold.
    #[expect(unsafe_code, reason = "Python hands over descriptors as plain numbers")]
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    borrowed.try_clone_to_owned()
}
