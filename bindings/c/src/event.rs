//! `esl_event.h`: making, reading and changing events.

use std::ptr;

use libc::{c_char, c_int};
use switchwire_proto::EventType;
use switchwire_proto::raw::array;

use crate::arrays::elements;
use crate::guard::guard;
use crate::headers::{Event, Stack, stack_of};
use crate::memory::{bytes, copy_text};
use crate::received;
use crate::types::{
    ESL_FAIL, ESL_GENERR, ESL_SUCCESS, esl_event_header_t, esl_event_t, esl_event_types_t, esl_priority_t,
    esl_stack_t, esl_status_t,
};

/// Runs `body` on an event; `failed` for NULL and for a panic.
unsafe fn on<T: Copy>(event: *mut esl_event_t, failed: T, body: impl FnOnce(Event) -> T) -> T {
    // SAFETY: C's promise: NULL or a living event that only this thread changes.
    guard(failed, || unsafe { Event::new(event) }.map_or(failed, body))
}

/// Makes an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_create_subclass(
    event: *mut *mut esl_event_t,
    event_id: esl_event_types_t,
    subclass_name: *const c_char,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if event.is_null() {
            return ESL_GENERR;
        }
        // SAFETY: C's promises about both arguments.
        unsafe {
            *event = create(event_id, bytes(subclass_name));
            if (*event).is_null() { ESL_FAIL } else { ESL_SUCCESS }
        }
    })
}

fn create(event_id: esl_event_types_t, subclass: Option<&[u8]>) -> *mut esl_event_t {
    let Some(event_type) = u32::try_from(event_id).ok().and_then(EventType::from_number) else {
        return ptr::null_mut();
    };
    let fills_in = event_type == EventType::Clone;
    if subclass.is_some() && !fills_in && event_type != EventType::Custom {
        return ptr::null_mut();
    }
    let pointer = received::empty(if fills_in { EventType::Custom } else { event_type });
    // SAFETY: made just now.
    if let Some(event) = unsafe { Event::new(pointer) } {
        if !fills_in {
            event.append(b"Event-Name", event_type.name().as_bytes(), None);
        }
        if let Some(subclass) = subclass {
            event.set().subclass_name = copy_text(subclass);
            event.add(Stack::Bottom, b"Event-Subclass", subclass);
        }
    }
    pointer
}

/// Sets the priority and its header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_set_priority(
    event: *mut esl_event_t,
    priority: esl_priority_t,
) -> esl_status_t {
    // SAFETY: see `on`.
    unsafe {
        on(event, ESL_FAIL, |event| {
            let Some(name) = priority_of(priority) else { return ESL_FAIL };
            event.set().priority = priority;
            event.replace_or_top(b"priority", name.name().as_bytes());
            ESL_SUCCESS
        })
    }
}

/// The first header of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_get_header_ptr(
    event: *mut esl_event_t,
    header_name: *const c_char,
) -> *mut esl_event_header_t {
    // SAFETY: see `on`; the name is a C string or NULL.
    unsafe {
        on(event, ptr::null_mut(), |event| {
            bytes(header_name).and_then(|name| event.find(name)).unwrap_or(ptr::null_mut())
        })
    }
}

/// The value of a header, or one element of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_get_header_idx(
    event: *mut esl_event_t,
    header_name: *const c_char,
    idx: c_int,
) -> *mut c_char {
    // SAFETY: see `on`; the name is a C string or NULL.
    unsafe {
        on(event, ptr::null_mut(), |event| {
            let Some(name) = bytes(header_name) else { return ptr::null_mut() };
            match (event.find(name), usize::try_from(idx)) {
                (Some(header), Err(_)) => (*header).value,
                (Some(header), Ok(at)) => elements(header).get(at).copied().unwrap_or(ptr::null_mut()),
                (None, _) if name == b"_body" => event.get().body,
                (None, _) => ptr::null_mut(),
            }
        })
    }
}

/// The body.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_get_body(event: *mut esl_event_t) -> *mut c_char {
    // SAFETY: see `on`.
    unsafe { on(event, ptr::null_mut(), |event| event.get().body) }
}

/// Adds array text; -1 when it is too short to be one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_add_array(
    event: *mut esl_event_t,
    var: *const c_char,
    val: *const c_char,
) -> c_int {
    // SAFETY: see `on`; the strings are C strings or NULL.
    unsafe {
        on(event, -1, |event| match (bytes(var), bytes(val)) {
            (Some(name), Some(value)) if value.len() > array::ARRAY_PREFIX.len() => {
                let (name, value) = (name.to_vec(), value.to_vec());
                event.add_array(&name, &value);
                0
            }
            _ => -1,
        })
    }
}

/// Adds a header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_add_header_string(
    event: *mut esl_event_t,
    stack: esl_stack_t,
    header_name: *const c_char,
    data: *const c_char,
) -> esl_status_t {
    // SAFETY: see `on`; the strings are C strings or NULL.
    unsafe {
        on(event, ESL_FAIL, |event| match (bytes(header_name), bytes(data)) {
            (Some(name), Some(value)) => {
                // They may be the event's own strings, which adding can free.
                let (name, value) = (name.to_vec(), value.to_vec());
                event.add(stack_of(stack), &name, &value);
                ESL_SUCCESS
            }
            _ => ESL_FAIL,
        })
    }
}

/// Removes headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_del_header_val(
    event: *mut esl_event_t,
    header_name: *const c_char,
    val: *const c_char,
) -> esl_status_t {
    // SAFETY: see `on`; the strings are C strings or NULL.
    unsafe {
        on(event, ESL_FAIL, |event| {
            let Some(name) = bytes(header_name).map(<[u8]>::to_vec) else { return ESL_FAIL };
            let value = bytes(val).filter(|value| !value.is_empty()).map(<[u8]>::to_vec);
            event.delete(&name, value.as_deref());
            ESL_SUCCESS
        })
    }
}

/// Frees an event and clears the pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_destroy(event: *mut *mut esl_event_t) {
    guard((), || {
        // SAFETY: C's promise: NULL, or a place that holds NULL or an event that is not used any more.
        unsafe {
            if !event.is_null() {
                destroy(std::mem::replace(&mut *event, ptr::null_mut()));
            }
        }
    });
}

/// # Safety
/// NULL or an event that is not used any more.
pub(crate) unsafe fn destroy(event: *mut esl_event_t) {
    // SAFETY: the caller's promise.
    if let Some(event) = unsafe { Event::new(event) } {
        event.destroy();
    }
}

/// Copies an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_dup(
    event: *mut *mut esl_event_t,
    todup: *mut esl_event_t,
) -> esl_status_t {
    // SAFETY: see `on`; the place for the copy is C's.
    unsafe {
        on(todup, ESL_FAIL, |todup| {
            if event.is_null() {
                return ESL_GENERR;
            }
            *event = duplicate(todup);
            if (*event).is_null() { ESL_FAIL } else { ESL_SUCCESS }
        })
    }
}

fn duplicate(todup: Event) -> *mut esl_event_t {
    let from = todup.get();
    // SAFETY: NULL or a C string.
    let subclass = unsafe { bytes(from.subclass_name) };
    let pointer = create(received::number(EventType::Clone), subclass);
    // SAFETY: made just now.
    let Some(copy) = (unsafe { Event::new(pointer) }) else { return pointer };
    let to = copy.set();
    to.event_id = from.event_id;
    to.priority = from.priority;
    to.bind_user_data = from.bind_user_data;
    to.event_user_data = from.event_user_data;
    add_all(copy, todup, subclass.is_some());
    // Adding headers one by one must not replace earlier ones, so the flags come last.
    copy.set().flags = from.flags;
    if let Some(body) = todup.body() {
        copy.set_body(Some(body));
    }
    pointer
}

fn add_all(to: Event, from: Event, without_subclass: bool) {
    for header in from.headers() {
        // SAFETY: a header of a living event.
        unsafe {
            let name = bytes((*header).name).unwrap_or_default();
            if without_subclass && name == b"Event-Subclass" {
                continue;
            }
            if (*header).array.is_null() {
                to.add(Stack::Bottom, name, bytes((*header).value).unwrap_or_default());
            } else {
                for element in elements(header) {
                    to.add(Stack::Push, name, bytes(*element).unwrap_or_default());
                }
            }
        }
    }
}

/// Adds the headers of one event to another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_merge(event: *mut esl_event_t, tomerge: *mut esl_event_t) {
    if event == tomerge {
        return;
    }
    // SAFETY: see `on`; two different events.
    unsafe { on(event, (), |event| on(tomerge, (), |tomerge| add_all(event, tomerge, false))) }
}

/// Replaces the body.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_set_body(event: *mut esl_event_t, body: *const c_char) -> esl_status_t {
    // SAFETY: see `on`; the body is a C string or NULL.
    unsafe {
        on(event, ESL_FAIL, |event| {
            event.set_body(bytes(body));
            ESL_SUCCESS
        })
    }
}

/// The name of a type; NULL for an invalid number.
#[unsafe(no_mangle)]
pub extern "C" fn esl_event_name(event: esl_event_types_t) -> *const c_char {
    guard(ptr::null(), || name_pointer(EVENT_NAMES, event))
}

/// Finds a type by its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_name_event(name: *const c_char, kind: *mut esl_event_types_t) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promises about both arguments.
        unsafe {
            match bytes(name).and_then(EventType::from_name) {
                Some(event_type) if !kind.is_null() => {
                    *kind = received::number(event_type);
                    ESL_SUCCESS
                }
                _ => ESL_FAIL,
            }
        }
    })
}

/// The name of a priority.
#[unsafe(no_mangle)]
pub extern "C" fn esl_priority_name(priority: esl_priority_t) -> *const c_char {
    guard(c"INVALID".as_ptr(), || {
        let found = name_pointer(PRIORITY_NAMES, priority);
        if found.is_null() { c"INVALID".as_ptr() } else { found }
    })
}

fn priority_of(number: esl_priority_t) -> Option<switchwire_proto::Priority> {
    switchwire_proto::Priority::ALL.get(usize::try_from(number).ok()?).copied()
}

const NAME_ROOM: usize = 32;
type Names<const N: usize> = [[u8; NAME_ROOM]; N];

fn name_pointer<const N: usize>(names: &'static Names<N>, number: c_int) -> *const c_char {
    let place = usize::try_from(number).ok().and_then(|number| names.get(number));
    place.map_or(ptr::null(), |name| name.as_ptr().cast())
}

/// The names with NULs, for C: static, as returned names live as long as the library.
const fn with_nul<const N: usize>(names: [&str; N]) -> Names<N> {
    let mut all = [[0; NAME_ROOM]; N];
    let mut at = 0;
    while at < N {
        let name = names[at].as_bytes();
        assert!(name.len() < NAME_ROOM);
        let mut letter = 0;
        while letter < name.len() {
            all[at][letter] = name[letter];
            letter += 1;
        }
        at += 1;
    }
    all
}

const fn event_names() -> [&'static str; EventType::ALL.len()] {
    let mut names = [""; EventType::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = EventType::ALL[at].name();
        at += 1;
    }
    names
}

static EVENT_NAMES: &Names<{ EventType::ALL.len() }> = &with_nul(event_names());
static PRIORITY_NAMES: &Names<3> = &with_nul([
    switchwire_proto::Priority::Normal.name(),
    switchwire_proto::Priority::Low.name(),
    switchwire_proto::Priority::High.name(),
]);
