use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use switchwire::Fleet as CoreFleet;

use super::python::{LimitValues, PickValues, python_health, server};
use crate::errors::exception;
use crate::mailbox::Mailbox;
use crate::managed::Managed;
use crate::stream::Held;
use crate::timeout::Timeout;
use crate::wait;

/// Many servers as one.
#[pyclass(frozen)]
pub(crate) struct Fleet(Held<CoreFleet>);

impl Fleet {
    pub(super) fn core(&self) -> &CoreFleet {
        self.0.get()
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
        builder.start().map(|fleet| Self(Held::new(fleet))).map_err(|error| exception(py, &error))
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
        self.0.aside(mailbox, future, move |core| core.remove(&name))
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

    /// Rings when there is something to take.
    fn ring_at(&self, mailbox: &Bound<'_, Mailbox>) {
        self.0.ring_at(mailbox);
    }

    /// Ends all, and waits for the threads.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }

    /// The same without waiting: `future` gets `None`.
    fn ask_close(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>) -> PyResult<()> {
        self.0.ask_close(mailbox, future)
    }
}
