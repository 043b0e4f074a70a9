//! Sizes: limits and their errors, odd lengths, streams that end too soon, and what a long body costs.
#![allow(unsafe_code, reason = "a global allocator that counts can only be written with unsafe")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use switchwire_proto::{DecodeError, DecodeErrorKind, Decoder, Limits, Message};

fn decode(limits: Limits, bytes: &[u8]) -> Result<Vec<Message>, DecodeError> {
    let mut decoder = Decoder::new(limits);
    decoder.feed(bytes);
    let mut messages = Vec::new();
    while let Some(message) = decoder.next_message()? {
        messages.push(message);
    }
    decoder.finish().map(|()| messages)
}

fn kind(limits: Limits, bytes: &[u8]) -> Option<DecodeErrorKind> {
    decode(limits, bytes).err().map(|error| error.kind)
}

#[test]
fn a_header_block_may_be_as_long_as_its_limit() {
    let block = b"Content-Type: command/reply\n\n";
    assert_eq!(kind(Limits::new(block.len(), 0), block), None);
    let too_long = Some(DecodeErrorKind::HeaderBlockTooLong { limit: block.len() - 1 });
    assert_eq!(kind(Limits::new(block.len() - 1, 0), block), too_long);
    // One line that never ends is stopped as soon as it is too long.
    let mut decoder = Decoder::new(Limits::new(1024, 0));
    decoder.feed(&[b'x'; 1024]);
    assert!(decoder.next_message().unwrap().is_none());
    decoder.feed(b"x");
    let error = decoder.next_message().unwrap_err();
    assert_eq!((error.kind, error.offset), (DecodeErrorKind::HeaderBlockTooLong { limit: 1024 }, 0));
    assert!(error.is_limit());
}

#[test]
fn a_body_may_be_as_long_as_its_limit() {
    let limits = Limits::new(1024, 5);
    assert_eq!(decode(limits, b"Content-Length: 5\n\nabcde").unwrap()[0].body(), Some(&b"abcde"[..]));
    let too_long = Some(DecodeErrorKind::BodyTooLong { limit: 5 });
    // It is known from the length alone, before any of the body comes.
    assert_eq!(kind(limits, b"Content-Length: 6\n"), too_long);
    for huge in ["99999999999999999999999999", "9223372036854775807", "4294967301"] {
        assert_eq!(kind(limits, format!("Content-Length: {huge}\n\n").as_bytes()), too_long);
    }
    let default = Some(DecodeErrorKind::BodyTooLong { limit: 64 << 20 });
    assert_eq!(kind(Limits::default(), b"Content-Length: 67108865\n\n"), default);
}

#[test]
fn a_negative_length_is_an_error_that_stays() {
    let mut decoder = Decoder::default();
    decoder.feed(b"Reply-Text: +OK\n\nContent-Length: -1\n\n");
    assert!(decoder.next_message().unwrap().is_some());
    let error = decoder.next_message().unwrap_err();
    assert_eq!(
        (error.kind, error.offset, error.is_limit()),
        (DecodeErrorKind::NegativeContentLength, 17, false)
    );
    decoder.feed(b"Reply-Text: +OK\n\n");
    assert_eq!(decoder.next_message().unwrap_err(), error);
    assert_eq!(decoder.finish(), Err(error));
}

#[test]
fn lengths_are_read_as_libesl_reads_them() {
    for (length, body) in [
        ("5", "abcde"),
        (" 5x", "abcde"),
        ("+5", "abcde"),
        ("%35", "abcde"),
        ("abc", ""),
        ("0x5", ""),
        ("-0", ""),
    ] {
        let stream = format!("Content-Length: {length}\n\n{body}A: 1\n\n");
        let messages = decode(Limits::default(), stream.as_bytes()).unwrap();
        assert_eq!((messages.len(), messages[0].body()), (2, Some(body.as_bytes())), "{length}");
    }
    // The first one counts; an empty one is none.
    let first = decode(Limits::default(), b"Content-Length: 3\nContent-Length: 5\n\nabc").unwrap();
    assert_eq!(first[0].body(), Some(&b"abc"[..]));
    let none = decode(Limits::default(), b"A: 1\nContent-Length: \n\nB: 2\n\n").unwrap();
    assert_eq!((none.len(), none[0].body()), (2, None));
}

#[test]
fn a_stream_that_ends_inside_a_message_is_truncated() {
    let stream = b"Content-Length: 5\n\nabcde";
    for end in 1..stream.len() {
        let error = decode(Limits::default(), &stream[..end]).unwrap_err();
        assert_eq!((error.kind, error.offset), (DecodeErrorKind::Truncated { received: end }, 0));
    }
    for blank in ["", "\n", "\r\n\r\n", "A: 1\n\n\n\r\n"] {
        assert!(decode(Limits::default(), blank.as_bytes()).is_ok(), "{blank:?}");
    }
}

#[test]
fn limits_beyond_the_decoders_spans_are_lowered() {
    let limits = Limits::new(usize::MAX, usize::MAX);
    assert!(limits.header_block + limits.body < u32::MAX as usize);
}

#[test]
fn what_is_missing_is_known_once_the_length_is_known() {
    let mut decoder = Decoder::default();
    decoder.feed(b"Content-Length: 100\n");
    assert_eq!((decoder.next_message().unwrap().is_none(), decoder.missing()), (true, 1));
    decoder.feed(b"\nabc");
    assert_eq!((decoder.next_message().unwrap().is_none(), decoder.missing()), (true, 97));
    decoder.feed(&[b'x'; 97]);
    assert!(decoder.next_message().unwrap().is_some());
    decoder.release();
    assert_eq!(decoder.capacity(), 0);
}

#[test]
fn a_body_of_8_mb_costs_one_allocation_beyond_the_decoders_buffer() {
    const SIZE: usize = 8 << 20;
    let text = format!("Event-Name: MESSAGE\nContent-Length: {SIZE}\n\n");
    let head = format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", text.len() + SIZE);
    let mut decoder = Decoder::default();
    decoder.feed(head.as_bytes());
    assert!(decoder.next_message().unwrap().is_none());
    let missing = decoder.missing();
    let piece = vec![b'x'; 64 * 1024];
    let growing = large_allocations(|| {
        decoder.spare(missing);
        decoder.feed(text.as_bytes());
        for piece in [&piece; SIZE / (64 * 1024)] {
            assert!(decoder.next_message().unwrap().is_none());
            decoder.feed(piece);
        }
    });
    assert_eq!(growing, 1, "the decoder's own buffer, made for the message once");
    let mut event = None;
    let receiving = large_allocations(|| event = decoder.next_message().unwrap().map(Message::into_event));
    let event = event.unwrap();
    let reading = large_allocations(|| {
        assert_eq!(event.body().map(<[u8]>::len), Some(SIZE));
        assert_eq!(event.clone().header("event-name").as_deref(), Some("MESSAGE"));
    });
    assert_eq!((receiving, reading), (1, 0));
}

/// How many allocations of a megabyte or more this thread makes meanwhile.
fn large_allocations(work: impl FnOnce()) -> usize {
    let before = LARGE.get();
    work();
    LARGE.get() - before
}

thread_local! {
    static LARGE: Cell<usize> = const { Cell::new(0) };
}

fn count(size: usize) {
    if size >= 1 << 20 {
        LARGE.set(LARGE.get() + 1);
    }
}

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it came; counting touches no memory of its callers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;
