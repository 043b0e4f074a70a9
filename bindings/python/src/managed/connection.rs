use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use switchwire::{ManagedConnection, WhileDown};

use super::item::{python, status};
use super::{Lease, Target};
use crate::command::SubscriptionValues;
use crate::connection::counters;
use crate::errors::exception;
use crate::event::Event;
use crate::mailbox::Mailbox;
use crate::opening::Handle;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A supervised connection.
#[pyclass(frozen)]
pub(crate) struct Managed(Option<ManagedConnection>);

impl Managed {
    pub(crate) fn new(core: ManagedConnection) -> Self {
        Self(Some(core))
    }

    fn core(&self) -> &ManagedConnection {
        // It is taken when this is dropped.
        self.0.as_ref().unwrap_or_else(|| unreachable!("the connection is there until the end"))
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        // The last handle joins a thread, which may be waiting for the GIL that we hold.
        if let Some(core) = self.0.take() {
            let _ = std::thread::Builder::new().name("switchwire-close".into()).spawn(move || drop(core));
        }
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
        let limit = duration(timeout);
        let core = self.core();
        let found = match core.try_recv() {
            Ok(None) if limit != Some(Duration::ZERO) => {
                wait::until(py, limit, |slice| core.recv_timeout(slice))?
            }
            found => found,
        };
        let item = found.map_err(|error| exception(py, &error))?;
        item.map(|item| python(py, item)).transpose()
    }

    /// Up to `max` items that are here; never waits. An empty list means that the mailbox rings when there are more.
    fn take<'py>(&self, py: Python<'py>, max: usize) -> PyResult<Bound<'py, PyList>> {
        let items = self.core().take(max).into_iter().map(|item| python(py, item));
        PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
    }

    /// Why nothing more will come; `None` while something may.
    fn ended(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.core().ended().map(|error| exception(py, &error).into_value(py).into_any())
    }

    /// From now on the supervisor reads, and rings when there is something to take.
    fn ring_at(&self, mailbox: &Bound<'_, Mailbox>) {
        let letters = mailbox.get().letters();
        self.core().on_ready(move || letters.ring());
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

    /// For how many seconds commands wait for a connection; `None`: they fail at once.
    #[getter]
    fn while_down(&self) -> Option<f64> {
        match self.core().while_down() {
            WhileDown::Fail => None,
            WhileDown::Wait(time) => Some(time.as_secs_f64()),
        }
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
        let core = self.core().clone();
        wait::blocking(py, move || core.close())
    }

    /// The same without waiting: `future` gets `None`.
    fn ask_close(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>) -> PyResult<()> {
        let closed = mailbox.get().delivery().fill(future, |py, ()| Ok(py.None()));
        let core = self.core().clone();
        std::thread::Builder::new().name("switchwire-close".into()).spawn(move || {
            core.close();
            drop(core);
            closed(Ok(()));
        })?;
        Ok(())
    }
}
