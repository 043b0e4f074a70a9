//! Strings to and from JavaScript with few copies: names are read into a small buffer, ASCII values become one-byte strings.

use std::ffi::c_char;
use std::ptr;

use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{Result, ValueType, check_status, sys};

/// Bytes that become a JavaScript string: U+FFFD for what is not UTF-8.
pub struct Text<B>(pub(crate) B);

impl<B: AsRef<[u8]>> ToNapiValue for Text<B> {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        let bytes = value.0.as_ref();
        let mut made = ptr::null_mut();
        // SAFETY: `env` is the caller's live environment; pointer and length describe `bytes` (or `text`), which lives
        // over the call; Node copies it.
        let status = unsafe {
            if bytes.is_ascii() {
                let length = isize::try_from(bytes.len()).unwrap_or(isize::MAX);
                sys::napi_create_string_latin1(env, bytes.as_ptr().cast::<c_char>(), length, &raw mut made)
            } else {
                let text = String::from_utf8_lossy(bytes);
                let length = isize::try_from(text.len()).unwrap_or(isize::MAX);
                sys::napi_create_string_utf8(env, text.as_ptr().cast::<c_char>(), length, &raw mut made)
            }
        };
        check_status!(status, "a string cannot be made")?;
        Ok(made)
    }
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
