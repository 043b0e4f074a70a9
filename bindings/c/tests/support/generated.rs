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
