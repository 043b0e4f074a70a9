//! The engine of a connection: a socket, an inbox and an outbox that any number of threads share.
//!
//! `receive` reads the socket, one thread at a time; `send` writes commands and reserves the slots for their replies.

mod no_wait;
mod outbox;
mod receive;
mod send;
mod watch;

use self::outbox::Outbox;
use crate::Error;
use crate::inbox::Inbox;
use crate::options::Options;
use crate::process::Origin;
use crate::sync::{Condvar, Mutex, MutexGuard, Socket};

pub(crate) use self::no_wait::{check_may_wait, waits_are_refused, without_waits};
pub use self::receive::Pumped;
pub(crate) use self::receive::{Once, Until};
pub(crate) use self::watch::Watch;

pub(crate) struct Engine {
    pub(crate) socket: Socket,
    inbox: Mutex<Inbox>,
    /// Notified when the thread that watches the connection is to look at it.
    watcher: Condvar,
    outbox: Mutex<Outbox>,
    /// Checked before any lock is waited for, and before any system call.
    pub(crate) origin: Origin,
    pub(crate) options: Options,
}

impl Engine {
    pub(crate) fn new(socket: Socket, options: Options) -> Self {
        let inbox = Mutex::new(Inbox::new(&options));
        Self {
            socket,
            inbox,
            watcher: Condvar::new(),
            outbox: Mutex::default(),
            origin: Origin::here(),
            options,
        }
    }

    /// The inbox, for callers that have checked the [`origin`](Self::origin).
    pub(crate) fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock()
    }

    /// The inbox; `None` in a process that the connection does not belong to.
    pub(crate) fn inbox_here(&self) -> Option<MutexGuard<'_, Inbox>> {
        if self.origin.is_known_foreign() {
            return None;
        }
        match self.inbox.try_lock() {
            Some(inbox) => Some(inbox),
            // Its holder may be a thread of the process before `fork`.
            None if self.origin.is_foreign() => None,
            None => Some(self.inbox.lock()),
        }
    }

    /// The outbox; `None` in a process that the connection does not belong to, as far as that is known without a system call.
    fn outbox_here(&self) -> Option<MutexGuard<'_, Outbox>> {
        if self.origin.is_known_foreign() {
            return None;
        }
        match self.outbox.try_lock() {
            Some(outbox) => Some(outbox),
            // Its holder may be a thread of the process before `fork`.
            None if self.origin.is_foreign() => None,
            None => Some(self.outbox.lock()),
        }
    }

    /// Whether the peer has not sent a single byte so far.
    pub(crate) fn heard_nothing(&self) -> bool {
        self.inbox_here().is_some_and(|inbox| !inbox.heard)
    }

    /// Ends the connection and notifies all waiters. In a process that it does not belong to nothing happens: the other
    /// process goes on using it, and the descriptor is closed when the engine is dropped.
    pub(crate) fn close(&self, reason: Error) {
        if self.origin.is_foreign() {
            return;
        }
        let mut inbox = self.inbox.lock();
        inbox.close(reason);
        self.run_ready_callbacks(&mut inbox);
        self.socket.shutdown();
        self.wake(&mut inbox);
        drop(inbox);
        self.watcher.notify_all();
    }
}
