//! The user's own api commands, applications and endpoints: closures that the simulator calls, at once or with a reply
//! that comes later from any thread.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::channel::ChannelId;
use crate::endpoint::Endpoint;

/// What a handler of the user's is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asked {
    /// The api command's or application's name, or the dial string without its variables.
    pub name: String,
    /// The argument.
    pub argument: String,
    /// The channel that it is about; none for an api command.
    pub uuid: Option<String>,
    /// The channel's variables.
    pub variables: Vec<(String, String)>,
}

impl Asked {
    /// A variable of the channel.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What an application of the user's has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Done {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) response: Option<String>,
    pub(crate) time: Duration,
    pub(crate) hangup: Option<String>,
}

impl Done {
    /// It is over, and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a channel variable.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The `Application-Response` of its CHANNEL_EXECUTE_COMPLETE (`_none_` otherwise).
    pub fn response(mut self, text: &str) -> Self {
        self.response = Some(text.to_owned());
        self
    }

    /// How long it goes on.
    pub fn lasts(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Hangs the call up.
    pub fn hangup(mut self, cause: &str) -> Self {
        self.hangup = Some(cause.to_owned());
        self
    }
}

/// Where a handler's reply goes: once, from any thread. Dropped without one, an api command replies `-ERR no reply`, an
/// application is over, an endpoint refuses the call.
#[must_use]
pub struct Respond<T: Given> {
    replies: Replies,
    ticket: Option<Ticket>,
    given: std::marker::PhantomData<fn(T)>,
}

impl<T: Given> Respond<T> {
    fn new(replies: &Replies, ticket: Ticket) -> Self {
        Self { replies: replies.clone(), ticket: Some(ticket), given: std::marker::PhantomData }
    }

    /// Gives the reply.
    pub fn send(mut self, reply: T) {
        self.give(Some(reply));
    }

    fn give(&mut self, reply: Option<T>) {
        if let Some(ticket) = self.ticket.take() {
            self.replies.push(ticket, reply.unwrap_or_else(T::none).given());
        }
    }
}

impl Respond<String> {
    pub(crate) fn api(replies: &Replies, request: u64) -> Self {
        Self::new(replies, Ticket::Api(request))
    }
}

impl Respond<Done> {
    pub(crate) fn application(replies: &Replies, channel: ChannelId, serial: u64) -> Self {
        Self::new(replies, Ticket::Application(channel, serial))
    }
}

impl Respond<Endpoint> {
    pub(crate) fn endpoint(replies: &Replies, channel: ChannelId) -> Self {
        Self::new(replies, Ticket::Endpoint(channel))
    }
}

impl<T: Given> Drop for Respond<T> {
    fn drop(&mut self) {
        self.give(None);
    }
}

impl<T: Given> fmt::Debug for Respond<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Respond").field(&self.ticket).finish()
    }
}

/// What a handler may give: text for an api command, [`Done`] for an application, [`Endpoint`] for an endpoint.
pub trait Given: sealed::Sealed + Sized {
    #[doc(hidden)]
    fn given(self) -> Reply;
    #[doc(hidden)]
    fn none() -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for String {}
    impl Sealed for super::Done {}
    impl Sealed for super::Endpoint {}
}

impl Given for String {
    fn given(self) -> Reply {
        Reply::Api(self)
    }

    fn none() -> Self {
        Self::new()
    }
}

impl Given for Done {
    fn given(self) -> Reply {
        Reply::Application(self)
    }

    fn none() -> Self {
        Self::new()
    }
}

impl Given for Endpoint {
    fn given(self) -> Reply {
        Reply::Endpoint(self)
    }

    fn none() -> Self {
        Self::fails("DESTINATION_OUT_OF_ORDER")
    }
}

/// A reply on its way.
#[doc(hidden)]
#[derive(Debug)]
pub enum Reply {
    Api(String),
    Application(Done),
    Endpoint(Endpoint),
}

/// What waits for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ticket {
    Api(u64),
    Application(ChannelId, u64),
    Endpoint(ChannelId),
}

/// Replies that the simulator's thread has not taken yet.
#[derive(Clone)]
pub(crate) struct Replies {
    waiting: Arc<Mutex<Vec<(Ticket, Reply)>>>,
    waker: Arc<mio::Waker>,
}

impl Replies {
    pub(crate) fn new(waker: Arc<mio::Waker>) -> Self {
        Self { waiting: Arc::default(), waker }
    }

    /// Others that wake the same thread.
    pub(crate) fn apart(&self) -> Self {
        Self { waiting: Arc::default(), waker: Arc::clone(&self.waker) }
    }

    fn push(&self, ticket: Ticket, reply: Reply) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((ticket, reply));
        // It fails when the simulator is gone, and nothing waits there any more.
        let _ = self.waker.wake();
    }

    pub(crate) fn take(&self) -> Vec<(Ticket, Reply)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A closure of the user's.
pub(crate) struct Handler<T: Given>(Arc<dyn Fn(Asked, Respond<T>) + Send + Sync>);

impl<T: Given + 'static> Handler<T> {
    pub(crate) fn now(handler: impl Fn(&Asked) -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |asked, respond: Respond<T>| respond.send(handler(&asked))))
    }

    pub(crate) fn later(handler: impl Fn(Asked, Respond<T>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(handler))
    }

    /// Runs it. If it panics it has given no reply, and the simulator goes on.
    pub(crate) fn call(&self, asked: Asked, respond: Respond<T>) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.0)(asked, respond)));
    }
}

impl<T: Given> Clone for Handler<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
