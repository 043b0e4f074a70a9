//! A handle's fields and its hidden state: notices, queued messages, bytes waiting, what is logged.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod c;
    pub use c::*;
}

use std::io::Read;
use std::ptr;

use esl::buffer::*;
use esl::event::esl_event_destroy;
use esl::handle::*;
use esl::types::*;
use support::{Hand, c, see, text};

const NOTICE: &[u8] = b"Content-Type: text/disconnect-notice\nContent-Length: 5\n\nBye!\n";
const LINGER: &[u8] =
    b"Content-Type: text/disconnect-notice\nContent-Disposition: linger\nContent-Length: 2\n\nhm";
const REPLY: &[u8] = b"Content-Type: command/reply\nReply-Text: +OK\n\n";

fn event(number: usize) -> Vec<u8> {
    let body = format!("Event-Name: DTMF\nNumber: {number}\n\n");
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len()).into_bytes()
}

fn body(event: *mut esl_event_t) -> Option<Vec<u8>> {
    see(event).unwrap().body
}

#[test]
fn a_notice_ends_the_connection_and_is_the_last_event() {
    let mut hand = Hand::new();
    hand.send(LINGER);
    hand.send(NOTICE);
    assert_eq!(hand.receive().0, ESL_SUCCESS);
    assert_eq!(hand.receive().0, ESL_FAIL);
    assert_eq!(hand.handle.connected, 0);
    assert_eq!(body(hand.handle.last_event).unwrap(), b"Bye!\n");
    assert_eq!(text(hand.handle.err.as_ptr()).unwrap(), b"Disconnected by the server");
}

#[test]
fn a_notice_goes_to_the_place_that_was_given_and_the_next_call_fails() {
    let mut hand = Hand::new();
    hand.send(NOTICE);
    let mut saved = ptr::null_mut();
    // SAFETY: a living handle, a place of this function.
    unsafe {
        assert_eq!(esl_recv_event(&raw mut *hand.handle, 0, &raw mut saved), ESL_SUCCESS);
        assert_eq!(body(saved).unwrap(), b"Bye!\n");
        esl_event_destroy(&raw mut saved);
        assert_eq!(esl_recv_event(&raw mut *hand.handle, 0, &raw mut saved), ESL_FAIL);
    }
    assert_eq!(hand.handle.connected, 0);
}

#[test]
fn a_notice_before_a_reply_is_queued() {
    let mut hand = Hand::new();
    hand.send(NOTICE);
    // SAFETY: a living handle, a C string.
    unsafe { assert_eq!(esl_send_recv_timed(&raw mut *hand.handle, c("api x").as_ptr(), 0), ESL_FAIL) };
    assert_eq!((hand.handle.connected, body(hand.handle.race_event).unwrap()), (0, b"Bye!\n".to_vec()));
    assert_eq!(hand.receive().0, ESL_FAIL);
    assert_eq!(body(hand.handle.last_event).unwrap(), b"Bye!\n");
    assert!(hand.handle.race_event.is_null());
}

#[test]
fn tens_of_thousands_of_events_are_queued_in_order() {
    const EVENTS: usize = 40_000;
    let mut hand = Hand::new();
    // The reply comes after the events.
    let mut peer = hand.peer.take().unwrap();
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        for round in 0..2 {
            (0..EVENTS / 2).for_each(|at| peer.write_all(&event(round * EVENTS / 2 + at)).unwrap());
            peer.write_all(REPLY).unwrap();
        }
        peer
    });
    for _ in 0..2 {
        // SAFETY: a living handle, a C string.
        unsafe {
            assert_eq!(esl_send_recv_timed(&raw mut *hand.handle, c("api x").as_ptr(), 0), ESL_SUCCESS);
        };
    }
    let peer = writer.join().unwrap();
    for number in 0..EVENTS {
        assert!(!hand.handle.race_event.is_null(), "the list is empty although events are queued");
        let (status, _, inner) = hand.receive();
        assert_eq!(status, ESL_SUCCESS);
        assert_eq!(inner.unwrap().headers[1].1, number.to_string().into_bytes());
    }
    assert!(hand.handle.race_event.is_null());
    drop(peer);
    assert_eq!(hand.receive().0, ESL_FAIL);
}

#[test]
fn messages_that_wait_are_in_the_packet_buffer() {
    let mut hand = Hand::new();
    hand.send(&[event(1), event(2), event(3), b"Content-Type: x".to_vec()].concat());
    assert_eq!(hand.receive().0, ESL_SUCCESS);
    let rest = event(2).len() + event(3).len() + b"Content-Type: x".len();
    // SAFETY: the handle's own buffer.
    unsafe {
        assert_eq!(esl_buffer_inuse(hand.handle.packet_buf), rest);
        // Head and body of either event.
        assert_eq!(esl_buffer_packet_count(hand.handle.packet_buf), 4);
    }
    hand.receive();
    hand.receive();
    // SAFETY: as above.
    unsafe { assert_eq!(esl_buffer_inuse(hand.handle.packet_buf), b"Content-Type: x".len()) };
}

#[test]
fn what_was_sent_reaches_the_peer_whole() {
    let mut hand = Hand::new();
    // SAFETY: a living handle, a C string.
    unsafe { assert_eq!(esl_send(&raw mut *hand.handle, c("auth secret").as_ptr()), ESL_SUCCESS) };
    let mut got = [0; 13];
    hand.peer.as_mut().unwrap().read_exact(&mut got).unwrap();
    assert_eq!(&got, b"auth secret\n\n");
}
