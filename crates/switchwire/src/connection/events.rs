//! Receiving: events, log lines and notices, in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, TrySendError, bounded};
use switchwire_proto::{Command, DisconnectNotice, EventFormat, LogRecord, Message, Reply, Subscription};

use super::Connection;
use crate::deadline::Deadline;
use crate::{Error, Event, Result};

/// What the server sent unasked, typed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Incoming {
    /// An event, whatever format it came in.
    Event(Event),
    /// A log line (after `log LEVEL`).
    Log(LogRecord),
    /// The call has ended and the connection lingers on. (The notice that closes the connection comes as the error
    /// `Disconnected`.)
    Notice(DisconnectNotice),
    /// Anything else, as it came.
    Other(Message),
}

impl Connection {
    /// Waits for the next event, for ever. Events that arrived while a command waited for its answer are returned
    /// first, in order. A log line or linger notice comes as an event of type `SOCKET_DATA` (see [`recv`](Self::recv)
    /// for typed ones).
    ///
    /// # Errors
    /// `Disconnected` once the connection is over and every event received before has been taken.
    pub fn recv_event(&self) -> Result<Event> {
        self.recv_message().map(Message::into_event)
    }

    /// Waits for the next event for at most `timeout`. `Ok(None)` means that the time has passed and the connection is
    /// still good. A `timeout` of zero looks at what has arrived.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_event_timed(&self, timeout: Duration) -> Result<Option<Event>> {
        Ok(self.recv_message_timed(timeout)?.map(Message::into_event))
    }

    /// The next event if one has arrived; never waits.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn try_recv_event(&self) -> Result<Option<Event>> {
        self.recv_event_timed(Duration::ZERO)
    }

    /// Waits for the next thing the server sends unasked, typed.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv(&self) -> Result<Incoming> {
        self.recv_message().map(Incoming::from)
    }

    /// As [`recv`](Self::recv), for at most `timeout`.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_timed(&self, timeout: Duration) -> Result<Option<Incoming>> {
        Ok(self.recv_message_timed(timeout)?.map(Incoming::from))
    }

    /// Waits for the next message that is no answer, as it came: the untyped form that the classic layers stand on.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_message(&self) -> Result<Message> {
        let message = self.engine().wait(Deadline::NEVER, super::super::inbox::Inbox::next_message)?;
        message.ok_or_else(|| Error::disconnected("nothing more will come"))
    }

    /// As [`recv_message`](Self::recv_message), for at most `timeout`.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_message_timed(&self, timeout: Duration) -> Result<Option<Message>> {
        self.engine().wait(Deadline::after(timeout), super::super::inbox::Inbox::next_message)
    }

    /// A message that has been received already; never looks at the socket.
    #[must_use]
    pub fn queued_message(&self) -> Option<Message> {
        self.engine().inbox_here()?.next_message()
    }

    /// Up to `most` messages that have been received already, in order, taken at once; never looks at the socket.
    #[must_use]
    pub fn queued_messages(&self, most: usize) -> Vec<Message> {
        self.engine().inbox_here().map_or_else(Vec::new, |mut inbox| inbox.next_messages(most))
    }

    /// The events as an iterator that waits for each and ends with the connection
    /// ([`disconnect_reason`](Self::disconnect_reason) tells why).
    pub fn events_iter(&self) -> impl Iterator<Item = Event> + '_ {
        std::iter::from_fn(|| self.recv_event().ok())
    }

    /// `event FORMAT NAMES`, as written: names separated by blanks, `CUSTOM` and its subclasses last.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn events(&self, format: EventFormat, names: &str) -> Result<Reply> {
        self.perform("events", &Command::event(format, names)?)
    }

    /// `nixevent NAMES`: these events come no more.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn nixevent(&self, names: &str) -> Result<Reply> {
        self.perform("nixevent", &Command::nixevent(names)?)
    }

    /// `noevents`: no event comes any more; a success also when none were asked for.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn noevents(&self) -> Result<Reply> {
        self.perform("noevents", &Command::noevents())
    }

    /// Brings a subscription about, all its commands in one go. It may be applied again, on this connection or another.
    ///
    /// # Errors
    /// `Refused` with the server's words when it refuses a command (those behind it were sent all the same),
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn apply(&self, subscription: &Subscription) -> Result<()> {
        let commands = subscription.commands()?;
        let pending: Result<Vec<_>> = commands.iter().map(|command| self.submit(command)).collect();
        let mut refused = None;
        for (pending, command) in pending?.into_iter().zip(&commands) {
            let reply = pending.wait()?;
            if !reply.is_ok() && refused.is_none() {
                refused = Some(Error::refused(&command.summary(), &reply.text()));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// `filter HEADER VALUE`.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn filter(&self, header: &str, value: &str) -> Result<Reply> {
        self.perform("filter", &Command::filter(header, value)?)
    }

    /// `filter delete HEADER [VALUE]`; the header `all` takes every filter back.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn filter_delete(&self, header: &str, value: Option<&str>) -> Result<Reply> {
        self.perform("filter_delete", &Command::filter_delete(header, value)?)
    }

    /// `sendevent NAME` with the event's headers and body: the server fires it and answers with its uuid.
    ///
    /// # Errors
    /// `InvalidArgument` when a header holds a line break, `Refused`, `Timeout`, `Disconnected`.
    pub fn send_event(&self, event: &Event) -> Result<Reply> {
        self.perform("send_event", &Command::sendevent(event)?)
    }

    /// Starts a thread that receives from now on, and gives its channel of events; log lines and linger notices are passed
    /// over ([`subscribe_incoming`](Self::subscribe_incoming) has them, too). The channel closes with the connection
    /// ([`disconnect_reason`](Self::disconnect_reason) tells why) and the thread ends with it, or when the receiver is
    /// dropped and another event comes.
    ///
    /// The server is never held up by a slow reader: the channel takes some events, the others wait in the connection's
    /// queue, within its bounds and by its policy ([`QueueLimits`](crate::QueueLimits)); what is dropped is counted in
    /// [`Stats::dropped_events`](crate::Stats::dropped_events). Other takers on the same connection take events away from
    /// it.
    ///
    /// # Errors
    /// `Io` when no thread can be started.
    pub fn subscribe(&self) -> Result<Receiver<Event>> {
        self.hand_over(|message| message.content_type().is_event().then(|| message.into_event()))
    }

    /// As [`subscribe`](Self::subscribe), for everything that the server sends unasked, typed.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn subscribe_incoming(&self) -> Result<Receiver<Incoming>> {
        self.hand_over(|message| Some(Incoming::from(message)))
    }

    /// As [`subscribe`](Self::subscribe), for everything that the server sends unasked, as it came.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn subscribe_messages(&self) -> Result<Receiver<Message>> {
        self.hand_over(Some)
    }

    fn hand_over<T: Send + 'static>(
        &self,
        convert: impl Fn(Message) -> Option<T> + Send + 'static,
    ) -> Result<Receiver<T>> {
        let engine = self.engine().clone();
        let (sender, receiver) = bounded(engine.options.queue.events.min(HANDED_OVER));
        let receive = move || {
            let over = Arc::new(AtomicBool::new(false));
            let mut reader = None;
            while let Ok(Some(message)) =
                engine.wait(Deadline::NEVER, super::super::inbox::Inbox::next_message)
            {
                let Some(given) = convert(message) else { continue };
                let given = match sender.try_send(given) {
                    Ok(()) => continue,
                    Err(TrySendError::Disconnected(_)) => break,
                    Err(TrySendError::Full(given)) => given,
                };
                // A slow reader: from now on another thread reads the socket, so that the queue's own policy decides what
                // becomes of what comes meanwhile. (Without one the socket waits.)
                if reader.is_none() {
                    let (engine, over) = (engine.clone(), over.clone());
                    let read = move || {
                        let until = |_: &mut _| over.load(Ordering::Relaxed).then_some(());
                        drop(engine.wait(Deadline::NEVER, until));
                    };
                    reader = std::thread::Builder::new().name("switchwire-read".into()).spawn(read).ok();
                }
                if sender.send(given).is_err() {
                    break;
                }
            }
            over.store(true, Ordering::Relaxed);
        };
        let spawned = std::thread::Builder::new().name("switchwire-subscribe".into()).spawn(receive);
        spawned.map_err(|error| Error::with_source(crate::ErrorKind::Io, "cannot start a thread", error))?;
        Ok(receiver)
    }
}

/// How many events the channel of a subscription takes before they wait in the queue.
const HANDED_OVER: usize = 256;

impl From<Message> for Incoming {
    fn from(message: Message) -> Self {
        if let Some(record) = message.log_record() {
            return Self::Log(record);
        }
        if let Some(notice) = message.disconnect_notice() {
            return Self::Notice(notice);
        }
        match message.event() {
            Ok(event) => Self::Event(event),
            Err(_) => Self::Other(message),
        }
    }
}
