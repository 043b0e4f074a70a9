//! One stream of all servers.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use switchwire::{FleetItem, Result};

use super::Fleet;
use crate::wakers::Place;

impl Fleet {
    /// Waits for the next item of any server. The items of one server come in its order; servers with much to say do not keep
    /// others waiting. Dropping the future loses none.
    ///
    /// # Errors
    /// `Disconnected` after [`close`](Self::close), once all has been taken.
    pub async fn recv(&self) -> Result<FleetItem> {
        let mut items = self.stream();
        poll_fn(|context| items.poll(context)).await
    }

    /// The items as a stream, which keeps the fleet open and ends with [`close`](Self::close). Several streams of one fleet share
    /// its items: each comes to one of them.
    pub fn stream(&self) -> FleetItems {
        FleetItems { fleet: self.clone(), place: Place::default() }
    }
}

/// The stream of a fleet: see [`Fleet::stream`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct FleetItems {
    fleet: Fleet,
    place: Place,
}

impl FleetItems {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<FleetItem>> {
        self.fleet.inner.feed.poll(&self.fleet.inner.core, &mut self.place, context)
    }
}

impl Stream for FleetItems {
    type Item = FleetItem;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<FleetItem>> {
        self.poll(context).map(Result::ok)
    }
}

impl Drop for FleetItems {
    fn drop(&mut self) {
        self.fleet.inner.feed.forget(&self.place);
    }
}
