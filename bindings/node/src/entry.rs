//! A registered connection and its owning JavaScript thread.

use std::net::SocketAddr;
use std::sync::Arc;

use switchwire::{Connection, Error, QueueLimits, Stats};

use crate::mailbox;
use crate::state::{Flag, State};

pub(crate) type Mailbox = mailbox::Mailbox<Entry>;
pub(crate) type Notice = mailbox::Notice<Entry>;

pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) connection: Connection,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) state: State,
    limits: QueueLimits,
    /// The server that accepted it.
    pub(crate) acceptor: Option<Arc<dyn Accepted>>,
    /// A supervised connection's thread reads it: the I/O thread only writes what a full socket held back.
    pub(crate) supervised: bool,
}

/// What a server keeps of a connection that it has accepted.
pub(crate) trait Accepted: Send + Sync {
    /// The connection has ended.
    fn ended(&self);
}

impl Entry {
    pub(crate) fn new(
        id: u32,
        connection: Connection,
        mailbox: Arc<Mailbox>,
        limits: QueueLimits,
        acceptor: Option<Arc<dyn Accepted>>,
    ) -> Self {
        let peer = connection.peer_addr();
        let supervised = false;
        Self { id, connection, mailbox, peer, state: State::default(), limits, acceptor, supervised }
    }

    /// The present connection of a supervised one.
    pub(crate) fn supervised(id: u32, connection: Connection, mailbox: Arc<Mailbox>) -> Self {
        let limits = QueueLimits::default();
        Self { supervised: true, ..Self::new(id, connection, mailbox, limits, None) }
    }

    /// Pushes the notice that there are messages, unless JavaScript has one that it has not acted on.
    pub(crate) fn announce(&self) -> Stats {
        let stats = self.connection.stats();
        if stats.queued > 0 && !self.state.replace(Flag::ANNOUNCED, true) {
            self.mailbox.push(Notice::Ready(self.id));
        }
        stats
    }

    /// To be called before taking messages, so that those that come after are announced.
    pub(crate) fn before_take(&self) {
        self.state.replace(Flag::ANNOUNCED, false);
    }

    /// JavaScript has the connection, or a notice with it: from now on its end may be reported.
    pub(crate) fn introduced(&self) {
        if self.state.set_and_check(Flag::INTRODUCED, Flag::ENDED) {
            self.report_end();
        }
    }

    /// The connection has ended.
    pub(crate) fn ended(&self) {
        if self.state.set_and_check(Flag::ENDED, Flag::INTRODUCED) {
            self.report_end();
        }
        if let Some(acceptor) = &self.acceptor {
            acceptor.ended();
        }
    }

    fn report_end(&self) {
        if let Some(reason) = self.connection.disconnect_reason() {
            self.mailbox.push(Notice::Closed(self.id, reason));
        }
    }

    /// Whether more than a `part`th of the queue is in use.
    pub(crate) fn is_filled(&self, stats: &Stats, part: usize) -> bool {
        stats.queued > self.limits.events / part || stats.queued_bytes > self.limits.bytes / part
    }
}

/// The notice of a request's end: `done` makes it of a success.
pub(crate) fn completion<T>(
    request: u32,
    result: Result<T, Error>,
    done: impl FnOnce(u32, T) -> Notice,
) -> Notice {
    match result {
        Ok(value) => done(request, value),
        Err(error) => Notice::Failed(request, error),
    }
}
