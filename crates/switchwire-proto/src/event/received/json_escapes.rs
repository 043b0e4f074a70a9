//! The escapes of JSON strings that are decoded here: those of two characters. A payload with `\u` goes to the JSON
//! reader.

use std::borrow::Cow;

use memchr::memchr;

pub(super) fn is_simple_escape(escape: u8) -> bool {
    matches!(escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
}

/// The byte that a backslash and that character stand for.
fn decoded(escape: u8) -> u8 {
    match escape {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

#[inline]
pub(super) fn is_escaped(value: &[u8]) -> bool {
    memchr(b'\\', value).is_some()
}

/// The decoded form of what is between the quotes of a string.
#[inline]
pub(crate) fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\\', value) else { return Cow::Borrowed(value) };
    let mut out = Vec::with_capacity(value.len());
    out.extend_from_slice(&value[..first]);
    let mut rest = &value[first..];
    while let [byte, tail @ ..] = rest {
        rest = match (byte, tail) {
            (b'\\', [escape, after @ ..]) => {
                out.push(decoded(*escape));
                after
            }
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
    Cow::Owned(out)
}

/// Decodes a value from `json_spans` in place and returns its new length; the bytes after that are
/// left over.
pub fn unescape_in_place(value: &mut [u8]) -> usize {
    let (mut at, mut length) = (0, 0);
    while let Some(&byte) = value.get(at) {
        at += 1;
        let mut plain = byte;
        if byte == b'\\'
            && let Some(&escape) = value.get(at)
        {
            plain = decoded(escape);
            at += 1;
        }
        value[length] = plain;
        length += 1;
    }
    length
}
