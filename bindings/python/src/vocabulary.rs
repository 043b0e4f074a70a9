//! The words of calls as members of the enums in `switchwire.vocabulary`; unknown ones as plain text.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};
use switchwire::proto::vocabulary::{
    AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, HangupCause,
};

/// A word that has an enum in Python.
pub(crate) trait Word {
    /// The member of its name, or the text.
    fn word<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

macro_rules! words {
    ($($enum:ident),*) => {
        $(impl Word for $enum {
            fn word<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                static MEMBERS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
                member(py, &MEMBERS, stringify!($enum), self.name())
            }
        })*
    };
}

words!(AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, HangupCause);

/// As [`Word::word`], `None` for nothing.
pub(crate) fn optional<'py>(py: Python<'py>, word: Option<impl Word>) -> PyResult<Option<Bound<'py, PyAny>>> {
    word.map(|word| word.word(py)).transpose()
}

fn member<'py>(
    py: Python<'py>,
    members: &'static PyOnceLock<Py<PyDict>>,
    class: &str,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let members = members.get_or_try_init(py, || {
        let class = py.import("switchwire.vocabulary")?.getattr(class)?;
        Ok::<_, PyErr>(class.getattr("_value2member_map_")?.cast_into::<PyDict>()?.unbind())
    })?;
    let name = PyString::new(py, name);
    Ok(members.bind(py).get_item(&name)?.unwrap_or_else(|| name.into_any()))
}
