//! `esl_config.h`: a small ini reader.

use std::ptr;

use libc::{c_char, c_int, c_uchar};

use crate::guard::guard;
use crate::memory::{bytes, fill};
use crate::types::esl_config_t;

/// The folder of relative paths.
const DIRECTORY: &str = "/etc/openesl";

/// Opens a file, or a section of `openesl.conf`; 1 when it is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_config_open_file(cfg: *mut esl_config_t, file_path: *const c_char) -> c_int {
    guard(0, || {
        // SAFETY: C's promises: a writable struct or NULL, a C string or NULL.
        unsafe {
            let Some(path) = bytes(file_path).filter(|_| !cfg.is_null()) else { return 0 };
            ptr::write_bytes(cfg, 0, 1);
            (*cfg).lockto = -1;
            if path.starts_with(b"/") {
                return c_int::from(open(cfg, path));
            }
            let inside = [DIRECTORY.as_bytes(), b"/", path].concat();
            if open(cfg, &inside) {
                return 1;
            }
            if !open(cfg, format!("{DIRECTORY}/openesl.conf").as_bytes()) {
                return 0;
            }
            lock_to_section(cfg, path)
        }
    })
}

/// # Safety
/// A writable struct.
unsafe fn open(cfg: *mut esl_config_t, path: &[u8]) -> bool {
    let Ok(name) = std::ffi::CString::new(path) else { return false };
    // SAFETY: C strings; the caller's promise.
    unsafe {
        (*cfg).file = libc::fopen(name.as_ptr(), c"r".as_ptr());
        let room: *mut [c_char; 1024] = &raw mut (*cfg).path;
        if !(*cfg).file.is_null() {
            fill(&mut *room, path);
        }
        !(*cfg).file.is_null()
    }
}

/// Reads up to the section of that name; later reads stay within it.
///
/// # Safety
/// An open file.
unsafe fn lock_to_section(cfg: *mut esl_config_t, name: &[u8]) -> c_int {
    let (mut var, mut val) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the caller's promise.
    unsafe {
        while esl_config_next_pair(cfg, &raw mut var, &raw mut val) != 0 {
            let section: *const [c_char; 256] = &raw const (*cfg).section;
            if bytes(section.cast()).is_some_and(|section| section.eq_ignore_ascii_case(name)) {
                (*cfg).lockto = (*cfg).sectno;
                return 1;
            }
        }
        esl_config_close_file(cfg);
    }
    0
}

/// Closes the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_config_close_file(cfg: *mut esl_config_t) {
    guard((), || {
        // SAFETY: C's promise: NULL or a struct that `esl_config_open_file` filled.
        unsafe {
            if cfg.is_null() {
                return;
            }
            let file = (*cfg).file;
            if !file.is_null() {
                libc::fclose(file);
            }
            ptr::write_bytes(cfg, 0, 1);
        }
    });
}

/// The next pair; 0 at the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_config_next_pair(
    cfg: *mut esl_config_t,
    var: *mut *mut c_char,
    val: *mut *mut c_char,
) -> c_int {
    guard(0, || {
        if cfg.is_null() || var.is_null() || val.is_null() {
            return 0;
        }
        // SAFETY: C's promises: an open struct, writable places.
        unsafe {
            *var = ptr::null_mut();
            *val = ptr::null_mut();
            let buf = (&raw mut (*cfg).buf).cast::<c_char>();
            loop {
                if (*cfg).file.is_null() || libc::fgets(buf, LINE, (*cfg).file).is_null() {
                    return 0;
                }
                (*cfg).lineno += 1;
                match take_line(cfg) {
                    Line::Nothing => {}
                    Line::End => return 0,
                    Line::Section => {
                        // A section is returned as a pair of empty strings.
                        (*cfg).buf[0] = 0;
                        *var = buf;
                        *val = buf;
                        return 1;
                    }
                    Line::Pair(name, value) => {
                        *var = buf.add(name);
                        *val = buf.add(value);
                        return 1;
                    }
                }
            }
        }
    })
}

const LINE: c_int = 1024;

enum Line {
    Nothing,
    End,
    Section,
    /// Where the two strings begin in `buf`.
    Pair(usize, usize),
}

/// Parses the line in `buf`, and terminates its strings.
///
/// # Safety
/// An open struct with a line in `buf`.
unsafe fn take_line(cfg: *mut esl_config_t) -> Line {
    // SAFETY: the caller's promise; `buf` holds a C string.
    let (cfg, text) = unsafe {
        let text = (&raw const (*cfg).buf).cast::<c_char>();
        (&mut *cfg, bytes(text).unwrap_or_default().to_vec())
    };
    if text.starts_with(b"[")
        && let Some(end) = position(&text, b"]")
    {
        return take_heading(cfg, &text[1..end]);
    }
    let outside = cfg.lockto > -1 && cfg.sectno != cfg.lockto;
    if outside || matches!(text.first(), None | Some(b'#' | b';' | b'\n' | b'\r')) {
        return Line::Nothing;
    }
    if text.starts_with(b"__END__") {
        return Line::End;
    }
    // `;;` begins a comment after a value.
    let line_end = position(&text, b"\n").unwrap_or(text.len());
    let mut end = position(&text, b";;").unwrap_or(line_end).min(line_end);
    if end > 0 && text[end - 1] == b'\r' {
        end -= 1;
    }
    let Some(equals) = position(&text[..end], b"=") else { return Line::Nothing };
    let name_start = blanks(&text[..equals]);
    let name_end = equals - text[name_start..equals].iter().rev().take_while(|b| is_blank(**b)).count();
    let mut value = equals + 1 + usize::from(text.get(equals + 1) == Some(&b'>'));
    value += blanks(&text[value.min(end)..end]);
    cfg.buf[name_end] = 0;
    cfg.buf[end] = 0;
    Line::Pair(name_start, value.min(end))
}

/// `[category]` or `[+section]`.
fn take_heading(cfg: &mut esl_config_t, name: &[u8]) -> Line {
    match name.strip_prefix(b"+") {
        Some(section) => {
            fill(&mut cfg.section, section);
            cfg.sectno += 1;
            if cfg.lockto > -1 && cfg.sectno != cfg.lockto { Line::End } else { Line::Section }
        }
        None => {
            if cfg.lockto < 0 || cfg.sectno == cfg.lockto {
                fill(&mut cfg.category, name);
                cfg.catno += 1;
            }
            Line::Nothing
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_blank(**byte)).count()
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|piece| piece == wanted)
}

/// Reads the four bits after the colon of e.g. `x:1010`; 0, or -1 when they are missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_config_get_cas_bits(strvalue: *mut c_char, outbits: *mut c_uchar) -> c_int {
    guard(-1, || {
        // SAFETY: C's promises: a C string or NULL, a writable byte or NULL.
        unsafe {
            let (Some(text), false) = (bytes(strvalue), outbits.is_null()) else { return -1 };
            let bits = position(text, b":").and_then(|colon| text.get(colon + 1..colon + 5));
            let Some(bits) = bits.filter(|bits| bits.iter().all(|bit| matches!(bit, b'0' | b'1'))) else {
                return -1;
            };
            *outbits = bits.iter().fold(0, |all, bit| all << 1 | (bit & 1));
            0
        }
    })
}
