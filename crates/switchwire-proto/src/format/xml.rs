//! The XML form: `<event><headers><Name>percent-encoded</Name>…</headers><Content-Length>n</Content-Length><body>…`.
//!
//! FreeSWITCH does not check header names, so its XML need not be well-formed (`<Name With Space>`, `<>`, an undeclared
//! prefix): no XML reader takes it. This one reads the form that the server writes, by its layout.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::Rules;
use crate::event::arena::{Arena, Stack};
use crate::percent::{self, Escape};
use crate::{Event, EventType, ParseError};

/// Writes the event as the server does: values percent-encoded with `escape`, an array as its element repeated, the
/// body with XML's own escapes.
#[must_use]
pub fn write(event: &Event, escape: Escape) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"<event>\n  <headers>\n");
    for header in event.headers() {
        match header.elements() {
            Some(elements) => {
                for element in elements {
                    write_header(header.name_bytes(), element, escape, &mut out);
                }
            }
            None => write_header(header.name_bytes(), &header.value_bytes(), escape, &mut out),
        }
    }
    out.extend_from_slice(b"  </headers>\n");
    if let Some(body) = event.body().filter(|body| !body.is_empty()) {
        out.extend_from_slice(
            format!("  <Content-Length>{}</Content-Length>\n  <body>", body.len()).as_bytes(),
        );
        write_text(body, &mut out);
        if body.ends_with(b"\n") {
            out.extend_from_slice(b"  ");
        }
        out.extend_from_slice(b"</body>\n");
    }
    out.extend_from_slice(b"</event>\n");
    out
}

fn write_header(name: &[u8], value: &[u8], escape: Escape, out: &mut Vec<u8>) {
    out.extend_from_slice(b"    <");
    out.extend_from_slice(name);
    out.push(b'>');
    percent::encode_into(value, escape, out);
    out.extend_from_slice(b"</");
    out.extend_from_slice(name);
    out.extend_from_slice(b">\n");
}

fn write_text(body: &[u8], out: &mut Vec<u8>) {
    for chunk in body.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '<' => out.extend_from_slice(b"&lt;"),
                '>' => out.extend_from_slice(b"&gt;"),
                '&' => out.extend_from_slice(b"&amp;"),
                '\r' => out.extend_from_slice(b"&#xD;"),
                character if character.is_ascii() => out.push(character as u8),
                character => out.extend_from_slice(format!("&#x{:X};", u32::from(character)).as_bytes()),
            }
        }
    }
}

/// Reads an event. Elements of one name that follow each other are an array: the server writes arrays so, and two headers
/// of one name (`Dup: 1`, `Dup: 2`) that happen to follow each other just the same, which looks the same in the text.
/// In recordings of real servers all such runs are arrays; duplicates are apart there, and read as two headers in every
/// format. Where the difference matters ask for plain or JSON.
///
/// # Errors
/// [`ParseError`] when the text does not have the server's form.
pub fn parse(text: &[u8], rules: Rules) -> Result<Event, ParseError> {
    let broken = |what: &str| ParseError::new("XML", what);
    let mut reader = Reader { text, at: 0 };
    reader.expect(b"<event").and_then(|()| reader.skip_tag()).ok_or_else(|| broken("no <event> element"))?;
    reader
        .expect(b"<headers")
        .and_then(|()| reader.skip_tag())
        .ok_or_else(|| broken("no <headers> element"))?;
    let mut arena = Arena::with_capacity(text.len(), text.len() / 48 + 4);
    let mut run: Vec<(&[u8], Cow<'_, [u8]>)> = Vec::new();
    while reader.expect(b"</headers>").is_none() {
        let (name, value) = reader.element().ok_or_else(|| broken("a header element is not closed"))?;
        if run.first().is_some_and(|(first, _)| *first != name) {
            flush(&mut arena, &mut run, rules);
        }
        let value = match unescape(value) {
            Cow::Borrowed(value) => percent::decode(value),
            Cow::Owned(value) => Cow::Owned(percent::decode(&value).into_owned()),
        };
        run.push((name, value));
    }
    flush(&mut arena, &mut run, rules);
    let mut length = None;
    while reader.expect(b"</event>").is_none() {
        if reader.expect(b"<body>").is_some() {
            let value = reader.rest_to_last(b"</body>").ok_or_else(|| broken("the body is not closed"))?;
            arena.set_body(&body(value, length));
            continue;
        }
        let (name, value) = reader.element().ok_or_else(|| broken("no </event>"))?;
        if name == b"Content-Length" {
            arena.append(Stack::Bottom, name, value);
            length = usize::try_from(crate::lines::leading_number(value)).ok();
        }
    }
    arena.event_type.get_or_insert(EventType::Custom);
    Ok(Event::from_arena(arena))
}

/// The server indents the end tag of a body that ends in a line feed: those blanks are not the body's (unless the
/// length says so; it may say more when the server dropped what is not UTF-8). It leaves everything after a `<!`
/// unescaped.
fn body(value: &[u8], length: Option<usize>) -> Vec<u8> {
    let (escaped, raw) = value.split_at(memmem::find(value, b"<!").unwrap_or(value.len()));
    let mut body = unescape(escaped).into_owned();
    body.extend_from_slice(raw);
    if length.is_some_and(|length| body.len() != length) && body.ends_with(b"\n  ") {
        body.truncate(body.len() - 2);
    }
    body
}

fn flush(arena: &mut Arena, run: &mut Vec<(&[u8], Cow<'_, [u8]>)>, rules: Rules) {
    match &run[..] {
        [] => {}
        [(name, value)] => rules.take(arena, name, value),
        [(name, _), ..] => {
            let elements = run.iter().map(|(_, value)| Cow::Borrowed(&value[..]));
            rules.take_array(arena, name, elements);
        }
    }
    run.clear();
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Steps over blanks and then over `what`, if that is what comes.
    fn expect(&mut self, what: &[u8]) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let trimmed = rest.trim_ascii_start();
        trimmed.starts_with(what).then(|| self.at += rest.len() - trimmed.len() + what.len())
    }

    fn skip_tag(&mut self) -> Option<()> {
        let end = memchr(b'>', self.text.get(self.at..)?)?;
        self.at += end + 1;
        Some(())
    }

    /// `<name>value</name>`, where the name may be anything, `>` included: the end tag shows how long it is.
    fn element(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.expect(b"<")?;
        let rest = self.text.get(self.at..)?;
        let mut name_end = 0;
        for _ in 0..MOST_BRACKETS_IN_A_NAME {
            name_end += memchr(b'>', &rest[name_end..])?;
            let (name, value) = (&rest[..name_end], &rest[name_end + 1..]);
            if let Some(length) = value_length(name, value) {
                self.at += name_end + 1 + length + b"</>".len() + name.len();
                return Some((name, &value[..length]));
            }
            name_end += 1;
        }
        None
    }

    fn rest_to_last(&mut self, end: &[u8]) -> Option<&'a [u8]> {
        let rest = self.text.get(self.at..)?;
        let length = rest.windows(end.len()).rposition(|part| part == end)?;
        self.at += length + end.len();
        Some(&rest[..length])
    }
}

/// How long the value is that ends with the end tag of that name. Values are percent-encoded, so their first `<` is
/// the end tag's; what follows that tag shows whether the whole name was taken (`<a>b>1</a>b>` has the name `a>b`).
fn value_length(name: &[u8], value: &[u8]) -> Option<usize> {
    let length = memchr(b'<', value)?;
    let tag = value[length..].strip_prefix(b"</")?.strip_prefix(name)?;
    let after = tag.strip_prefix(b">")?.trim_ascii_start();
    matches!(after, [] | [b'<', ..]).then_some(length)
}

/// XML's own five names, and numbers in decimal and hexadecimal. What is none of these stays.
fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'&', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let end = rest.iter().take(LONGEST_ENTITY).position(|byte| *byte == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, character)) => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end + 1..];
            }
            None => {
                out.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

fn entity(name: &[u8]) -> Option<char> {
    match name {
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', number @ ..] => {
            let number = std::str::from_utf8(number).ok()?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            value.ok().and_then(char::from_u32)
        }
        _ => None,
    }
}

const LONGEST_ENTITY: usize = 12;
const MOST_BRACKETS_IN_A_NAME: usize = 64;

impl Event {
    /// The XML form in the server's layout, with fully percent-encoded values.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        write(self, Escape::Full)
    }

    /// Reads the XML form by libesl's rules; see [`parse`].
    ///
    /// # Errors
    /// As [`parse`].
    pub fn from_xml(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        parse(text.as_ref(), Rules::Classic)
    }
}
