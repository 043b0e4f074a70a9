//! What has been received: replies go to their slots in order, events to whoever waits for them by id, everything else
//! to the queue.
//!
//! `reader` decodes, `replies` are the slots of the commands in flight, `waits` are jobs and applications by their ids,
//! `queue` is the rest; `heard_events` and `own_call` keep what the connection is subscribed to and bound to.

mod ending_events;
mod followed;
mod followers;
mod heard_events;
mod heartbeats;
mod own_call;
mod queue;
mod reader;
mod replies;
mod taps;
mod waits;

use std::collections::VecDeque;
use std::sync::Arc;

use switchwire_proto::{ContentType, Decoder, DisconnectNotice, Event, EventType, Message, Reply};

use self::ending_events::ending_event;
#[cfg(any(feature = "metrics", feature = "tracing"))]
pub(crate) use self::ending_events::event_type;
pub use self::followed::{CallStatus, Dtmf, State};
pub(crate) use self::followed::{Followed, Seen, Watcher};
use self::followers::Followers;
pub(crate) use self::followers::{Bell, Concern};
pub(crate) use self::heard_events::{Change, HeardEvents};
pub(crate) use self::heartbeats::Heartbeats;
use self::own_call::OwnCall;
use self::queue::Queue;
pub(crate) use self::reader::{Lent, Reader};
pub(crate) use self::replies::{Callback, Recipient, ReplySlot};
use self::replies::{Delivered, Replies};
pub(crate) use self::taps::{Passing, Taps};
pub(crate) use self::waits::{Awaited, End, EventSlot, Waiter, Waits};
use crate::Error;
use crate::options::Options;
use crate::telemetry;

/// All the state of a connection that changes with what comes in. Guarded by one lock.
pub(crate) struct Inbox {
    /// `None` while a thread reads the socket or waits on it.
    pub(crate) reader: Option<Reader>,
    /// The threads that wait for that thread.
    pub(crate) followers: Followers,
    /// The peer has sent something.
    pub(crate) heard: bool,
    queue: Queue,
    replies: Replies,
    /// Jobs and applications that are waited for.
    pub(crate) waits: Waits,
    /// The connection's own call.
    pub(crate) call: OwnCall,
    /// Channels that calls follow.
    pub(crate) followed: Followed,
    /// What looks at every event.
    pub(crate) taps: Taps,
    /// To be called when the own call has ended, or the connection.
    pub(crate) at_end: Vec<ReadyCallback>,
    subscribed: HeardEvents,
    /// An event loop reads.
    pub(crate) pumped: bool,
    /// How often something was read.
    pub(crate) reads: u64,
    /// A layer above connects again: what is under way at the end has an unknown outcome.
    pub(crate) supervised: bool,
    /// The thread that watches the connection sleeps until something is read.
    pub(crate) watcher_asleep: bool,
    /// What takes from the queue and reads the socket by itself, beside other connections.
    pub(crate) above: Option<Arc<dyn Above>>,
    /// It found another thread reading.
    pub(crate) missed_above: bool,
    /// The last HEARTBEAT, kept for the layer above.
    pub(crate) heartbeats: Option<Heartbeats>,
    /// Why the connection is over.
    pub(crate) closed: Option<Error>,
    late_replies: u64,
    unasked_replies: u64,
    /// Callbacks that are due; run without the lock.
    pub(crate) ready_callbacks: Vec<ReadyCallback>,
    /// How many threads run callbacks just now.
    pub(crate) running_callbacks: usize,
    pub(crate) telemetry: telemetry::Line,
}

/// Counters of a connection, for monitoring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events, log lines and other messages received that are not replies.
    pub received: u64,
    /// Of those, dropped because the queue was full.
    pub dropped_events: u64,
    /// Of the dropped ones, those for which the bound of bytes left no room (the others met the bound of events).
    pub dropped_by_bytes: u64,
    /// Replies that came after their caller had given up; they were dropped.
    pub late_replies: u64,
    /// Replies without a command: the stream is out of step (see `getvar`). They were queued as messages.
    pub unasked_replies: u64,
    /// Events waiting to be taken.
    pub queued: usize,
    /// Their size in bytes.
    pub queued_bytes: usize,
    /// Commands whose replies have not come yet.
    pub unanswered: usize,
}

/// What receives from several connections.
pub(crate) trait Above: Send + Sync {
    /// Whether it is to look at this connection anyway, and has not begun to.
    fn is_notified(&self) -> bool;
    /// There may be something to take or to read. Not with the inbox locked.
    fn notify(&self);
}

pub(crate) type EventCallback = Box<dyn FnOnce(Result<Event, Error>) + Send>;
/// A callback with its argument.
pub(crate) type ReadyCallback = Box<dyn FnOnce() + Send>;

impl Inbox {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            reader: Some(Reader::new(options.limits)),
            followers: Followers::default(),
            heard: false,
            queue: Queue::new(options.queue),
            replies: Replies::default(),
            waits: Waits::default(),
            call: OwnCall::default(),
            followed: Followed::default(),
            taps: Taps::default(),
            at_end: Vec::new(),
            subscribed: HeardEvents::default(),
            pumped: false,
            reads: 0,
            supervised: false,
            watcher_asleep: false,
            above: None,
            missed_above: false,
            heartbeats: None,
            closed: None,
            late_replies: 0,
            unasked_replies: 0,
            ready_callbacks: Vec::new(),
            running_callbacks: 0,
            telemetry: telemetry::Line::default(),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            received: self.queue.received,
            dropped_events: self.queue.dropped_by_count + self.queue.dropped_by_bytes,
            dropped_by_bytes: self.queue.dropped_by_bytes,
            late_replies: self.late_replies,
            unasked_replies: self.unasked_replies,
            queued: self.queue.len(),
            queued_bytes: self.queue.bytes(),
            unanswered: self.replies.len(),
        }
    }

    /// The messages so far were the server's greeting: they do not count.
    pub(crate) fn greeted(&mut self) {
        self.queue.received = 0;
    }

    /// Reserves the slot for the reply to the command that is sent next.
    pub(crate) fn expect(&mut self, slot: Arc<ReplySlot>, change: Option<Change>) {
        self.replies.expect(slot, change);
    }

    /// What the connection is subscribed to by the replies that have come.
    pub(crate) fn subscribed(&self) -> HeardEvents {
        self.subscribed
    }

    #[cfg(all(test, switchwire_model))]
    pub(crate) fn hear_jobs(&mut self) {
        Change::Events(vec![EventType::BackgroundJob], true).apply(&mut self.subscribed);
    }

    /// `NotSubscribed` when the wait would never end, by the replies that have come and also if the server takes the
    /// commands that are under way.
    pub(crate) fn check(&self, awaited: &Awaited) -> Result<(), Error> {
        self.subscribed.check(awaited).or_else(|_| self.will_be_subscribed().check(awaited))
    }

    /// Whether the connection is bound to a channel, or is to be by a command that is under way.
    pub(crate) fn is_bound(&self) -> bool {
        let binds = |change: &Change| matches!(change, Change::MyEvents(Some(_)) | Change::Connect);
        self.call.bound || self.replies.changes().any(binds)
    }

    /// It is known from elsewhere that the channel (`None`: the connection's own) has ended.
    pub(crate) fn note_end(&mut self, channel: Option<&str>, end: End) {
        self.waits.ended(channel, end, false, &mut self.ready_callbacks);
    }

    /// Whether that will come to pass, by the replies that have come or if the server takes what is under way.
    pub(crate) fn will_hear(&self, hears: impl Fn(HeardEvents) -> bool) -> bool {
        hears(self.subscribed) || hears(self.will_be_subscribed())
    }

    fn will_be_subscribed(&self) -> HeardEvents {
        let mut subscribed = self.subscribed;
        self.replies.changes().for_each(|change| change.apply(&mut subscribed));
        subscribed
    }

    pub(crate) fn next_message(&mut self) -> Option<Message> {
        self.queue.pop()
    }

    /// Takes up to `max` messages at once.
    pub(crate) fn next_messages(&mut self, max: usize) -> Vec<Message> {
        self.queue.take(max)
    }

    /// Moves up to `max` messages, and no more once they have so many bytes, to the end of `to`.
    pub(crate) fn move_messages(&mut self, to: &mut VecDeque<Message>, max: usize, bytes: usize) {
        let mut moved = 0;
        for _ in 0..max {
            let Some(message) = self.queue.pop() else { return };
            moved += message.len();
            to.push_back(message);
            if moved >= bytes {
                return;
            }
        }
    }

    /// Queues an event that its waiter no longer wants.
    pub(crate) fn put_back(&mut self, message: Message) {
        self.enqueue(message);
    }

    /// Dispatches each message; what follows the end of the connection is dropped.
    pub(crate) fn dispatch_all(&mut self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            if self.closed.is_some() {
                return;
            }
            // Nearly all messages: events that nothing looks at on their way.
            if message.content_type().is_event() && !self.looks_at_events() {
                self.enqueue(message);
            } else {
                self.dispatch(message);
            }
        }
    }

    /// Whether anything wants to see the events before they are queued.
    #[inline]
    fn looks_at_events(&self) -> bool {
        self.heartbeats.is_some() || self.finds_ends()
    }

    #[inline]
    fn finds_ends(&self) -> bool {
        self.call.bound || !self.waits.is_empty() || !self.followed.is_empty() || !self.taps.is_empty()
    }

    /// The peer has ended the stream.
    pub(crate) fn end_of_stream(&mut self, decoder: &mut Decoder) {
        match decoder.finish() {
            Ok(()) => self.close(Error::disconnected("the peer closed the connection")),
            Err(error) => {
                let detail = match cut_off_notice(decoder.pending()) {
                    Some(notice) => {
                        format!("the server cut the connection inside a message, with the notice {notice:?}")
                    }
                    None => "the connection ended inside a message".to_owned(),
                };
                self.close(Error::with_source(crate::ErrorKind::Disconnected, detail, error));
            }
        }
    }

    /// The connection is over: fails everything that waits. Only the first reason is kept.
    pub(crate) fn close(&mut self, reason: Error) {
        let reason = self.closed.get_or_insert(reason).clone();
        self.telemetry.closed(&reason, &mut self.ready_callbacks);
        reason.mark_over();
        let reason = self.of_pending(reason);
        self.replies.fail(&reason, &mut self.ready_callbacks);
        let own_end = self.waits.end_of(None).map(End::error);
        let call = &self.call;
        let error = |awaited: &Awaited| match (awaited, &own_end) {
            (Awaited::Execution { channel }, Some(hung_up))
                if channel.as_deref().is_none_or(|uuid| call.is_own(uuid)) =>
            {
                hung_up.mark_over();
                hung_up.clone()
            }
            _ => reason.clone(),
        };
        self.waits.fail_all(error, &mut self.ready_callbacks);
        if let (Some(uuid), Some(end)) = (&self.call.uuid, self.waits.end_of(None)) {
            self.followed.ended(uuid, end, &mut self.ready_callbacks);
        }
        self.followed.closed(&reason, &mut self.ready_callbacks);
        self.taps.closed(&reason, &mut self.ready_callbacks);
        self.ready_callbacks.append(&mut self.at_end);
    }

    /// Another thread than that of the layer above has read, or has had the socket: what is left is for that layer.
    pub(crate) fn notify_above(&mut self) {
        let Some(above) = &self.above else { return };
        let any = std::mem::take(&mut self.missed_above) || self.queue.len() > 0 || self.closed.is_some();
        if any && !above.is_notified() {
            let above = above.clone();
            self.ready_callbacks.push(Box::new(move || above.notify()));
        }
    }

    /// Whether anyone waits for the reply to a command.
    pub(crate) fn awaits_reply(&self) -> bool {
        self.replies.any_awaited()
    }

    /// What those get that wait for a reply or an end, when the connection is over for that reason.
    pub(crate) fn of_pending(&self, reason: Error) -> Error {
        if self.supervised { Error::outcome_unknown(&reason) } else { reason }
    }

    /// How many messages wait to be taken.
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether reading pauses, by the policy [`Overflow::Block`](crate::Overflow::Block).
    pub(crate) fn is_held_up(&self) -> bool {
        self.queue.is_held_up()
    }

    /// Whether an event loop's reading pauses: not while a reply is awaited, as with threads.
    pub(crate) fn holds_up_the_loop(&self) -> bool {
        self.is_held_up() && self.replies.len() == 0
    }

    fn dispatch(&mut self, message: Message) {
        match message.content_type() {
            ContentType::CommandReply | ContentType::ApiResponse => self.reply(message),
            ContentType::DisconnectNotice => match message.disconnect_notice() {
                Some(notice) if !notice.lingers() => self.end_by(notice),
                _ => {
                    self.own_call_ended(End::default(), true);
                    self.enqueue(message);
                }
            },
            kind if kind.is_event() && self.heartbeats.as_mut().is_some_and(|kept| kept.keep(&message)) => {}
            kind if kind.is_event() && self.finds_ends() => {
                let taken = !self.taps.is_empty() && self.taps.see(&message, &mut self.ready_callbacks);
                if let Some(message) = self.event(message)
                    && !taken
                {
                    self.enqueue(message);
                }
            }
            _ => self.enqueue(message),
        }
    }

    fn end_by(&mut self, notice: DisconnectNotice) {
        if self.call.ended_by(&notice) {
            // Its waits fail as the connection closes.
            self.waits.ended(None, End::default(), false, &mut self.ready_callbacks);
        }
        self.close(Error::notice_received(notice));
    }

    fn reply(&mut self, message: Message) {
        let before = self.replies.next_changes().then(|| [self.subscribed, self.will_be_subscribed()]);
        let Some((slot, change)) = self.replies.next() else {
            self.unasked_replies += 1;
            self.enqueue(message);
            return;
        };
        let Some(reply) = message.into_reply() else { return };
        // The reply to `connect` need not say `+OK`.
        if let Some(change) = change
            && (reply.is_ok() || change == Change::Connect && reply.error().is_none())
        {
            self.change(change, &reply);
        }
        if let Some(before) = before {
            self.fail_the_unheard(before);
            self.waits.rouse_all();
        }
        self.telemetry.replied(&slot.asked, &mut self.ready_callbacks);
        match slot.deliver(reply, &mut self.ready_callbacks, &mut self.followers.roused) {
            Delivered::Done => {}
            Delivered::Late => self.late_replies += 1,
            Delivered::Queue(reply) => self.enqueue(reply.into_message()),
        }
    }

    /// The server took a command that changes what it sends.
    fn change(&mut self, change: Change, reply: &Reply) {
        change.apply(&mut self.subscribed);
        match change {
            Change::Connect => {
                self.call.connected(reply.message());
                if reply.header("Answer-State").as_deref() == Some("hangup") {
                    self.own_call_ended(End::of(&reply.message().head_event()), true);
                }
            }
            Change::MyEvents(Some(uuid)) if !self.call.bound => {
                (self.call.bound, self.call.uuid) = (true, Some(uuid));
            }
            Change::Resume => self.call.resumed = true,
            Change::Exit => self.call.exited = true,
            _ => {}
        }
    }

    /// Callbacks for events that were to come, by what the connection was or would be subscribed to `before`, and are
    /// not to come any more. (Threads that wait look for themselves.)
    fn fail_the_unheard(&mut self, before: [HeardEvents; 2]) {
        if self.waits.is_empty() {
            return;
        }
        let now = [self.subscribed, self.will_be_subscribed()];
        let unheard = |awaited: &Awaited| {
            before.iter().any(|subscribed| subscribed.check(awaited).is_ok()).then_some(())?;
            now.iter().map(|subscribed| subscribed.check(awaited).err()).reduce(Option::and)?
        };
        self.waits.fail_calls(unheard, &mut self.ready_callbacks);
    }

    /// Gives an event to the wait that it ends; returns it when it belongs in the queue.
    fn event(&mut self, message: Message) -> Option<Message> {
        if !self.followed.is_empty() {
            self.followed.see(&message, &mut self.ready_callbacks);
        }
        let Some(event_type) = ending_event(&message) else { return Some(message) };
        if self.waits.is_empty() && event_type == EventType::BackgroundJob {
            return Some(message);
        }
        let event = message.clone().into_event();
        match event_type {
            EventType::BackgroundJob | EventType::ChannelExecuteComplete => {
                self.waits.arrived(event, message, &mut self.ready_callbacks)
            }
            _ => {
                self.channel_ended(event_type, &event);
                Some(message)
            }
        }
    }

    fn channel_ended(&mut self, event_type: EventType, event: &Event) {
        let Some(uuid) = event.unique_id() else { return };
        // After CHANNEL_HANGUP the applications under way still report their ends, and the last events follow: where
        // one of these is sure to come, it ends the waits.
        let last = event_type != EventType::ChannelHangup;
        if self.call.is_own(&uuid) {
            self.own_call_ended(End::of(event), last);
        }
        let fail = last || !self.subscribed.ends_surely();
        self.waits.ended(Some(&uuid), End::of(event), fail, &mut self.ready_callbacks);
    }

    fn own_call_ended(&mut self, end: End, fail: bool) {
        self.waits.ended(None, end, fail, &mut self.ready_callbacks);
        if let (Some(uuid), Some(end)) = (&self.call.uuid, self.waits.end_of(None)) {
            self.followed.ended(uuid, end, &mut self.ready_callbacks);
        }
        self.ready_callbacks.append(&mut self.at_end);
    }

    #[inline]
    fn enqueue(&mut self, message: Message) {
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        let before = (self.queue.dropped_by_count, self.queue.dropped_by_bytes);
        let pushed = self.queue.push(message);
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        self.telemetry.dropped(
            (self.queue.dropped_by_count - before.0, self.queue.dropped_by_bytes - before.1),
            self.stats().dropped_events,
            &mut self.ready_callbacks,
        );
        if let Err(full) = pushed {
            self.close(full);
        }
    }

    /// Frees the buffers that are not in use; how many bytes.
    pub(crate) fn release(&mut self) -> usize {
        self.replies.release();
        self.waits.release();
        self.reader.as_mut().map_or(0, Reader::release) + self.queue.release()
    }
}

/// FreeSWITCH writes the notice of a killed connection into the middle of a half-sent message.
fn cut_off_notice(pending: &[u8]) -> Option<String> {
    const KILLED: &str = "killed listener because of lost ";
    let text = String::from_utf8_lossy(pending);
    let at = text.rfind(KILLED)?;
    Some(text[at..].trim_end().to_owned())
}
