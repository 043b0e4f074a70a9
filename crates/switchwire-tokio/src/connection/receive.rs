//! Receiving: events, log lines and notices, in the order in which they came.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use switchwire::{Error, Event, Incoming, Message, Result};

use super::Connection;
use crate::wakers::Place;

impl Connection {
    /// Waits for the next event. A log line or linger notice comes as an event of type `SOCKET_DATA` (see
    /// [`recv`](Self::recv) for typed ones). Dropping the future loses nothing: an event is taken only when it is
    /// returned.
    ///
    /// # Errors
    /// `Disconnected` once the connection is over and every event received before has been taken. On a connection of a
    /// [`ManagedConnection`](crate::ManagedConnection) `Io`: its events come in that one's stream.
    pub async fn recv_event(&self) -> Result<Event> {
        self.recv_message().await.map(Message::into_event)
    }

    /// Waits for the next message that is not a reply, typed.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub async fn recv(&self) -> Result<Incoming> {
        self.recv_message().await.map(Incoming::from)
    }

    /// Waits for the next message that is not a reply, as received.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub async fn recv_message(&self) -> Result<Message> {
        let mut receiver = Receiver::of(self);
        poll_fn(|context| receiver.poll(context)).await
    }

    /// The next event if one has been read; never waits.
    ///
    /// # Errors
    /// As [`recv_event`](Self::recv_event).
    pub fn try_recv_event(&self) -> Result<Option<Event>> {
        Receiver::of(self).look().map(|message| message.map(Message::into_event))
    }

    /// The events as a stream, which ends with the connection ([`disconnect_reason`](Self::disconnect_reason) says why) and
    /// keeps it open. Several streams of one connection share its events: each comes to one of them.
    pub fn event_stream(&self) -> EventStream {
        EventStream(Receiver::of(self))
    }

    /// As [`event_stream`](Self::event_stream), for every message that is not a reply, typed: log lines and notices, too.
    pub fn incoming_stream(&self) -> IncomingStream {
        IncomingStream(Receiver::of(self))
    }
}

/// Events as a stream: see [`Connection::event_stream`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct EventStream(Receiver);

/// Events, log lines and notices as a stream: see [`Connection::incoming_stream`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct IncomingStream(Receiver);

impl Stream for EventStream {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll(context).map(|message| message.ok().map(Message::into_event))
    }
}

impl Stream for IncomingStream {
    type Item = Incoming;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Incoming>> {
        self.0.poll(context).map(|message| message.ok().map(Incoming::from))
    }
}

/// A task that waits for messages.
#[derive(Debug)]
struct Receiver {
    connection: Connection,
    place: Place,
}

impl Receiver {
    fn of(connection: &Connection) -> Self {
        Self { connection: connection.clone(), place: Place::default() }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        // A full queue must not keep other tasks waiting.
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        let mut found = self.look();
        if matches!(found, Ok(None)) {
            if let Some(link) = self.connection.link() {
                link.receivers.register(&mut self.place, context);
            }
            found = self.look();
        }
        match found.transpose() {
            Some(found) => {
                turn.made_progress();
                Poll::Ready(found)
            }
            None => Poll::Pending,
        }
    }

    fn look(&self) -> Result<Option<Message>> {
        let core = self.connection.core();
        let Some(link) = self.connection.link() else { return Err(not_here()) };
        let take = || core.event_loop().queued_message();
        if let Some(message) = take() {
            link.taken();
            return Ok(Some(message));
        }
        match core.disconnect_reason() {
            None => {
                link.emptied();
                Ok(None)
            }
            // What came before the end is in the queue by now.
            Some(reason) => take().map_or(Err(reason), |message| Ok(Some(message))),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(link) = self.connection.link() {
            link.receivers.forget(&self.place);
        }
    }
}

fn not_here() -> Error {
    let unsupported = std::io::ErrorKind::Unsupported.into();
    Error::from_io("the events of a supervised connection come in its stream", unsupported)
}
