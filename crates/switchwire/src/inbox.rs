//! What has been received: answers go to their askers in order, everything else to the queue.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use switchwire_proto::{ContentType, Decoder, Event, EventType, Message, Reply};

use crate::options::{Options, Overflow, QueueLimits};
use crate::sync::Mutex;
use crate::{Error, ErrorKind};

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
    /// The askers of commands sent, in order.
    asked: VecDeque<Arc<Asker>>,
    /// What somebody waits for by id.
    pub(crate) watched: HashMap<String, Watch>,
    /// Why the connection is over.
    pub(crate) closed: Option<Error>,
    pub(crate) stats: Stats,
    /// Callbacks whose answers have come; run without the lock.
    pub(crate) due: Vec<Due>,
}

/// Counters of a connection, for monitoring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events, log lines and other unasked messages received.
    pub received: u64,
    /// Of those, dropped because the queue was full.
    pub dropped_events: u64,
    /// Answers that came after their asker had given up; they were dropped.
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
pub(crate) type Due = Box<dyn FnOnce() + Send>;

/// Who asked a command.
#[derive(Default)]
pub(crate) struct Asker(Mutex<Answer>);

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

impl Asker {
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

    /// An asker whose answer is given to a callback.
    pub(crate) fn calling(callback: Callback) -> Self {
        Self(Mutex::new(Answer::Call(callback)))
    }

    /// An asker whose answer comes as any other message.
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

/// What is waited for by id.
pub(crate) enum Watch {
    /// The `BACKGROUND_JOB` of a job.
    Job(Option<Message>),
    /// The `CHANNEL_EXECUTE_COMPLETE` of an application on that channel, or that channel's end.
    Execute { channel: Option<String>, complete: Option<Message>, hung_up: bool },
    /// Somebody is called back with the event of that type, or with the end of that channel (of any, for an
    /// application on the connection's own call).
    Call { event_type: EventType, channel: Option<String>, callback: EventCallback },
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
            watched: HashMap::new(),
            closed: None,
            stats: Stats::default(),
            due: Vec::new(),
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

    /// The next command's answer belongs to this asker.
    pub(crate) fn ask(&mut self, asker: Arc<Asker>) {
        self.asked.push_back(asker);
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
        for asker in self.asked.drain(..) {
            let mut answer = asker.0.lock();
            if let Answer::Call(callback) = std::mem::take(&mut *answer) {
                let reason = reason.clone();
                self.due.push(Box::new(move || callback(Err(reason))));
            }
        }
        self.fail_calls(&reason, |_, _| true);
    }

    /// Calls back, with an error, those who wait for an event that will not come.
    fn fail_calls(&mut self, error: &Error, concerned: impl Fn(EventType, Option<&str>) -> bool) {
        let due = &mut self.due;
        self.watched.retain(|_, watch| match watch {
            Watch::Call { event_type, channel, callback } if concerned(*event_type, channel.as_deref()) => {
                let callback = std::mem::replace(callback, Box::new(|_| ()));
                let error = error.clone();
                due.push(Box::new(move || callback(Err(error))));
                false
            }
            _ => true,
        });
    }

    fn dispatch(&mut self, message: Message) {
        match message.content_type() {
            ContentType::CommandReply | ContentType::ApiResponse => self.answer(message),
            ContentType::DisconnectNotice => match message.disconnect_notice() {
                Some(notice) if !notice.lingers() => self.close(Error::notice_received(notice)),
                _ => {
                    self.channels_ended();
                    self.enqueue(message);
                }
            },
            kind if kind.is_event() && !self.watched.is_empty() => {
                if let Some(message) = self.watch(message) {
                    self.enqueue(message);
                }
            }
            _ => self.enqueue(message),
        }
    }

    fn answer(&mut self, message: Message) {
        let Some(asker) = self.asked.pop_front() else {
            self.stats.unasked_replies += 1;
            self.enqueue(message);
            return;
        };
        let Some(reply) = message.into_reply() else { return };
        let mut answer = asker.0.lock();
        match std::mem::take(&mut *answer) {
            Answer::Awaited | Answer::Here(_) => *answer = Answer::Here(reply),
            Answer::Call(callback) => self.due.push(Box::new(move || callback(Ok(reply)))),
            Answer::Unwanted => self.stats.late_replies += 1,
            Answer::Queued => {
                drop(answer);
                self.enqueue(reply.into_message());
            }
        }
    }

    /// Gives a message to whom waits for it; hands back what is everybody's.
    fn watch(&mut self, message: Message) -> Option<Message> {
        let event = message.clone().into_event();
        let id = match event.event_type() {
            EventType::BackgroundJob => event.header("Job-UUID"),
            EventType::ChannelExecuteComplete => event.header("Application-UUID"),
            EventType::ChannelHangupComplete | EventType::ChannelDestroy => {
                let ended = event.unique_id().map(std::borrow::Cow::into_owned);
                self.channel_ended(ended.as_deref());
                return Some(message);
            }
            _ => None,
        };
        let Some(id) = id.map(std::borrow::Cow::into_owned) else { return Some(message) };
        let is_call = |watch: &Watch| matches!(watch, Watch::Call { event_type, .. } if *event_type == event.event_type());
        if self.watched.get(&id).is_some_and(is_call) {
            if let Some(Watch::Call { callback, .. }) = self.watched.remove(&id) {
                self.due.push(Box::new(move || callback(Ok(event))));
            }
            return None;
        }
        let taken = self.watched.get_mut(&id).is_some_and(|watch| match watch {
            Watch::Job(place @ None) if event.event_type() == EventType::BackgroundJob => {
                *place = Some(message.clone());
                true
            }
            Watch::Execute { complete: place @ None, .. }
                if event.event_type() == EventType::ChannelExecuteComplete =>
            {
                *place = Some(message.clone());
                true
            }
            _ => false,
        });
        (!taken).then_some(message)
    }

    fn channel_ended(&mut self, uuid: Option<&str>) {
        for watch in self.watched.values_mut() {
            if let Watch::Execute { channel, hung_up, .. } = watch {
                *hung_up |= channel.is_some() && channel.as_deref() == uuid;
            }
        }
        self.fail_calls(&Error::hung_up(), |_, channel| channel.is_some() && channel == uuid);
    }

    /// A linger notice: the connection's own call has ended.
    fn channels_ended(&mut self) {
        for watch in self.watched.values_mut() {
            if let Watch::Execute { hung_up, .. } = watch {
                *hung_up = true;
            }
        }
        self.fail_calls(&Error::hung_up(), |kind, _| kind == EventType::ChannelExecuteComplete);
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
