//! The core's errors as JavaScript sees them: `kind/phase` as the code, from which `node/lib/errors.js` makes its own.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use switchwire::{Error, ErrorKind};

use crate::batch::Batch;

/// What native functions throw; the code is a kind's name, with the phase of a time-out behind a slash.
pub(crate) type Thrown = napi::Error<String>;
pub(crate) type Result<T> = std::result::Result<T, Thrown>;

pub(crate) fn thrown(error: &Error) -> Thrown {
    napi::Error::new(code(error), error.to_string())
}

/// Something that an argument must not be.
pub(crate) fn invalid(message: impl Into<String>) -> Thrown {
    napi::Error::new(ErrorKind::InvalidArgument.name().to_owned(), message.into())
}

/// The operating system's refusal.
pub(crate) fn io(what: &str, error: &std::io::Error) -> Thrown {
    refused_by_system(&format!("{what}: {error}"))
}

pub(crate) fn refused_by_system(message: &str) -> Thrown {
    napi::Error::new(ErrorKind::Io.name().to_owned(), message.to_owned())
}

/// The error as a plain object, for what is told later.
pub(crate) fn object<'env>(env: &'env Env, error: &Error) -> napi::Result<Object<'env>> {
    let mut told = Object::new(env)?;
    told.set("code", code(error))?;
    told.set("message", error.to_string())?;
    if let Some(notice) = error.notice() {
        told.set("notice", notice.text.clone())?;
    }
    if let Some(cause) = error.hangup_cause() {
        told.set("hangupCause", cause)?;
    }
    if let Some(event) = error.event() {
        told.set("event", Batch::of(event.clone()))?;
    }
    Ok(told)
}

fn code(error: &Error) -> String {
    let kind = error.kind().name();
    error.phase().map_or_else(|| kind.to_owned(), |phase| format!("{kind}/{}", phase.name()))
}

/// The name of every kind of error that the core knows: the package's tests compare its codes with them.
#[napi]
pub fn error_kinds() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.name()).collect()
}
