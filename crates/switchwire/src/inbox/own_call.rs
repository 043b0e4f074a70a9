//! The call that a connection is bound to, as far as the connection's own traffic tells.

use switchwire_proto::{DisconnectNotice, Message};

/// A call's connection from the server, or an inbound one that `myevents UUID` has bound to a channel.
#[derive(Default)]
pub(crate) struct OwnCall {
    pub(crate) bound: bool,
    pub(crate) uuid: Option<String>,
    /// It may use `api`.
    pub(crate) full: bool,
    /// A sync socket (`Socket-Mode: static`).
    pub(crate) sync: bool,
    /// The server connected to us for it.
    pub(crate) outbound: bool,
    /// The program said `resume`.
    pub(crate) resumed: bool,
    /// The program said `exit`.
    pub(crate) exited: bool,
}

impl OwnCall {
    /// Takes note of the reply to `connect`.
    pub(crate) fn connected(&mut self, reply: &Message) {
        let uuid = reply.header("Unique-ID").or_else(|| reply.header("Channel-Unique-ID"));
        if let Some(uuid) = uuid {
            self.uuid = Some(uuid.into_owned());
        }
        (self.bound, self.outbound) = (true, true);
        self.full = reply.raw_header("Control") == Some(b"full");
        self.sync = reply.raw_header("Socket-Mode") == Some(b"static");
    }

    pub(crate) fn is_own(&self, uuid: &str) -> bool {
        self.uuid.as_deref() == Some(uuid)
    }

    /// Whether the notice that ends the connection reports that the call has ended. (Also the reply to `exit`, a
    /// reload of the module and a killed connection name the call.)
    pub(crate) fn ended_by(&self, notice: &DisconnectNotice) -> bool {
        self.bound
            && !self.exited
            && notice.session_uuid.is_some()
            && (notice.text.is_empty() || notice.text.starts_with("Disconnected, goodbye."))
    }
}
