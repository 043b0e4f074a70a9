//! Numbers as text, by the C library, as the original does it: Rust's own reader brings 16 KB of tables into `libesl.so`. In JSON the
//! decimal point is a point, whatever the program's locale has.

use std::ffi::{CStr, c_char, c_int};

/// The number that a text begins with, and how many bytes it takes.
pub(crate) fn read(text: &[u8]) -> Option<(f64, usize)> {
    const LONGEST: usize = 63;
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let length = text.iter().take(LONGEST).take_while(is_part).count();
    let mut local = replaced(&text[..length], b".", decimal_point());
    // More than a point, where the locale has it so: counted as one.
    let longer = local.len() - length;
    local.push(0);
    let start = local.as_ptr().cast::<c_char>();
    let mut end = std::ptr::null_mut();
    // SAFETY: a string that ends in NUL; `end` is within it afterwards.
    let (number, taken) = unsafe {
        let number = libc::strtod(start, &raw mut end);
        (number, end.cast_const().offset_from(start))
    };
    let taken = usize::try_from(taken).unwrap_or_default();
    let has_point =
        longer > 0 && text[..length].iter().position(|byte| *byte == b'.').is_some_and(|at| at < taken);
    let taken = if has_point { taken - longer } else { taken };
    (taken > 0).then_some((number, taken))
}

/// Appends a number in as many digits as identify it.
pub(crate) fn write(number: f64, out: &mut Vec<u8>) {
    if !number.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let short = digits(number, 15);
    let exact = read(&short).is_some_and(|(read, taken)| read == number && taken == short.len());
    out.extend_from_slice(&if exact { short } else { digits(number, 17) });
}

/// As `printf` writes it with `%.*g`.
fn digits(number: f64, precision: c_int) -> Vec<u8> {
    let mut room = [0 as c_char; 40];
    // SAFETY: the room is larger than any number of that many digits; the arguments are what the format says.
    let text = unsafe {
        libc::snprintf(room.as_mut_ptr(), room.len(), c"%.*g".as_ptr(), precision, number);
        CStr::from_ptr(room.as_ptr())
    };
    replaced(text.to_bytes(), decimal_point(), b".")
}

/// The text with the first `from` in it replaced.
fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match text.windows(from.len().max(1)).position(|part| part == from) {
        Some(at) => [&text[..at], to, &text[at + from.len()..]].concat(),
        None => text.to_vec(),
    }
}

/// The decimal point of the program's locale.
fn decimal_point() -> &'static [u8] {
    // SAFETY: the C library's own strings, which a program changes as little while it reads numbers as with the original.
    unsafe { CStr::from_ptr((*libc::localeconv()).decimal_point).to_bytes() }
}
