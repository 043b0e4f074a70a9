//! The one ordered stream that outlives the connections it is made of.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use switchwire_proto::Message;

use super::StreamItem;
use crate::announcer::Announcer;
pub(super) use crate::announcer::Notify;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Above, Concern, Inbox};
use crate::{Error, Result, Stats};

/// What the user has not taken yet: connections, one after the other, with what happened between them.
pub(super) struct Stream {
    state: Mutex<State>,
    /// Notified when a segment is added.
    changed: Condvar,
    announcer: Announcer,
    /// What takes this stream beside others.
    above: Option<Arc<dyn Above>>,
}

#[derive(Default)]
struct State {
    segments: VecDeque<Segment>,
    /// Taken from the connection that is the first segment, and next to be given: some at once, so that one lock is enough
    /// for most of them.
    taken: VecDeque<Message>,
    /// How many threads wait. They look at connections, not at `taken`, into which nothing is put then.
    waiting: usize,
    /// Why nothing more will be added.
    ended: Option<Error>,
    /// The counters of connections that have been taken to their ends.
    past: Stats,
}

enum Segment {
    Item(Box<StreamItem>),
    /// The events of a connection. It is over, and all it received is queued, when another segment follows.
    Connection(Arc<Engine>),
}

impl Stream {
    pub(super) fn new(above: Option<Arc<dyn Above>>) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), announcer: Announcer::default(), above }
    }

    pub(super) fn push(&self, item: StreamItem) {
        self.add([Segment::Item(Box::new(item))]);
    }

    /// A connection is up: what is said of it first, then its events.
    pub(super) fn push_connection(&self, item: StreamItem, engine: Arc<Engine>) {
        self.add([Segment::Item(Box::new(item)), Segment::Connection(engine)]);
    }

    /// Nothing more will be added.
    pub(super) fn end(&self, reason: Error) {
        self.state.lock().ended.get_or_insert(reason);
        self.announce();
    }

    fn add(&self, segments: impl IntoIterator<Item = Segment>) {
        self.state.lock().segments.extend(segments);
        self.announce();
    }

    fn announce(&self) {
        self.changed.notify_all();
        self.announcer.announce();
        self.above.iter().for_each(|above| above.notify());
    }

    /// The next item; `None` when the deadline has passed, an error when there will be none.
    pub(super) fn recv(&self, deadline: Deadline) -> Result<Option<StreamItem>> {
        loop {
            let mut state = self.state.lock();
            if let Some(message) = state.next_message() {
                return Ok(Some(message.into()));
            }
            let engine = match state.segments.front() {
                Some(Segment::Item(_)) => match state.segments.pop_front() {
                    Some(Segment::Item(item)) => return Ok(Some(*item)),
                    _ => continue,
                },
                Some(Segment::Connection(_)) => {
                    if state.drop_finished() {
                        continue;
                    }
                    engine_of(&state)
                }
                None => None,
            };
            let over = match engine {
                Some(engine) => {
                    state.waiting += 1;
                    drop(state);
                    let waited = engine.wait_for(deadline, &Concern::Messages, Inbox::next_message);
                    state = self.state.lock();
                    state.waiting -= 1;
                    match waited {
                        Ok(Some(message)) => return Ok(Some(message.into())),
                        Ok(None) => return Ok(None),
                        Err(error) => {
                            if state.segments.len() > 1
                                || engine_of(&state).is_none_or(|now| !Arc::ptr_eq(&now, &engine))
                            {
                                continue;
                            }
                            error.kind() == crate::ErrorKind::Forked
                        }
                    }
                }
                None => false,
            };
            // The connection is over, or there is none: its supervisor has yet to say more.
            if let Some(reason) = state.ended.clone() {
                return Err(reason);
            }
            if over {
                return Err(Error::forked());
            }
            match deadline.left() {
                Some(left) => {
                    if self.changed.wait_for(&mut state, left).timed_out() && state.segments.len() < 2 {
                        return Ok(None);
                    }
                }
                None => self.changed.wait(&mut state),
            }
        }
    }

    /// Up to `max` items that are here, in order; none means that the next one will be announced.
    pub(super) fn take(&self, max: usize) -> Vec<StreamItem> {
        if max == 0 {
            return Vec::new();
        }
        self.announcer.take(|| {
            let mut taken = Vec::new();
            self.move_to(&mut taken, max);
            taken
        })
    }

    /// Moves up to `max` items that are here to the end of `taken`, in order; nothing is announced for it.
    pub(super) fn move_to(&self, taken: &mut Vec<StreamItem>, max: usize) {
        let most = taken.len() + max;
        let mut state = self.state.lock();
        let first = max.min(state.taken.len());
        taken.extend(state.taken.drain(..first).map(StreamItem::from));
        while taken.len() < most {
            match state.segments.front() {
                Some(Segment::Item(_)) => {
                    if let Some(Segment::Item(item)) = state.segments.pop_front() {
                        taken.push(*item);
                    }
                }
                Some(Segment::Connection(engine)) => {
                    let before = taken.len();
                    {
                        let mut inbox = engine.inbox();
                        let messages = std::iter::from_fn(|| inbox.next_message()).take(most - before);
                        taken.extend(messages.map(StreamItem::from));
                    }
                    if taken.len() == before && !state.drop_finished() {
                        break;
                    }
                }
                None => break,
            }
        }
    }

    /// Why nothing more will come, once all has been taken.
    pub(super) fn ended(&self) -> Option<Error> {
        let state = self.state.lock();
        let left = state.segments.iter().any(|segment| match segment {
            Segment::Item(_) => true,
            Segment::Connection(engine) => engine.inbox().queued() > 0,
        });
        state.ended.clone().filter(|_| !left && state.taken.is_empty())
    }

    /// From now on the supervisor reads, and `notify` is called when something comes after `take` found nothing.
    pub(super) fn set_notify(&self, notify: Notify) {
        self.announcer.set(notify);
    }

    /// Announces what is there already.
    pub(super) fn announce_if_any(&self) {
        let any = {
            let state = self.state.lock();
            state.ended.is_some() || !state.segments.is_empty()
        };
        if any {
            self.announcer.announce();
        }
    }

    pub(super) fn is_announced(&self) -> bool {
        self.announcer.is_set()
    }

    /// Whether something that has come is to be announced now; asks once per announcement.
    pub(super) fn is_due(&self, inbox: &Inbox) -> bool {
        inbox.queued() > 0 && self.announcer.is_due()
    }

    pub(super) fn notify(&self) {
        self.announcer.notify();
    }

    /// The sum of the counters of all connections.
    pub(super) fn stats(&self) -> Stats {
        let state = self.state.lock();
        let sum = state.segments.iter().fold(state.past, |sum, segment| match segment {
            Segment::Item(_) => sum,
            Segment::Connection(engine) => add(sum, engine.inbox().stats()),
        });
        Stats {
            queued: sum.queued + state.taken.len(),
            queued_bytes: sum.queued_bytes + state.taken.iter().map(Message::len).sum::<usize>(),
            ..sum
        }
    }
}

impl State {
    /// The next message of the connection that is the first segment, if one has been received.
    fn next_message(&mut self) -> Option<Message> {
        if let Some(message) = self.taken.pop_front() {
            return Some(message);
        }
        let Some(Segment::Connection(engine)) = self.segments.front() else { return None };
        let mut inbox = engine.inbox();
        if self.waiting == 0 {
            inbox.move_messages(&mut self.taken, BATCH, BATCH_BYTES);
            self.taken.pop_front()
        } else {
            inbox.next_message()
        }
    }

    /// Drops the first segment if it is a connection that is over and empty; whether there was one.
    fn drop_finished(&mut self) -> bool {
        if self.segments.len() < 2 || !self.taken.is_empty() {
            return false;
        }
        let Some(Segment::Connection(engine)) = self.segments.front() else { return false };
        let stats = {
            let inbox = engine.inbox();
            if inbox.queued() > 0 {
                return false;
            }
            inbox.stats()
        };
        self.past = add(self.past, stats);
        self.segments.pop_front();
        true
    }
}

fn engine_of(state: &State) -> Option<Arc<Engine>> {
    match state.segments.front() {
        Some(Segment::Connection(engine)) => Some(engine.clone()),
        _ => None,
    }
}

fn add(sum: Stats, one: Stats) -> Stats {
    Stats {
        received: sum.received + one.received,
        dropped_events: sum.dropped_events + one.dropped_events,
        dropped_by_bytes: sum.dropped_by_bytes + one.dropped_by_bytes,
        late_replies: sum.late_replies + one.late_replies,
        unasked_replies: sum.unasked_replies + one.unasked_replies,
        queued: sum.queued + one.queued,
        queued_bytes: sum.queued_bytes + one.queued_bytes,
        unanswered: sum.unanswered + one.unanswered,
    }
}

/// How much is taken from a connection's queue at once: about what one read brings in a flood.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 64 << 10;
