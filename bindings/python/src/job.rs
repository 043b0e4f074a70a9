//! Background jobs and applications that are waited for.

use std::time::Duration;

use pyo3::prelude::*;
use switchwire::{Execution as CoreExecution, Job as CoreJob};

use crate::errors::exception;
use crate::event::Event;
use crate::reply::Reply;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A command that runs in the background of the server; its result comes as a BACKGROUND_JOB event.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct Job(CoreJob);

impl Job {
    pub(crate) fn new(job: CoreJob) -> Self {
        Self(job)
    }
}

#[pymethods]
impl Job {
    /// The Job-UUID.
    #[getter]
    fn uuid(&self) -> &str {
        self.0.uuid()
    }

    /// Waits until the server has taken the job; `False` when `timeout` has passed.
    #[pyo3(signature = (timeout=None))]
    fn _accepted(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<bool> {
        let accepted =
            wait::until(py, duration(timeout), |slice| Ok(self.0.wait_accepted(slice)?.then_some(())))?;
        accepted.map(|found| found.is_some()).map_err(|error| exception(py, &error))
    }

    /// Waits for the job's event; `None` when `timeout` has passed.
    #[pyo3(signature = (timeout=None))]
    fn _wait(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Option<Event>> {
        let found = wait::until(py, duration(timeout), |slice| match self.0.wait(slice) {
            Ok(event) => Ok(Some(event)),
            Err(error) if error.is_timeout() => Ok(None),
            Err(error) => Err(error),
        })?;
        found.map(|event| event.map(Event::new)).map_err(|error| exception(py, &error))
    }

    /// The job's event if it has come; never waits.
    fn _try_take(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        let taken = self.0.try_take();
        taken.map(|event| event.map(Event::new)).map_err(|error| exception(py, &error))
    }

    fn __repr__(&self) -> String {
        format!("<switchwire.Job {}>", self.0.uuid())
    }
}

/// A dialplan application that was started, to be waited for.
#[pyclass(frozen)]
pub(crate) struct Execution(CoreExecution);

impl Execution {
    pub(crate) fn new(execution: CoreExecution) -> Self {
        Self(execution)
    }
}

/// The answer, and the event of the end where there is one.
type Ended = (Reply, Option<Event>);

fn ended(executed: switchwire::Executed) -> Ended {
    (Reply(executed.reply), executed.complete.map(Event::new))
}

#[pymethods]
impl Execution {
    /// The Event-UUID of this run.
    #[getter]
    fn uuid(&self) -> &str {
        self.0.uuid()
    }

    /// Waits for the end; `None` when `timeout` has passed.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Option<Ended>> {
        let found = wait::until(py, duration(timeout), |slice: Duration| match self.0.wait(slice) {
            Ok(executed) => Ok(Some(executed)),
            Err(error) if error.is_timeout() => Ok(None),
            Err(error) => Err(error),
        })?;
        found.map(|executed| executed.map(ended)).map_err(|error| exception(py, &error))
    }

    /// The end if it has come; never waits.
    fn try_take(&self, py: Python<'_>) -> PyResult<Option<Ended>> {
        self.0.try_take().map(|executed| executed.map(ended)).map_err(|error| exception(py, &error))
    }
}
