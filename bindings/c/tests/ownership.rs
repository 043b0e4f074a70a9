//! Who owns what, and what NULL does: nothing here needs a file, a socket or a C program, so Miri can run it
//! (`cargo xtask miri`), as AddressSanitizer does (`cargo xtask sanitize`).
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    pub mod c;
}

use std::ptr::{null, null_mut};

use esl::buffer::*;
use esl::event::*;
use esl::serialize::*;
use esl::strings::*;
use esl::types::*;
use support::c::{c, see, taken, text};

/// An event of that type.
fn event(number: i32) -> *mut esl_event_t {
    let mut event = null_mut();
    // SAFETY: a place for the event.
    unsafe { assert_eq!(esl_event_create_subclass(&raw mut event, number, null()), ESL_SUCCESS) };
    event
}

fn destroy(mut event: *mut esl_event_t) {
    // SAFETY: the test's own event.
    unsafe { esl_event_destroy(&raw mut event) };
    assert!(event.is_null(), "the place is cleared");
}

#[test]
fn null_is_refused_everywhere() {
    let living = event(0);
    let mut place: *mut esl_event_t = null_mut();
    let mut out = null_mut();
    // SAFETY: NULL is what these functions must bear.
    unsafe {
        assert_eq!(esl_event_create_subclass(null_mut(), 0, null()), ESL_GENERR);
        assert_eq!(esl_event_create_subclass(&raw mut place, 1000, null()), ESL_FAIL);
        assert_eq!(esl_event_create_subclass(&raw mut place, 6, c"x".as_ptr()), ESL_FAIL);
        assert!(place.is_null());
        assert_eq!(esl_event_set_priority(null_mut(), 1), ESL_FAIL);
        assert_eq!(esl_event_set_priority(living, 9), ESL_FAIL);
        assert!(esl_event_get_header_ptr(null_mut(), c"x".as_ptr()).is_null());
        assert!(esl_event_get_header_ptr(living, null()).is_null());
        assert!(esl_event_get_header_idx(null_mut(), c"x".as_ptr(), -1).is_null());
        assert!(esl_event_get_header_idx(living, null(), -1).is_null());
        assert!(esl_event_get_body(null_mut()).is_null());
        assert_eq!(esl_event_add_array(null_mut(), c"a".as_ptr(), c"b".as_ptr()), -1);
        assert_eq!(esl_event_add_array(living, null(), null()), -1);
        assert_eq!(esl_event_add_header_string(null_mut(), 0, c"a".as_ptr(), c"b".as_ptr()), ESL_FAIL);
        assert_eq!(esl_event_add_header_string(living, 0, null(), c"b".as_ptr()), ESL_FAIL);
        assert_eq!(esl_event_add_header_string(living, 0, c"a".as_ptr(), null()), ESL_FAIL);
        assert_eq!(esl_event_del_header_val(null_mut(), c"a".as_ptr(), null()), ESL_FAIL);
        assert_eq!(esl_event_del_header_val(living, null(), null()), ESL_FAIL);
        esl_event_destroy(null_mut());
        esl_event_destroy(&raw mut place);
        assert_eq!(esl_event_dup(null_mut(), living), ESL_GENERR);
        assert_eq!(esl_event_dup(&raw mut place, null_mut()), ESL_FAIL);
        esl_event_merge(living, null_mut());
        esl_event_merge(null_mut(), living);
        esl_event_merge(living, living);
        assert_eq!(esl_event_set_body(null_mut(), c"x".as_ptr()), ESL_FAIL);
        assert_eq!(esl_event_set_body(living, null()), ESL_SUCCESS);
        assert_eq!(esl_event_serialize(null_mut(), &raw mut out, 1), ESL_FAIL);
        assert_eq!(esl_event_serialize(living, null_mut(), 1), ESL_FAIL);
        assert_eq!(esl_event_serialize_json(null_mut(), &raw mut out), ESL_FAIL);
        assert_eq!(esl_event_create_json(null_mut(), c"{}".as_ptr()), ESL_FAIL);
        assert_eq!(esl_event_create_json(&raw mut place, null()), ESL_FAIL);
        assert_eq!(esl_name_event(null(), null_mut()), ESL_FAIL);
    }
    destroy(living);
}

#[test]
fn an_edited_event_frees_what_it_gave_up() {
    let one = event(6);
    let other = event(0);
    // SAFETY: living events and C strings.
    unsafe {
        for (stack, name, value) in [
            (0, "A", "1"),
            (1, "Top", "first"),
            (2, "A", "2"),
            (3, "A", "0"),
            (2, "New", "only"),
            (0, "List", "ARRAY::x|:y|:z"),
            (0, "List[5]", "later"),
            (0, "List[1]", "other"),
            (0, "_body", "a body"),
            (0, "Gone", "soon"),
            (0, "Gone", ""),
        ] {
            assert_eq!(
                esl_event_add_header_string(one, stack, c(name).as_ptr(), c(value).as_ptr()),
                ESL_SUCCESS
            );
        }
        assert_eq!(text(esl_event_get_header_idx(one, c"a".as_ptr(), 0)).unwrap(), b"0");
        // What is passed in may be the event's own.
        let own = esl_event_get_header_idx(one, c"Top".as_ptr(), -1);
        esl_event_add_header_string(one, 2, c"Top".as_ptr(), own);
        esl_event_set_body(one, esl_event_get_body(one));
        let name = (*(*one).headers).name;
        esl_event_del_header_val(one, name, null());
        esl_event_set_priority(one, 2);
        esl_event_merge(other, one);
        let mut copy = null_mut();
        assert_eq!(esl_event_dup(&raw mut copy, one), ESL_SUCCESS);
        assert_eq!(see(copy).unwrap().body, see(one).unwrap().body);
        // Texts are the caller's, to be given back with free().
        let (mut plain, mut json) = (null_mut(), null_mut());
        assert_eq!(esl_event_serialize(copy, &raw mut plain, 1), ESL_SUCCESS);
        assert_eq!(esl_event_serialize_json(copy, &raw mut json), ESL_SUCCESS);
        destroy(one);
        let mut read = null_mut();
        let json = c(taken(json));
        assert_eq!(esl_event_create_json(&raw mut read, json.as_ptr()), ESL_SUCCESS);
        assert!(taken(plain).ends_with(b"a body"));
        destroy(copy);
        // A program may take the body, and leave the place empty.
        let body = std::mem::replace(&mut (*read).body, null_mut());
        assert_eq!(taken(body), b"a body");
        destroy(read);
    }
    destroy(other);
}

/// As `strdup`, which Miri does not know.
fn from_malloc(text: &[u8]) -> *mut libc::c_char {
    // SAFETY: the room is as large as what is copied.
    unsafe {
        let room = libc::malloc(text.len()).cast::<u8>();
        room.copy_from_nonoverlapping(text.as_ptr(), text.len());
        room.cast()
    }
}

#[test]
fn a_list_made_by_hand_is_freed_like_our_own() {
    let made = event(0);
    // SAFETY: pieces from malloc, as C's rules for events say.
    unsafe {
        let header = libc::calloc(1, size_of::<esl_event_header_t>()).cast::<esl_event_header_t>();
        (*header).name = from_malloc(b"By-Hand\0");
        (*header).value = from_malloc(b"value\0");
        (*(*made).last_header).next = header;
        // `last_header` is stale: adding continues from it to the end.
        esl_event_add_header_string(made, 0, c"Last".as_ptr(), c"1".as_ptr());
        assert_eq!(text(esl_event_get_header_idx(made, c"by-hand".as_ptr(), -1)).unwrap(), b"value");
        assert_eq!(see(made).unwrap().headers.len(), 3);
    }
    destroy(made);
}

#[test]
fn a_buffer_gives_back_what_was_put_in() {
    let mut buffer = null_mut();
    // SAFETY: places and living buffers.
    unsafe {
        assert_eq!(esl_buffer_create(&raw mut buffer, 16, 16, 0), ESL_SUCCESS);
        for round in 0..50u8 {
            let bytes = [round; 7];
            assert!(esl_buffer_write(buffer, bytes.as_ptr().cast(), bytes.len()) > 0);
        }
        let mut room = [0u8; 350];
        assert_eq!(esl_buffer_read(buffer, room.as_mut_ptr().cast(), room.len()), 350);
        assert_eq!((room[0], room[349]), (0, 49));
        assert_eq!(esl_buffer_inuse(buffer), 0);
        esl_buffer_destroy(&raw mut buffer);
        esl_buffer_destroy(&raw mut buffer);
    }
    assert!(buffer.is_null());
}

#[test]
fn strings_are_decoded_in_place() {
    let mut text = *b"a%20b%zz%4\0";
    let mut encoded = [0u8; 8];
    // SAFETY: C strings, and room that is as long as it is said to be.
    unsafe {
        esl_url_decode(text.as_mut_ptr().cast());
        assert_eq!(&text[..9], b"a b%zz%4\0");
        esl_url_encode(c"a b c".as_ptr(), encoded.as_mut_ptr().cast(), encoded.len());
        assert!(encoded.contains(&0), "it ends within its room");
    }
}
