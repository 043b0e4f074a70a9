//! A future of asyncio: how a reply gets into it.

use pyo3::intern;
use pyo3::prelude::*;

use crate::errors::exception;

/// Sets the result or the exception. A future that is done (cancelled, or its time has passed) drops it.
pub(crate) fn resolve(future: &Bound<'_, PyAny>, outcome: PyResult<Bound<'_, PyAny>>) {
    let py = future.py();
    let set = match outcome {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error.into_value(py),)),
    };
    let Err(error) = set else { return };
    let done = future.call_method0(intern!(py, "done")).and_then(|done| done.is_truthy());
    if !done.unwrap_or(false) {
        error.write_unraisable(py, Some(future));
    }
}

/// A callback that gives the future what `python` makes of it.
pub(crate) fn fill<T>(
    future: Py<PyAny>,
    python: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send,
) -> impl FnOnce(switchwire::Result<T>) + Send {
    move |done| {
        Python::try_attach(|py| {
            let outcome = match done {
                Ok(value) => python(py, value).map(|value| value.into_bound(py)),
                Err(error) => Err(exception(py, &error)),
            };
            resolve(future.bind(py), outcome);
        });
    }
}
