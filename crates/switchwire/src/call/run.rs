//! Running an application and reading its outcome: one route for all of them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use switchwire_proto::application::{Application, Outcome, TypedApplication};
use switchwire_proto::{Event, EventType};

use super::Call;
use crate::connection::WeakConnection;
use crate::engine::Engine;
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Executed, PendingValue, Phase, Result};

/// An application that is running, for [`Call::run_with`]. Dropping it changes nothing.
#[derive(Clone)]
pub struct Run {
    engine: Weak<Engine>,
    uuid: String,
}

impl Run {
    /// The Event-UUID of this run: `Application-UUID` in its events.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// Gives it up: the callback will not be called any more, and the event of its end is queued as any other. The
    /// application goes on. Says whether it was still awaited.
    pub fn abandon(&self) -> bool {
        let Some(engine) = self.engine.upgrade() else { return false };
        engine.change(|inbox| inbox.waits.give_up(&self.uuid, &mut inbox.ready_callbacks)).unwrap_or(false)
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

/// An application that is running; see [`Call::start`].
///
/// When it is dropped, the event of its end comes to [`recv_event`](crate::Connection::recv_event) as any other.
#[must_use = "the outcome comes to this handle"]
pub struct Running<A> {
    application: A,
    run: Run,
    complete: PendingValue<Event>,
}

impl<A: TypedApplication> Running<A> {
    /// The Event-UUID of this run.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.run.uuid()
    }

    /// Waits for the end for at most `timeout`; `Ok(None)` when the timeout expired: you may ask again. The outcome is
    /// returned once.
    ///
    /// # Errors
    /// As [`Call::run`].
    pub fn take_timeout(&self, timeout: Duration) -> Result<Option<A::Outcome>> {
        let complete = self.complete.take_timeout(timeout)?;
        Ok(complete.map(|event| self.application.read_outcome(&event)))
    }
}

impl<A> Drop for Running<A> {
    fn drop(&mut self) {
        self.run.abandon();
    }
}

impl<A> std::fmt::Debug for Running<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("uuid", &self.run.uuid()).finish_non_exhaustive()
    }
}

impl Call {
    /// Runs an application and waits for its end.
    ///
    /// # Errors
    /// `Hangup` when the call ends first (see [`Call`]), `Timeout` (the application goes on), `Refused`, `NotSubscribed`,
    /// `InvalidArgument` for an argument that cannot be said, `Disconnected`.
    pub fn run<A: TypedApplication>(&self, application: &A) -> Result<A::Outcome> {
        Ok(application.read_outcome(&self.complete(application)?))
    }

    /// As [`run`](Self::run), for an application that is known only while the program runs.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_any(&self, application: &dyn Application) -> Result<Outcome> {
        Ok(application.outcome(&self.complete(application)?))
    }

    /// Starts an application, without waiting even for the reply.
    ///
    /// # Errors
    /// As [`run`](Self::run), but no `Timeout`.
    pub fn start<A: TypedApplication>(&self, application: A) -> Result<Running<A>> {
        let (run, complete) = self.begin(&application)?;
        self.connection.engine().make_room()?;
        Ok(Running { application, run, complete })
    }

    /// As [`run_any`](Self::run_any), with a callback; never waits. An event loop keeps the timers: see [`Run::abandon`].
    ///
    /// # Errors
    /// As [`run`](Self::run), but no `Timeout`; the callback is not called then.
    pub fn run_with(
        &self,
        application: Box<dyn Application + Send>,
        on_done: impl FnOnce(Result<Outcome>) + Send + 'static,
    ) -> Result<Run> {
        let request = Request::of(&*application)?;
        self.execute_with(request, move |complete| {
            on_done(complete.map(|event| application.outcome(&event)));
        })
    }

    /// As [`run`](Self::run), with a callback; never waits. See [`run_with`](Self::run_with).
    ///
    /// # Errors
    /// As [`run`](Self::run), but no `Timeout`; the callback is not called then.
    pub fn run_typed_with<A: TypedApplication + Send + 'static>(
        &self,
        application: A,
        on_done: impl FnOnce(Result<A::Outcome>) + Send + 'static,
    ) -> Result<Run> {
        let request = Request::of(&application)?;
        self.execute_with(request, move |complete| {
            on_done(complete.map(|event| application.read_outcome(&event)));
        })
    }

    /// Waits for the event that has the outcome.
    fn complete(&self, application: &dyn Application) -> Result<Event> {
        let (run, complete) = self.begin(application)?;
        match complete.wait_for(self.timeout) {
            Err(error) if error.is_timeout() => {
                run.abandon();
                Err(Error::timeout(Phase::Execute))
            }
            ended => ended,
        }
    }

    pub(super) fn begin(&self, application: &dyn Application) -> Result<(Run, PendingValue<Event>)> {
        let request = Request::of(application)?;
        let mut started = None;
        let complete = PendingValue::start(self.connection.engine(), |on_done| {
            started = Some(self.execute_with(request, on_done)?);
            Ok(())
        })?;
        let run = started.ok_or_else(|| Error::disconnected("the application was not started"))?;
        Ok((run, complete))
    }

    /// Runs it; the callback gets the event that has the outcome, or one that holds the variables in its place.
    fn execute_with(
        &self,
        request: Request,
        on_done: impl FnOnce(Result<Event>) + Send + 'static,
    ) -> Result<Run> {
        self.check_up()?;
        let Request { name, argument, variables, ends_with_call } = request;
        let execute = self.connection.prepare_execute(&name, &argument, self.addressed()).asynchronous(false);
        let fetch = Fetch {
            connection: self.connection.downgrade(),
            channel: self.addressed().map(str::to_owned),
            variables,
        };
        let uuid = self.connection.event_loop().execute_and_wait_with(execute, move |ended| match ended {
            Ok(Executed { complete: Some(event), .. }) => on_done(Ok(event)),
            // A sync socket without events.
            Ok(_) => fetch.begin(Box::new(on_done), None),
            Err(error) if ends_with_call && error.kind() == ErrorKind::Hangup => match error.event() {
                Some(event) => on_done(Ok(event.clone())),
                // The connection may linger; there the variables can still be read.
                None if !error.is_disconnected() => fetch.begin(Box::new(on_done), Some(error)),
                None => on_done(Err(error)),
            },
            Err(error) => on_done(Err(error)),
        })?;
        Ok(Run { engine: Arc::downgrade(self.connection.engine()), uuid })
    }
}

/// What is asked of the server.
struct Request {
    name: String,
    argument: String,
    variables: Vec<String>,
    ends_with_call: bool,
}

impl Request {
    fn of(application: &dyn Application) -> Result<Self> {
        Ok(Self {
            name: application.name().to_owned(),
            argument: application.argument()?,
            variables: application.outcome_variables(),
            ends_with_call: application.ends_with_call(),
        })
    }
}

type OnEvent = Box<dyn FnOnce(Result<Event>) + Send>;

/// The variables of an outcome, where no event brings them.
struct Fetch {
    connection: WeakConnection,
    channel: Option<String>,
    variables: Vec<String>,
}

/// The variables that have come so far.
struct Fetched {
    left: usize,
    event: Event,
    hung_up: Option<Error>,
    on_done: Option<OnEvent>,
}

impl Fetch {
    /// `hung_up` is the error that stands when the variables cannot be read.
    fn begin(self, on_done: OnEvent, hung_up: Option<Error>) {
        let mut event = Event::bare(EventType::ChannelExecuteComplete);
        if let Some(error) = &hung_up {
            event.add_header("Answer-State", "hangup");
            event.add_header("Hangup-Cause", error.hangup_cause().unwrap_or_default());
        }
        let Some(connection) = self.connection.upgrade() else {
            return on_done(Err(
                hung_up.unwrap_or_else(|| Error::disconnected("the connection was closed on this side"))
            ));
        };
        let left = self.variables.len();
        let fetched = Arc::new(Mutex::new(Fetched { left, event, hung_up, on_done: Some(on_done) }));
        for name in self.variables {
            let (got, variable) = (fetched.clone(), name.clone());
            let sent = connection.event_loop().variable_with(self.channel.as_deref(), &name, move |value| {
                Fetched::take(&got, &variable, value);
            });
            if let Err(error) = sent {
                Fetched::take(&fetched, &name, Err(error));
            }
        }
    }
}

impl Fetched {
    fn take(fetched: &Mutex<Self>, name: &str, value: Result<Option<String>>) {
        let mut fetched = fetched.lock();
        fetched.left -= 1;
        let failed = match value {
            Ok(Some(value)) => {
                fetched.event.add_header(format!("variable_{name}"), value);
                None
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if failed.is_none() && fetched.left > 0 {
            return;
        }
        let Some(on_done) = fetched.on_done.take() else { return };
        let result = match failed {
            None => Ok(fetched.event.clone()),
            Some(error) => Err(fetched.hung_up.take().unwrap_or(error)),
        };
        drop(fetched);
        on_done(result);
    }
}
