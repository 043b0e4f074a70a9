//! Event types as members of the enum `switchwire.EventType`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use switchwire::EventType;

/// The names of all types, by number: what the enum in Python is held to by a test.
pub(crate) fn names() -> Vec<&'static str> {
    EventType::ALL.iter().map(|event_type| event_type.name()).collect()
}

/// The member for a type.
pub(crate) fn member<'py>(py: Python<'py>, event_type: EventType) -> PyResult<Bound<'py, PyAny>> {
    static MEMBERS: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();
    let members = MEMBERS.get_or_try_init(py, || {
        let class = py.import("switchwire.event_type")?.getattr("EventType")?;
        let member = |event_type: &EventType| class.get_item(event_type.name()).map(Bound::unbind);
        EventType::ALL.iter().map(member).collect::<PyResult<Vec<_>>>()
    })?;
    let at = usize::try_from(event_type.number()).unwrap_or_default();
    Ok(members[at].bind(py).clone())
}
