//! Outcomes as the dataclasses of `switchwire.outcomes`.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use switchwire::DigitsReceived;
use switchwire::proto::application::{Field, Outcome};
use switchwire::proto::vocabulary::HangupCause;

use crate::event::Event;
use crate::vocabulary::Word as _;

/// What something ends with.
pub(super) enum Value {
    None,
    Outcome(Outcome),
    Digits(DigitsReceived),
    Event(switchwire::Event),
}

impl Value {
    pub(super) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Self::None => Ok(py.None()),
            Self::Event(event) => Ok(Py::new(py, Event::new(event))?.into_any()),
            Self::Outcome(outcome) => {
                let fields = PyDict::new(py);
                for (name, value) in outcome.fields() {
                    fields.set_item(name, field(py, value)?)?;
                }
                make(py, outcome.kind(), &fields)
            }
            Self::Digits(got) => {
                let fields = PyDict::new(py);
                fields.set_item("digits", got.digits)?;
                fields.set_item("end", got.end.name())?;
                fields.set_item("terminator", got.terminator)?;
                make(py, "received", &fields)
            }
        }
    }
}

fn field(py: Python<'_>, field: Field) -> PyResult<Option<Bound<'_, PyAny>>> {
    Ok(match field {
        Field::Text(text) => Some(text.into_pyobject(py)?.into_any()),
        Field::Word(word) => Some(word.into_pyobject(py)?.into_any()),
        Field::Integer(count) => Some(count.into_pyobject(py)?.into_any()),
        Field::Boolean(truth) => Some(truth.into_pyobject(py)?.to_owned().into_any()),
        Field::Duration(time) => Some(time.into_pyobject(py)?.into_any()),
        Field::Cause(cause) => Some(HangupCause::from(cause.as_str()).word(py)?),
        _ => None,
    })
}

fn make(py: Python<'_>, kind: &str, fields: &Bound<'_, PyDict>) -> PyResult<Py<PyAny>> {
    let class = py.import("switchwire.outcomes")?.getattr("BY_KIND")?.get_item(kind)?;
    Ok(class.call((), Some(fields))?.unbind())
}
