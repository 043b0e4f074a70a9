//! A second reading of events, kept as simple as can be: what the recordings' tests compare with.

use serde_json::Value;

/// Name, value, and the elements where there are any.
pub(crate) type Header = (String, Vec<u8>, Option<Vec<Vec<u8>>>);

#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Event {
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Option<Vec<u8>>,
}

impl Event {
    pub(crate) fn of(event: &switchwire_proto::Event) -> Self {
        let headers = event.headers().map(|header| {
            let elements = header.elements().map(|elements| elements.map(<[u8]>::to_vec).collect());
            (text(header.name_bytes()), header.value_bytes().into_owned(), elements)
        });
        Self { headers: headers.collect(), body: event.body().map(<[u8]>::to_vec) }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|(other, ..)| other.eq_ignore_ascii_case(name))
    }

    fn add(&mut self, name: String, value: Vec<u8>) {
        if name.eq_ignore_ascii_case("Event-Name") {
            self.headers.retain(|(other, ..)| !other.eq_ignore_ascii_case("Event-Name"));
        }
        if find(&value, b"ARRAY::").is_none() {
            self.headers.push((name, value, None));
            return;
        }
        // libesl's way: seven bytes are cut off wherever the word is, and what begins a list may be one itself.
        for element in split(&value[b"ARRAY::".len()..], b"|:") {
            if self.find(&name).is_some() {
                self.add_list(name.clone(), vec![element]);
            } else if find(&element, b"ARRAY::").is_some() {
                self.add(name.clone(), element);
            } else if !element.is_empty() {
                self.add_list(name.clone(), vec![element]);
            }
        }
    }

    fn add_list(&mut self, name: String, more: Vec<Vec<u8>>) {
        let at = self.find(&name).unwrap_or_else(|| {
            self.headers.push((name, Vec::new(), Some(Vec::new())));
            self.headers.len() - 1
        });
        let (_, value, elements) = &mut self.headers[at];
        let mut all = elements.take().unwrap_or_else(|| vec![value.clone()]);
        all.extend(more);
        *value = match &all[..] {
            [one] => one.clone(),
            more => [b"ARRAY::", &more.join(&b"|:"[..])[..]].concat(),
        };
        *elements = Some(all);
    }
}

pub(crate) fn plain(text_of_event: &[u8]) -> Event {
    let mut event = Event::default();
    let mut rest = text_of_event;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = find(line, b": ").unwrap();
        event.add(text(&line[..colon]), decode(&line[colon + 2..]));
    }
    event.body = event.find("Content-Length").map(|_| rest.to_vec());
    event
}

/// Member by member, since duplicate names would not survive in a map.
pub(crate) fn json(text_of_event: &[u8]) -> Event {
    let mut event = Event::default();
    for (name, value) in members(text_of_event) {
        match value {
            Member::Text(value) if name == "_body" => event.body = Some(value),
            Member::Text(value) => event.add(name, value),
            Member::List(values) => event.add_list(name, values),
        }
    }
    event
}

enum Member {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
}

fn members(object: &[u8]) -> Vec<(String, Member)> {
    let mut found = Vec::new();
    let mut rest = object.strip_prefix(b"{").unwrap();
    while !rest.starts_with(b"}") {
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        let (name, after) = string(rest);
        rest = after.strip_prefix(b":").unwrap();
        if let Some(mut list) = rest.strip_prefix(b"[") {
            let mut values = Vec::new();
            while !list.starts_with(b"]") {
                let (value, after) = string(list.strip_prefix(b",").unwrap_or(list));
                values.push(value);
                list = after;
            }
            rest = &list[1..];
            found.push((text(&name), Member::List(values)));
        } else {
            let (value, after) = string(rest);
            rest = after;
            found.push((text(&name), Member::Text(value)));
        }
    }
    found
}

/// A JSON string and what follows it; escapes are left to `serde_json`, piece by piece.
fn string(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut at = 1;
    while text[at] != b'"' {
        let length = match &text[at..] {
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => 1,
        };
        let piece = &text[at..at + length];
        at += length;
        if length == 1 {
            value.extend_from_slice(piece);
            continue;
        }
        let quoted = format!("\"{}\"", std::str::from_utf8(piece).unwrap());
        let Value::String(character) = serde_json::from_str(&quoted).unwrap() else { unreachable!() };
        value.extend_from_slice(character.as_bytes());
    }
    (value, &text[at + 1..])
}

/// One element a line, as the server lays it out.
pub(crate) fn xml(text_of_event: &[u8]) -> Event {
    let mut event = Event::default();
    let from = find(text_of_event, b"<headers>\n").unwrap() + "<headers>\n".len();
    let to = find(text_of_event, b"\n  </headers>\n").unwrap();
    let mut pairs: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for line in split(&text_of_event[from..to], b"\n") {
        let end = line.windows(2).rposition(|two| two == b"</").unwrap();
        let name = text(&line[end + 2..line.len() - 1]);
        let value = decode(&line["    <>".len() + line.len() - end - 3..end]);
        match pairs.last_mut() {
            Some((last, values)) if *last == name => values.push(value),
            _ => pairs.push((name, vec![value])),
        }
    }
    for (name, mut values) in pairs {
        match values.len() {
            1 => event.add(name, values.remove(0)),
            _ => event.add_list(name, values),
        }
    }
    let rest = &text_of_event[to + "\n  </headers>\n".len()..];
    if let Some(after) = find(rest, b"</Content-Length>") {
        let length = rest["  <Content-Length>".len()..after].to_vec();
        let body = find(rest, b"<body>").unwrap() + "<body>".len();
        let body_end = rest.windows(7).rposition(|seven| seven == b"</body>").unwrap();
        let mut body = unescape(std::str::from_utf8(&rest[body..body_end]).unwrap());
        // The end tag of a body that ends in a line feed is indented.
        body.truncate(if body.ends_with("\n  ") { body.len() - 2 } else { body.len() });
        event.headers.push(("Content-Length".to_owned(), length, None));
        event.body = Some(body.into_bytes());
    }
    event
}

fn unescape(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (entity, after) = piece.split_once(';').unwrap();
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            number => char::from_u32(u32::from_str_radix(&number[2..], 16).unwrap()).unwrap(),
        });
        out.push_str(after);
    }
    out
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let hex = text.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if text[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn split(text: &[u8], at: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(end) = find(rest, at) {
        pieces.push(rest[..end].to_vec());
        rest = &rest[end + at.len()..];
    }
    pieces.push(rest.to_vec());
    pieces
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
