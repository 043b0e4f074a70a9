//! The core's errors as JavaScript sees them: `kind/phase/unsent` as the code (what ends it may be missing), from which
//! `node/lib/errors.js` makes its own.

use napi_derive::napi;
use switchwire::{Error, ErrorKind, ManagedConnection, Phase};

/// What native functions throw; the code is a kind's name, for a timeout followed by `/` and the phase.
pub(crate) type Thrown = napi::Error<String>;
pub(crate) type Result<T> = std::result::Result<T, Thrown>;

pub(crate) fn thrown(error: &Error) -> Thrown {
    napi::Error::new(code(error), error.to_string())
}

/// An invalid argument.
pub(crate) fn invalid(message: impl Into<String>) -> Thrown {
    napi::Error::new(ErrorKind::InvalidArgument.name().to_owned(), message.into())
}

/// An error of the operating system's.
pub(crate) fn io(what: &str, error: &std::io::Error) -> Thrown {
    refused_by_system(&format!("{what}: {error}"))
}

pub(crate) fn refused_by_system(message: &str) -> Thrown {
    napi::Error::new(ErrorKind::Io.name().to_owned(), message.to_owned())
}

pub(crate) fn code(error: &Error) -> String {
    let kind = error.kind().name();
    let phase = error.phase().map_or("", Phase::name);
    match (phase, ManagedConnection::is_unsent(error)) {
        ("", false) => kind.to_owned(),
        (phase, false) => format!("{kind}/{phase}"),
        (phase, true) => format!("{kind}/{phase}/unsent"),
    }
}

/// The name of every kind of error that the core knows: the package's tests compare its codes with them.
#[napi]
pub fn error_kinds() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.name()).collect()
}

/// The message of a timeout in that phase (`Phase::name`).
#[napi]
pub fn timeout_message(phase: String) -> Result<String> {
    let known = Phase::ALL.into_iter().find(|known| known.name() == phase);
    let phase = known.ok_or_else(|| invalid(format!("no phase {phase:?}")))?;
    Ok(Error::timeout(phase).to_string())
}

/// The name of every phase that a timeout can be in.
#[napi]
pub fn phases() -> Vec<&'static str> {
    Phase::ALL.iter().map(|phase| phase.name()).collect()
}
