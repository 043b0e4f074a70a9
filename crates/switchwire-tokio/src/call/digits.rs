//! The digits that the far end presses.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use switchwire::{CallWait, DigitsReceived, Dtmf, DtmfEvents, Result};

use super::Call;
use crate::pending::Pending;
use crate::wakers::{Place, Wakers};

/// Digits as they come, as a stream that ends with the call: see [`Call::dtmf`].
#[must_use = "streams do nothing unless polled"]
pub struct DtmfStream {
    digits: DtmfEvents,
    arrived: Arc<Wakers>,
    place: Place,
    /// Kept open.
    _call: Call,
}

impl DtmfStream {
    /// Waits for the next digit. What came before is returned first, in order. Dropping the future loses none.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Disconnected`.
    pub async fn recv(&mut self) -> Result<Dtmf> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// How many digits were dropped because nothing took them (the last 4096 are kept).
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.digits.missed()
    }

    fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Result<Dtmf>> {
        if let Some(digit) = self.digits.queued().transpose() {
            return Poll::Ready(digit);
        }
        self.arrived.register(&mut self.place, context);
        self.digits.queued().transpose().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Stream for DtmfStream {
    type Item = Dtmf;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Dtmf>> {
        self.poll_recv(context).map(Result::ok)
    }
}

impl std::fmt::Debug for DtmfStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DtmfStream").field(&self.digits).finish()
    }
}

impl Call {
    /// The digits that come from now on, also while verbs run. The connection must be subscribed to `DTMF` (`myevents`
    /// brings them, too).
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `NotSubscribed`, `Disconnected`.
    pub fn dtmf(&self) -> Result<DtmfStream> {
        let arrived = Arc::<Wakers>::default();
        let wakers = arrived.clone();
        let digits = self.core.dtmf_with(move || wakers.wake_all())?;
        Ok(DtmfStream { digits, arrived, place: Place::default(), _call: self.clone() })
    }

    /// Waits for digits that come from now on: until there are `count`, one of the `terminators` is pressed, or `timeout`
    /// has passed. It runs no application: any may run meanwhile. (To collect digits after a prompt, use
    /// [`play_and_get_digits`](Self::play_and_get_digits), which keeps those that come early.)
    ///
    /// # Errors
    /// As [`dtmf`](Self::dtmf), and `InvalidArgument` for a count of 0. A timeout is no error: it is said in the end.
    pub async fn wait_for_dtmf(
        &self,
        count: usize,
        timeout: Duration,
        terminators: &str,
    ) -> Result<DigitsReceived> {
        let mut received = Pending::<DigitsReceived, Option<CallWait>>::start(|done| {
            self.core.digits_with(count, terminators, done).map(Some)
        })?;
        if let Ok(received) = tokio::time::timeout(timeout, &mut received).await {
            return received;
        }
        if let Some(Some(wait)) = received.awaited() {
            // The callback is called now, with what has come so far.
            wait.expire();
        }
        received.await
    }
}
