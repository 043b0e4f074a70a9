//! Serving calls that the server connects to us.

use std::os::fd::IntoRawFd;
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use switchwire::{Bind, Listener, Server as CoreServer};

use crate::errors::exception;
use crate::log;
use crate::opening::{Handle, OptionValues, duplicate};
use crate::thread;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A running listener.
#[pyclass(frozen)]
pub(crate) struct Server {
    server: Mutex<Option<CoreServer>>,
    address: (String, u16),
}

/// Binds a socket that listens; gives its descriptor, which is the caller's.
#[pyfunction]
pub(crate) fn bind(py: Python<'_>, host: String, port: u16, backlog: u16, reuse_port: bool) -> PyResult<i32> {
    let wanted = Bind::new(host, port).backlog(backlog).reuse_port(reuse_port);
    let bound = py.detach(|| wanted.bind());
    bound.map(IntoRawFd::into_raw_fd).map_err(|error| exception(py, &error))
}

/// Refuses a socket that does not listen.
#[pyfunction]
pub(crate) fn check_listening(py: Python<'_>, fd: i32) -> PyResult<()> {
    Listener::from_fd(duplicate(fd)?).map(drop).map_err(|error| exception(py, &error))
}

/// Starts serving on a socket that listens, of which a duplicate is used: `handler(handle)` is called for each call, on a
/// thread of its own; `failed(error)` for a call whose handshake fails.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one for each argument of Python's Listener")]
pub(crate) fn serve(
    py: Python<'_>,
    fd: i32,
    handler: Py<PyAny>,
    failed: Py<PyAny>,
    max_sessions: usize,
    failure_cause: &str,
    handshake_timeout: Option<Timeout>,
    options: OptionValues,
) -> PyResult<Server> {
    let listener = Listener::from_fd(duplicate(fd)?).map_err(|error| exception(py, &error))?;
    let listener = listener.options(options.options()?).max_sessions(max_sessions).stack_size(STACK_SIZE);
    let listener = listener.failure_cause(failure_cause);
    let listener = listener.handshake_timeout(duration(handshake_timeout).unwrap_or(Duration::MAX));
    let listener = listener.on_error(move |error| {
        Python::try_attach(|py| {
            if let Err(error) = failed.bind(py).call1((exception(py, error).into_value(py),)) {
                error.write_unraisable(py, Some(failed.bind(py)));
            }
        });
    });
    let server = listener.serve(move |connection| {
        thread::attached(|py| {
            log::command(py, &connection, || "connected".to_owned());
            let called =
                Bound::new(py, Handle::new(connection)).and_then(|handle| handler.bind(py).call1((handle,)));
            if let Err(error) = called {
                error.write_unraisable(py, Some(handler.bind(py)));
            }
        });
    });
    let server = server.map_err(|error| exception(py, &error))?;
    let address = server.local_addr();
    let address = (address.ip().to_string(), address.port());
    Ok(Server { server: Mutex::new(Some(server)), address })
}

#[pymethods]
impl Server {
    /// Host and port that it listens on.
    #[getter]
    fn address(&self) -> (String, u16) {
        self.address.clone()
    }

    /// The counters, by name.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.server.lock().as_ref().map(CoreServer::stats).unwrap_or_default();
        let all = PyDict::new(py);
        all.set_item("active", stats.active)?;
        all.set_item("accepted", stats.accepted)?;
        all.set_item("failed", stats.failed)?;
        all.set_item("probes", stats.probes)?;
        all.set_item("refused", stats.refused)?;
        Ok(all)
    }

    /// Accepts no more calls, waits for those that are on for at most `patience`, then disconnects the rest and waits
    /// for their handlers. Says whether all had ended by themselves.
    fn stop(&self, py: Python<'_>, patience: Timeout) -> PyResult<bool> {
        let Some(server) = self.server.lock().take() else { return Ok(true) };
        wait::blocking(py, move || server.stop(patience.0))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Stopping joins the accepting thread, which may be waiting for the GIL that we hold.
        if let Some(server) = self.server.lock().take() {
            let _ = std::thread::Builder::new().name("switchwire-stop".into()).spawn(move || {
                server.stop(Duration::ZERO);
            });
        }
    }
}

/// Python code needs more stack than the core's default leaves.
pub(crate) const STACK_SIZE: usize = 2 << 20;
