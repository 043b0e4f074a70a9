use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use switchwire::Fleet as CoreFleet;

use super::python::{LimitValues, PickValues, fleet_item, python_health, server};
use crate::errors::exception;
use crate::mailbox::Mailbox;
use crate::managed::Managed;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// Many servers as one.
#[pyclass(frozen)]
pub(crate) struct Fleet(Option<CoreFleet>);

impl Fleet {
    pub(super) fn core(&self) -> &CoreFleet {
        // It is taken when this is dropped.
        self.0.as_ref().unwrap_or_else(|| unreachable!("the fleet is there until the end"))
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // The last handle joins threads, which may be waiting for the GIL that we hold.
        if let Some(core) = self.0.take() {
            let _ = std::thread::Builder::new().name("switchwire-close".into()).spawn(move || drop(core));
        }
    }
}

#[pymethods]
impl Fleet {
    /// Starts to connect to all; never waits.
    #[new]
    fn __new__(
        py: Python<'_>,
        servers: Vec<Bound<'_, PyAny>>,
        attempts_at_once: usize,
        limits: LimitValues,
        drop_duplicates: usize,
    ) -> PyResult<Self> {
        let mut builder = CoreFleet::builder().attempts_at_once(attempts_at_once).limits(limits.limits());
        if drop_duplicates > 0 {
            builder = builder.drop_duplicates(drop_duplicates);
        }
        for one in servers {
            builder = builder.server(server(&one)?);
        }
        builder.start().map(|fleet| Self(Some(fleet))).map_err(|error| exception(py, &error))
    }

    fn add(&self, py: Python<'_>, added: &Bound<'_, PyAny>) -> PyResult<()> {
        let added = server(added)?;
        py.detach(|| self.core().add(added)).map_err(|error| exception(py, &error))
    }

    /// Closes the connection of a server, and waits for its thread.
    fn remove(&self, py: Python<'_>, name: String) -> PyResult<()> {
        let core = self.core().clone();
        wait::blocking(py, move || core.remove(&name))?.map_err(|error| exception(py, &error))
    }

    /// The same without waiting: `future` gets `None`.
    fn ask_remove(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>, name: String) -> PyResult<()> {
        let done = mailbox.get().delivery().fill(future, |py, ()| Ok(py.None()));
        let core = self.core().clone();
        std::thread::Builder::new().name("switchwire-close".into()).spawn(move || {
            let removed = core.remove(&name);
            drop(core);
            done(removed);
        })?;
        Ok(())
    }

    fn drain(&self, py: Python<'_>, name: &str, on: bool) -> PyResult<()> {
        self.core().drain(name, on).map_err(|error| exception(py, &error))
    }

    fn servers(&self) -> Vec<String> {
        self.core().servers().iter().map(|name| (**name).to_owned()).collect()
    }

    fn connection(&self, py: Python<'_>, name: &str) -> PyResult<Managed> {
        self.core().connection(name).map(Managed::new).map_err(|error| exception(py, &error))
    }

    fn health<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.core().health(name).map(|health| python_health(py, &health)).transpose()
    }

    fn health_of_all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (name, health) in self.core().health_of_all() {
            all.set_item(&*name, python_health(py, &health)?)?;
        }
        Ok(all)
    }

    fn pick(&self, pick: PickValues) -> Option<String> {
        self.core().pick(&pick.pick()).map(|name| (*name).to_owned())
    }

    fn server_of(&self, uuid: &str) -> Option<String> {
        self.core().server_of(uuid).map(|name| (*name).to_owned())
    }

    fn dropped_duplicates(&self) -> u64 {
        self.core().dropped_duplicates()
    }

    /// Waits for the next item of any server; `None` when `timeout` has passed. Raises at the end.
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
        item.map(|item| fleet_item(py, item)).transpose()
    }

    /// Up to `max` items that are here; never waits. An empty list means that the mailbox rings when there are more.
    fn take<'py>(&self, py: Python<'py>, max: usize) -> PyResult<Bound<'py, PyList>> {
        let items = py.detach(|| self.core().take(max));
        let items = items.into_iter().map(|item| fleet_item(py, item));
        PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
    }

    /// Why nothing more will come; `None` while something may.
    fn ended(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.core().ended().map(|error| exception(py, &error).into_value(py).into_any())
    }

    /// Rings when there is something to take.
    fn ring_at(&self, mailbox: &Bound<'_, Mailbox>) {
        let letters = mailbox.get().letters();
        self.core().on_ready(move || letters.ring());
    }

    /// Ends all, and waits for the threads.
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
