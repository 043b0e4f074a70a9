//! Writing to stdout, where the reader may go away at any time (`switchwire events | head`).

use std::borrow::Cow;
use std::io::{IsTerminal, Write, stdout};

use crate::failure::{Failure, Result};
use crate::printable;

/// One line (or several), seen at once; what is harmful in it has been escaped.
pub(crate) fn line(text: impl AsRef<[u8]>) -> Result {
    let text = text.as_ref();
    let text = if text.is_ascii() { Cow::Borrowed(text) } else { shown(text) };
    let mut out = stdout().lock();
    let written = out.write_all(&text).and_then(|()| out.write_all(b"\n"));
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}

/// A JSON value as one line.
pub(crate) fn json(value: &serde_json::Value) -> Result {
    line(printable::json(value.to_string()))
}

/// The server's bytes ([`shown`]); a line break is added when they do not end in one.
pub(crate) fn reply(bytes: &[u8]) -> Result {
    line(shown(bytes.strip_suffix(b"\n").unwrap_or(bytes)))
}

/// The server's bytes as they came; on a terminal harmless, since anything may stand in them: a caller id does.
pub(crate) fn shown(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !stdout().is_terminal() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(printable::on_terminal(&String::from_utf8_lossy(bytes)).into_owned().into_bytes())
}
