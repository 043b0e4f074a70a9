//! An error that is handed over as a value, with what it knows of the call.

use napi::Env;
use napi::bindgen_prelude::Object;
use switchwire::Error;

use crate::batch::Batch;
use crate::error::code;

/// The error as a plain object, for notices.
pub(crate) fn object<'env>(env: &'env Env, error: &Error) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("code", code(error))?;
    object.set("message", error.to_string())?;
    if let Some(notice) = error.notice() {
        object.set("notice", notice.text.clone())?;
    }
    if let Some(cause) = error.hangup_cause() {
        object.set("hangupCause", cause)?;
    }
    if let Some(event) = error.event() {
        object.set("event", Batch::of(event.clone()))?;
    }
    Ok(object)
}
