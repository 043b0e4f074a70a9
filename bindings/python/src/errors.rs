//! The library's errors as the exceptions of `switchwire.errors`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use switchwire::{Error, ErrorKind, Phase};

use crate::event::Event;

/// The stable words of all kinds of errors, for the test that every one has its exception.
pub(crate) fn kinds() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.name()).collect()
}

/// The exception for an error: its class by the kind, its attributes what the error knows.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = classes(py)?.as_any().get_item(error.kind().name())?;
    let value = class.call1((error.to_string(),))?;
    value.setattr("phase", error.phase().map(Phase::name))?;
    value.setattr("notice", error.notice().map(|notice| notice.text.clone()))?;
    if switchwire::ManagedConnection::is_unsent(error) {
        value.setattr("_unsent", true)?;
    }
    if error.kind() == ErrorKind::Hangup {
        value.setattr("cause", error.hangup_cause())?;
        value.setattr("event", error.event().map(|event| Event::new(event.clone())))?;
    }
    Ok(PyErr::from_value(value))
}

/// The exception of a wait that timed out in that phase.
#[pyfunction]
pub(crate) fn timed_out(py: Python<'_>, phase: &str) -> PyResult<Py<PyAny>> {
    let known = Phase::ALL.into_iter().find(|known| known.name() == phase);
    let phase = known.ok_or_else(|| PyValueError::new_err(format!("there is no phase {phase:?}")))?;
    Ok(timeout(py, phase).into_value(py).into_any())
}

/// The same where it is raised here.
pub(crate) fn timeout(py: Python<'_>, phase: Phase) -> PyErr {
    exception(py, &Error::timeout(phase))
}

fn classes(py: Python<'_>) -> PyResult<&Bound<'_, PyDict>> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let found = CLASSES.get_or_try_init(py, || {
        let classes = py.import("switchwire.errors")?.getattr("BY_KIND")?;
        Ok::<_, PyErr>(classes.cast_into::<PyDict>()?.unbind())
    })?;
    Ok(found.bind(py))
}

/// Says so when arguments fit no form of a classic call: a `TypeError` that is a `NotImplementedError` too, as the
/// wrappers of different generators raised the one or the other.
pub(crate) fn class_of_both(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let bases = PyTuple::new(
        py,
        [
            py.get_type::<pyo3::exceptions::PyTypeError>(),
            py.get_type::<pyo3::exceptions::PyNotImplementedError>(),
        ],
    )?;
    let members = PyDict::new(py);
    members.set_item("__module__", "ESL")?;
    members.set_item("__doc__", "The arguments fit no form of this call.")?;
    py.get_type::<pyo3::types::PyType>().call1(("ArgumentError", bases, members))
}
