//! The modern event: a mapping that does not change.

use std::time::Duration;

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use switchwire::proto::percent::Escape;
use switchwire::{Event as CoreEvent, EventType};

use crate::event_type;
use crate::headers;
use crate::look_up::LookUp;
use crate::moment;
use crate::profile::CallerProfile;
use crate::text::{Text, optional, string};
use crate::vocabulary;

/// An event: an ordered mapping of headers, with a type and perhaps a body.
///
/// Names are looked up in any letter case; iteration is in the order of the wire and shows duplicates. Values are
/// decoded when they are read; what is not UTF-8 comes with surrogateescape. It never changes, and may be shared by
/// threads.
#[pyclass(frozen, weakref, subclass, module = "switchwire")]
pub(crate) struct Event(CoreEvent);

impl Event {
    pub(crate) fn new(event: CoreEvent) -> Self {
        Self(event)
    }

    pub(crate) fn core(&self) -> &CoreEvent {
        &self.0
    }

    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let names = self.0.headers().map(|header| string(py, header.name_bytes()));
        PyList::new(py, names.collect::<PyResult<Vec<_>>>()?)
    }

    fn value<'py>(&self, py: Python<'py>, name: &[u8]) -> PyResult<Option<Bound<'py, PyString>>> {
        optional(py, self.0.header_bytes(name))
    }
}

#[pymethods]
impl Event {
    #[new]
    #[pyo3(signature = (r#type="CUSTOM", headers=None, body=None, *, subclass=None))]
    fn __new__(
        r#type: &str,
        headers: Option<&Bound<'_, PyAny>>,
        body: Option<Text<'_>>,
        subclass: Option<&str>,
    ) -> PyResult<Self> {
        let known = EventType::from_name(r#type)
            .ok_or_else(|| PyValueError::new_err(format!("there is no event type {type:?}")))?;
        let mut event = match subclass {
            Some(subclass) if known == EventType::Custom => CoreEvent::custom(subclass),
            Some(_) => return Err(PyValueError::new_err("only CUSTOM events have a subclass")),
            None => CoreEvent::new(known),
        };
        if let Some(headers) = headers {
            headers::add(&mut event, headers)?;
        }
        if let Some(body) = body {
            event.set_body(body.bytes());
        }
        Ok(Self(event))
    }

    /// Reads the plain form.
    #[staticmethod]
    fn from_plain(text: Text<'_>) -> PyResult<Self> {
        CoreEvent::from_plain(text.bytes())
            .map(Self)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Reads the JSON form.
    #[staticmethod]
    fn from_json(text: Text<'_>) -> PyResult<Self> {
        CoreEvent::from_json(text.bytes()).map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Reads the XML form.
    #[staticmethod]
    fn from_xml(text: Text<'_>) -> PyResult<Self> {
        CoreEvent::from_xml(text.bytes()).map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// The type, a member of `EventType`; `CUSTOM` for a name that is not in the table.
    #[getter]
    fn r#type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        event_type::member(py, self.0.event_type())
    }

    /// The Event-Name, also when it is not in the table of types.
    #[getter]
    fn name(&self) -> std::borrow::Cow<'_, str> {
        self.0.name()
    }

    /// The Event-Subclass, e.g. `conference::maintenance`.
    #[getter]
    fn subclass<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        self.value(py, b"Event-Subclass")
    }

    /// The Unique-ID: the channel that the event is about.
    #[getter]
    fn unique_id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        self.value(py, b"Unique-ID")
    }

    /// Why the channel was hung up (Hangup-Cause).
    #[getter]
    fn hangup_cause<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        vocabulary::optional(py, self.0.hangup_cause())
    }

    /// The state of the channel's state machine (Channel-State).
    #[getter]
    fn channel_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        vocabulary::optional(py, self.0.channel_state())
    }

    /// The state of the call (Channel-Call-State).
    #[getter]
    fn call_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        vocabulary::optional(py, self.0.call_state())
    }

    /// How far the call is answered (Answer-State).
    #[getter]
    fn answer_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        vocabulary::optional(py, self.0.answer_state())
    }

    /// Which way the leg goes (Call-Direction).
    #[getter]
    fn call_direction<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        vocabulary::optional(py, self.0.call_direction())
    }

    /// The profile of the leg that the event is about (Caller-*).
    #[getter]
    fn caller(&self) -> CallerProfile {
        CallerProfile::caller(&self.0)
    }

    /// The profile of the leg on the other side (Other-Leg-*); `None` when the event has none.
    #[getter]
    fn other_leg(&self) -> Option<CallerProfile> {
        CallerProfile::other_leg(&self.0)
    }

    /// When the event was made (Event-Date-Timestamp).
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.time())
    }

    /// When the leg was created (Caller-Channel-Created-Time).
    #[getter]
    fn time_created<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.time_created())
    }

    /// When the leg was answered (Caller-Channel-Answered-Time); `None` before that.
    #[getter]
    fn time_answered<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.time_answered())
    }

    /// When the leg was hung up (Caller-Channel-Hangup-Time); `None` before that.
    #[getter]
    fn time_hung_up<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.time_hung_up())
    }

    /// The digit of a DTMF event (DTMF-Digit).
    #[getter]
    fn dtmf_digit(&self) -> Option<char> {
        self.0.dtmf_digit()
    }

    /// How long the digit of a DTMF event lasted (DTMF-Duration).
    #[getter]
    fn dtmf_duration(&self) -> Option<Duration> {
        self.0.dtmf_duration()
    }

    /// What an application left as its result (Application-Response).
    #[getter]
    fn application_response(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.0.application_response()
    }

    /// A channel variable, by its name without `variable_`, else `default`.
    #[pyo3(signature = (name, default=None))]
    fn variable<'py>(
        &self,
        py: Python<'py>,
        name: Text<'_>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.0.variable(name.bytes());
        Ok(value.map(|value| PyString::new(py, &value).into_any()).or(default))
    }

    /// The channel variables in order, names without `variable_`.
    #[getter]
    fn variables<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (name, value) in self.0.variables() {
            all.set_item(name, value)?;
        }
        Ok(all)
    }

    /// The body, or `None`.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        optional(py, self.0.body())
    }

    /// The body as bytes, or `None`.
    #[getter]
    fn body_bytes<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.body().map(|body| PyBytes::new(py, body))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
        let found = match name.extract::<Text<'_>>() {
            Ok(text) => self.value(py, text.bytes())?,
            Err(_) => None,
        };
        found.ok_or_else(|| PyKeyError::new_err(name.unbind()))
    }

    /// The value of the first header of that name, else `default`.
    #[pyo3(signature = (name, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: Text<'_>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.value(py, name.bytes())?.map(Bound::into_any).or(default))
    }

    /// The value of the first header of that name as bytes, or `None`.
    fn get_bytes<'py>(&self, py: Python<'py>, name: Text<'_>) -> Option<Bound<'py, PyBytes>> {
        self.0.header_bytes(name.bytes()).map(|value| PyBytes::new(py, &value))
    }

    /// The values of every header of that name, in order.
    fn get_all<'py>(&self, py: Python<'py>, name: Text<'_>) -> PyResult<Bound<'py, PyList>> {
        let same = |header: &switchwire::Header<'_>| header.name_bytes().eq_ignore_ascii_case(name.bytes());
        let values = self.0.headers().filter(same).map(|header| string(py, &header.value_bytes()));
        PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// The elements of an array header; one for a plain header, none when there is no such header.
    fn array<'py>(&self, py: Python<'py>, name: Text<'_>) -> PyResult<Bound<'py, PyList>> {
        let found = self.0.headers().find(|header| header.name_bytes().eq_ignore_ascii_case(name.bytes()));
        let values = match found {
            None => Vec::new(),
            Some(header) => match header.elements() {
                Some(elements) => {
                    elements.map(|element| string(py, element)).collect::<PyResult<Vec<_>>>()?
                }
                None => vec![string(py, &header.value_bytes())?],
            },
        };
        PyList::new(py, values)
    }

    fn __contains__(&self, name: Bound<'_, PyAny>) -> bool {
        name.extract::<Text<'_>>().is_ok_and(|name| self.0.header_bytes(name.bytes()).is_some())
    }

    fn __len__(&self) -> usize {
        self.0.headers().count()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.names(py)?.try_iter()?.into_any())
    }

    /// The names, in order, duplicates included: a view as a dict's.
    fn keys(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        static VIEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        view(slf, &VIEW, "EventKeys")
    }

    /// The values, in order: a view as a dict's.
    fn values(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        static VIEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        view(slf, &VIEW, "EventValues")
    }

    /// Names and values, in order, duplicates included: a view as a dict's.
    fn items(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        static VIEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        view(slf, &VIEW, "EventItems")
    }

    /// Names and values as a list, for the views.
    fn _pairs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let pair = |header: switchwire::Header<'_>| {
            PyTuple::new(py, [string(py, header.name_bytes())?, string(py, &header.value_bytes())?])
        };
        PyList::new(py, self.0.headers().map(pair).collect::<PyResult<Vec<_>>>()?)
    }

    /// A dict: arrays and repeated headers as lists, the body as `_body`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for header in self.0.headers() {
            let name = string(py, header.name_bytes())?;
            let values = match header.elements() {
                Some(elements) => {
                    elements.map(|element| string(py, element)).collect::<PyResult<Vec<_>>>()?
                }
                None => vec![string(py, &header.value_bytes())?],
            };
            match all.get_item(&name)? {
                None if header.elements().is_none() => all.set_item(name, &values[0])?,
                None => all.set_item(name, values)?,
                Some(earlier) => match earlier.cast::<PyList>() {
                    Ok(list) => values.into_iter().try_for_each(|value| list.append(value))?,
                    Err(_) => {
                        let list = PyList::new(py, [earlier])?;
                        values.into_iter().try_for_each(|value| list.append(value))?;
                        all.set_item(name, list)?;
                    }
                },
            }
        }
        if let Some(body) = self.0.body() {
            all.set_item("_body", string(py, body)?)?;
        }
        Ok(all)
    }

    /// The JSON form, on one line.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The plain form, percent-encoded.
    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        string(py, &self.0.to_plain(Escape::Full))
    }

    /// The XML form.
    fn to_xml<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        string(py, &self.0.to_xml())
    }

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        string(py, &self.0.to_plain(Escape::None))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// For pickle: nothing is lost.
    fn __reduce__<'py>(slf: Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, headers::State<'py>)> {
        let restore = slf.py().get_type::<Self>().getattr("_restore")?;
        Ok((restore, headers::state(slf.py(), slf.get().core())?))
    }

    #[staticmethod]
    fn _restore(
        event_type: u32,
        headers: Vec<(Bound<'_, PyBytes>, Bound<'_, PyAny>)>,
        body: Option<Bound<'_, PyBytes>>,
    ) -> PyResult<Self> {
        headers::restore((event_type, headers, body)).map(Self)
    }

    fn __repr__(&self) -> String {
        let subclass = self.0.subclass().map(|subclass| format!(" {subclass}")).unwrap_or_default();
        let body = self.0.body().map(|body| format!(", body of {} bytes", body.len())).unwrap_or_default();
        format!("<switchwire.Event {}{subclass}: {} headers{body}>", self.0.name(), self.__len__())
    }
}

/// [`Event::get`] of a name.
pub(crate) struct Get;

impl LookUp for Get {
    type Class = Event;
    const NAME: &'static str = "get";

    fn find<'py>(py: Python<'py>, within: &Event, name: &[u8]) -> PyResult<Option<Bound<'py, PyString>>> {
        within.value(py, name)
    }

    fn general() -> &'static PyOnceLock<Py<PyAny>> {
        static GENERAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        &GENERAL
    }
}

/// [`Event::variable`] of a name.
pub(crate) struct Variable;

impl LookUp for Variable {
    type Class = Event;
    const NAME: &'static str = "variable";

    fn find<'py>(py: Python<'py>, within: &Event, name: &[u8]) -> PyResult<Option<Bound<'py, PyString>>> {
        Ok(within.0.variable(name).map(|value| PyString::new(py, &value)))
    }

    fn general() -> &'static PyOnceLock<Py<PyAny>> {
        static GENERAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        &GENERAL
    }
}

/// One of the views of `switchwire._views` of an event.
fn view<'py>(
    event: Bound<'py, Event>,
    class: &PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = event.py();
    let class = class.get_or_try_init(py, || {
        py.import("switchwire._views").and_then(|module| module.getattr(name)).map(Bound::unbind)
    })?;
    class.bind(py).call1((event,))
}
