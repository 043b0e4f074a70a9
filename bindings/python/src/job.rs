//! Background jobs and applications that are waited for.

use std::time::Duration;

use pyo3::prelude::*;
use switchwire::{Execution as CoreExecution, Job as CoreJob, Phase};

use crate::errors::{exception, timeout};
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

    /// Waits until the server has taken the job.
    #[pyo3(signature = (timeout=None))]
    fn _wait_accepted(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<()> {
        let limit = duration(timeout);
        let accepted = wait::until(py, limit, |slice| Ok(self.0.wait_accepted(slice)?.then_some(())))?;
        found(py, accepted, Phase::Reply)
    }

    /// Whether the server has taken the job, as far as its reply has come; never waits.
    fn _accepted(&self, py: Python<'_>) -> PyResult<bool> {
        self.0.wait_accepted(Duration::ZERO).map_err(|error| exception(py, &error))
    }

    /// Waits for the job's event.
    #[pyo3(signature = (timeout=None))]
    fn _wait(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Event> {
        let event = wait::until(py, duration(timeout), |slice| some(self.0.wait(slice)))?;
        found(py, event, Phase::Job).map(Event::new)
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

/// The reply, and the completion event where there is one.
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

    /// Waits for the end.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Ended> {
        let executed = wait::until(py, duration(timeout), |slice| some(self.0.wait(slice)))?;
        found(py, executed, Phase::Execute).map(ended)
    }

    /// The end if it has come; never waits.
    fn try_take(&self, py: Python<'_>) -> PyResult<Option<Ended>> {
        self.0.try_take().map(|executed| executed.map(ended)).map_err(|error| exception(py, &error))
    }
}

/// What a slice of a wait has found, `None` when only the slice has passed.
fn some<T>(waited: switchwire::Result<T>) -> switchwire::Result<Option<T>> {
    match waited {
        Err(error) if error.is_timeout() => Ok(None),
        other => other.map(Some),
    }
}

/// What a wait has found, or its exception.
fn found<T>(py: Python<'_>, waited: switchwire::Result<Option<T>>, phase: Phase) -> PyResult<T> {
    match waited {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(timeout(py, phase)),
        Err(error) => Err(exception(py, &error)),
    }
}
