//! Where the members of a JSON event stand: for those who take all of them at once.

use std::borrow::Cow;

use super::acting::Acting;
use super::flat::{self, Flat, Shape};
use crate::EventSpan;

/// Hands over the headers of a JSON event (the payload of a `text/event-json`), in order, by the places of their names and
/// values between their quotes; the body is none of them. `None`, before any is handed over, when the text is not an
/// object of strings on one line, or by libesl's rules its headers act on each other: then
/// [`Event::from_json`](crate::Event::from_json) is to read it.
///
/// Names hold no escapes; [`unescape_in_place`] makes an escaped value what it stands for.
pub fn json_spans<'a>(text: &'a [u8], mut each: impl FnMut(EventSpan)) -> Option<JsonBody<'a>> {
    let shape = Shape::of(text, 0)?;
    let flat = Flat::new(text);
    if shape.lists || Acting::of_flat(flat, shape) != Acting::None {
        return None;
    }
    let mut at = 0;
    while let Some((name, value, next)) = flat.member_from(at) {
        let escaped = flat::is_escaped(&text[value.clone()]);
        each(EventSpan { name, value, escaped });
        at = next;
    }
    Some(JsonBody(shape.body.map(|(start, end)| &text[start as usize..end as usize])))
}

/// The body of a JSON event, as it stands between its quotes.
#[derive(Debug, Clone, Copy)]
pub struct JsonBody<'a>(Option<&'a [u8]>);

impl<'a> JsonBody<'a> {
    /// The body; `None` without one.
    #[must_use]
    pub fn unescaped(self) -> Option<Cow<'a, [u8]>> {
        self.0.map(flat::unescaped)
    }
}

/// Replaces the escapes of a value that [`json_spans`] gave by what they stand for, where they stand, and says how long the
/// value is then; what is left behind it is not to be read.
pub fn unescape_in_place(value: &mut [u8]) -> usize {
    let (mut at, mut length) = (0, 0);
    while let Some(&byte) = value.get(at) {
        at += 1;
        let mut meant = byte;
        if byte == b'\\'
            && let Some(&escape) = value.get(at)
        {
            meant = flat::meant_by(escape);
            at += 1;
        }
        value[length] = meant;
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    #[test]
    fn members_are_what_the_reader_reads() {
        let mut read = 0;
        for text in [
            r#"{"Event-Name":"CUSTOM","A":"1"}"#,
            r#"{"Event-Name":"CUSTOM","A":"1","A":"2","Content-Length":"4","_body":"a\n\"b"}"#,
            r#"{"_body":"first","A":"a\\b\/c\b\f\r\t \"quoted\""}"#,
            r#"{"A":"ü","B":"{[,:]}"}"#,
            "{}",
            r#"{"A":"é"}"#,
            // Not for this reader: lists, array text, indexes, numbers, blanks, empty values.
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
