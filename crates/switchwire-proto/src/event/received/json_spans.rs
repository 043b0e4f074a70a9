//! The places of the members of a JSON event, for callers that take all of them at once.

use std::borrow::Cow;
use std::ops::Range;

use super::json::{FlatJson, Noted, elements, walk};
use super::json_escapes::unescaped;
use super::json_lists::{Part, each_part};
use super::json_scan::{Member, members, scan_members};
use crate::simd::widest;

/// The places of a JSON header's name and value, between their quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonSpan {
    /// The name. It holds no escapes.
    pub name: Range<usize>,
    /// The value; of a list with its brackets.
    pub value: Range<usize>,
    /// What the value is.
    pub kind: JsonValue,
}

/// What a JSON header's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonValue {
    /// A string, as it stands in the text.
    Plain,
    /// A string with escapes, which [`unescape_in_place`](super::unescape_in_place) decodes.
    Escaped,
    /// A list of strings, which [`json_elements`] goes through.
    List,
}

/// Takes what [`json_spans`] finds.
pub trait JsonSpans {
    /// Takes the next header.
    fn take(&mut self, span: JsonSpan);

    /// Forgets all that it has taken: the text is read in another way.
    fn forget(&mut self);
}

/// Passes on the headers of a JSON event (the payload of a `text/event-json`), in order; the body is not among them. Returns
/// `None` when the text is not an object of strings and lists of strings on one line, or its headers interact by libesl's rules:
/// what was passed on is to be forgotten then, and the text to be read with [`Event::from_json`](crate::Event::from_json).
pub fn json_spans<'a>(text: &'a [u8], spans: &mut impl JsonSpans) -> Option<JsonBody<'a>> {
    let json = FlatJson::new(text);
    if json.may_hold_arrays() || json.may_hold_indexes() {
        return None;
    }
    let members = members(text)?;
    let mut noted = Noted::new(text);
    if run(text, members.clone(), &mut noted, spans).is_none() {
        // Lists, above all.
        noted = Noted::new(text);
        spans.forget();
        let parts = each_part(text, members, |part| match part {
            Part::Run(members) => run(text, members, &mut noted, spans),
            Part::List(member) => {
                pass_on(&mut noted, spans, member);
                Some(())
            }
        });
        if parts.is_none() {
            noted = Noted::new(text);
            spans.forget();
            walk(text, |member| pass_on(&mut noted, spans, member))?;
        }
    }
    let shape = noted.shape(0).filter(|shape| !shape.interacting)?;
    Some(JsonBody(shape.body.map(|(start, end)| &text[start as usize..end as usize])))
}

/// Passes on members that have no lists among them.
fn run(text: &[u8], members: Range<usize>, noted: &mut Noted<'_>, spans: &mut impl JsonSpans) -> Option<()> {
    widest!(simd => scan_members(simd, text, members, #[inline(always)] |member| pass_on(noted, spans, member)))
}

// Inlined by order: as a call per member it costs C a tenth of what an event in JSON costs.
#[inline(always)]
fn pass_on(noted: &mut Noted<'_>, spans: &mut impl JsonSpans, member: Member) {
    if !noted.member(member) {
        let kind = match member {
            Member { list: true, .. } => JsonValue::List,
            Member { escaped: true, .. } => JsonValue::Escaped,
            _ => JsonValue::Plain,
        };
        let Member { name, value, .. } = member;
        spans.take(JsonSpan { name: name.0..name.1, value: value.0..value.1, kind });
    }
}

/// The elements of a list that [`json_spans`] has found, decoded.
pub fn json_elements(list: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    elements(list).map(unescaped)
}

/// The body of a JSON event, as it is between its quotes.
#[derive(Debug, Clone, Copy)]
pub struct JsonBody<'a>(Option<&'a [u8]>);

impl<'a> JsonBody<'a> {
    /// The body; `None` without one.
    #[must_use]
    pub fn unescaped(self) -> Option<Cow<'a, [u8]>> {
        self.0.map(unescaped)
    }
}

#[cfg(test)]
mod tests {
    use super::super::unescape_in_place;
    use super::*;
    use crate::Event;

    #[derive(Default)]
    struct Taken(Vec<JsonSpan>);

    impl JsonSpans for Taken {
        fn take(&mut self, span: JsonSpan) {
            self.0.push(span);
        }

        fn forget(&mut self) {
            self.0.clear();
        }
    }

    /// What the JSON reader makes of a header: its value, or its elements.
    fn shown(name: &[u8], value: &[u8], elements: Option<Vec<Vec<u8>>>) -> String {
        let elements =
            elements.map(|all| all.iter().map(|one| one.escape_ascii().to_string()).collect::<Vec<_>>());
        match elements {
            Some(elements) => format!("{}={elements:?}", name.escape_ascii()),
            None => format!("{}={}", name.escape_ascii(), value.escape_ascii()),
        }
    }

    #[test]
    fn members_are_the_headers_that_the_json_reader_gives() {
        let mut read = 0;
        for text in [
            r#"{"Event-Name":"CUSTOM","A":"1"}"#,
            r#"{"Event-Name":"CUSTOM","A":"1","A":"2","Content-Length":"4","_body":"a\n\"b"}"#,
            r#"{"_body":"first","A":"a\\b\/c\b\f\r\t \"quoted\""}"#,
            r#"{"A":"ü","B":"{[,:]}"}"#,
            "{}",
            r#"{"A":"é"}"#,
            r#"{"A":",","B":":"}"#,
            r#"{"A":["1","2"]}"#,
            r#"{"A":["1","2\n","[,\"]"],"B":"b","C":["3"],"_body":"x"}"#,
            // Left to the JSON reader: array text, indexes, numbers, blanks, empty values.
            r#"{"A":"ARRAY::1|:2"}"#,
            r#"{"A":["ARRAY::1|:2"]}"#,
            r#"{"A[1]":"x"}"#,
            r#"{"A":["1",2]}"#,
            r#"{"A":1}"#,
            r#"{ "A":"1"}"#,
            r#"{"A":""}"#,
            r#"{"A":"\u00e9"}"#,
            r#"{"Event-Name":"CUSTOM","Event-Name":"RELOADXML"}"#,
            "[]",
            "",
        ] {
            let mut taken = Taken::default();
            let Some(body) = json_spans(text.as_bytes(), &mut taken) else { continue };
            read += 1;
            let got = taken.0.iter().map(|span| {
                let mut value = text.as_bytes()[span.value.clone()].to_vec();
                let elements = (span.kind == JsonValue::List)
                    .then(|| json_elements(&value).map(Cow::into_owned).collect::<Vec<_>>());
                if elements.is_none() {
                    assert_eq!(span.kind == JsonValue::Escaped, value.contains(&b'\\'), "{text}");
                    let length = unescape_in_place(&mut value);
                    value.truncate(length);
                }
                shown(&text.as_bytes()[span.name.clone()], &value, elements)
            });
            let event = Event::from_json(text.as_bytes()).unwrap();
            let wanted = event.headers().map(|header| {
                let elements = header.elements().map(|all| all.map(<[u8]>::to_vec).collect());
                shown(header.name_bytes(), &header.value_bytes(), elements)
            });
            assert_eq!(got.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{text}");
            assert_eq!(body.unescaped().as_deref(), event.body(), "{text}");
        }
        assert_eq!(read, 9);
    }
}
