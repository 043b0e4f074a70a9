//! The classic classes, exactly as programs written for python-ESL expect them: names, arguments, returns.

mod connect;
mod connection;
mod event;
mod pointer;

pub(crate) use connection::ClassicConnection;
pub(crate) use event::{ClassicEvent, GetHeader};
pub(crate) use pointer::Pointer;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Accepted for compatibility: the library itself writes no log lines.
#[pyfunction]
#[pyo3(name = "eslSetLogLevel")]
pub(crate) fn esl_set_log_level(level: i32) {
    let _ = level;
}

/// The exception for arguments that fit no form of a call.
pub(crate) fn argument_error(py: Python<'_>) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = CLASS.get_or_try_init(py, || crate::errors::class_of_both(py).map(Bound::unbind))?;
    Ok(class.clone_ref(py))
}

fn wrong_arguments(py: Python<'_>, forms: &str) -> PyErr {
    let raised = argument_error(py).and_then(|class| class.bind(py).call1((forms,)));
    raised.map_or_else(|failure| failure, PyErr::from_value)
}
