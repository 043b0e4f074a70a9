//! Percent-coding as the event socket does it: the one place where values are encoded and decoded.

use std::borrow::Cow;

use crate::simd;

/// Which bytes a serialiser escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Nothing: values go out as they are (the wire form of a `sendevent` that we send).
    None,
    /// Every byte of the escape set, `%` included: decodes to exactly what was encoded (libesl's form).
    Full,
    /// As the FreeSWITCH server does it: a `%` that two of `0-9A-F` follow is passed through, so
    /// `%41` in a value is read back as `A`.
    Server,
}

/// Decodes `%XX` sequences. A `%` that is not followed by two hex digits (either case) stays as it is; `+` is a plus.
///
/// Borrows when there is nothing to decode.
#[must_use]
pub fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memchr(b'%', text) {
        None => Cow::Borrowed(text),
        Some(first) => {
            let mut out = Vec::with_capacity(text.len());
            decode_from(text, first, &mut out);
            Cow::Owned(out)
        }
    }
}

/// Appends the decoded form of `text` to `out`; the rules are those of [`decode`].
pub fn decode_into(text: &[u8], out: &mut Vec<u8>) {
    match memchr::memchr(b'%', text) {
        None => out.extend_from_slice(text),
        Some(first) => decode_from(text, first, out),
    }
}

/// Decodes a text into a room that is as long; the rules are those of [`decode`]. Returns how long the decoded text is (what is
/// in the room after it means nothing), and whether an escape stood for the letter `Y`: then it may be array text that was not
/// to be seen before (see `array::may_be_written_in`).
///
/// # Panics
/// When the room is shorter than the text.
#[doc(hidden)]
pub fn decode_to(text: &[u8], room: &mut [u8]) -> (usize, bool) {
    let size = text.len();
    let (mut rest, mut out, mut letter) = (text, &mut room[..size], false);
    // Eight bytes at a time; those from an escape on are written anew. (There is always as much room as text.)
    while let (Some(word), Some(place)) = (rest.first_chunk::<8>(), out.first_chunk_mut::<8>()) {
        *place = *word;
        let marks = simd::marks(u64::from_le_bytes(*word), b'%');
        let (taken, written) = if marks == 0 {
            (8, 8)
        } else {
            let plain = marks.trailing_zeros() as usize / 8;
            match rest.get(plain + 1..plain + 3).and_then(hex_byte) {
                Some(byte) => {
                    place[plain] = byte;
                    letter |= byte == b'Y';
                    (plain + 3, plain + 1)
                }
                None => (plain + 1, plain + 1),
            }
        };
        rest = &rest[taken..];
        out = &mut std::mem::take(&mut out)[written..];
    }
    while let [first, tail @ ..] = rest {
        let mut byte = *first;
        rest = tail;
        if byte == b'%'
            && let Some(decoded) = tail.get(..2).and_then(hex_byte)
        {
            byte = decoded;
            letter |= byte == b'Y';
            rest = &tail[2..];
        }
        out[0] = byte;
        out = &mut std::mem::take(&mut out)[1..];
    }
    (size - out.len(), letter)
}

/// The byte that two hexadecimal digits stand for.
#[inline]
fn hex_byte(digits: &[u8]) -> Option<u8> {
    let [high, low] = *digits else { return None };
    Some(hex_value(high)? << 4 | hex_value(low)?)
}

fn decode_from(text: &[u8], first: usize, out: &mut Vec<u8>) {
    let (mut rest, mut at) = (text, first);
    loop {
        out.extend_from_slice(&rest[..at]);
        if let Some(&[high, low]) = rest.get(at + 1..at + 3)
            && let (Some(high), Some(low)) = (hex_value(high), hex_value(low))
        {
            out.push(high << 4 | low);
            rest = &rest[at + 3..];
        } else {
            out.push(b'%');
            rest = &rest[at + 1..];
        }
        match memchr::memchr(b'%', rest) {
            Some(next) => at = next,
            None => return out.extend_from_slice(rest),
        }
    }
}

/// Encodes `text` with the given rule.
#[must_use]
pub fn encode(text: &[u8], escape: Escape) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    encode_into(text, escape, &mut out);
    out
}

/// Appends the encoded form of `text` to `out`.
pub fn encode_into(text: &[u8], escape: Escape, out: &mut Vec<u8>) {
    if escape == Escape::None {
        out.extend_from_slice(text);
        return;
    }
    for (at, &byte) in text.iter().enumerate() {
        let passes = !needs_escape(byte)
            || (escape == Escape::Server && byte == b'%' && is_upper_triplet(&text[at + 1..]));
        if passes {
            out.push(byte);
        } else {
            out.extend_from_slice(&triplet(byte));
        }
    }
}

/// One byte as [`Escape::Full`] writes it: itself, or its `%XX`.
#[doc(hidden)]
#[must_use]
pub fn encode_byte(byte: u8) -> Encoded {
    match needs_escape(byte) {
        true => Encoded { bytes: triplet(byte), length: 3 },
        false => Encoded { bytes: [byte, 0, 0], length: 1 },
    }
}

/// One encoded byte; see [`encode_byte`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Encoded {
    bytes: [u8; 3],
    length: u8,
}

impl std::ops::Deref for Encoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

fn triplet(byte: u8) -> [u8; 3] {
    [b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

/// Whether the byte is one of those that FreeSWITCH escapes.
#[must_use]
pub fn needs_escape(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) || b" \"#%&+:;<=>?@[\\]^`{|}".contains(&byte)
}

fn is_upper_triplet(after: &[u8]) -> bool {
    let upper = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    matches!(after, [high, low, ..] if upper(high) && upper(low))
}

#[inline]
fn hex_value(digit: u8) -> Option<u8> {
    let value = HEX_VALUES[usize::from(digit)];
    (value < 16).then_some(value)
}

/// What each byte is worth as a hexadecimal digit; 16 for those that are none.
const HEX_VALUES: [u8; 256] = {
    let mut values = [16; 256];
    let mut value = 0;
    while value < 16 {
        values[HEX[value as usize] as usize] = value;
        values[HEX[value as usize].to_ascii_lowercase() as usize] = value;
        value += 1;
    }
    values
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_and_foreign_sequences_stay() {
        for text in ["%", "%4", "%zz", "a%", "100%25", "% 41", "+"] {
            let decoded = decode(text.as_bytes()).into_owned();
            let expected = text.replace("%25", "%");
            assert_eq!(decoded, expected.as_bytes());
        }
        assert_eq!(&*decode(b"%2b%2B%41%zz%4"), b"++A%zz%4");
        assert_eq!(&*decode(b"%%41"), b"%A");
    }

    #[test]
    fn decoding_into_a_room_agrees() {
        for text in [
            "",
            "plain",
            "%",
            "%4",
            "%zz%41",
            "a%2Bb%",
            "%e2%98%8e %%41 %2",
            "longer than a word %41%42 and on",
            "2026-11-27%2006%3A41%3A18 and sip%3A1000%40example.net%3Btag%3Dx%",
            "%20%20%20%20%20%20%20%20%20",
            "ARRA%59%3A%3A",
        ] {
            for start in 0..text.len() {
                let text = &text.as_bytes()[start..];
                let mut room = vec![b'.'; text.len()];
                let (length, letter) = decode_to(text, &mut room);
                assert_eq!(&room[..length], &*decode(text), "{}", text.escape_ascii());
                assert_eq!(letter, text.windows(3).any(|escape| escape == b"%59"));
            }
        }
    }

    #[test]
    fn decoding_without_percent_borrows() {
        assert!(matches!(decode(b"plain + text"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_escape_set_is_the_servers() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = encode(&all, Escape::Full);
        let kept: Vec<u8> = all.iter().copied().filter(|b| !needs_escape(*b)).collect();
        assert_eq!(
            kept,
            b"!$'()*,-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~".to_vec()
        );
        assert_eq!(&*decode(&encoded), &all[..]);
    }

    #[test]
    fn the_server_passes_upper_case_triplets_through() {
        assert_eq!(encode(b"50%25 %41 %zz %4a", Escape::Server), b"50%25%20%41%20%25zz%20%254a");
        assert_eq!(encode(b"50%25", Escape::Full), b"50%2525");
        assert_eq!(encode(b"a b\n", Escape::None), b"a b\n");
    }
}
