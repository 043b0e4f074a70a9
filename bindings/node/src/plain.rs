//! Values of the core as plain objects of JavaScript's: what is not known is null.

use std::time::{Duration, SystemTime};

use napi::bindgen_prelude::{Null, Object, ToNapiValue};

use crate::readers::{length, milliseconds};

/// Sets a property, or null.
pub(crate) fn put<T: ToNapiValue>(object: &mut Object<'_>, name: &str, value: Option<T>) -> napi::Result<()> {
    match value {
        Some(value) => object.set(name, value),
        None => object.set(name, Null),
    }
}

/// A time, in milliseconds since 1970.
pub(crate) fn put_time(object: &mut Object<'_>, name: &str, time: Option<SystemTime>) -> napi::Result<()> {
    put(object, name, time.map(milliseconds))
}

/// A length of time, in milliseconds.
pub(crate) fn put_length(object: &mut Object<'_>, name: &str, time: Option<Duration>) -> napi::Result<()> {
    put(object, name, time.map(length))
}

/// A text that is empty where it is not known.
pub(crate) fn put_text(object: &mut Object<'_>, name: &str, text: &str) -> napi::Result<()> {
    put(object, name, (!text.is_empty()).then_some(text))
}
