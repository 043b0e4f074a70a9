//! Look-ups by a name's exact bytes, where of several headers the last counts: how an object made of the headers, as
//! modesl's, reads them.

use std::borrow::Cow;

use super::received::{FlatJson, View, unescaped};
use super::{Event, Repr};
use crate::percent;

/// The decoded value of the last header of just that name, letter case included. Array text comes as it was sent.
#[must_use]
pub fn last_value<'a>(event: &'a Event, name: &[u8]) -> Option<Cow<'a, [u8]>> {
    match event.view_of(name) {
        View::Plain(lines) => lines.find_last(name).map(percent::decode),
        View::Json(json) => json.find_last(name).map(unescaped),
        View::Arena(arena) => {
            let entries = std::iter::successors(arena.next_from(0), |at| arena.next_from(at + 1));
            let at = entries.filter(|at| arena.name(*at) == name).last()?;
            Some(Cow::Borrowed(arena.value(at)))
        }
    }
}

/// Names to find the last values of, all in one pass over an event. A name begins with a letter, a digit, `-` or `_` and holds
/// no colon, quote or control character; of others no value is found.
#[derive(Debug, Clone)]
pub struct ExactNames {
    names: Vec<Vec<u8>>,
    /// By the first byte: which names begin with it, a bit each.
    by_first: Box<[u32; 256]>,
}

impl ExactNames {
    /// At most 32 names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let names: Vec<_> = names.into_iter().take(32).map(<[u8]>::to_vec).collect();
        let mut by_first = Box::new([0; 256]);
        for (at, name) in names.iter().enumerate().filter(|(_, name)| is_plain(name)) {
            by_first[usize::from(name[0])] |= 1 << at;
        }
        Self { names, by_first }
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The values as [`last_value`] gives them, in the order of the names, in `values` (what was in it goes).
    pub fn last_values<'a>(&self, event: &'a Event, values: &mut Vec<Option<Cow<'a, [u8]>>>) {
        values.clear();
        match event.in_place() {
            Some(View::Plain(lines)) => {
                values.resize(self.names.len(), None);
                lines.each_named(self, |at, value| values[at] = Some(Cow::Borrowed(value)));
                decode(values, percent::decode);
            }
            Some(View::Json(json)) => {
                values.resize(self.names.len(), None);
                self.find_members(json, values);
            }
            _ => values.extend(
                self.names.iter().map(|name| is_plain(name).then(|| last_value(event, name)).flatten()),
            ),
        }
    }

    /// As [`last_values`](Self::last_values), of an event that [`is_json_with_lists`]. The names whose last member is a list, a
    /// bit each; they are given no value.
    pub fn last_members<'a>(&self, event: &'a Event, values: &mut Vec<Option<Cow<'a, [u8]>>>) -> u32 {
        let Some(json) = event.json_with_lists() else {
            self.last_values(event, values);
            return 0;
        };
        values.clear();
        values.resize(self.names.len(), None);
        self.find_members(json, values)
    }

    fn find_members<'a>(&self, json: FlatJson<'a>, values: &mut [Option<Cow<'a, [u8]>>]) -> u32 {
        let mut lists = 0;
        json.each_named(self, |at, value| {
            values[at] = value.map(Cow::Borrowed);
            lists = (lists & !(1 << at)) | (u32::from(value.is_none()) << at);
        });
        decode(values, unescaped);
        lists
    }

    /// The names that a text begins with, where `end` follows.
    #[inline]
    pub(super) fn beginning(&self, text: &[u8], end: &[u8], mut each: impl FnMut(usize, &[u8])) {
        let Some(first) = text.first() else { return };
        let mut left = self.by_first[usize::from(*first)];
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let name = &self.names[at];
            // Many names begin alike and are of another length.
            let ends = text.get(name.len()) == end.first();
            if ends && text.strip_prefix(&name[..]).is_some_and(|rest| rest.starts_with(end)) {
                each(at, name);
            }
        }
    }
}

/// Whether every member of the JSON object that the event came as is a string (and the object is on one line, without
/// escapes in its names), so that [`last_value`] gives what a JSON parser would. `false` for what came otherwise.
#[must_use]
pub fn is_json_of_strings(event: &Event) -> bool {
    matches!(event.in_place(), Some(View::Json(_)))
}

/// The same of an object of strings and lists of strings that has a list: what [`ExactNames::last_members`] reads.
#[must_use]
pub fn is_json_with_lists(event: &Event) -> bool {
    event.json_with_lists().is_some()
}

impl Event {
    fn json_with_lists(&self) -> Option<FlatJson<'_>> {
        match &self.repr {
            Repr::Received(received) => received.json_with_lists(),
            Repr::Edited(_) => None,
        }
    }

    /// What was received, as sent, if every header can be read where it stands.
    fn in_place(&self) -> Option<View<'_>> {
        match &self.repr {
            Repr::Received(received) => received.in_place(),
            Repr::Edited(_) => None,
        }
    }
}

/// Decodes the values that were found.
fn decode<'a>(values: &mut [Option<Cow<'a, [u8]>>], how: impl Fn(&'a [u8]) -> Cow<'a, [u8]>) {
    for value in values.iter_mut().flatten() {
        if let Cow::Borrowed(raw) = *value {
            *value = how(raw);
        }
    }
}

fn is_plain(name: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.first().is_some_and(word)
        && name.iter().all(|byte| *byte > b' ' && !matches!(byte, b':' | b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoder, Limits, Message};

    fn message(kind: &str, body: &str) -> Message {
        let mut decoder = Decoder::new(Limits::default());
        decoder.feed(
            format!("Content-Length: {}\nContent-Type: text/event-{kind}\n\n{body}", body.len()).as_bytes(),
        );
        decoder.next_message().unwrap().unwrap()
    }

    fn read(event: &Event, name: &str) -> Option<String> {
        last_value(event, name.as_bytes()).map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    #[test]
    fn the_last_header_of_just_that_name_counts() {
        let filler = format!("Filler: {}\n", "x".repeat(100)).repeat(3);
        let text = format!(
            "Event-Name: CUSTOM\nA: 1\nB: x\na: 2\nA: 3%21\nAA: 4\n{filler}A:5\nL: ARRAY::a\nContent-Length: 4\n\nA: 6"
        );
        let event = message("plain", &text).event().unwrap();
        for (name, value) in [
            ("A", Some("5")),
            ("a", Some("2")),
            ("AA", Some("4")),
            ("B", Some("x")),
            ("b", None),
            ("L", Some("ARRAY::a")),
        ] {
            assert_eq!(read(&event, name).as_deref(), value, "{name}");
        }
        assert!(!is_json_of_strings(&event));
    }

    #[test]
    fn members_of_json_are_read_as_a_json_parser_reads_them() {
        let text = r#"{"Event-Name":"CUSTOM","A":"1","a":"2","A":"3\n","B":"\"A\":\"4\"","_body":"A"}"#;
        let event = message("json", text).event().unwrap();
        for (name, value) in [
            ("A", Some("3\n")),
            ("a", Some("2")),
            ("B", Some("\"A\":\"4\"")),
            ("_body", None),
            ("none", None),
        ] {
            assert_eq!(read(&event, name).as_deref(), value, "{name}");
        }
        assert!(is_json_of_strings(&event));
    }

    #[test]
    fn many_names_are_found_in_one_pass() {
        let filler = "x".repeat(200);
        let plain = format!(
            "A: 0\nEvent-Name: CUSTOM\nA: 1\nBC:x\nfiller: {filler}\na: 2\nA: 3%21\nAA: 4\nE: \nN:a: b\nL: ARRAY::a\r\n\nA: 6\n"
        );
        let json = format!(
            r#"{{"A":"0","Event-Name":"CUSTOM","A":"1","BC":"x","filler":"{filler}","a":"2","A":"3\n\",\"A\":\"","AA":"4,","E":"","N":",","L":"a"}}"#
        );
        let xml = "<event><headers><A>3!</A><Event-Name>CUSTOM</Event-Name></headers></event>";
        let names: [&[u8]; 12] =
            [b"A", b"a", b"AA", b"BC", b"B", b"E", b"N", b"L", b"Event-Name", b"none", b"", b":"];
        for (kind, text, first) in
            [("plain", &plain[..], "3!"), ("json", &json[..], "3\n\",\"A\":\""), ("xml", xml, "3!")]
        {
            let event = message(kind, text).event().unwrap();
            let mut values = Vec::new();
            ExactNames::new(names).last_values(&event, &mut values);
            assert_eq!(values.len(), names.len());
            assert_eq!(values[0].as_deref(), Some(first.as_bytes()), "{kind}");
            for (value, name) in values.iter().zip(&names[..10]) {
                assert_eq!(*value, last_value(&event, name), "{kind} {}", String::from_utf8_lossy(name));
            }
            assert_eq!(values[10..], [None, None]);
        }
    }

    #[test]
    fn strings_beside_lists_are_found_in_one_pass() {
        let filler = "x".repeat(200);
        let text = format!(
            r#"{{"A":["a,","B","C\":\"d"],"Event-Name":"CUSTOM","B":"1\n,","filler":"{filler}","C":"x","C":["y"],"D":["z"],"D":"2"}}"#
        );
        let event = message("json", &text).event().unwrap();
        assert!(is_json_with_lists(&event) && !is_json_of_strings(&event));
        let names: [&[u8]; 6] = [b"A", b"B", b"C", b"D", b"Event-Name", b"none"];
        let mut values = vec![Some(Cow::Borrowed(&b"old"[..]))];
        let lists = ExactNames::new(names).last_members(&event, &mut values);
        let values: Vec<_> = values.iter().map(Option::as_deref).collect();
        assert_eq!(values, [None, Some(&b"1\n,"[..]), None, Some(b"2"), Some(b"CUSTOM"), None]);
        assert_eq!(lists, 0b101);
        let plain = message("json", r#"{"A":"1"}"#).event().unwrap();
        let mut values = Vec::new();
        assert!(!is_json_with_lists(&plain));
        assert_eq!(ExactNames::new(names).last_members(&plain, &mut values), 0);
        assert_eq!(values[0].as_deref(), Some(&b"1"[..]));
    }

    #[test]
    fn json_that_holds_more_than_strings_is_known() {
        for text in [
            r#"{"A":["1","2"]}"#,
            r#"{"A":1}"#,
            r#"{ "A":"1"}"#,
            r#"{"A":"1"} "#,
            r#"{"A":"\u00e9"}"#,
            "{\"A\":\"\t\"}",
            r#"{"\/A":"1"}"#,
        ] {
            let strings = message("json", text).event().is_ok_and(|event| is_json_of_strings(&event));
            assert!(!strings, "{text}");
        }
    }
}
