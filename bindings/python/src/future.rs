//! Commands of an event loop: the answer goes straight into a future, with no Python in between.

use pyo3::intern;
use pyo3::prelude::*;
use switchwire::{Command, Connection, Reply};

use crate::errors::exception;

/// Sends a command; `future` gets what `value` makes of the answer, or the error. Says what is left to be done: `None`
/// for nothing, `False` when it was gathered and `_flush` is to be called at the end of the loop's turn, `True` when the
/// socket is full and `_pump` is to be called.
///
/// The first command goes out at once. While answers are awaited further ones are gathered: a turn's commands leave
/// together.
pub(crate) fn ask(
    py: Python<'_>,
    connection: &Connection,
    command: &Command,
    future: Py<PyAny>,
    value: impl for<'py> FnOnce(Python<'py>, Reply) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
) -> PyResult<Option<bool>> {
    let gathered = connection.stats().unanswered > 0;
    if gathered {
        connection.gather_writes();
    }
    let submitted = connection.try_submit_with(command, move |answer| {
        Python::try_attach(|py| {
            let made = match answer {
                Ok(reply) => value(py, reply),
                Err(error) => Err(exception(py, &error)),
            };
            resolve(future.bind(py), made);
        });
    });
    submitted.map_err(|error| exception(py, &error))?;
    Ok(if connection.wants_write() { Some(true) } else { gathered.then_some(false) })
}

/// Sets a future's result. One that is done (cancelled, or its time has passed) drops it.
fn resolve(future: &Bound<'_, PyAny>, made: PyResult<Bound<'_, PyAny>>) {
    let py = future.py();
    let set = match made {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error.into_value(py),)),
    };
    let Err(error) = set else { return };
    let done = future.call_method0(intern!(py, "done")).and_then(|done| done.is_truthy());
    if !done.unwrap_or(false) {
        error.write_unraisable(py, Some(future));
    }
}
