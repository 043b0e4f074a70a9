//! Running an application and reading its outcome: one route for all of them.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use switchwire::application::{Application, Outcome, TypedApplication};
use switchwire::{Phase, Result, Run};

use super::Call;
use crate::pending::{Pending, within};

/// The outcome of an application that is running, as a future; see [`Call::start`].
///
/// When it is dropped, the event of its end comes to [`Connection::recv_event`](crate::Connection::recv_event) as any other.
#[must_use = "the outcome comes to this future"]
pub struct Running<A: TypedApplication> {
    uuid: String,
    outcome: Pending<A::Outcome, Run>,
}

impl<A: TypedApplication> Running<A> {
    /// The Event-UUID of this run: `Application-UUID` in its events.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.uuid
    }
}

impl<A: TypedApplication> Future for Running<A> {
    type Output = Result<A::Outcome>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.get_mut().outcome).poll(context)
    }
}

impl<A: TypedApplication> std::fmt::Debug for Running<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

impl Call {
    /// Runs an application and waits for its end.
    ///
    /// # Errors
    /// `Hangup` when the call ends first (see [`Call`]), `Timeout` (the application goes on), `Refused`, `NotSubscribed`,
    /// `InvalidArgument` for an argument that cannot be said, `Disconnected`.
    pub async fn run<A>(&self, application: A) -> Result<A::Outcome>
    where
        A: TypedApplication + Send + 'static,
        A::Outcome: Send,
    {
        within(self.timeout, Phase::Execute, self.start(application)?).await
    }

    /// As [`run`](Self::run), for an application that is known only while the program runs.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_any(&self, application: Box<dyn Application + Send>) -> Result<Outcome> {
        let outcome =
            Pending::start(|on_done| self.connection.send(|_| self.core.run_with(application, on_done)))?;
        within(self.timeout, Phase::Execute, outcome).await
    }

    /// Starts an application, without waiting even for the reply; its outcome is a future.
    ///
    /// # Errors
    /// As [`run`](Self::run), as far as is known at once.
    pub fn start<A>(&self, application: A) -> Result<Running<A>>
    where
        A: TypedApplication + Send + 'static,
        A::Outcome: Send,
    {
        let outcome = Pending::start(|on_done| {
            self.connection.send(|_| self.core.run_typed_with(application, on_done))
        })?;
        let uuid = outcome.awaited().map(|run| run.uuid().to_owned()).unwrap_or_default();
        Ok(Running { uuid, outcome })
    }
}
