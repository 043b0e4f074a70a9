//! Strings to and from JavaScript with few copies: names are read into a small buffer, ASCII values become one-byte strings.
//! What is not ASCII is decoded here: Node decodes UTF-8 one character at a time.

use std::ffi::c_char;
use std::ptr;

use encoding_rs::mem;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{Result, ValueType, check_status, sys};

/// Bytes that become a JavaScript string: U+FFFD for what is not UTF-8.
pub struct Text<B>(pub(crate) B);

impl<B: AsRef<[u8]>> ToNapiValue for Text<B> {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        let bytes = value.0.as_ref();
        let latin1 = |bytes: &[u8]| {
            let mut made = ptr::null_mut();
            let length = isize::try_from(bytes.len()).unwrap_or(isize::MAX);
            // SAFETY: `env` is the caller's live environment; pointer and length describe `bytes`, which lives over the
            // call; Node copies it.
            let status = unsafe {
                sys::napi_create_string_latin1(env, bytes.as_ptr().cast::<c_char>(), length, &raw mut made)
            };
            (status, made)
        };
        let (status, made) = if bytes.is_ascii() {
            latin1(bytes)
        } else if mem::is_utf8_latin1(bytes) {
            let mut narrow = vec![0; bytes.len()];
            let length = mem::convert_utf8_to_latin1_lossy(bytes, &mut narrow);
            latin1(&narrow[..length])
        } else {
            let mut units = vec![0; bytes.len() + 1];
            let length = mem::convert_utf8_to_utf16(bytes, &mut units);
            utf16(env, &units[..length])
        };
        check_status!(status, "a string cannot be made")?;
        Ok(made)
    }
}

/// A string of UTF-16 code units.
pub(crate) fn utf16(env: sys::napi_env, units: &[u16]) -> (sys::napi_status, sys::napi_value) {
    let mut made = ptr::null_mut();
    let length = isize::try_from(units.len()).unwrap_or(isize::MAX);
    // SAFETY: `env` is the caller's live environment; pointer and length describe `units`, which live over the call; Node
    // copies them.
    let status = unsafe { sys::napi_create_string_utf16(env, units.as_ptr(), length, &raw mut made) };
    (status, made)
}

/// A short string argument, such as a header's name: no allocation up to 255 bytes.
pub struct Name {
    short: [u8; SHORT],
    length: usize,
    long: Option<String>,
}

impl Name {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.long.as_ref().map_or(&self.short[..self.length], String::as_bytes)
    }
}

impl FromNapiValue for Name {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut name = Self { short: [0; SHORT], length: 0, long: None };
        // SAFETY: `env` and `value` are the caller's; Node writes at most SHORT bytes and says how many.
        let status = unsafe {
            sys::napi_get_value_string_utf8(
                env,
                value,
                name.short.as_mut_ptr().cast::<c_char>(),
                SHORT,
                &raw mut name.length,
            )
        };
        check_status!(status, "a string is expected")?;
        // The last byte is a NUL; a character that does not fit is left out, so near the end it may have been cut.
        if name.length + 4 >= SHORT {
            // SAFETY: as above, by napi's own conversion.
            name.long = Some(unsafe { String::from_napi_value(env, value) }?);
        }
        Ok(name)
    }
}

impl TypeName for Name {
    fn type_name() -> &'static str {
        "string"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for Name {}

const SHORT: usize = 256;
