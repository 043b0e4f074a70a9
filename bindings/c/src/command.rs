//! Commands built from arguments. An argument with a line break is refused, and nothing is sent.

use libc::c_char;
use switchwire_proto::{BuildError, Command, EventFormat, EventType, Execute};

use crate::guard::guard;
use crate::headers::Event;
use crate::held::set_error;
use crate::memory::bytes;
use crate::serialize::pairs;
use crate::session::Session;
use crate::types::{ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_event_type_t, esl_handle_t, esl_status_t};

/// Builds a command, sends it and waits for the reply; `err` says what is wrong with an argument.
///
/// # Safety
/// NULL or a living handle.
unsafe fn request(
    handle: *mut esl_handle_t,
    build: impl FnOnce(&esl_handle_t) -> Result<Command, BuildError>,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: the caller's promise.
        unsafe {
            let Some(session) = Session::connected(handle) else { return ESL_FAIL };
            match build(&*handle) {
                Ok(command) => session.request(&command, None),
                Err(error) => {
                    set_error(handle, &error.to_string(), libc::EINVAL);
                    ESL_FAIL
                }
            }
        }
    })
}

/// Runs an application on a channel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_execute(
    handle: *mut esl_handle_t,
    app: *const c_char,
    arg: *const c_char,
    uuid: *const c_char,
) -> esl_status_t {
    // SAFETY: C's promises: a living handle or NULL, C strings or NULL.
    unsafe {
        request(handle, |handle| {
            let mut execute = bytes(app).map_or_else(Execute::nothing, Execute::new);
            if let Some(argument) = bytes(arg) {
                execute = execute.argument(argument);
            }
            if let Some(uuid) = bytes(uuid) {
                execute = execute.uuid(uuid);
            }
            execute.event_lock(handle.event_lock != 0).asynchronous(handle.async_execute != 0).build()
        })
    }
}

/// Fires an event in the server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_sendevent(handle: *mut esl_handle_t, event: *mut esl_event_t) -> esl_status_t {
    // SAFETY: C's promises: a living handle or NULL, a living event or NULL.
    unsafe {
        let Some(event) = Event::new(event) else { return ESL_FAIL };
        request(handle, |_| {
            let number = event.get().event_id.cast_unsigned();
            let event_type = EventType::from_number(number).unwrap_or(EventType::Custom);
            Command::sendevent_parts(event_type, pairs(event), event.body().unwrap_or_default())
        })
    }
}

/// Sends a message to a channel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_sendmsg(
    handle: *mut esl_handle_t,
    event: *mut esl_event_t,
    uuid: *const c_char,
) -> esl_status_t {
    // SAFETY: C's promises: a living handle or NULL, a living event or NULL, a C string or NULL.
    unsafe {
        let Some(event) = Event::new(event) else { return ESL_FAIL };
        request(handle, |_| {
            Command::sendmsg_parts(bytes(uuid), pairs(event), event.body().unwrap_or_default())
        })
    }
}

/// Sets a filter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_filter(
    handle: *mut esl_handle_t,
    header: *const c_char,
    value: *const c_char,
) -> esl_status_t {
    // SAFETY: C's promises: a living handle or NULL, C strings or NULL.
    unsafe {
        let (Some(header), value) = (bytes(header), bytes(value)) else { return ESL_FAIL };
        request(handle, |_| Command::filter_bytes(header, value.unwrap_or_default()))
    }
}

/// Subscribes to events. The result does not say whether the server accepted it: `last_sr_reply` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_events(
    handle: *mut esl_handle_t,
    etype: esl_event_type_t,
    value: *const c_char,
) -> esl_status_t {
    const FORMATS: [EventFormat; 3] = [EventFormat::Plain, EventFormat::Xml, EventFormat::Json];
    // SAFETY: C's promises: a living handle or NULL, a C string or NULL.
    unsafe {
        let format = usize::try_from(etype).ok().and_then(|number| FORMATS.get(number));
        let format = format.copied().unwrap_or_default();
        let status = request(handle, |_| Command::event_bytes(format, bytes(value).unwrap_or_default()));
        if status == ESL_SUCCESS { ESL_SUCCESS } else { ESL_FAIL }
    }
}
