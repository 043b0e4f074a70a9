//! A conference as an object: what `switchwire.Conference` and `switchwire.aio.Conference` are built on.

mod values;
mod verb;

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::conference::{
    Conference as CoreConference, ConferenceEvents as CoreEvents, ConferenceWatch as CoreWatch,
};

pub(crate) use verb::ConferenceVerb;

use crate::errors::exception;
use crate::future::Delivery;
use crate::log;
use crate::timeout::{Timeout, duration};
use crate::wait;
use values::{Value, event};
use verb::Kind;

/// A conference by its name.
#[pyclass(frozen)]
pub(crate) struct Conference {
    core: CoreConference,
    delivery: Delivery,
}

impl Conference {
    fn start(
        &self,
        verb: &ConferenceVerb,
        on_done: impl FnOnce(switchwire::Result<Value>) + Send + 'static,
    ) -> switchwire::Result<()> {
        match verb.kind.clone() {
            Kind::Command(command) => {
                self.core.command_with(&command, |text| on_done(text.map(|_| Value::Nothing)))
            }
            Kind::Dial(command) => self.core.dial_with(&command, |job| on_done(job.map(Value::Job))),
            Kind::Info => self.core.info_with(|info| on_done(info.map(Value::Info))),
            Kind::Members => self.core.info_with(|info| on_done(info.map(Value::Members))),
        }
    }
}

#[pymethods]
impl Conference {
    #[getter]
    fn name(&self) -> &str {
        self.core.name()
    }

    /// Does it, and waits for the reply; for at most `limit` where that is given, else for the command timeout.
    #[pyo3(signature = (verb, limit=None))]
    fn run(
        &self,
        py: Python<'_>,
        verb: &Bound<'_, ConferenceVerb>,
        limit: Option<Timeout>,
    ) -> PyResult<Py<PyAny>> {
        let connection = self.core.connection();
        log::command(py, connection, || "api conference".to_owned());
        let pending = connection.event_loop().start_value(|on_done| self.start(verb.get(), on_done));
        let limit = duration(limit).or_else(|| connection.options().command_timeout);
        wait::value(py, pending, limit)?.into_python(py)
    }

    /// Does it without waiting; `future` gets what the reply says.
    fn ask(&self, py: Python<'_>, future: Py<PyAny>, verb: &Bound<'_, ConferenceVerb>) -> PyResult<()> {
        let started =
            self.start(verb.get(), self.delivery.fill(future, |py, value: Value| value.into_python(py)));
        started.map_err(|error| exception(py, &error))
    }

    /// What happens in it from now on.
    fn events(&self, py: Python<'_>) -> PyResult<ConferenceEvents> {
        self.core
            .events()
            .map(|events| ConferenceEvents(Mutex::new(events)))
            .map_err(|error| exception(py, &error))
    }

    /// Calls back for whatever happens from now on, on the thread that reads the connection, or on that
    /// of the loop; at its end with the error.
    fn on_event(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<ConferenceWatch> {
        let (delivery, callback) = (self.delivery.clone(), Arc::new(callback));
        let watch = self.core.on_event(move |happened| {
            let callback = callback.clone();
            delivery.run(move |py| {
                let callback = callback.bind(py);
                let called = match happened {
                    Ok(happened) => event(py, happened).and_then(|event| callback.call1((event, py.None()))),
                    Err(error) => callback.call1((py.None(), exception(py, &error))),
                };
                if let Err(error) = called {
                    error.write_unraisable(py, Some(callback));
                }
            });
        });
        watch.map(|watch| ConferenceWatch(Mutex::new(Some(watch)))).map_err(|error| exception(py, &error))
    }
}

/// What happens in a conference, in order.
#[pyclass(frozen)]
pub(crate) struct ConferenceEvents(Mutex<CoreEvents>);

#[pymethods]
impl ConferenceEvents {
    /// Waits for the next event; `None` when `timeout` has passed.
    #[pyo3(signature = (timeout=None))]
    fn recv(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Option<Py<PyAny>>> {
        match wait::until(py, duration(timeout), |slice| self.0.lock().recv_timeout(slice))? {
            Ok(happened) => happened.map(|happened| event(py, happened)).transpose(),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// The next event that has arrived; never waits.
    fn try_recv(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let happened = py.detach(|| self.0.lock().try_recv()).map_err(|error| exception(py, &error))?;
        happened.map(|happened| event(py, happened)).transpose()
    }
}

/// A callback for what happens.
#[pyclass(frozen)]
pub(crate) struct ConferenceWatch(Mutex<Option<CoreWatch>>);

#[pymethods]
impl ConferenceWatch {
    /// Ends the calls.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| drop(self.0.lock().take()));
    }
}

pub(crate) fn named(
    py: Python<'_>,
    connection: &switchwire::Connection,
    name: &str,
    delivery: Delivery,
) -> PyResult<Conference> {
    let core = connection.conference(name).map_err(|error| exception(py, &error))?;
    Ok(Conference { core, delivery })
}
