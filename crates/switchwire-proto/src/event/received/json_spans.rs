//! The places of the members of a JSON event, for callers that take all of them at once.

use std::borrow::Cow;

use super::interactions::{HeadSummary, Interaction};
use super::json::{FlatJson, Shape};
use super::json_escapes::{is_escaped, unescaped};
use crate::lines::EventSpan;

/// Passes on the headers of a JSON event (the payload of a `text/event-json`), in order, by the places of their names and
/// values between the quotes; the body is not among them. Returns `None` before passing on any when the text is not an
/// object of strings on one line, or its headers interact by libesl's rules: read it with
/// [`Event::from_json`](crate::Event::from_json) then.
///
/// Names have no escapes; [`unescape_in_place`](super::unescape_in_place) decodes an escaped value.
pub fn json_spans<'a>(text: &'a [u8], mut each: impl FnMut(EventSpan)) -> Option<JsonBody<'a>> {
    let shape = Shape::of(text, 0)?;
    let json = FlatJson::new(text);
    if shape.lists || HeadSummary::of_json(json, shape).interaction != Interaction::None {
        return None;
    }
    let mut at = 0;
    while let Some((name, value, next)) = json.member_from(at) {
        let escaped = is_escaped(&text[value.clone()]);
        each(EventSpan { name, value, escaped });
        at = next;
    }
    Some(JsonBody(shape.body.map(|(start, end)| &text[start as usize..end as usize])))
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
            // Left to the JSON reader: lists, array text, indexes, numbers, blanks, empty values.
            r#"{"A":["1","2"]}"#,
            r#"{"A":"ARRAY::1|:2"}"#,
            r#"{"A[1]":"x"}"#,
            r#"{"A":1}"#,
            r#"{ "A":"1"}"#,
            r#"{"A":""}"#,
            r#"{"A":"\u00e9"}"#,
            r#"{"Event-Name":"CUSTOM","Event-Name":"RELOADXML"}"#,
            "[]",
            "",
        ] {
            let mut got = Vec::new();
            let body = json_spans(text.as_bytes(), |span| {
                let mut value = text.as_bytes()[span.value].to_vec();
                assert_eq!(span.escaped, value.contains(&b'\\'), "{text}");
                let length = unescape_in_place(&mut value);
                value.truncate(length);
                got.push((text.as_bytes()[span.name].to_vec(), value));
            });
            let Some(body) = body else {
                assert!(got.is_empty(), "{text}");
                continue;
            };
            read += 1;
            let event = Event::from_json(text.as_bytes()).unwrap();
            let wanted: Vec<_> =
                event.headers().map(|h| (h.name_bytes().to_vec(), h.value_bytes().into_owned())).collect();
            assert_eq!(got, wanted, "{text}");
            assert_eq!(body.unescaped().as_deref(), event.body(), "{text}");
        }
        assert_eq!(read, 6);
    }
}
