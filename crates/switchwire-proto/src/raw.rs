//! What the bindings and the client are built from: no part of the stable API, and not covered by semver.
//!
//! Places of headers in a payload, values decoded in place, events written from parts that are kept elsewhere than in an
//! [`Event`](crate::Event), the rules of adding headers for other header lists, how a wait for a reply begins, and (for modesl's
//! layer) look-ups by exact names.

use crate::format::plain;
use crate::percent::Escape;

pub use crate::event::{
    ExactNames, JsonBody, JsonSpan, JsonSpans, JsonValue, is_json_of_strings, is_json_with_lists,
    json_elements, json_spans, last_value, unescape_in_place,
};
pub use crate::format::json_writer::{Writer, write_string};
pub use crate::lines::{EventEnd, EventSpan, event_spans};
pub use crate::pace::Pace;
pub use crate::percent::encode_byte;
pub use crate::receiver::Receiver;
pub use crate::{adding, array};

/// Writes headers and a body by the rules of [`format::plain::write`](plain::write()).
#[must_use]
pub fn write_parts<'a>(
    headers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    body: Option<&[u8]>,
    escape: Escape,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for (name, value) in headers {
        plain::write_header(name, value, escape, &mut out);
    }
    plain::write_body(body, &mut out);
    out
}
