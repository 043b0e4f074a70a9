//! A simple model of the classic event: a list of names and values, and the rules of FreeSWITCH's event socket library
//! for changing it, written down once more, with no thought of speed or memory.

use super::c_see::{Seen, SeenHeader};

/// Where a header goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stack {
    Bottom,
    Top,
    Push,
    Unshift,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) kind: Vec<u8>,
    pub(super) headers: Vec<SeenHeader>,
    pub(super) body: Option<Vec<u8>>,
    /// What the event was made with.
    pub(super) subclass: Option<Vec<u8>>,
    /// Adding replaces what has the same name.
    pub(super) unique: bool,
}

impl Model {
    /// A new event of that type.
    pub(super) fn new(kind: &str, subclass: Option<&[u8]>) -> Self {
        // CLONE stands for an event that is to be filled in: it is CUSTOM, and has no name yet.
        let clone = kind == "CLONE";
        let kind = if clone { "CUSTOM" } else { kind };
        let mut model = Self::seen(Seen { kind: kind.into(), headers: Vec::new(), body: None });
        if !clone {
            model.headers.push(plain(b"Event-Name", kind.as_bytes()));
        }
        if let Some(subclass) = subclass {
            model.subclass = Some(subclass.to_vec());
            model.add(Stack::Bottom, b"Event-Subclass", subclass);
        }
        model
    }

    /// An event that came from elsewhere.
    pub(super) fn seen(seen: Seen) -> Self {
        let Seen { kind, headers, body } = seen;
        Self { kind, headers, body, subclass: None, unique: false }
    }

    /// What C must see.
    pub(super) fn expected(&self) -> Seen {
        Seen { kind: self.kind.clone(), headers: self.headers.clone(), body: self.body.clone() }
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        self.headers.iter().position(|header| header.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn add(&mut self, stack: Stack, name: &[u8], value: &[u8]) {
        if name == b"_body" {
            self.body = Some(value.to_vec());
        }
        let place = self.find(name);
        if let Some(bracket) = name.iter().position(|byte| *byte == b'[') {
            self.set_element(&name[..bracket], atoi(&name[bracket + 1..]), value);
        } else if let (Stack::Push | Stack::Unshift, Some(at)) = (stack, place) {
            let header = &mut self.headers[at];
            let elements = header.elements.get_or_insert_with(|| vec![header.value.clone()]);
            let end = if stack == Stack::Push { elements.len() } else { 0 };
            elements.insert(end, value.to_vec());
            header.value = joined(elements);
        } else if value.is_empty() {
            self.delete(name, b"");
        } else {
            if self.unique {
                self.delete(name, b"");
            }
            if position(value, b"ARRAY::").is_some() {
                self.add_array(name, value);
                return;
            }
            let mut header = plain(name, value);
            if matches!(stack, Stack::Push | Stack::Unshift) {
                header.elements = Some(vec![value.to_vec()]);
            }
            let end = if stack == Stack::Top { 0 } else { self.headers.len() };
            self.headers.insert(end, header);
        }
    }

    /// The seven bytes of the prefix go, wherever it stands; the rest is split and pushed.
    pub(super) fn add_array(&mut self, name: &[u8], value: &[u8]) {
        let mut rest = value.get(7..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        while let Some(at) = position(rest, b"|:") {
            self.add(Stack::Push, name, &rest[..at]);
            rest = &rest[at + 2..];
        }
        self.add(Stack::Push, name, rest);
    }

    fn set_element(&mut self, name: &[u8], index: i64, value: &[u8]) {
        if !(0..=4000).contains(&index) {
            return;
        }
        let index = usize::try_from(index).unwrap_or(0);
        let at = self.find(name).unwrap_or_else(|| {
            self.headers.push(plain(name, b""));
            self.headers.len() - 1
        });
        let header = &mut self.headers[at];
        let elements = header.elements.get_or_insert_default();
        if let Some(element) = elements.get_mut(index) {
            // The text is made anew only when the array grows.
            *element = value.to_vec();
            return;
        }
        elements.resize(index, Vec::new());
        elements.push(value.to_vec());
        header.value = joined(elements);
    }

    /// An empty value stands for any.
    pub(super) fn delete(&mut self, name: &[u8], value: &[u8]) {
        self.headers.retain(|header| {
            !header.name.eq_ignore_ascii_case(name) || !(value.is_empty() || header.value == value)
        });
    }

    pub(super) fn set_priority(&mut self, name: &str) {
        match self.find(b"priority") {
            Some(at) => {
                self.headers[at].value = name.into();
                self.headers[at].elements = None;
            }
            None => self.headers.insert(0, plain(b"priority", name.as_bytes())),
        }
    }

    pub(super) fn duplicate(&self) -> Self {
        let mut copy = Self::new("CLONE", self.subclass.as_deref());
        copy.kind = self.kind.clone();
        copy.add_all(&self.headers, self.subclass.is_some());
        copy.unique = self.unique;
        // Without a body of its own, one that was made on the way (by a header called `_body`) stays.
        copy.body = self.body.clone().or(copy.body);
        copy
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.add_all(&other.headers, false);
    }

    fn add_all(&mut self, headers: &[SeenHeader], but_subclass: bool) {
        for header in headers {
            if but_subclass && header.name == b"Event-Subclass" {
                continue;
            }
            match &header.elements {
                None => self.add(Stack::Bottom, &header.name, &header.value),
                Some(list) => list.iter().for_each(|element| self.add(Stack::Push, &header.name, element)),
            }
        }
    }

    pub(super) fn plain_text(&self, encode: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for header in &self.headers {
            out.extend_from_slice(&header.name);
            out.extend_from_slice(b": ");
            match &header.value[..] {
                b"" => out.extend_from_slice(b"_undef_"),
                value if encode => value.iter().for_each(|byte| encode_byte(*byte, &mut out)),
                value => out.extend_from_slice(value),
            }
            out.push(b'\n');
        }
        match self.body.as_deref() {
            None | Some(b"") => out.push(b'\n'),
            Some(body) => {
                out.extend_from_slice(format!("Content-Length: {}\n\n", body.len()).as_bytes());
                out.extend_from_slice(body);
            }
        }
        out
    }

    /// The members of the JSON object, in order.
    pub(super) fn json(&self) -> Vec<(String, serde_json::Value)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut members: Vec<_> = (self.headers.iter())
            .map(|header| match &header.elements {
                None => (text(&header.name), text(&header.value).into()),
                Some(list) => (text(&header.name), list.iter().map(|element| text(element)).collect()),
            })
            .collect();
        if let Some(body) = &self.body {
            members.push(("Content-Length".to_owned(), body.len().to_string().into()));
            members.push(("_body".to_owned(), text(body).into()));
        }
        members
    }
}

fn plain(name: &[u8], value: &[u8]) -> SeenHeader {
    SeenHeader { name: name.to_vec(), value: value.to_vec(), elements: None }
}

/// One element stands for itself.
fn joined(elements: &[Vec<u8>]) -> Vec<u8> {
    match elements {
        [one] => one.clone(),
        more => [b"ARRAY::".to_vec(), more.join(&b"|:"[..])].concat(),
    }
}

fn position(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

fn atoi(text: &[u8]) -> i64 {
    // C's `isspace` knows the vertical tab, too.
    let blanks = text.iter().take_while(|byte| b" \t\n\x0b\x0c\r".contains(byte)).count();
    let text = &text[blanks..];
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = String::from_utf8_lossy(&digits[..length]).into_owned();
    // Too many digits for a number are too many for an index.
    let number = if number.is_empty() { 0 } else { number.parse().unwrap_or(i64::MAX) };
    if text.starts_with(b"-") { -number } else { number }
}

fn encode_byte(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte),
        b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b'-' | b'.' | b'/' | b'_' | b'~' => out.push(byte),
        _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
    }
}
