//! The mailbox of one JavaScript thread: every notice to that thread goes through it, and one cross-thread call
//! announces any number of them. Nothing here runs JavaScript; `hub.rs` is the end that does.

use std::sync::Arc;

use parking_lot::Mutex;
use switchwire::application::Outcome;
use switchwire::calls::Change;
use switchwire::conference::{ConferenceEvent, ConferenceInfo};
use switchwire::{DigitsReceived, Dtmf, Error, Event, Executed, Lease, Reply, Result, ServerResult};

use crate::wake::Wake;

/// Something that JavaScript's thread is notified of; the number is a connection's, a server's or a request's. `C` is
/// a registered connection.
pub(crate) enum Notice<C> {
    /// Messages of that connection can be taken.
    Ready(u32),
    /// The state of that supervised connection has changed.
    Status(u32),
    /// That connection has ended.
    Closed(u32, Error),
    /// The reply to a request, wanted as text.
    Text(u32, Reply),
    /// The reply to a request.
    Reply(u32, Reply),
    /// The event that a request waited for.
    Event(u32, Event),
    Executed(u32, Executed),
    /// How an application of a call ended.
    Outcome(u32, Outcome),
    Digits(u32, DigitsReceived),
    /// A digit, for the watch of that number.
    Dtmf(u32, Dtmf),
    /// A change of the calls, for the watch of that number.
    Change(u32, Result<Change>),
    /// The conference that a request wanted, if there is one.
    Conference(u32, Option<ConferenceInfo>),
    /// What happened in a conference, for the watch of that number.
    ConferenceEvent(u32, Result<ConferenceEvent>),
    /// A share in a subscription that a request wanted.
    Lease(u32, Lease),
    /// The reply of one of a fleet's servers, with its name.
    ServerReply(u32, Arc<str>, Reply),
    /// What came of a command on each of a fleet's servers.
    ServerResults(u32, Vec<ServerResult>),
    /// The value that a request wanted, if there is one.
    Value(u32, Option<String>),
    Connected(u32, Arc<C>),
    /// A request failed.
    Failed(u32, Error),
    /// That server has a new call, whose handshake is done.
    Call(u32, Arc<C>),
    /// A call of that server failed before it began.
    CallFailed(u32, Error),
    /// A flood is over: time to free memory. For the native side of the thread only.
    Calm,
}

pub(crate) struct Mailbox<C> {
    inner: Mutex<Inner<C>>,
    wake: Wake,
}

struct Inner<C> {
    notices: Vec<Notice<C>>,
    /// JavaScript's thread has been woken and has not emptied the mailbox since.
    woken: bool,
    /// JavaScript's thread is gone.
    closed: bool,
}

impl<C> Mailbox<C> {
    pub(crate) fn new(wake: Wake) -> Self {
        Self { inner: Mutex::new(Inner { notices: Vec::new(), woken: false, closed: false }), wake }
    }

    pub(crate) fn push(&self, notice: Notice<C>) {
        let mut inner = self.inner.lock();
        if inner.closed {
            return;
        }
        inner.notices.push(notice);
        if !std::mem::replace(&mut inner.woken, true) {
            drop(inner);
            self.wake.call();
        }
    }

    pub(crate) fn take(&self) -> Vec<Notice<C>> {
        let mut inner = self.inner.lock();
        inner.woken = false;
        std::mem::take(&mut inner.notices)
    }

    /// Runs `run` on JavaScript's thread, with wake-ups suppressed; whether there are notices to be taken.
    pub(crate) fn without_wakeup(&self, run: impl FnOnce()) -> bool {
        self.inner.lock().woken = true;
        run();
        let mut inner = self.inner.lock();
        let any = !inner.notices.is_empty();
        inner.woken = any;
        any
    }

    /// No notice is taken any more.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let dropped = std::mem::take(&mut inner.notices);
        drop(inner);
        // Connections among them are dropped without the lock: their end may be another notice.
        drop(dropped);
    }
}
