//! The C functions for events, against a model.
#![allow(unsafe_code, reason = "calls C's interface as C does")]

use std::ptr;

use esl::event::*;
use esl::serialize::*;
use esl::types::{ESL_SUCCESS, UNIQ_HEADERS, esl_event_t};
use switchwire_proto::{EventType, percent};

use super::c_model::{Model, Stack};
use super::c_see::{Own, Seen, c, see, see_model, taken, text};

/// Each line is one operation: a letter, then its arguments, percent-encoded, with a tab before each.
///
/// ```text
/// n TYPE [SUBCLASS]   another event                  c        a copy takes its place
/// b, t NAME VALUE     add at the bottom, on top      w        on with the other one of two events
/// p, u NAME VALUE     push, unshift an element       m        merge the other one in
/// a NAME TEXT         add array text                 q        from now on, or no longer, headers are unique
/// d NAME [VALUE]      delete                         j [TEXT] the event of that JSON text, or of its own
/// o BODY              body                           y WORD   priority
/// ```
/// After each one C sees what the model says; at the end all three texts and every look-up say so, too.
///
/// # Panics
/// When that does not hold.
pub fn c_events(input: &[u8]) {
    let input = &input[..input.len().min(MOST)];
    if input.iter().filter(|byte| **byte == b'[').count() > MOST_INDEXES {
        return;
    }
    let mut both = [Pair::new("CUSTOM", None), Pair::new("CHANNEL_DATA", None)].map(Option::unwrap);
    for line in input.split(|byte| *byte == b'\n').take(MOST_LINES) {
        let mut fields = line.split(|byte| *byte == b'\t');
        let operation = fields.next().unwrap_or_default();
        let fields: Vec<Vec<u8>> = fields.map(|field| c(&percent::decode(field)).into_bytes()).collect();
        both[0].operate(operation, &fields);
        match operation {
            b"w" => both.swap(0, 1),
            b"m" => {
                let [one, other] = &mut both;
                // SAFETY: two living events.
                unsafe { esl_event_merge(one.event.0, other.event.0) };
                one.model.merge(&other.model);
            }
            _ => {}
        }
        both[0].compare();
        if both.iter().any(|pair| pair.model.headers.len() > MOST_HEADERS) {
            break;
        }
    }
    both.iter().for_each(Pair::compare_all);
}

struct Pair {
    event: Own,
    model: Model,
}

impl Pair {
    fn new(kind: &str, subclass: Option<&[u8]>) -> Option<Self> {
        let event_type = EventType::from_name(kind)?;
        let mut event: *mut esl_event_t = ptr::null_mut();
        let subclass_c = subclass.map(c);
        let pointer = subclass_c.as_ref().map_or(ptr::null(), |subclass| subclass.as_ptr());
        // SAFETY: a place for the event, and NULL or a C string.
        let status =
            unsafe { esl_event_create_subclass(&raw mut event, event_type.number().cast_signed(), pointer) };
        let fits = subclass.is_none() || matches!(event_type, EventType::Custom | EventType::Clone);
        assert_eq!((status == ESL_SUCCESS, !event.is_null()), (fits, fits));
        fits.then(|| Self { event: Own(event), model: Model::new(event_type.name(), subclass) })
    }

    fn operate(&mut self, operation: &[u8], fields: &[Vec<u8>]) {
        let field = |at: usize| fields.get(at).map(Vec::as_slice).unwrap_or_default();
        let (first, second) = (c(field(0)), c(field(1)));
        let stack = match operation {
            b"b" => Some(Stack::Bottom),
            b"t" => Some(Stack::Top),
            b"p" => Some(Stack::Push),
            b"u" => Some(Stack::Unshift),
            _ => None,
        };
        // SAFETY: a living event and C strings.
        unsafe {
            match operation {
                b"n" => {
                    let name = String::from_utf8_lossy(field(0)).into_owned();
                    if let Some(fresh) = Self::new(&name, fields.get(1).map(Vec::as_slice)) {
                        *self = fresh;
                    }
                }
                b"a" => {
                    let done = esl_event_add_array(self.event.0, first.as_ptr(), second.as_ptr());
                    let expected = if field(1).len() > 7 { 0 } else { -1 };
                    assert_eq!(done, expected);
                    if done == 0 {
                        self.model.add_array(field(0), field(1));
                    }
                }
                b"d" => {
                    let status = esl_event_del_header_val(self.event.0, first.as_ptr(), second.as_ptr());
                    assert_eq!(status, ESL_SUCCESS);
                    self.model.delete(field(0), field(1));
                }
                b"o" => {
                    assert_eq!(esl_event_set_body(self.event.0, first.as_ptr()), ESL_SUCCESS);
                    self.model.body = Some(field(0).to_vec());
                }
                b"y" => {
                    let (number, name) = [(0, "NORMAL"), (1, "LOW"), (2, "HIGH")][field(0).len() % 3];
                    assert_eq!(esl_event_set_priority(self.event.0, number), ESL_SUCCESS);
                    self.model.set_priority(name);
                }
                b"c" => *self = self.duplicate(),
                b"q" => {
                    (*self.event.0).flags ^= UNIQ_HEADERS;
                    self.model.unique ^= true;
                }
                b"j" => self.read_json(field(0)),
                _ => {}
            }
            if let Some(stack) = stack {
                let number = stack as i32;
                let (name, value) = (first.as_ptr(), second.as_ptr());
                let status = esl_event_add_header_string(self.event.0, number, name, value);
                assert_eq!(status, ESL_SUCCESS);
                self.model.add(stack, field(0), field(1));
            }
        }
    }

    fn duplicate(&self) -> Self {
        let mut copy = Own(ptr::null_mut());
        // SAFETY: a living event and a place for the other.
        unsafe { assert_eq!(esl_event_dup(&raw mut copy.0, self.event.0), ESL_SUCCESS) };
        Self { event: copy, model: self.model.duplicate() }
    }

    /// An event of a text of one's own, or of this event's own text.
    fn read_json(&mut self, given: &[u8]) {
        let given = if given.is_empty() { self.json_text() } else { given.to_vec() };
        let mut event = Own(ptr::null_mut());
        // SAFETY: a place for the event and a C string.
        let status = unsafe { esl_event_create_json(&raw mut event.0, c(&given).as_ptr()) };
        let expected = switchwire_proto::Event::from_json(c(&given).as_bytes());
        assert_eq!(status == ESL_SUCCESS, expected.is_ok());
        if let (Some(seen), Ok(expected)) = (see(event.0), expected) {
            assert_eq!(seen, see_model(&expected));
            *self = Self { event, model: Model::seen(seen) };
        }
    }

    fn compare(&self) {
        assert_eq!(see(self.event.0).as_ref(), Some(&self.model.expected()));
    }

    fn compare_all(&self) {
        self.compare();
        for (encode, flag) in [(false, 0), (true, 1)] {
            let mut out = ptr::null_mut();
            // SAFETY: a living event and a place for the text.
            unsafe { assert_eq!(esl_event_serialize(self.event.0, &raw mut out, flag), ESL_SUCCESS) };
            assert_eq!(taken(out), Some(self.model.plain_text(encode)));
        }
        let json = self.json_text();
        let json = String::from_utf8_lossy(&json);
        let members: Members = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        assert_eq!(members.0, self.model.json());
        self.look_up();
        let copy = self.duplicate();
        copy.compare();
        // The copy shares nothing with its original.
        let Seen { headers, .. } = copy.model.expected();
        drop(copy);
        assert!(headers.len() <= self.model.headers.len() + 1);
        self.compare();
    }

    fn json_text(&self) -> Vec<u8> {
        let mut out = ptr::null_mut();
        // SAFETY: a living event and a place for the text.
        unsafe { assert_eq!(esl_event_serialize_json(self.event.0, &raw mut out), ESL_SUCCESS) };
        taken(out).unwrap_or_default()
    }

    fn look_up(&self) {
        for header in &self.model.headers {
            let name = c(&header.name.to_ascii_uppercase());
            let first = self.model.find(&header.name).map(|at| &self.model.headers[at]).unwrap_or(header);
            let count = first.elements.as_ref().map_or(0, Vec::len);
            // SAFETY: a living event and a C string.
            let get = |index| text(unsafe { esl_event_get_header_idx(self.event.0, name.as_ptr(), index) });
            assert_eq!(get(-1).as_ref(), Some(&first.value));
            for at in [0, count / 2, count.saturating_sub(1), count] {
                let expected = first.elements.as_ref().and_then(|list| list.get(at));
                assert_eq!(get(i32::try_from(at).unwrap_or(0)).as_ref(), expected);
            }
            // SAFETY: as above.
            let found = unsafe { esl_event_get_header_ptr(self.event.0, name.as_ptr()).as_ref() };
            assert_eq!(found.and_then(|found| text(found.value)).as_ref(), Some(&first.value));
        }
        let body = self.model.find(b"_body").map(|at| self.model.headers[at].value.clone());
        // SAFETY: as above.
        unsafe {
            assert_eq!(text(esl_event_get_body(self.event.0)), self.model.body);
            let named = text(esl_event_get_header_idx(self.event.0, c"_body".as_ptr(), -1));
            assert_eq!(named, body.or_else(|| self.model.body.clone()));
            assert!(esl_event_get_header_idx(self.event.0, c"no such header".as_ptr(), -1).is_null());
        }
    }
}

/// A JSON object with its members in order, those of one name too.
struct Members(Vec<(String, serde_json::Value)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Visitor)
    }
}

const MOST: usize = 4096;
const MOST_LINES: usize = 64;
const MOST_HEADERS: usize = 512;
/// Each index may make four thousand elements.
const MOST_INDEXES: usize = 4;
