//! The headers of an event as Python gives and keeps them.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};
use switchwire::{Event, EventType};

use crate::text::Text;

/// Adds a mapping's headers, or pairs of name and value.
pub(crate) fn add(event: &mut Event, headers: &Bound<'_, PyAny>) -> PyResult<()> {
    let pairs = match headers.hasattr("items")? {
        true => headers.call_method0("items")?,
        false => headers.clone(),
    };
    for pair in pairs.try_iter()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?
            .extract()
            .map_err(|_| PyTypeError::new_err("headers are a mapping, or pairs of name and value"))?;
        let name_text: Text<'_> = name.extract().map_err(|_| {
            PyTypeError::new_err(format!("the name of a header is a str, not {}", type_name(&name)))
        })?;
        let refusal = |what: &Bound<'_, PyAny>| {
            PyTypeError::new_err(format!(
                "header {name}: a value is a str, a number, or a sequence of these, not {}",
                type_name(what)
            ))
        };
        if let Some(text) = text(&value)? {
            event.add_header(name_text.bytes(), text.bytes());
            continue;
        }
        if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyDict>() {
            return Err(refusal(&value));
        }
        for element in value.try_iter().map_err(|_| refusal(&value))? {
            let element = element?;
            let text = text(&element)?.ok_or_else(|| refusal(&element))?;
            event.push_header(name_text.bytes(), text.bytes());
        }
    }
    Ok(())
}

/// The text of a single value: a `str`, or a number as `str()` writes it. (What Python says of truth,
/// `True`, is not what the server would understand.)
fn text<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Text<'py>>> {
    if value.is_instance_of::<PyString>() {
        return value.extract().map(Some);
    }
    let number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    match number && !value.is_instance_of::<PyBool>() {
        true => value.str()?.into_any().extract().map(Some),
        false => Ok(None),
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
}

/// All that makes up an event, for pickle: the number of its type, names with values (an array's as a list), the body.
pub(crate) type State<'py> =
    (u32, Vec<(Bound<'py, PyBytes>, Bound<'py, PyAny>)>, Option<Bound<'py, PyBytes>>);

pub(crate) fn state<'py>(py: Python<'py>, event: &Event) -> PyResult<State<'py>> {
    let bytes = |text: &[u8]| PyBytes::new(py, text);
    let headers = event.headers().map(|header| {
        let value = match header.elements() {
            Some(elements) => PyList::new(py, elements.map(bytes))?.into_any(),
            None => bytes(&header.value_bytes()).into_any(),
        };
        Ok((bytes(header.name_bytes()), value))
    });
    Ok((event.event_type().number(), headers.collect::<PyResult<_>>()?, event.body().map(bytes)))
}

pub(crate) fn restore((number, headers, body): State<'_>) -> PyResult<Event> {
    let event_type =
        EventType::from_number(number).ok_or_else(|| PyValueError::new_err("there is no such event type"))?;
    let mut event = Event::bare(event_type);
    for (name, value) in headers {
        match value.cast::<PyBytes>() {
            Ok(value) => event.add_header_verbatim(name.as_bytes(), value.as_bytes()),
            Err(_) => event.add_array_verbatim(name.as_bytes(), value.extract::<Vec<Vec<u8>>>()?),
        };
    }
    if let Some(body) = body {
        event.set_body(body.as_bytes());
    }
    Ok(event)
}
