use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use switchwire::ManagedConnection;

use super::item::status;
use super::{Lease, Target};
use crate::command::SubscriptionValues;
use crate::connection::counters;
use crate::errors::exception;
use crate::event::Event;
use crate::mailbox::Mailbox;
use crate::opening::Handle;
use crate::stream::Held;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A supervised connection.
#[pyclass(frozen)]
pub(crate) struct Managed(Held<ManagedConnection>);

impl Managed {
    pub(crate) fn new(core: ManagedConnection) -> Self {
        Self(Held::new(core))
    }

    fn core(&self) -> &ManagedConnection {
        self.0.get()
    }
}

#[pymethods]
impl Managed {
    /// Starts to connect; never waits.
    #[new]
    fn __new__(py: Python<'_>, target: Target) -> PyResult<Self> {
        let started = target.builder()?.start();
        started.map(Self::new).map_err(|error| exception(py, &error))
    }

    /// Waits for the next item; `None` when `timeout` has passed. Raises at the end of the stream.
    #[pyo3(signature = (timeout=None))]
    fn recv<'py>(&self, py: Python<'py>, timeout: Option<Timeout>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.recv(py, timeout)
    }

    /// Up to `max` items that are here; never waits. An empty list means that the mailbox rings when there are more.
    fn take<'py>(&self, py: Python<'py>, max: usize) -> PyResult<Bound<'py, PyList>> {
        self.0.take(py, max)
    }

    /// Why nothing more will come; `None` while something may.
    fn ended(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.0.ended(py)
    }

    /// From now on the supervisor reads, and rings when there is something to take.
    fn ring_at(&self, mailbox: &Bound<'_, Mailbox>) {
        self.0.ring_at(mailbox);
    }

    /// Rings once after the next read, or at the connection's end.
    fn ring_after_read(&self, mailbox: &Bound<'_, Mailbox>) {
        let letters = mailbox.get().letters();
        self.core().on_next_read(move || letters.ring());
    }

    /// The present connection, without waiting.
    fn present(&self, py: Python<'_>) -> PyResult<Handle> {
        self.core().connection().map(Handle::new).map_err(|error| exception(py, &error))
    }

    /// Waits for a connection; `None` when `limit` has passed.
    fn wait_up(&self, py: Python<'_>, limit: Option<Timeout>) -> PyResult<Option<Handle>> {
        let core = self.core();
        let up = wait::until(py, duration(limit), |slice| match core.wait_up(slice) {
            Err(error) if error.is_timeout() => Ok(None),
            other => other.map(Some),
        })?;
        up.map(|connection| connection.map(Handle::new)).map_err(|error| exception(py, &error))
    }

    /// The same without waiting: `future` gets the connection.
    fn ask_up(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>) {
        let handle = |py: Python<'_>, connection| Ok(Py::new(py, Handle::new(connection))?.into_any());
        self.core().on_up(mailbox.get().delivery().fill(future, handle));
    }

    /// Begins the tries of one command.
    fn tries(&self) -> Tries {
        Tries(self.core().tries())
    }

    /// Adds to the subscription; waits for the server's reply where there is a connection.
    fn subscribe(&self, py: Python<'_>, subscription: SubscriptionValues) -> PyResult<Lease> {
        let (core, wanted) = (self.core().clone(), subscription.subscription()?);
        let lease = wait::blocking(py, move || core.subscribe(&wanted))?;
        lease.map(Lease::new).map_err(|error| exception(py, &error))
    }

    /// The same without waiting: `future` gets the lease.
    fn ask_subscribe(
        &self,
        py: Python<'_>,
        mailbox: &Bound<'_, Mailbox>,
        future: Py<PyAny>,
        subscription: SubscriptionValues,
    ) -> PyResult<()> {
        let lease = |py: Python<'_>, lease| Ok(Py::new(py, Lease::new(lease))?.into_any());
        let filled = mailbox.get().delivery().fill(future, lease);
        let asked = self.core().subscribe_with(&subscription.subscription()?, filled);
        asked.map_err(|error| exception(py, &error))
    }

    /// How things stand.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        status(py, self.core().status())
    }

    /// The counters, over all connections so far.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counters(py, &self.core().stats())
    }

    /// The last HEARTBEAT of the present connection.
    fn heartbeat(&self) -> Option<Event> {
        self.core().heartbeat().map(Event::new)
    }

    /// How long ago it came.
    fn heartbeat_age(&self) -> Option<Duration> {
        self.core().heartbeat_age()
    }

    /// Ends the present connection and makes a new one.
    fn reconnect(&self, py: Python<'_>) {
        py.detach(|| self.core().reconnect());
    }

    /// Ends it, and waits for its thread.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }

    /// The same without waiting: `future` gets `None`.
    fn ask_close(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>) -> PyResult<()> {
        self.0.ask_close(mailbox, future)
    }
}

/// How long one command waits for a connection, and whether it goes again on the next one.
#[pyclass(frozen)]
pub(crate) struct Tries(switchwire::Tries);

#[pymethods]
impl Tries {
    /// For how many seconds the next try may wait for a connection; `None`: not at all.
    #[getter]
    fn patience(&self) -> Option<f64> {
        self.0.patience().map(|time| time.as_secs_f64())
    }

    /// Whether a command that failed goes again: whether its error says that it was not sent, and whether its connection
    /// is still open.
    fn goes_again(&self, unsent: bool, is_open: bool) -> bool {
        self.0.goes_again_if(unsent, is_open)
    }
}
