//! Timeouts as Python gives them: seconds as a number, a `timedelta`, or `None`.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;

/// Seconds or a `timedelta`. (`None` is an `Option` around it.)
#[derive(Clone, Copy)]
pub(crate) struct Timeout(pub(crate) Duration);

impl<'a, 'py> FromPyObject<'a, 'py> for Timeout {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let seconds: f64 = match object.extract() {
            Ok(seconds) => seconds,
            Err(error) => match object.call_method0(intern!(object.py(), "total_seconds")) {
                Ok(seconds) => seconds.extract()?,
                Err(_) => return Err(error),
            },
        };
        if seconds.is_nan() || seconds < 0.0 {
            return Err(PyValueError::new_err("a timeout cannot be negative"));
        }
        // Too large for Duration: treat as no limit.
        Ok(Self(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
    }
}

pub(crate) fn duration(timeout: Option<Timeout>) -> Option<Duration> {
    timeout.map(|timeout| timeout.0)
}
