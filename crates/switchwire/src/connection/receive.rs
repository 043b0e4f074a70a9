//! Receiving: events, log lines and notices, in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, TrySendError, bounded};
use switchwire_proto::{DisconnectNotice, LogRecord, Message};

use super::Connection;
use crate::deadline::Deadline;
use crate::inbox::{Concern, Inbox};
use crate::{Error, ErrorKind, Event, Overflow, Result};

/// A message that is not a reply, typed.
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
    /// Anything else, as received.
    Other(Message),
}

impl Connection {
    /// Waits for the next event, without a time limit. Events that arrived while a command waited for its reply are
    /// returned first, in order. A log line or linger notice comes as an event of type `SOCKET_DATA` (see [`recv`](Self::recv)
    /// for typed ones).
    ///
    /// # Errors
    /// `Disconnected` once the connection is over and every event received before has been taken.
    pub fn recv_event(&self) -> Result<Event> {
        self.recv_message().map(Message::into_event)
    }

    /// Waits for the next event for at most `timeout`. `Ok(None)` means that the timeout expired and the connection is
    /// still good. A `timeout` of zero looks at what has arrived.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_event_timeout(&self, timeout: Duration) -> Result<Option<Event>> {
        Ok(self.recv_message_timeout(timeout)?.map(Message::into_event))
    }

    /// The next event if one has arrived; never waits.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn try_recv_event(&self) -> Result<Option<Event>> {
        self.recv_event_timeout(Duration::ZERO)
    }

    /// Waits for the next message that is not a reply, typed.
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
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Incoming>> {
        Ok(self.recv_message_timeout(timeout)?.map(Incoming::from))
    }

    /// Waits for the next message that is not a reply, as received: the untyped form that the classic layers are built on.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_message(&self) -> Result<Message> {
        let message = self.engine().wait_for(Deadline::NEVER, &Concern::Messages, Inbox::next_message)?;
        message.ok_or_else(|| Error::disconnected("no more messages will come"))
    }

    /// As [`recv_message`](Self::recv_message), for at most `timeout`.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn recv_message_timeout(&self, timeout: Duration) -> Result<Option<Message>> {
        self.engine().wait_for(Deadline::after(timeout), &Concern::Messages, Inbox::next_message)
    }

    /// Iterates over the events: waits for each, and ends with the connection
    /// ([`disconnect_reason`](Self::disconnect_reason) says why). `for event in &connection` does the same.
    #[must_use]
    pub fn iter(&self) -> Events<'_> {
        Events { connection: self }
    }

    /// Starts a thread that receives from now on, and returns the channel that it feeds with events; log lines and linger
    /// notices are skipped ([`incoming_channel`](Self::incoming_channel) has them too). For programs that wait for several
    /// things at once with [`select!`](crossbeam_channel::select). The channel closes with the connection
    /// ([`disconnect_reason`](Self::disconnect_reason) says why); the thread ends with the connection, or when the
    /// receiver has been dropped and another event comes.
    ///
    /// A slow consumer never holds up the server: the channel takes 256 events, the others wait in the connection's
    /// queue, within its bounds and by its policy ([`QueueLimits`](crate::QueueLimits)); what is dropped is counted in
    /// [`Stats::dropped_events`](crate::Stats::dropped_events). Other receivers on the same connection take events away
    /// from it.
    ///
    /// # Errors
    /// `Io` when no thread can be started.
    pub fn channel(&self) -> Result<Receiver<Event>> {
        self.feed_channel(|message| message.content_type().is_event().then(|| message.into_event()))
    }

    /// As [`channel`](Self::channel), for every message that is not a reply, typed.
    ///
    /// # Errors
    /// As [`channel`](Self::channel).
    pub fn incoming_channel(&self) -> Result<Receiver<Incoming>> {
        self.feed_channel(|message| Some(Incoming::from(message)))
    }

    /// As [`channel`](Self::channel), for every message that is not a reply, as received.
    ///
    /// # Errors
    /// As [`channel`](Self::channel).
    pub fn message_channel(&self) -> Result<Receiver<Message>> {
        self.feed_channel(Some)
    }

    fn feed_channel<T: Send + 'static>(
        &self,
        convert: impl Fn(Message) -> Option<T> + Send + 'static,
    ) -> Result<Receiver<T>> {
        let engine = self.engine().clone();
        let (sender, receiver) = bounded(engine.options.queue.events.min(CHANNEL_CAPACITY));
        let receive = move || {
            let over = Arc::new(AtomicBool::new(false));
            let mut reader = None;
            while let Ok(Some(message)) =
                engine.wait_for(Deadline::NEVER, &Concern::Messages, Inbox::next_message)
            {
                let Some(given) = convert(message) else { continue };
                let given = match sender.try_send(given) {
                    Ok(()) => continue,
                    Err(TrySendError::Disconnected(_)) => break,
                    Err(TrySendError::Full(given)) => given,
                };
                // A slow consumer: from now on another thread reads the socket, so that the queue's policy decides what
                // is dropped. (Without it the server would be held up.)
                if reader.is_none() && engine.options.queue.overflow != Overflow::Block {
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
        let spawned = std::thread::Builder::new().name("switchwire-channel".into()).spawn(receive);
        spawned.map_err(|error| Error::with_source(ErrorKind::Io, "cannot start a thread", error))?;
        Ok(receiver)
    }
}

/// How many events a channel takes before they wait in the queue.
const CHANNEL_CAPACITY: usize = 256;

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

/// Iterator over a connection's events: see [`Connection::iter`].
#[derive(Debug)]
pub struct Events<'a> {
    connection: &'a Connection,
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.connection.recv_event().ok()
    }
}

impl<'a> IntoIterator for &'a Connection {
    type Item = Event;
    type IntoIter = Events<'a>;

    fn into_iter(self) -> Events<'a> {
        self.iter()
    }
}
