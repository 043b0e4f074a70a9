//! How connections begin: connecting, sockets that are connected already, and step by step for event loops.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use switchwire::{Builder, Connection, Options, Overflow, QueueLimits};
use switchwire::{Login, Opening as CoreOpening};

use crate::errors::exception;
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

/// The options of a connection; `None` is the default of each, save where it means "for ever".
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
        let overflow = match self.overflow.as_str() {
            "drop-newest" => Overflow::DropNewest,
            "drop-oldest" => Overflow::DropOldest,
            "fail" => Overflow::Fail,
            _ => return Err(PyValueError::new_err("overflow is 'drop-newest', 'drop-oldest' or 'fail'")),
        };
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

/// Resolves, connects and logs in; blocks for at most the two time-outs, and `timeout` for all.
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
    let builder = Builder::new(host, port).options(options.options()?).password(password);
    let builder = builder.timeout(duration(timeout));
    let builder = builder.user(user.unwrap_or_default());
    let opened = wait::blocking(py, move || builder.connect())?;
    opened.map(Handle::new).map_err(|error| exception(py, &error))
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
    /// A login on a connected socket, of which a duplicate is used.
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
        Ok(Self::new(CoreOpening::login(duplicate(fd)?, login, options.options()?)))
    }

    /// A call's socket that was accepted, of which a duplicate is used.
    #[staticmethod]
    fn outbound(py: Python<'_>, fd: i32, options: OptionValues) -> PyResult<Self> {
        let opening = CoreOpening::outbound(duplicate(fd)?, options.options()?);
        opening.map(Self::new).map_err(|error| exception(py, &error))
    }

    /// Goes on as far as what has arrived allows; `None` while the server's next word is awaited. Never waits.
    fn advance(&self, py: Python<'_>) -> PyResult<Option<Handle>> {
        let Some(advanced) = self.0.lock().as_mut().map(CoreOpening::advance) else {
            return Err(PyValueError::new_err("the opening was given up"));
        };
        advanced.map(|connection| connection.map(Handle::new)).map_err(|error| exception(py, &error))
    }

    /// The descriptor.
    fn fileno(&self) -> i32 {
        self.0.lock().as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// Gives it up and closes the socket, whoever still holds this object.
    fn close(&self) {
        let opening = self.0.lock().take();
        drop(opening);
    }
}

/// Another descriptor of the same socket, so that its owner may close his as he likes.
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
