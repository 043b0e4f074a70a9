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

/// Decodes a text in place and returns its new length; the bytes after that are left over. The rules are those of
/// [`decode`].
pub fn decode_in_place(text: &mut [u8]) -> usize {
    let (mut at, mut length) = (0, 0);
    loop {
        // Eight bytes at a time as long as there is nothing to decode.
        while let Some(word) = simd::word(text, at)
            && simd::marks(word, b'%') == 0
        {
            if length < at {
                text[length..length + 8].copy_from_slice(&word.to_le_bytes());
            }
            at += 8;
            length += 8;
        }
        // Up to the next escape and over it, or to the end.
        loop {
            let Some(&byte) = text.get(at) else { return length };
            let escaped = byte == b'%';
            let mut decoded = byte;
            at += 1;
            if escaped
                && let Some(&[high, low]) = text.get(at..at + 2)
                && let (Some(high), Some(low)) = (hex_value(high), hex_value(low))
            {
                decoded = high << 4 | low;
                at += 2;
            }
            text[length] = decoded;
            length += 1;
            if escaped {
                break;
            }
        }
    }
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
    fn decoding_in_place_agrees() {
        for text in [
            "",
            "plain",
            "%",
            "%4",
            "%zz%41",
            "a%2Bb%",
            "%e2%98%8e %%41 %2",
            "longer than a word %41%42 and on",
        ] {
            let mut bytes = text.as_bytes().to_vec();
            let length = decode_in_place(&mut bytes);
            assert_eq!(&bytes[..length], &*decode(text.as_bytes()), "{text}");
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
