//! What the user receives of a supervised connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use switchwire::{Error, Result, StreamItem};

use super::ManagedConnection;
use crate::wakers::Place;

impl ManagedConnection {
    /// Waits for the next item of the stream. Dropping the future loses none.
    ///
    /// # Errors
    /// Once all has been taken: the reason of `GaveUp`, or `Disconnected` after [`close`](Self::close). On a connection of a
    /// [`Fleet`](crate::Fleet) `Io`: its items come in that one's stream.
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
        match &self.connection.inner.feed {
            Some(feed) => feed.poll(&self.connection.inner.core, &mut self.place, context),
            None => Poll::Ready(Err(not_here())),
        }
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
        if let Some(feed) = &self.connection.inner.feed {
            feed.forget(&self.place);
        }
    }
}

fn not_here() -> Error {
    let unsupported = std::io::ErrorKind::Unsupported.into();
    Error::from_io("the items of a fleet's connection come in the fleet's stream", unsupported)
}
