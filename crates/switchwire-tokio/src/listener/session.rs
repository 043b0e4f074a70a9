//! One call and its handler.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use switchwire::{Error, Failure, Handled, Listener};

use super::server::{Shared, Stage};
use crate::Connection;
use crate::pending::Pending;

/// Runs the handler to its end. A call whose handler fails while it is up is hung up, and so is one that the server ends.
pub(super) async fn run<F>(shared: &Shared, call: Connection, handler: impl FnOnce(Connection) -> F)
where
    F: Future<Output: Handled>,
{
    // The connection is kept until the handler has ended, so that a failed one's call can be hung up.
    let begun = catch_unwind(AssertUnwindSafe(|| Box::pin(handler(call.clone()))));
    let mut handling = Handling { future: begun.ok(), call: &call };
    let ended = tokio::select! {
        biased;
        ended = &mut handling => ended,
        () = shared.reaches(Stage::Closing) => {
            abandon(shared, &call).await;
            handling.await
        }
    };
    match ended {
        Ended::Well => {}
        Ended::Panicked => {
            shared.count(|stats| stats.panicked += 1);
            abandon(shared, &call).await;
        }
        Ended::Failed(error) => {
            abandon(shared, &call).await;
            shared.count(|stats| stats.errors += 1);
            shared.report(&error);
        }
    }
}

/// Ends the call and closes the connection.
async fn abandon(shared: &Shared, call: &Connection) {
    let done = Pending::<(), ()>::start(|done| {
        call.send(|event_loop| {
            event_loop.abandon_with(&shared.failure_cause, move || done(Ok(())));
            Ok(())
        })
    });
    if let Ok(done) = done {
        // Whatever comes of it, the connection is closed next.
        let _ = tokio::time::timeout(Listener::HANGUP_TIMEOUT, done).await;
    }
    call.disconnect();
}

/// How a call ended for its handler.
enum Ended {
    /// The handler has done its work, or the call was over.
    Well,
    Panicked,
    Failed(Error),
}

/// A handler that runs.
struct Handling<'a, F> {
    /// `None` once it has panicked.
    future: Option<Pin<Box<F>>>,
    call: &'a Connection,
}

impl<F: Future<Output: Handled>> Future for Handling<'_, F> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let Some(future) = &mut self.future else { return Poll::Ready(Ended::Panicked) };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let Ok(polled) = polled else {
            self.future = None;
            return Poll::Ready(Ended::Panicked);
        };
        polled.map(|handled| match Failure::judge(handled, self.call.core()) {
            None => Ended::Well,
            Some(error) => Ended::Failed(error),
        })
    }
}
