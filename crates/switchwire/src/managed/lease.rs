use std::sync::{Arc, Weak};

use super::shared::Shared;

/// A part of a program's share in the subscription of a [`ManagedConnection`](super::ManagedConnection): held for as
/// long as the lease lives, and across reconnects. Dropping it ends what no other lease and not the connection's own
/// subscription wants, without waiting for the server.
#[must_use = "dropping the lease ends the subscription"]
pub struct Lease {
    shared: Weak<Shared>,
    id: u64,
}

impl Lease {
    pub(super) fn new(shared: &Arc<Shared>, id: u64) -> Self {
        Self { shared: Arc::downgrade(shared), id }
    }

    /// Gives the lease to the connection: the subscription lasts as long as that.
    pub fn keep(mut self) {
        self.shared = Weak::new();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            // What is left was sent before: it can be built. Once the connection is over there is nothing to change.
            let _ = shared.rewant(
                |wanted| wanted.remove(self.id),
                |connection, commands| {
                    commands.iter().for_each(|command| drop(connection.event_loop().try_send(command)));
                },
            );
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").field("id", &self.id).finish_non_exhaustive()
    }
}
