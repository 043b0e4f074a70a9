//! Where replies go: one slot per command in flight, in the order in which the commands were sent.

use std::collections::VecDeque;
use std::sync::Arc;

use switchwire_proto::Reply;

use super::followers::Numbers;
use super::{Change, ReadyCallback};
use crate::Error;
use crate::sync::Mutex;
use crate::telemetry::Asked;

pub(crate) type Callback = Box<dyn FnOnce(Result<Reply, Error>) + Send>;

/// What becomes of a command's reply.
pub(crate) enum Recipient {
    /// A handle waits for it.
    Handle,
    /// The thread that reads it runs this.
    Callback(Callback),
    /// It is dropped.
    Discard,
    /// It is queued among the events.
    Queue,
}

/// Where a command's reply goes.
pub(crate) struct ReplySlot {
    state: Mutex<State>,
    /// The followers that wait for it.
    followers: Mutex<Numbers>,
    pub(super) asked: Asked,
}

#[derive(Default)]
enum State {
    #[default]
    Awaited,
    Received(Reply),
    /// Taken, or no longer wanted.
    Abandoned,
    Queued,
    Callback(Callback),
}

/// What a slot did with its reply.
pub(super) enum Delivered {
    Done,
    /// It was no longer wanted.
    Late,
    /// It is to be queued among the events.
    Queue(Reply),
}

impl ReplySlot {
    pub(crate) fn new(recipient: Recipient, asked: Asked) -> Self {
        let state = match recipient {
            Recipient::Handle => State::Awaited,
            Recipient::Callback(callback) => State::Callback(callback),
            Recipient::Discard => State::Abandoned,
            Recipient::Queue => State::Queued,
        };
        Self { state: Mutex::new(state), followers: Mutex::default(), asked }
    }

    /// Takes the reply if it is here.
    pub(crate) fn take(&self) -> Option<Reply> {
        let mut state = self.state.lock();
        match std::mem::take(&mut *state) {
            State::Received(reply) => {
                *state = State::Abandoned;
                Some(reply)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// The reply is no longer wanted.
    pub(crate) fn give_up(&self) {
        *self.state.lock() = State::Abandoned;
    }

    /// As [`give_up`](Self::give_up) for a callback that has not been called; `false` when there is none.
    pub(crate) fn abandon(&self) -> bool {
        let mut state = self.state.lock();
        if !matches!(*state, State::Callback(_)) {
            return false;
        }
        let callback = std::mem::replace(&mut *state, State::Abandoned);
        // Dropping what it owns may send commands, too.
        drop(state);
        drop(callback);
        true
    }

    /// Whether the reply, which has not come, is wanted by anyone.
    fn is_awaited(&self) -> bool {
        matches!(*self.state.lock(), State::Awaited | State::Queued | State::Callback(_))
    }

    /// The follower is to be woken when the reply comes.
    pub(super) fn enlist(&self, follower: u64) {
        self.followers.lock().push(follower);
    }

    pub(super) fn delist(&self, follower: u64) {
        self.followers.lock().retain(|other| *other != follower);
    }

    pub(super) fn deliver(
        &self,
        reply: Reply,
        ready: &mut Vec<ReadyCallback>,
        roused: &mut Numbers,
    ) -> Delivered {
        let mut state = self.state.lock();
        match std::mem::take(&mut *state) {
            State::Awaited | State::Received(_) => {
                *state = State::Received(reply);
                roused.append(&mut self.followers.lock());
            }
            State::Callback(callback) => ready.push(Box::new(move || callback(Ok(reply)))),
            State::Abandoned => return Delivered::Late,
            State::Queued => return Delivered::Queue(reply),
        }
        Delivered::Done
    }

    fn fail(&self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        let mut state = self.state.lock();
        if let State::Callback(callback) = std::mem::take(&mut *state) {
            let reason = reason.clone();
            ready.push(Box::new(move || callback(Err(reason))));
        }
    }
}

/// The slots of the commands in flight, and what some of these commands change.
#[derive(Default)]
pub(super) struct Replies {
    in_flight: VecDeque<Arc<ReplySlot>>,
    /// Each with the number of its command. Apart, since few commands change anything and this is looked through.
    changes: VecDeque<(u64, Change)>,
    /// The number of the first command in flight.
    first: u64,
}

impl Replies {
    pub(super) fn expect(&mut self, slot: Arc<ReplySlot>, change: Option<Change>) {
        let number = self.first + self.in_flight.len() as u64;
        self.changes.extend(change.map(|change| (number, change)));
        self.in_flight.push_back(slot);
    }

    pub(super) fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// Whether a reply is awaited that has not been given up.
    pub(super) fn any_awaited(&self) -> bool {
        self.in_flight.iter().any(|slot| slot.is_awaited())
    }

    /// Whether the next reply is to a command that changes something.
    pub(super) fn next_changes(&self) -> bool {
        self.changes.front().is_some_and(|(number, _)| *number == self.first)
    }

    pub(super) fn next(&mut self) -> Option<(Arc<ReplySlot>, Option<Change>)> {
        let slot = self.in_flight.pop_front()?;
        let change = if self.next_changes() { self.changes.pop_front() } else { None };
        self.first += 1;
        Some((slot, change.map(|(_, change)| change)))
    }

    /// What the commands in flight change, if the server takes them.
    pub(super) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().map(|(_, change)| change)
    }

    /// Frees the room of what has been replied to.
    pub(super) fn release(&mut self) {
        if self.in_flight.is_empty() {
            (self.in_flight, self.changes) = (VecDeque::new(), VecDeque::new());
        }
    }

    /// No reply will come any more.
    pub(super) fn fail(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        self.changes.clear();
        self.first += self.in_flight.len() as u64;
        for slot in self.in_flight.drain(..) {
            slot.fail(reason, ready);
        }
    }
}
