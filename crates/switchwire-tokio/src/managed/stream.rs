//! What the user receives of a supervised connection.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use parking_lot::Mutex;
use switchwire::{Result, StreamItem};

use super::ManagedConnection;
use crate::wakers::{Place, Wakers};

/// Items on their way from the core's queue to the tasks that wait.
#[derive(Default)]
pub(super) struct Queue {
    /// A few, taken in one go; here and not with a receiver, so that none is lost with one.
    taken: Mutex<VecDeque<StreamItem>>,
    receivers: Wakers,
}

impl Queue {
    pub(super) fn wake_all(&self) {
        self.receivers.wake_all();
    }

    /// The next item. None means that the receivers will be woken when there is something again.
    fn next(&self, core: &switchwire::ManagedConnection) -> Option<StreamItem> {
        let mut taken = self.taken.lock();
        if taken.is_empty() {
            taken.extend(core.take(BATCH));
            // The core announces only what comes after none was left.
            if taken.len() > 1 {
                self.receivers.wake_all();
            }
        }
        taken.pop_front()
    }
}

impl ManagedConnection {
    /// Waits for the next item of the stream. Dropping the future loses none.
    ///
    /// # Errors
    /// Once all has been taken: the reason of `GaveUp`, or `Disconnected` after [`close`](Self::close).
    pub async fn recv(&self) -> Result<StreamItem> {
        let mut items = self.stream();
        poll_fn(|context| items.poll(context)).await
    }

    /// The items as a stream, which keeps the connection and ends with it ([`status`](Self::status) says why). Several streams of
    /// one connection share its items: each comes to one of them.
    pub fn stream(&self) -> StreamItems {
        StreamItems { connection: self.clone(), place: Place::default() }
    }
}

/// The stream of a supervised connection: see [`ManagedConnection::stream`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct StreamItems {
    connection: ManagedConnection,
    place: Place,
}

impl StreamItems {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<StreamItem>> {
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        let (core, queue) = (self.connection.core(), &self.connection.inner.queue);
        let mut found = queue.next(core);
        if found.is_none() {
            queue.receivers.register(&mut self.place, context);
            found = queue.next(core);
        }
        let found = match found {
            Some(item) => Ok(item),
            None => match core.ended() {
                // What came before the end is here by now.
                Some(reason) => queue.next(core).ok_or(reason),
                None => return Poll::Pending,
            },
        };
        turn.made_progress();
        Poll::Ready(found)
    }
}

impl Stream for StreamItems {
    type Item = StreamItem;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<StreamItem>> {
        self.poll(context).map(Result::ok)
    }
}

impl Drop for StreamItems {
    fn drop(&mut self) {
        self.connection.inner.queue.receivers.forget(&self.place);
    }
}

/// How many items are taken in one go.
const BATCH: usize = 64;
