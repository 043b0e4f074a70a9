//! Calls that are being made.

use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::{Originating as CoreOriginating, Phase};

use crate::errors::{exception, timeout as timeout_error};
use crate::timeout::{Timeout, duration};
use crate::wait;

/// An `originate` that runs in the server's background.
#[pyclass(frozen)]
pub(crate) struct Originating {
    core: CoreOriginating,
    /// The uuid that it ended with; the core gives it once.
    ended: Mutex<Option<String>>,
}

impl Originating {
    pub(crate) fn new(core: CoreOriginating) -> Self {
        Self { core, ended: Mutex::new(None) }
    }
}

#[pymethods]
impl Originating {
    #[getter]
    fn uuid(&self) -> &str {
        self.core.uuid()
    }

    #[getter]
    fn uuids(&self) -> Vec<String> {
        self.core.uuids().to_vec()
    }

    #[getter]
    fn job_uuid(&self) -> &str {
        self.core.job_uuid()
    }

    /// Waits for the end: the uuid of the leg that is up.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<String> {
        if let Some(uuid) = self.ended.lock().clone() {
            return Ok(uuid);
        }
        let some = |slice: Duration| match self.core.wait(slice) {
            Err(error) if error.is_timeout() => Ok(None),
            other => other.map(Some),
        };
        match wait::until(py, duration(timeout), some)? {
            Ok(Some(uuid)) => {
                *self.ended.lock() = Some(uuid.clone());
                Ok(uuid)
            }
            Ok(None) => Err(timeout_error(py, Phase::Job)),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// The uuid if it has ended well; never waits.
    fn try_take(&self, py: Python<'_>) -> PyResult<Option<String>> {
        if let Some(uuid) = self.ended.lock().clone() {
            return Ok(Some(uuid));
        }
        let taken = self.core.try_take().map_err(|error| exception(py, &error))?;
        self.ended.lock().clone_from(&taken);
        Ok(taken)
    }

    /// Hangs up every leg under way, without waiting; says whether there was something to cancel.
    fn cancel(&self) -> bool {
        self.core.handle().cancel()
    }
}
