//! A future of asyncio: how a reply gets into it.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::mailbox::Letters;

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

/// How what a connection's reading thread finds gets to Python.
#[derive(Clone, Default)]
pub(crate) enum Delivery {
    /// On that thread, which is the loop's own, or one of the program's.
    #[default]
    Here,
    /// On the loop's thread: a supervisor reads.
    Letters(Arc<Letters>),
}

impl Delivery {
    /// Runs `work` there.
    pub(crate) fn run(&self, work: impl FnOnce(Python<'_>) + Send + 'static) {
        match self {
            Self::Here => {
                Python::try_attach(work);
            }
            Self::Letters(letters) => letters.post(work),
        }
    }

    /// A callback that gives the future there what `python` makes of it.
    pub(crate) fn fill<T: Send + 'static>(
        &self,
        future: Py<PyAny>,
        python: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Box<dyn FnOnce(switchwire::Result<T>) + Send> {
        let delivery = self.clone();
        Box::new(move |done| {
            delivery.run(move |py| {
                let outcome = match done {
                    Ok(value) => python(py, value).map(|value| value.into_bound(py)),
                    Err(error) => Err(exception(py, &error)),
                };
                resolve(future.bind(py), outcome);
            });
        })
    }
}
