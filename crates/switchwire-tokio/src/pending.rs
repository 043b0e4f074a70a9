//! From the core's callbacks to futures.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use switchwire::{CallWait, Command, Error, Phase, Reply, Result, Run, Submitted};
use tokio::sync::oneshot;

use crate::Connection;

/// A reply that is under way; see [`Connection::submit`](crate::Connection::submit). No timeout applies.
///
/// Dropping it abandons the slot, not the order: the command has been sent, its reply is dropped when it comes, and
/// every other reply goes to its own command.
#[must_use = "the reply comes to this future"]
pub struct PendingReply(Pending<Reply, Submitted>);

impl PendingReply {
    pub(crate) fn to(connection: &Connection, command: &Command) -> Result<Self> {
        let (sender, receiver) = oneshot::channel();
        let awaited = connection.submit_with(command, move |reply| {
            // There may be no receiver any more.
            let _ = sender.send(reply);
        })?;
        Ok(Self(Pending { receiver, awaited: Some(awaited) }))
    }
}

impl Future for PendingReply {
    type Output = Result<Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl std::fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingReply").finish_non_exhaustive()
    }
}

/// What a callback of the core reports. When it is dropped before, what it waits for is abandoned.
pub(crate) struct Pending<T, A: Abandon> {
    receiver: oneshot::Receiver<Result<T>>,
    awaited: Option<A>,
}

/// How to give up what is waited for.
pub(crate) trait Abandon: Unpin {
    fn abandon(&self);
}

impl Abandon for Submitted {
    fn abandon(&self) {
        Self::abandon(self);
    }
}

impl Abandon for Run {
    fn abandon(&self) {
        Self::abandon(self);
    }
}

impl Abandon for Option<CallWait> {
    fn abandon(&self) {
        if let Some(wait) = self {
            wait.abandon();
        }
    }
}

/// What cannot be given up: its result is dropped.
impl Abandon for () {
    fn abandon(&self) {}
}

impl<T: Send + 'static, A: Abandon> Pending<T, A> {
    /// `start` gets the callback.
    pub(crate) fn start(start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<A>) -> Result<Self> {
        let (sender, receiver) = oneshot::channel();
        let awaited = start(Box::new(move |result| {
            // There may be no receiver any more.
            let _ = sender.send(result);
        }))?;
        Ok(Self { receiver, awaited: Some(awaited) })
    }

    /// What is waited for, while it is.
    pub(crate) fn awaited(&self) -> Option<&A> {
        self.awaited.as_ref()
    }
}

impl<T, A: Abandon> Future for Pending<T, A> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.receiver).poll(context));
        self.awaited = None;
        Poll::Ready(result.unwrap_or_else(|_| Err(never_called())))
    }
}

impl<T, A: Abandon> Drop for Pending<T, A> {
    fn drop(&mut self) {
        if let Some(awaited) = self.awaited.take() {
            awaited.abandon();
        }
    }
}

/// Waits for at most that long.
pub(crate) async fn within<T>(
    time: Option<Duration>,
    phase: Phase,
    future: impl Future<Output = Result<T>>,
) -> Result<T> {
    match time {
        None => future.await,
        Some(time) => tokio::time::timeout(time, future).await.unwrap_or_else(|_| Err(Error::timeout(phase))),
    }
}

/// The core calls each callback once, at the connection's end at the latest; only a process that the connection does not
/// belong to drops them.
pub(crate) fn never_called() -> Error {
    Error::from_io("the connection is gone", std::io::ErrorKind::NotConnected.into())
}
