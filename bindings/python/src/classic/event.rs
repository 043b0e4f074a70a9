//! `ESLevent`.

use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};
use switchwire::proto::format::json::{self, Layout};
use switchwire::proto::percent::Escape;
use switchwire::{Event, EventType, Priority};

use super::pointer::Pointer;
use super::wrong_arguments;
use crate::look_up::LookUp;
use crate::text::{Text, optional, string};

/// An event of the classic object model.
///
/// `ESLevent(type)`, `ESLevent(type, subclass)`, `ESLevent('json', text)`; `ESLevent(event)` takes the other one's
/// content away. No method raises for what the server sent; values that are not UTF-8 come with surrogateescape.
#[pyclass(frozen, subclass, dict, weakref, name = "ESLevent", module = "ESL")]
pub(crate) struct ClassicEvent {
    state: Mutex<State>,
}

struct State {
    /// `None` once it was taken by another object, or when its JSON was broken.
    event: Option<Event>,
    /// The names that `nextHeader` has yet to give.
    names: std::vec::IntoIter<Vec<u8>>,
    serialized: Option<Vec<u8>>,
    mine: i32,
    owned: bool,
}

impl ClassicEvent {
    pub(super) fn new(event: Event) -> Self {
        Self::holding(Some(event))
    }

    /// What the classic library gives when the connection is lost.
    pub(super) fn disconnected() -> Self {
        Self::new(Event::new(EventType::ServerDisconnected))
    }

    fn holding(event: Option<Event>) -> Self {
        let state = State { event, names: Vec::new().into_iter(), serialized: None, mine: 1, owned: true };
        Self { state: Mutex::new(state) }
    }

    /// Its content, shared.
    pub(super) fn content(&self) -> Option<Event> {
        self.state.lock().event.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Changes the event; `false` when there is none to change.
    fn change<'py>(
        &self,
        name: Option<Text<'py>>,
        value: Option<Text<'py>>,
        change: impl FnOnce(&mut Event, &[u8], &[u8]),
    ) -> bool {
        let (Some(name), Some(value)) = (name, value) else { return false };
        let mut state = self.lock();
        let Some(event) = &mut state.event else { return false };
        change(event, name.bytes(), value.bytes());
        true
    }
}

/// `getHeader` of a name.
pub(crate) struct GetHeader;

impl LookUp for GetHeader {
    type Class = ClassicEvent;
    const NAME: &'static str = "getHeader";

    fn find<'py>(
        py: Python<'py>,
        within: &ClassicEvent,
        name: &[u8],
    ) -> PyResult<Option<Bound<'py, PyString>>> {
        let state = within.lock();
        optional(py, state.event.as_ref().and_then(|event| event.header_bytes(name)))
    }

    fn general() -> &'static PyOnceLock<Py<PyAny>> {
        static GENERAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        &GENERAL
    }
}

#[pymethods]
impl ClassicEvent {
    /// Takes any arguments, as those of a subclass may be others: `__init__` reads them.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn __new__(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::holding(None)
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __init__(&self, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let event = constructed(args, kwargs)?;
        self.lock().event = event;
        Ok(())
    }

    /// The event as text: `Name: value` lines (percent-encoded) and the body, or JSON for `'json'`.
    #[pyo3(signature = (format=None))]
    fn serialize<'py>(&self, py: Python<'py>, format: Option<Text<'py>>) -> PyResult<Bound<'py, PyString>> {
        let text = {
            let mut state = self.lock();
            let Some(event) = &state.event else { return Ok(PyString::new(py, "")) };
            let text = match format {
                Some(format) if format.bytes().eq_ignore_ascii_case(b"json") => {
                    json::write(event, Layout::Tabs)
                }
                _ => event.to_plain(Escape::Full),
            };
            state.serialized.insert(text).clone()
        };
        string(py, &text)
    }

    /// Sets the priority that the event asks to be delivered with (0 normal, 1 low, 2 high).
    #[pyo3(signature = (priority=0), name = "setPriority")]
    fn set_priority(&self, priority: i64) -> bool {
        let priority = usize::try_from(priority).ok().and_then(|at| Priority::ALL.get(at).copied());
        let mut state = self.lock();
        match (&mut state.event, priority) {
            (Some(event), Some(priority)) => {
                event.set_priority(priority);
                true
            }
            _ => false,
        }
    }

    /// The first header of that name, in any letter case, or one element of an array header; else `None`.
    #[pyo3(
        signature = (header_name, idx=-1),
        text_signature = "($self, header_name, idx=-1)",
        name = "getHeader"
    )]
    fn get_header<'py>(
        &self,
        py: Python<'py>,
        header_name: Option<Text<'py>>,
        idx: i64,
    ) -> PyResult<Option<Bound<'py, PyString>>> {
        let state = self.lock();
        let (Some(name), Some(event)) = (&header_name, &state.event) else { return Ok(None) };
        match usize::try_from(idx) {
            Err(_) => optional(py, event.header_bytes(name.bytes())),
            Ok(at) => optional(py, event.header_element(name.bytes(), at)),
        }
    }

    /// The body, or `None`.
    #[pyo3(name = "getBody")]
    fn get_body<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        optional(py, self.lock().event.as_ref().and_then(Event::body))
    }

    /// The type's name; `'invalid'` when another object took the content.
    #[pyo3(name = "getType")]
    fn get_type<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        let name = self.lock().event.as_ref().map_or("invalid", |event| event.event_type().name());
        PyString::new(py, name)
    }

    /// Replaces the body.
    #[pyo3(name = "addBody")]
    fn add_body(&self, value: Option<Text<'_>>) -> bool {
        let mut state = self.lock();
        match (&mut state.event, value) {
            (Some(event), Some(value)) => {
                event.set_body(value.bytes());
                true
            }
            _ => false,
        }
    }

    /// Appends a header; an empty value removes the header instead.
    #[pyo3(name = "addHeader")]
    fn add_header<'py>(&self, header_name: Option<Text<'py>>, value: Option<Text<'py>>) -> bool {
        self.change(header_name, value, |event, name, value| {
            event.add_header(name, value);
        })
    }

    /// Appends an element to the array header of that name.
    #[pyo3(name = "pushHeader")]
    fn push_header<'py>(&self, header_name: Option<Text<'py>>, value: Option<Text<'py>>) -> bool {
        self.change(header_name, value, |event, name, value| {
            event.push_header(name, value);
        })
    }

    /// As `pushHeader`: the classic library appends here too.
    #[pyo3(name = "unshiftHeader")]
    fn unshift_header<'py>(&self, header_name: Option<Text<'py>>, value: Option<Text<'py>>) -> bool {
        self.push_header(header_name, value)
    }

    /// Removes every header of that name; `True` also when there was none.
    #[pyo3(name = "delHeader")]
    fn del_header(&self, header_name: Option<Text<'_>>) -> bool {
        let mut state = self.lock();
        match (&mut state.event, header_name) {
            (Some(event), Some(name)) => {
                event.del_header(name.bytes());
                true
            }
            _ => false,
        }
    }

    /// The name of the first header, or `None`; `nextHeader` goes on from there.
    #[pyo3(name = "firstHeader")]
    fn first_header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        {
            let mut state = self.lock();
            if let Some(event) = &state.event {
                let names: Vec<_> = event.headers().map(|header| header.name_bytes().to_vec()).collect();
                state.names = names.into_iter();
            }
        }
        self.next_header(py)
    }

    /// The name of the next header; `None` after the last one.
    #[pyo3(name = "nextHeader")]
    fn next_header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        let name = self.lock().names.next();
        optional(py, name)
    }

    /// Opaque: what the wrapped pointer was.
    #[getter]
    fn event(&self) -> Option<Pointer> {
        self.lock().event.is_some().then(|| Pointer::to("esl_event_t", &self.state))
    }

    /// Opaque: what the wrapped object was.
    #[getter]
    fn this(&self) -> Pointer {
        Pointer::to("ESLevent", self)
    }

    /// 1 while the object owns its event.
    #[getter]
    fn mine(&self) -> i32 {
        self.lock().mine
    }

    #[setter]
    fn set_mine(&self, mine: i32) {
        self.lock().mine = mine;
    }

    /// What `serialize` gave last.
    #[getter]
    fn serialized_string<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        optional(py, self.lock().serialized.as_ref())
    }

    /// Kept for compatibility: memory is managed without it.
    #[getter]
    fn thisown(&self) -> bool {
        self.lock().owned
    }

    #[setter]
    fn set_thisown(&self, owned: bool) {
        self.lock().owned = owned;
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(format!("<ESL.{name}; proxy of {} >", slf.get().this().text()))
    }
}

/// The event that the constructor's arguments describe; `None` for broken JSON.
fn constructed(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Option<Event>> {
    let wrong = || wrong_arguments(args.py(), FORMS);
    let mut arguments: Vec<Bound<'_, PyAny>> = args.iter().collect();
    for (name, value) in kwargs.into_iter().flatten() {
        let place = match name.extract::<String>()?.as_str() {
            "type" | "me" => 0,
            "subclass_name" | "subclass" => 1,
            _ => usize::MAX,
        };
        if place != arguments.len() {
            return Err(wrong());
        }
        arguments.push(value);
    }
    match &arguments[..] {
        [other] if other.is_instance_of::<ClassicEvent>() => {
            let mut state = other.cast::<ClassicEvent>()?.get().lock();
            state.mine = 0;
            state.serialized = None;
            Ok(state.event.take())
        }
        [name] => Ok(build(text(name).map_err(|_| wrong())?.as_ref(), None)),
        [name, subclass] => {
            let name = text(name).map_err(|_| wrong())?;
            Ok(build(name.as_ref(), text(subclass).map_err(|_| wrong())?.as_ref()))
        }
        _ => Err(wrong()),
    }
}

fn text<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Text<'py>>> {
    object.extract()
}

fn build(name: Option<&Text<'_>>, subclass: Option<&Text<'_>>) -> Option<Event> {
    let name = name.map_or(&b""[..], Text::bytes);
    let subclass = subclass.map_or(&b""[..], Text::bytes);
    if name.eq_ignore_ascii_case(b"json") && !subclass.is_empty() {
        return Event::from_json(subclass).ok();
    }
    let name = String::from_utf8_lossy(name);
    let subclass = String::from_utf8_lossy(subclass);
    Some(Event::from_names(&name, Some(&subclass)).0)
}

const FORMS: &str = "ESLevent takes (type), (type, subclass), ('json', text) or (ESLevent)";
