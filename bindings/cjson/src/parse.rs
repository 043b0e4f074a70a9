//! Parsing JSON text as leniently as cJSON does: control characters in strings and bytes that are not UTF-8 are accepted,
//! and text after the value is ignored unless the caller forbids it.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::{c_char, c_int};

use crate::edge::{bytes, guard};
use crate::minify;
use crate::node::{
    self, ARRAY, FALSE, NESTING_LIMIT, NULL, NUMBER, OBJECT, STRING, TRUE, cJSON, cJSON_Delete, set_number,
};
use crate::number;
use crate::tree::append;

/// The place of the error in the text parsed last.
static ERROR: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

/// Parses a value; NULL when the text is invalid. Free it with `cJSON_Delete`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Parse(value: *const c_char) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { cJSON_ParseWithOpts(value, ptr::null_mut(), 0) }
}

/// As `cJSON_Parse`; returns where the value ends, and may require that nothing follows it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ParseWithOpts(
    value: *const c_char,
    return_parse_end: *mut *const c_char,
    require_null_terminated: c_int,
) -> *mut cJSON {
    // SAFETY: C's promises: a C string or NULL, a writable place or NULL.
    guard(ptr::null_mut(), || unsafe {
        read(value, bytes(value).unwrap_or_default(), return_parse_end, require_null_terminated != 0)
    })
}

/// As `cJSON_Parse`, of text of that length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ParseWithLength(value: *const c_char, buffer_length: usize) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { cJSON_ParseWithLengthOpts(value, buffer_length, ptr::null_mut(), 0) }
}

/// As `cJSON_ParseWithOpts`, of text of that length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ParseWithLengthOpts(
    value: *const c_char,
    buffer_length: usize,
    return_parse_end: *mut *const c_char,
    require_null_terminated: c_int,
) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        // SAFETY: C's promises: that many readable bytes or NULL, a writable place or NULL.
        unsafe {
            let text = match value.is_null() {
                true => &[][..],
                false => std::slice::from_raw_parts(value.cast::<u8>(), buffer_length),
            };
            read(value, text, return_parse_end, require_null_terminated != 0)
        }
    })
}

/// The place of the error in the text parsed last.
#[unsafe(no_mangle)]
pub extern "C" fn cJSON_GetErrorPtr() -> *const c_char {
    ERROR.load(Ordering::Relaxed)
}

/// Takes blanks and comments out, in place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Minify(json: *mut c_char) {
    // SAFETY: C's promise: a writable C string or NULL. The result is not longer.
    guard((), || unsafe {
        if let Some(text) = bytes(json) {
            let small = minify::minify(text);
            json.cast::<u8>().copy_from_nonoverlapping(small.as_ptr(), small.len());
            *json.add(small.len()) = 0;
        }
    });
}

unsafe fn read(start: *const c_char, text: &[u8], end: *mut *const c_char, whole: bool) -> *mut cJSON {
    let mut reader = Reader { text, at: 0 };
    if text.starts_with(b"\xEF\xBB\xBF") {
        reader.at = 3;
    }
    ERROR.store(ptr::null_mut(), Ordering::Relaxed);
    let root = node::new(0);
    let mut done = !root.is_null() && !start.is_null() && {
        reader.skip_blanks();
        reader.value(root, 0)
    };
    if done && whole {
        reader.skip_blanks();
        done = matches!(text.get(reader.at), None | Some(0));
    }
    // SAFETY: a position in the text, which begins at `start`; the place is C's.
    unsafe {
        if !start.is_null() {
            let position = start.add(reader.at.min(text.len()));
            if !end.is_null() {
                *end = position;
            }
            if !done {
                ERROR.store(position.cast_mut(), Ordering::Relaxed);
            }
        }
        if done {
            return root;
        }
        cJSON_Delete(root);
    }
    ptr::null_mut()
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn skip_blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|byte| (1..=b' ').contains(byte)) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self.text[self.at.min(self.text.len())..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, node: *mut cJSON, depth: usize) -> bool {
        let kind = match self.peek() {
            b'"' => return self.string().is_some_and(|text| Self::set_text(node, &text)),
            b'-' | b'0'..=b'9' => return self.number(node),
            b'[' | b'{' if depth >= NESTING_LIMIT => return false,
            b'[' => return self.members(node, depth, ARRAY, b']'),
            b'{' => return self.members(node, depth, OBJECT, b'}'),
            _ if self.word(b"null") => NULL,
            _ if self.word(b"true") => TRUE,
            _ if self.word(b"false") => FALSE,
            _ => return false,
        };
        // SAFETY: a living node.
        unsafe {
            (*node).r#type = kind;
            (*node).valueint = c_int::from(kind == TRUE);
        }
        true
    }

    fn set_text(node: *mut cJSON, text: &[u8]) -> bool {
        // SAFETY: a living node.
        unsafe {
            (*node).r#type = STRING;
            (*node).valuestring = node::text(text);
            !(*node).valuestring.is_null()
        }
    }

    fn number(&mut self, node: *mut cJSON) -> bool {
        let Some((number, length)) = number::read(&self.text[self.at..]) else { return false };
        self.at += length;
        // SAFETY: a living node.
        unsafe {
            (*node).r#type = NUMBER;
            set_number(node, number);
        }
        true
    }

    /// What is between the quotes, without its escapes.
    fn string(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = self.at + 1;
        loop {
            match *self.text.get(at)? {
                0 => return None,
                b'"' => break,
                b'\\' => {
                    let escape = *self.text.get(at + 1)?;
                    at += 2;
                    match escape {
                        b'b' => out.push(8),
                        b'f' => out.push(12),
                        b'n' => out.push(b'\n'),
                        b'r' => out.push(b'\r'),
                        b't' => out.push(b'\t'),
                        b'"' | b'\\' | b'/' => out.push(escape),
                        b'u' => at = self.character(at, &mut out)?,
                        _ => {
                            self.at = at - 2;
                            return None;
                        }
                    }
                }
                byte => {
                    out.push(byte);
                    at += 1;
                }
            }
        }
        self.at = at + 1;
        Some(out)
    }

    /// The character whose four hex digits begin at `at`, with its second half where it has one.
    fn character(&self, at: usize, out: &mut Vec<u8>) -> Option<usize> {
        let first = self.hex(at)?;
        let (code, next) = match first {
            0xD800..0xDC00 if self.text.get(at + 4..at + 6)? == b"\\u" => {
                let second = self.hex(at + 6).filter(|second| (0xDC00..0xE000).contains(second))?;
                (0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF)), at + 10)
            }
            _ => (first, at + 4),
        };
        let character = char::from_u32(code)?;
        // A string of C ends at a NUL: one inside it is left out.
        if code != 0 {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Some(next)
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    fn members(&mut self, node: *mut cJSON, depth: usize, kind: c_int, close: u8) -> bool {
        // SAFETY: a living node.
        unsafe { (*node).r#type = kind };
        self.at += 1;
        self.skip_blanks();
        if self.peek() == close {
            self.at += 1;
            return true;
        }
        loop {
            let member = node::new(0);
            if member.is_null() {
                return false;
            }
            // SAFETY: living nodes, the member is new.
            unsafe { append(node, member) };
            self.skip_blanks();
            if kind == OBJECT {
                if self.peek() != b'"' {
                    return false;
                }
                let Some(name) = self.string() else { return false };
                // SAFETY: a living node.
                unsafe { (*member).string = node::text(&name) };
                self.skip_blanks();
                if self.peek() != b':' {
                    return false;
                }
                self.at += 1;
                self.skip_blanks();
            }
            if !self.value(member, depth + 1) {
                return false;
            }
            self.skip_blanks();
            let separator = self.peek();
            if separator != close && separator != b',' {
                return false;
            }
            self.at += 1;
            if separator == close {
                return true;
            }
        }
    }
}
