//! The same headers (and the bodies) of many events, read in one call: see `Batch::prefetch` and `node/lib/prefetch.js`.

use std::borrow::Cow;

use napi::bindgen_prelude::ToNapiValue;
use napi::{Result, check_status, sys};
use napi_derive::napi;

use crate::slot::Slot;
use crate::text::{Text, utf16};

/// One of the two strings for a few messages.
pub enum Column {
    /// Start and length of each value.
    Spans(Vec<u16>),
    Text(Vec<u8>),
}

/// Those headers of those messages.
pub(crate) fn columns(slots: &[Slot], names: &[String]) -> [Column; 2] {
    let mut spans = Vec::with_capacity(slots.len() * names.len() * 2);
    let mut text = Vec::with_capacity(slots.len() * names.len() * TYPICAL);
    for slot in slots {
        for name in names {
            let value = match name.as_str() {
                PREFETCH_BODY => slot.event.body().map(Cow::Borrowed),
                name => slot.event.header_bytes(name),
            };
            // Long values are rarely read again, and a one-byte string holds ASCII only.
            let packed = value.as_deref().filter(|value| value.len() <= MAX_VALUE && value.is_ascii());
            let start = u16::try_from(text.len()).ok().filter(|start| *start <= MAX_START);
            let span = match (packed, start) {
                (Some(value), Some(start)) => {
                    text.extend_from_slice(value);
                    [start, u16::try_from(value.len()).unwrap_or(PREFETCH_ASK)]
                }
                _ => [0, if value.is_some() { PREFETCH_ASK } else { PREFETCH_NONE }],
            };
            spans.extend_from_slice(&span);
        }
    }
    [Column::Spans(spans), Column::Text(text)]
}

impl ToNapiValue for Column {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        let spans = match value {
            // SAFETY: `env` is the caller's live environment.
            Self::Text(text) => return unsafe { Text::to_napi_value(env, Text(text)) },
            Self::Spans(spans) => spans,
        };
        let (status, made) = utf16(env, &spans);
        check_status!(status, "a string cannot be made")?;
        Ok(made)
    }
}

/// The name that stands for the body: no header can have it.
#[napi]
pub const PREFETCH_BODY: &str = "\n";
/// Instead of a length: there is no such header.
#[napi]
pub const PREFETCH_NONE: u16 = 0xFFFF;
/// Instead of a length: the value is not in the text.
#[napi]
pub const PREFETCH_ASK: u16 = 0xFFFE;
/// Events per piece of text, a power of two. Not many: a value that the program keeps holds its piece's memory.
#[napi]
pub const PREFETCH_PIECE: u32 = 16;
const MAX_VALUE: usize = 1000;
/// Where the last value may start, so that all of them end within two bytes.
const MAX_START: u16 = 0xF000;
/// A value's bytes, for the first guess at the text's.
const TYPICAL: usize = 24;
