//! The small rules: percent-coding, header lines, arrays, names, subscriptions.

use std::borrow::Cow;

use switchwire_proto::percent::{self, Escape};
use switchwire_proto::raw::array::{self, ARRAY_PREFIX};
use switchwire_proto::raw::encode_byte;
use switchwire_proto::{
    ContentType, EventFormat, EventLines, EventType, HeaderLines, LogLevel, Subscription,
};

/// Each rule against a plain statement of it.
///
/// # Panics
/// When that does not hold.
pub fn texts(input: &[u8]) {
    percent_coding(input);
    lines(input);
    arrays(input);
    names(input);
    subscription(&String::from_utf8_lossy(input));
}

fn percent_coding(input: &[u8]) {
    let encoded = percent::encode(input, Escape::Full);
    assert!(encoded.iter().all(|byte| (0x21..0x7f).contains(byte)), "a byte is left that acts on the wire");
    assert_eq!(&*percent::decode(&encoded), input, "decoding does not undo encoding");
    let bytes: Vec<u8> = input.iter().flat_map(|byte| encode_byte(*byte).to_vec()).collect();
    assert_eq!(bytes, encoded);
    assert_eq!(percent::encode(input, Escape::None), input);
    let served = percent::encode(input, Escape::Server);
    let read = percent::decode(&served);
    assert!(input.contains(&b'%') || *read == *input, "the server's form loses more than a percent sign");

    let decoded = percent::decode(input);
    assert_eq!(*decoded, decode(input)[..], "not the plain rule");
    assert!(!matches!(decoded, Cow::Owned(_)) || input.contains(&b'%'));
    let mut appended = b"x".to_vec();
    percent::decode_into(input, &mut appended);
    assert_eq!(appended[1..], *decoded);
    let mut in_place = input.to_vec();
    let (length, _) = percent::decode_to(input, &mut in_place);
    assert_eq!(in_place[..length], *decoded);
}

/// `%` and two hexadecimal digits are a byte; all else stands for itself.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits =
            text.get(at + 1..at + 3).filter(|two| text[at] == b'%' && two.iter().all(u8::is_ascii_hexdigit));
        let byte =
            digits.and_then(|two| std::str::from_utf8(two).ok()).map(|two| u8::from_str_radix(two, 16));
        match byte {
            Some(Ok(byte)) => (out.push(byte), at += 3).0,
            _ => (out.push(text[at]), at += 1).0,
        }
    }
    out
}

fn lines(input: &[u8]) {
    let mut walk = HeaderLines::new(input);
    let walked: Vec<_> = walk.by_ref().collect();
    let (expected, end) = split(input, true);
    assert_eq!((walked, walk.position()), (expected, end), "header lines");
    let mut walk = EventLines::new(input);
    let walked: Vec<_> = walk.by_ref().collect();
    let (expected, end) = split(input, false);
    assert_eq!((walked, walk.position()), (expected, end), "lines of an event");
}

type Pairs<'a> = Vec<(&'a [u8], &'a [u8])>;

/// Lines up to the first empty one, and where that one ends. A line without a colon is none; the first `": "` ends a name,
/// or else the first `:`.
fn split(text: &[u8], tabs_are_blanks: bool) -> (Pairs<'_>, usize) {
    let mut pairs = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let spaced = line.windows(2).position(|two| two == b": ");
        let Some(colon) = spaced.or_else(|| line.iter().position(|byte| *byte == b':')) else { continue };
        let value = &line[colon + 1..];
        let is_blank = |byte: &&u8| **byte == b' ' || tabs_are_blanks && **byte == b'\t';
        pairs.push((&line[..colon], &value[value.iter().take_while(is_blank).count()..]));
    }
    (pairs, at)
}

fn arrays(input: &[u8]) {
    let elements: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let mut joined = Vec::new();
    array::join_into(elements.iter().copied(), &mut joined);
    match elements[..] {
        [only] => assert_eq!(joined, only),
        _ => {
            assert!(array::is_array_text(&joined) && joined.starts_with(ARRAY_PREFIX.as_bytes()));
            if !elements.iter().any(|element| element.windows(2).any(|two| two == b"|:")) {
                assert_eq!(
                    array::split(&joined).collect::<Vec<_>>(),
                    elements,
                    "splitting undoes no joining"
                );
            }
        }
    }
    let has_prefix = |text: &[u8]| text.windows(7).any(|part| part == ARRAY_PREFIX.as_bytes());
    assert_eq!(array::is_array_text(input), has_prefix(input));
    if !input.windows(2).any(|two| two == b"|:") {
        let mut left = input;
        while has_prefix(left) {
            left = &left[7..];
        }
        assert_eq!(array::innermost(input), left);
    }
    match array::split_index(input) {
        Some((name, _)) => assert!(input.starts_with(name) && input[name.len()] == b'['),
        None => assert!(!input.contains(&b'[')),
    }
}

fn names(input: &[u8]) {
    if let Some(found) = EventType::from_name(input) {
        let tail = &input[input.len() - found.name().len()..];
        assert!(tail.eq_ignore_ascii_case(found.name().as_bytes()), "another name than was asked for");
        assert!(matches!(input.len() - tail.len(), 0 | 13));
    }
    let text = String::from_utf8_lossy(input);
    if let Some(format) = EventFormat::from_name(&text) {
        assert!(format.name().eq_ignore_ascii_case(&text));
    }
    let _ =
        (ContentType::from_value(input), LogLevel::from_number(input.len().try_into().unwrap_or(u8::MAX)));
}

/// The list that a subscription sends asks for the same when it is read again.
fn subscription(text: &str) {
    let wanted = Subscription::from_list(EventFormat::Plain, text);
    let Ok(commands) = wanted.commands() else { return };
    assert_eq!(commands.len(), usize::from(!wanted.is_empty()));
    for command in &commands {
        let line = String::from_utf8_lossy(command.as_bytes()).into_owned();
        let list = line.strip_prefix("event plain ").expect("another command than was asked for");
        let again = Subscription::from_list(EventFormat::Plain, list);
        assert_eq!(again.commands().as_ref(), Ok(&commands), "read again, it asks for something else");
    }
}
