//! What reaches a loop from outside its callbacks, also from other threads.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::{Continuation, Session, SessionHandler};
use crate::listener::server::Place;
use crate::{Connection, Error};

pub(super) enum Post<H: SessionHandler> {
    Begin(Connection, Place),
    /// A callback of that session is due.
    Due(u64, Continuation<H>),
    /// A command of that session was refused that had to succeed.
    Fail(u64, Error),
    /// A call that was given up has been hung up, or its connection is over.
    Abandoned(u64),
    /// Some have been disconnected by other threads.
    LookAtAll,
    /// The loop ends with its last session.
    Close,
}

pub(super) struct Mailbox<H: SessionHandler> {
    posts: Mutex<Vec<Post<H>>>,
    /// The loop looks here before it waits next: no need to wake it.
    awake: AtomicBool,
    waker: mio::Waker,
}

impl<H: SessionHandler> Mailbox<H> {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self { posts: Mutex::default(), awake: AtomicBool::new(true), waker }
    }

    pub(super) fn post(&self, post: Post<H>) {
        self.posts.lock().push(post);
        if !self.awake.swap(true, Ordering::SeqCst) {
            // It fails only without memory in the system; the loop then finds the post when it wakes next.
            let _ = self.waker.wake();
        }
    }

    pub(super) fn take(&self, to: &mut Vec<Post<H>>) {
        std::mem::swap(&mut *self.posts.lock(), to);
    }

    /// Runs the wait of the loop. `wait` is told whether there is something already, so that it must not wait.
    pub(super) fn wait(&self, wait: impl FnOnce(bool) -> io::Result<()>) -> io::Result<()> {
        self.awake.store(false, Ordering::SeqCst);
        let filled = !self.posts.lock().is_empty();
        let waited = wait(filled);
        self.awake.store(true, Ordering::SeqCst);
        waited
    }
}

/// Reaches a session from other threads: for what they have found out for it. Clones reach the same session.
pub struct Remote<H: SessionHandler> {
    id: u64,
    mailbox: Weak<Mailbox<H>>,
}

impl<H: SessionHandler> Remote<H> {
    pub(super) fn new(id: u64, mailbox: &Arc<Mailbox<H>>) -> Self {
        Self { id, mailbox: Arc::downgrade(mailbox) }
    }

    /// Has the session's loop run `callback`, soon, as one of the session's callbacks. When the session has ended by then it
    /// is dropped. Never waits.
    pub fn call(
        &self,
        callback: impl FnOnce(&mut H, &mut Session<'_, H>) -> Result<(), H::Error> + Send + 'static,
    ) {
        if let Some(mailbox) = self.mailbox.upgrade() {
            mailbox.post(Post::Due(self.id, Box::new(callback)));
        }
    }
}

impl<H: SessionHandler> Clone for Remote<H> {
    fn clone(&self) -> Self {
        Self { id: self.id, mailbox: self.mailbox.clone() }
    }
}

impl<H: SessionHandler> std::fmt::Debug for Remote<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("session", &self.id).finish_non_exhaustive()
    }
}
