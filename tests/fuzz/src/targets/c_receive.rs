//! Bytes from a server through the C functions.
#![allow(unsafe_code, reason = "calls C's interface as C does")]

use std::io::Write;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::ptr;

use esl::event::*;
use esl::handle::*;
use esl::types::{ESL_SUCCESS, esl_handle_t};
use switchwire_proto::{ContentType, Decoder, Limits, Message};

use super::c_see::{Own, Seen, see, see_model};

/// The first byte says in how many pieces the rest comes. What `esl_recv_event` gives is what the decoder gives, message
/// after message, and the events that they carry; a received event can be copied, edited and destroyed.
///
/// # Panics
/// When that does not hold.
pub fn c_receive(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let bytes = &bytes[..bytes.len().min(MOST)];
    if bytes.iter().filter(|byte| **byte == b'[').count() > MOST_INDEXES {
        return;
    }
    let expected = decode(bytes);
    // A C string ends at its first NUL, and a value that is empty to C removes a header: the model knows neither.
    let nuls: [&[u8]; 3] = [b"\0", b"%00", b"u0000"];
    let comparable = !nuls.iter().any(|nul| bytes.windows(nul.len()).any(|part| part == *nul));
    let Some((mut handle, mut peer)) = handle() else { return };
    let pieces = usize::from(*first & 3) + 1;
    let mut got = 0;
    for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
        if peer.write_all(piece).is_err() {
            break;
        }
        let ahead = expected.get(got..).unwrap_or_default();
        got += take(&mut handle, ahead, comparable, *first & 4 != 0);
        if handle.connected == 0 {
            break;
        }
    }
    drop(peer);
    if handle.connected != 0 {
        got += take(&mut handle, expected.get(got..).unwrap_or_default(), comparable, false);
        // SAFETY: a living handle.
        let status = unsafe { esl_recv_event(&raw mut *handle, 1, ptr::null_mut()) };
        assert_ne!(status, ESL_SUCCESS, "a message from nowhere");
        assert_eq!(handle.connected, 0, "the end of the stream was not noticed");
        assert_eq!(got, expected.len(), "messages are missing");
    }
    // SAFETY: a living handle.
    unsafe { esl_disconnect(&raw mut *handle) };
    assert!(handle.last_event.is_null() && handle.last_ievent.is_null());
}

/// Receives what has come and compares it; how many messages it was.
fn take(handle: &mut esl_handle_t, expected: &[Message], comparable: bool, edit: bool) -> usize {
    let mut got = 0;
    loop {
        // SAFETY: a living handle. The peer writes nothing meanwhile: a moment is enough.
        let status = unsafe { esl_recv_event_timed(&raw mut *handle, 1, 1, ptr::null_mut()) };
        if status != ESL_SUCCESS {
            return got;
        }
        let seen = see(handle.last_event);
        let message = expected.get(got).expect("a message that the decoder does not know");
        got += 1;
        let event = see(handle.last_ievent);
        if comparable {
            assert_eq!(seen, Some(see_model(&message.outer_event())));
            // A header called `_body` makes a body, and so an event, of its own.
            assert!(event == inner(message) || message.raw_header("_body").is_some(), "{event:?}");
        }
        if edit {
            take_and_edit(handle);
        }
    }
}

/// The event that libesl makes of the body of a message.
fn inner(message: &Message) -> Option<Seen> {
    let carries = matches!(message.content_type(), ContentType::EventPlain | ContentType::EventJson);
    let body = message.body().filter(|_| carries)?;
    let event = message.clone().into_classic_event();
    let broken =
        message.content_type() == ContentType::EventJson && switchwire_proto::Event::from_json(body).is_err();
    (!broken).then(|| see_model(&event))
}

/// As programs do: take the event out of the handle, change it, copy it, destroy both.
fn take_and_edit(handle: &mut esl_handle_t) {
    for place in [&mut handle.last_event, &mut handle.last_ievent] {
        let event = Own(std::mem::replace(place, ptr::null_mut()));
        if event.0.is_null() {
            continue;
        }
        let mut copy = Own(ptr::null_mut());
        // SAFETY: living events and C strings.
        unsafe {
            assert_eq!(esl_event_dup(&raw mut copy.0, event.0), ESL_SUCCESS);
            let first = (*event.0).headers.as_ref().map_or(c"X".as_ptr(), |header| header.name.cast_const());
            esl_event_add_header_string(event.0, 2, first, c"pushed".as_ptr());
            esl_event_add_header_string(event.0, 1, c"Top".as_ptr(), first);
            esl_event_set_body(event.0, (*event.0).body);
            esl_event_merge(copy.0, event.0);
            let last = (*event.0).last_header.as_ref().map_or(c"X".as_ptr(), |last| last.name.cast_const());
            esl_event_del_header_val(event.0, last, ptr::null());
            assert!(see(event.0).is_some());
        }
    }
}

fn decode(bytes: &[u8]) -> Vec<Message> {
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(bytes);
    std::iter::from_fn(|| decoder.next_message().ok().flatten()).collect()
}

/// A handle filled by hand over one end of a socket pair.
fn handle() -> Option<(Box<esl_handle_t>, UnixStream)> {
    let (ours, peer) = UnixStream::pair().ok()?;
    // SAFETY: all zero is how programs begin; places in the handle.
    unsafe {
        let mut handle: Box<esl_handle_t> = Box::new(std::mem::zeroed());
        handle.sock = ours.into_raw_fd();
        handle.connected = 1;
        esl::threadmutex::esl_mutex_create(&raw mut handle.mutex);
        esl::buffer::esl_buffer_create(&raw mut handle.packet_buf, 65536 * 50, 65536 * 100, 0);
        Some((handle, peer))
    }
}

/// As much as lies in a socket unread.
const MOST: usize = 16 << 10;
/// Each index may make four thousand elements.
const MOST_INDEXES: usize = 8;
