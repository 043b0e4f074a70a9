//! What has been received: answers go to their askers in order, everything else to the queue.

mod ending_events;
mod heard_events;
mod own_call;
mod waits;

use std::collections::VecDeque;
use std::sync::Arc;

use switchwire_proto::{ContentType, Decoder, DisconnectNotice, Event, EventType, Message, Reply};

use crate::options::{Options, Overflow, QueueLimits};
use crate::sync::Mutex;
use crate::{Error, ErrorKind};

use self::ending_events::ending_event;
pub(crate) use self::heard_events::{Change, HeardEvents};
use self::own_call::OwnCall;
pub(crate) use self::waits::{Awaited, End, EventSlot, Waiter, Waits};

/// All the state of a connection that is changed by what comes in. Guarded by one lock.
pub(crate) struct Inbox {
    pub(crate) decoder: Decoder,
    /// Room for what one read brings, kept for the next.
    pub(crate) decoded: Vec<Message>,
    /// The last read filled the buffer: more is likely there, and a larger buffer pays.
    pub(crate) flooded: bool,
    /// A thread waits on the socket, or reads it, for everybody.
    pub(crate) led: bool,
    /// How many threads wait for that thread.
    pub(crate) followers: usize,
    queue: VecDeque<Message>,
    queued_bytes: usize,
    limits: QueueLimits,
    /// The askers of commands sent, in order, each with what its command changes.
    asked: VecDeque<(Arc<ReplySlot>, Option<Box<Change>>)>,
    /// What somebody waits for by id.
    pub(crate) waits: Waits,
    /// The connection's own call.
    pub(crate) call: OwnCall,
    /// Called back when the own call has ended, or the connection.
    pub(crate) at_end: Vec<ReadyCallback>,
    subscribed: HeardEvents,
    /// An event loop reads.
    pub(crate) pumped: bool,
    /// Why the connection is over.
    pub(crate) closed: Option<Error>,
    pub(crate) stats: Stats,
    /// Callbacks whose answers have come; run without the lock.
    pub(crate) ready_callbacks: Vec<ReadyCallback>,
}

/// Counters of a connection, for monitoring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events, log lines and other unasked messages received.
    pub received: u64,
    /// Of those, dropped because the queue was full.
    pub dropped_events: u64,
    /// Answers that came after their slot had given up; they were dropped.
    pub late_replies: u64,
    /// Answers that nobody had asked for: the stream is out of step (see `getvar`). They were queued as messages.
    pub unasked_replies: u64,
    /// Events waiting to be taken.
    pub queued: usize,
    /// Their size in bytes.
    pub queued_bytes: usize,
    /// Commands whose answers have not come yet.
    pub unanswered: usize,
}

pub(crate) type Callback = Box<dyn FnOnce(Result<Reply, Error>) + Send>;
pub(crate) type EventCallback = Box<dyn FnOnce(Result<Event, Error>) + Send>;
/// A callback with what it is to be called with.
pub(crate) type ReadyCallback = Box<dyn FnOnce() + Send>;

/// Who asked a command.
#[derive(Default)]
pub(crate) struct ReplySlot(Mutex<Answer>);

#[derive(Default)]
enum Answer {
    #[default]
    Awaited,
    Here(Reply),
    /// Nobody wants it any more.
    Unwanted,
    /// It is to come as any other message.
    Queued,
    Call(Callback),
}

impl ReplySlot {
    /// Takes the answer if it is here.
    pub(crate) fn take(&self) -> Option<Reply> {
        let mut answer = self.0.lock();
        match std::mem::take(&mut *answer) {
            Answer::Here(reply) => {
                *answer = Answer::Unwanted;
                Some(reply)
            }
            other => {
                *answer = other;
                None
            }
        }
    }

    /// An slot whose answer is given to a callback.
    pub(crate) fn with_callback(callback: Callback) -> Self {
        Self(Mutex::new(Answer::Call(callback)))
    }

    /// An slot whose answer comes as any other message.
    pub(crate) fn queueing() -> Self {
        Self(Mutex::new(Answer::Queued))
    }

    /// As [`give_up`](Self::give_up) for a callback that has not been called; `false` when there is none.
    pub(crate) fn abandon(&self) -> bool {
        let mut answer = self.0.lock();
        if !matches!(*answer, Answer::Call(_)) {
            return false;
        }
        let callback = std::mem::replace(&mut *answer, Answer::Unwanted);
        // What it owns may ask, too, when it is dropped.
        drop(answer);
        drop(callback);
        true
    }

    pub(crate) fn give_up(&self) {
        *self.0.lock() = Answer::Unwanted;
    }
}

impl Inbox {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            decoder: Decoder::new(options.limits),
            decoded: Vec::new(),
            flooded: false,
            led: false,
            followers: 0,
            queue: VecDeque::new(),
            queued_bytes: 0,
            limits: options.queue,
            asked: VecDeque::new(),
            waits: Waits::default(),
            call: OwnCall::default(),
            at_end: Vec::new(),
            subscribed: HeardEvents::default(),
            pumped: false,
            closed: None,
            stats: Stats::default(),
            ready_callbacks: Vec::new(),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            queued: self.queue.len(),
            queued_bytes: self.queued_bytes,
            unanswered: self.asked.len(),
            ..self.stats
        }
    }

    /// The next command's answer belongs to this slot.
    pub(crate) fn ask(&mut self, slot: Arc<ReplySlot>, change: Option<Change>) {
        self.asked.push_back((slot, change.map(Box::new)));
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
        self.call.bound || self.asked.iter().any(|(_, change)| change.as_deref().is_some_and(binds))
    }

    /// It is known from elsewhere that the channel (`None`: the connection's own) has ended.
    pub(crate) fn note_end(&mut self, channel: Option<&str>, end: End) {
        self.waits.ended(channel, end, false, &mut self.ready_callbacks);
    }

    fn will_be_subscribed(&self) -> HeardEvents {
        let mut subscribed = self.subscribed;
        self.asked
            .iter()
            .filter_map(|(_, change)| change.as_deref())
            .for_each(|change| change.apply(&mut subscribed));
        subscribed
    }

    pub(crate) fn next_message(&mut self) -> Option<Message> {
        let message = self.queue.pop_front()?;
        self.queued_bytes -= message.len();
        Some(message)
    }

    /// Takes up to `most` messages at once.
    pub(crate) fn next_messages(&mut self, most: usize) -> Vec<Message> {
        let taken: Vec<_> = self.queue.drain(..most.min(self.queue.len())).collect();
        self.queued_bytes -= taken.iter().map(Message::len).sum::<usize>();
        taken
    }

    /// Queues an event that its waiter no longer wants.
    pub(crate) fn put_back(&mut self, message: Message) {
        self.enqueue(message);
    }

    /// Sends each message where it belongs; what follows the end of the connection is dropped.
    pub(crate) fn sort(&mut self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            if self.closed.is_some() {
                return;
            }
            self.dispatch(message);
        }
    }

    /// The peer has ended the stream.
    pub(crate) fn end_of_stream(&mut self) {
        match self.decoder.finish() {
            Ok(()) => self.close(Error::disconnected("the peer closed the connection")),
            Err(error) => {
                let detail = match cut_off_notice(self.decoder.pending()) {
                    Some(notice) => {
                        format!("the server cut the connection inside a message, with the notice {notice:?}")
                    }
                    None => "the connection ended inside a message".to_owned(),
                };
                self.close(Error::with_source(ErrorKind::Disconnected, detail, error));
            }
        }
    }

    /// The connection is over: nobody will be answered any more. The first reason counts.
    pub(crate) fn close(&mut self, reason: Error) {
        let reason = self.closed.get_or_insert(reason).clone();
        reason.mark_over();
        for (slot, _) in self.asked.drain(..) {
            let mut answer = slot.0.lock();
            if let Answer::Call(callback) = std::mem::take(&mut *answer) {
                let reason = reason.clone();
                self.ready_callbacks.push(Box::new(move || callback(Err(reason))));
            }
        }
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
        self.ready_callbacks.append(&mut self.at_end);
    }

    fn dispatch(&mut self, message: Message) {
        match message.content_type() {
            ContentType::CommandReply | ContentType::ApiResponse => self.answer(message),
            ContentType::DisconnectNotice => match message.disconnect_notice() {
                Some(notice) if !notice.lingers() => self.end_by(notice),
                _ => {
                    self.own_call_ended(End::default(), true);
                    self.enqueue(message);
                }
            },
            kind if kind.is_event() && (self.call.bound || !self.waits.is_empty()) => {
                if let Some(message) = self.watch(message) {
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

    fn answer(&mut self, message: Message) {
        let before = match self.asked.front() {
            Some((_, Some(_))) => Some([self.subscribed, self.will_be_subscribed()]),
            _ => None,
        };
        let Some((slot, change)) = self.asked.pop_front() else {
            self.stats.unasked_replies += 1;
            self.enqueue(message);
            return;
        };
        let Some(reply) = message.into_reply() else { return };
        // The reply to `connect` need not say `+OK`.
        if let Some(change) = change
            && (reply.is_ok() || *change == Change::Connect && reply.error().is_none())
        {
            self.change(*change, &reply);
        }
        if let Some(before) = before {
            self.fail_the_unheard(before);
        }
        let mut answer = slot.0.lock();
        match std::mem::take(&mut *answer) {
            Answer::Awaited | Answer::Here(_) => *answer = Answer::Here(reply),
            Answer::Call(callback) => self.ready_callbacks.push(Box::new(move || callback(Ok(reply)))),
            Answer::Unwanted => self.stats.late_replies += 1,
            Answer::Queued => {
                drop(answer);
                self.enqueue(reply.into_message());
            }
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

    /// Gives an event to whom waits for it; hands back what is everybody's.
    fn watch(&mut self, message: Message) -> Option<Message> {
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
        // Behind CHANNEL_HANGUP the applications under way still report their ends, and the last events follow: where
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
        self.ready_callbacks.append(&mut self.at_end);
    }

    fn enqueue(&mut self, message: Message) {
        self.stats.received += 1;
        let size = message.len();
        let full = |inbox: &Self| {
            inbox.queue.len() >= inbox.limits.events || inbox.queued_bytes + size > inbox.limits.bytes
        };
        while full(self) {
            match self.limits.overflow {
                Overflow::DropNewest => {
                    self.stats.dropped_events += 1;
                    return;
                }
                Overflow::DropOldest => {
                    self.stats.dropped_events += 1;
                    if self.next_message().is_none() {
                        return;
                    }
                }
                Overflow::Fail => {
                    self.stats.dropped_events += 1;
                    let detail = format!("the event queue is full ({} events)", self.queue.len());
                    self.close(Error::new(ErrorKind::LimitExceeded, detail));
                    return;
                }
            }
        }
        self.queued_bytes += size;
        self.queue.push_back(message);
    }

    /// Gives memory back while nothing happens; says how many bytes.
    pub(crate) fn release(&mut self) -> usize {
        let held = self.held();
        self.decoder.release();
        self.decoded = Vec::new();
        self.flooded = false;
        if self.queue.is_empty() {
            self.queue.shrink_to(0);
        }
        held - self.held()
    }

    /// The bytes of the buffers, full or empty.
    fn held(&self) -> usize {
        let messages = self.decoded.capacity() + self.queue.capacity();
        self.decoder.capacity() + messages * size_of::<Message>()
    }
}

/// FreeSWITCH writes the notice of a killed connection into the middle of a half-sent message.
fn cut_off_notice(pending: &[u8]) -> Option<String> {
    const KILLED: &str = "killed listener because of lost ";
    let text = String::from_utf8_lossy(pending);
    let at = text.rfind(KILLED)?;
    Some(text[at..].trim_end().to_owned())
}
