//! Events on the server's side: the standard headers, the sequence number, the wire formats, who gets what.

pub(crate) mod clock;
mod dispatch;
mod log;
pub(crate) mod origin;
mod stamp;

use switchwire_proto::Event;
use switchwire_proto::format::{json, xml};
use switchwire_proto::percent::Escape;

/// The form that events are sent in; a connection has one at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Plain,
    Json,
    Xml,
}

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Json, Self::Xml];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    pub(crate) fn serialize(self, event: &Event) -> Vec<u8> {
        match self {
            Self::Plain => event.to_plain(Escape::Server),
            Self::Json => json::write(event, json::Layout::Compact),
            Self::Xml => xml::write(event, Escape::Server),
        }
    }
}
