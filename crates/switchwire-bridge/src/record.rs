//! What is delivered: one event, marker or snapshot, ready for its sink.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One thing to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What names it wherever it came from: `Core-UUID:Event-Sequence` of an event, the same on every connection to that
    /// server; of anything else a name of its own.
    pub id: String,
    /// The server's name in the configuration.
    pub node: String,
    /// `CHANNEL_ANSWER`, `CUSTOM` …, or one of our own: [`BREAK`], [`SNAPSHOT`].
    pub event: String,
    /// Where the sink puts it: a subject, a routing key, a stream's name.
    pub route: String,
    /// The JSON text.
    pub body: Bytes,
}

/// The event of a record that reports a break in the stream of a server.
pub const BREAK: &str = "SWITCHWIRE_BREAK";

/// The event of a record with the channels of a server: the output of `show channels as json`.
pub const SNAPSHOT: &str = "SWITCHWIRE_SNAPSHOT";

impl Record {
    /// About how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>()
            + self.id.len()
            + self.node.len()
            + self.event.len()
            + self.route.len()
            + self.body.len()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        // (Strings and bytes in memory have no way to fail.)
        postcard::to_stdvec(self).unwrap_or_default()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}
