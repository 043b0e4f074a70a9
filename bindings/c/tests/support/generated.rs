//! Messages made of the words that libesl's rules of adding turn on.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "tests; each uses its part")]

/// A small generator of numbers: the same seed gives the same ones everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(limit).unwrap_or(1)).unwrap_or(0)
    }

    pub fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// How many messages each generator is to make: `SWITCHWIRE_DIFFERENTIAL`, or the short form's 20,000.
pub fn count() -> u64 {
    std::env::var("SWITCHWIRE_DIFFERENTIAL").map_or(20_000, |count| count.parse().expect("a number"))
}

const NAMES: &[&str] = &[
    "X",
    "x",
    "X[0]",
    "X[2]",
    "x[1]",
    "X[",
    "Y",
    "Y[3]",
    "Y[4001]",
    "_body",
    "_body[0]",
    "Event-Name",
    "Event-Name[0]",
    "event-name",
    "Content-Length",
    "content-length[0]",
    "Content-Length",
    "Z-Z",
    "[1]",
];
const WORDS: &[&str] = &[
    "ARRAY::",
    "ARRAY::",
    "ARRAY::",
    "|:",
    "|:",
    "a",
    "b",
    "5",
    "DTMF",
    "CUSTOM",
    "%41RRAY::",
    "ARR%41Y::",
    "%7c:",
    "%25",
    "xxxxxxx",
    ":",
    " ",
    "AR",
    "RAY::",
];

/// Lines of a plain event, the first of them its name.
fn lines(random: &mut Random) -> String {
    let mut text = String::from("Event-Name: CUSTOM\n");
    for _ in 0..1 + random.below(6) {
        text += random.one_of(NAMES);
        text += ": ";
        for _ in 0..random.below(6) {
            text += random.one_of(WORDS);
        }
        text += "\n";
    }
    text
}

/// A message that carries a plain event.
pub fn message(seed: u64) -> Vec<u8> {
    let random = &mut Random::new(seed);
    let mut body = lines(random);
    if random.below(3) == 0 {
        body += "\nthe body\n";
    } else {
        body += "\n";
    }
    let mut text = format!("Content-Length: {}\nContent-Type: text/event-plain\n", body.len());
    // The message's own headers follow the same rules; what says how long it is stands above.
    for line in lines(random).lines().skip(1) {
        let framing = ["content-", "_body", "event-name"];
        if !framing.iter().any(|name| line.to_ascii_lowercase().starts_with(name)) {
            text += &format!("{line}\n");
        }
    }
    [text.as_bytes(), b"\n", body.as_bytes()].concat()
}

/// Cases that were found once: a plain event each.
pub const KEPT: &[&str] = &[
    "X[2]: ARRAY::ARRAY::a|:b\n\n",
    "X[0]: ARRAY::ARRAY::a\n\n",
    "X: ARRAY::ARRAY::a|:b\n\n",
    "_body: ARRAY::ARRAY::\n\n",
    "_body: ARRAY::ARRAY::a|:ARRAY::\n\n",
    "_body: ARRAY::\n\n",
    "Content-Length[0]: 3\n\nabc",
    "Content-Length[1]: ARRAY::ARRAY::3|:4\n\nabc",
    "Content-Length: ARRAY::3|:4\n\nabc",
    "Content-Length: ARRAY::\n\nabc",
    "Content-Length: %41RRAY::\n\nabc",
    "Content-Length: ARRAY::|:\n\nabc",
    "Content-Length: 3\nContent-Length:\n\nabc",
    "Content-Length: 3\nContent-Length: \n\nabc",
    "Content-Length:\nContent-Length: 3\n\nabc",
    "Event-Name[0]: DTMF\nEvent-Name: HEARTBEAT\n\n",
    "Event-Name: ARRAY::DTMF|:API\nevent-name: HEARTBEAT\n\n",
    "Event-Name: DTMF\nX: ARRAY::a|:b\nEvent-Name: \n\n",
    "X: ARRAY::|:\n\n",
    "X: ARRAY::|:|:a\n\n",
    "X: xxxxxxxARRAY::y\n\n",
    "X: ARRAY::xxxxxxxARRAY::y|:ARRAY::z\n\n",
];

/// A kept case as a message.
pub fn kept(event: &str) -> Vec<u8> {
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{event}", event.len()).into_bytes()
}

const SEPARATORS: &[&str] = &[": ", ": ", ": ", ": ", ":", ":\t", ":  ", ": \t"];

fn value(random: &mut Random) -> String {
    (0..random.below(6)).map(|_| random.one_of(WORDS)).collect()
}

/// Lines of any kind: line ends and separators vary, some have no colon, some are long enough that the readers' blocks
/// of 64 bytes end anywhere.
fn any_lines(random: &mut Random, most: usize) -> String {
    let end = if random.below(4) == 0 { "\r\n" } else { "\n" };
    let mut text = String::new();
    for _ in 0..random.below(most) {
        text += &match random.below(12) {
            0 => format!("Padding: {}", "x".repeat(random.below(130))),
            1 => random.one_of(WORDS).to_owned(),
            2 => "Event-Name: HEARTBEAT".to_owned(),
            _ => random.one_of(NAMES).to_owned() + random.one_of(SEPARATORS) + &value(random),
        };
        text += end;
    }
    text
}

fn json_string(random: &mut Random, text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match random.below(40) {
            0 => out += "\\n",
            1 => out += "\\\"",
            2 => out += "\\u0041",
            3 => out += "\\/",
            _ => {}
        }
        out.push(character);
    }
    out + "\""
}

fn json(random: &mut Random) -> String {
    let mut members = Vec::new();
    for _ in 0..random.below(8) {
        let name = random.one_of(NAMES).to_owned();
        let name = if random.below(20) == 0 { json_string(random, &name) } else { format!("\"{name}\"") };
        let text = value(random);
        members.push(match random.below(16) {
            0 => format!("{name}:{}", random.below(100)),
            1 => format!("{name}: {}", json_string(random, &text)),
            2 | 3 => {
                let list: Vec<_> = (0..random.below(4))
                    .map(|_| {
                        let text = value(random);
                        json_string(random, &text)
                    })
                    .collect();
                format!("{name}:[{}]", list.join(","))
            }
            4 => format!("\"Padding\":\"{}\"", "x".repeat(random.below(130))),
            _ => format!("{name}:{}", json_string(random, &text)),
        });
    }
    let close = if random.below(50) == 0 { "" } else { "}" };
    format!("{{{}{close}", members.join(","))
}

/// A message whose body is a plain or JSON event of any form, and whose head has more than it should.
pub fn varied(seed: u64) -> Vec<u8> {
    let random = &mut Random::new(seed ^ 0x5EED);
    let (kind, body) = match random.below(3) {
        0 => ("json", json(random)),
        _ => {
            let mut body = any_lines(random, 8);
            match random.below(4) {
                0 => {}
                1 => body += "Last: line",
                2 => body += "\n",
                _ => body += "\nthe body\n\nof it: all",
            }
            ("plain", body)
        }
    };
    let mut text = format!("Content-Length: {}\nContent-Type: text/event-{kind}\n", body.len());
    text += &any_lines(random, 3).replace('\r', "");
    [text.as_bytes(), b"\n", body.as_bytes()].concat()
}

/// Every name that the generated events use, in its own letter case and another, and one that none has.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.extend(["z-Z", "y", "EVENT-NAME", "padding", "Last", "_BODY", "None-Such", ""].map(str::to_owned));
    names.sort();
    names.dedup();
    names
}
