//! Making calls: `originate`, run by `bgapi`.
//!
//! Threads use [`Connection::originate`] (a handle) or [`Connection::originate_and_wait`]. A binding for an event loop uses
//! [`EventLoop::originate_with`](crate::EventLoop::originate_with): `on_done` gets the uuid or the error once, on the
//! thread that reads, and the [`OriginateHandle`] returned at once has the uuids and cancels (an asyncio task's
//! cancellation, an `AbortSignal`). Nothing more is needed from the binding: no timer, no further command.

mod cancel;
mod run;

use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::dial::Originate;

use self::run::Run;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::Concern;
use crate::{Call, Connection, Error, ErrorKind, EventLoop, Phase, Result};

/// A call that is being made; see [`Connection::originate`].
///
/// Dropping it changes nothing: the call goes on, and what comes of it is not reported. May be sent to another thread.
#[must_use = "what comes of the call is reported to this handle"]
pub struct Originating {
    handle: OriginateHandle,
}

/// A call that is being made, for event loops: what is known of it, and the way to cancel it. Dropping it changes
/// nothing; clones are the same call.
#[derive(Clone)]
pub struct OriginateHandle(Arc<Run>);

impl Connection {
    /// `bgapi originate`: begins to make a call, and returns before anything has rung. The legs' uuids are known at once
    /// ([`Originating::uuids`]); [`Originating::wait`] says whether a leg was answered.
    ///
    /// The connection must be subscribed to `BACKGROUND_JOB` events.
    ///
    /// ```no_run
    /// use switchwire::dial::{DialString, Endpoint, Originate, Target};
    /// use switchwire::{Connection, ErrorKind, EventFormat, HangupCause};
    /// # use std::time::Duration;
    ///
    /// let connection = Connection::connect("127.0.0.1", 8021, "ClueCon")?;
    /// connection.events(EventFormat::Plain, "BACKGROUND_JOB CHANNEL_HANGUP_COMPLETE")?;
    /// let call = Originate::new(Endpoint::user("1000"), Target::application("park")).timeout(20);
    /// match connection.originate(&call)?.wait(Duration::from_secs(30)) {
    ///     Ok(uuid) => println!("{uuid} was answered"),
    ///     Err(error) if error.cause() == Some(HangupCause::UserBusy) => println!("busy"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), switchwire::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot be said so that the server takes it for this call, `NotSubscribed`, `Timeout`
    /// when the server takes nothing, `Disconnected`.
    pub fn originate(&self, originate: &Originate) -> Result<Originating> {
        self.begin_originate(originate, None)
    }

    /// As [`originate`](Self::originate), under a Job-UUID of your own.
    ///
    /// # Errors
    /// As [`originate`](Self::originate); `InvalidArgument` also when a job with that id is running.
    pub fn originate_as(&self, originate: &Originate, job_uuid: &str) -> Result<Originating> {
        self.begin_originate(originate, Some(job_uuid))
    }

    fn begin_originate(&self, originate: &Originate, job_uuid: Option<&str>) -> Result<Originating> {
        let originating = self.event_loop().start_originate(originate, job_uuid)?;
        self.engine().make_room()?;
        Ok(originating)
    }

    /// Makes a call and waits until a leg is answered: gives its uuid. When it fails within this time, or the time is
    /// over, no leg is left: after a timeout they are hung up, which may take the command timeout in addition.
    ///
    /// # Errors
    /// As [`originate`](Self::originate) and [`Originating::wait`].
    pub fn originate_and_wait(&self, originate: &Originate, timeout: Duration) -> Result<String> {
        Self::answered(&self.originate(originate)?, timeout)
    }

    /// As [`originate_and_wait`](Self::originate_and_wait), and gives the leg as a [`Call`]: with what events have reported of
    /// it since it was dialled, where the leg that was answered is the first one.
    ///
    /// # Errors
    /// As [`originate_and_wait`](Self::originate_and_wait).
    pub fn originate_call(&self, originate: &Originate, timeout: Duration) -> Result<Call> {
        let originating = self.originate(originate)?;
        let first = self.call(originating.uuid())?;
        let uuid = Self::answered(&originating, timeout)?;
        if uuid == first.uuid() { Ok(first) } else { self.call(uuid) }
    }

    fn answered(originating: &Originating, timeout: Duration) -> Result<String> {
        let waited = originating.wait(timeout);
        if matches!(&waited, Err(error) if error.is_timeout()) {
            match originating.cancel() {
                // It was answered at the last moment, and has been hung up; or failed of itself.
                Ok(()) => {}
                Err(error) if error.is_timeout() => {}
                Err(error) => return Err(error),
            }
        }
        waited
    }
}

impl EventLoop<'_> {
    /// [`Connection::originate`], without waiting for room in the socket. The Job-UUID is the one given, or a new one.
    ///
    /// # Errors
    /// `InvalidArgument` (also when a job with that id is running), `NotSubscribed`, `Disconnected`, `LimitExceeded`.
    pub fn start_originate(self, originate: &Originate, job_uuid: Option<&str>) -> Result<Originating> {
        let run = Run::start(self, originate, job_uuid, None, None)?;
        Ok(Originating { handle: OriginateHandle(run) })
    }

    /// As [`start_originate`](Self::start_originate); `notify` is called once when [`Originating::queued`] has the end, on the
    /// thread that reads, which must not be held up.
    ///
    /// # Errors
    /// As [`start_originate`](Self::start_originate); `notify` is not called then.
    pub fn start_originate_with(
        self,
        originate: &Originate,
        job_uuid: Option<&str>,
        notify: impl FnOnce() + Send + 'static,
    ) -> Result<Originating> {
        let run = Run::start(self, originate, job_uuid, None, Some(Box::new(notify)))?;
        Ok(Originating { handle: OriginateHandle(run) })
    }

    /// [`Connection::originate`], its end reported by a callback: the uuid of the leg that was answered, or the error, as
    /// [`Originating::wait`] gives them. The Job-UUID is the one given, or a new one.
    ///
    /// # Errors
    /// `InvalidArgument` (also when a job with that id is running), `NotSubscribed`, `Disconnected`, `LimitExceeded`;
    /// the callback is not called then.
    pub fn originate_with(
        self,
        originate: &Originate,
        job_uuid: Option<&str>,
        on_done: impl FnOnce(Result<String>) + Send + 'static,
    ) -> Result<OriginateHandle> {
        Run::start(self, originate, job_uuid, Some(Box::new(on_done)), None).map(OriginateHandle)
    }
}

impl Originating {
    /// The uuid of the leg. With several legs it is the first one's: which of [`uuids`](Self::uuids) is answered only
    /// [`wait`](Self::wait) knows.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.handle.uuid()
    }

    /// The uuids of all legs, in the order in which they are written (see
    /// [`DialString::identify_legs`](crate::dial::DialString::identify_legs)).
    #[must_use]
    pub fn uuids(&self) -> &[String] {
        self.handle.uuids()
    }

    /// The Job-UUID.
    #[must_use]
    pub fn job_uuid(&self) -> &str {
        self.handle.job_uuid()
    }

    /// For other threads and callbacks: cancels as this handle does.
    #[must_use]
    pub fn handle(&self) -> OriginateHandle {
        self.handle.clone()
    }

    /// Waits for at most `timeout` until a leg is answered (or has early media, unless `ignore_early_media` is set), and
    /// gives its uuid. Other events that arrive meanwhile stay queued, in order. May be called again: the end is kept.
    ///
    /// # Errors
    /// - `Hangup`: no leg was answered. [`Error::cause`] says why (`USER_BUSY`, `NO_ANSWER`, …; of several legs what the
    ///   server reports for all of them), [`Error::reply_text`] has the server's text. A cancelled call ends so, too.
    /// - `Refused`: the server did not take it for a call, e.g. `-USAGE`, or has no permission for it.
    /// - `Timeout`: it still rings. Wait again, or cancel.
    /// - `NotSubscribed`, `Disconnected`: what came of the call will not be known.
    pub fn wait(&self, timeout: Duration) -> Result<String> {
        self.end(Deadline::after(timeout))?.ok_or_else(|| Error::timeout(Phase::Job))
    }

    /// The end if it has come; reads what has arrived, without waiting.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), but no `Timeout`.
    pub fn try_take(&self) -> Result<Option<String>> {
        self.end(Deadline::after(Duration::ZERO))
    }

    /// The end if it has been read; never waits and never reads the socket: for event loops.
    ///
    /// # Errors
    /// As [`try_take`](Self::try_take).
    pub fn queued(&self) -> Result<Option<String>> {
        self.handle.0.look().transpose()
    }

    /// Hangs up whatever there is of the call, and waits for at most the command timeout until nothing is left of it. Then
    /// [`wait`](Self::wait) gives `Hangup`. What [`wait`](Self::wait) has given as answered is not touched.
    ///
    /// # Errors
    /// `Timeout` (the legs are still being hung up, also without a further call), `Disconnected`, `NotSubscribed`.
    pub fn cancel(&self) -> Result<()> {
        self.handle.cancel();
        let engine = self.engine();
        engine.make_room()?;
        match self.end(Deadline::after_option(engine.options.command_timeout)) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Error::timeout(Phase::Job)),
            Err(error) => match error.kind() {
                ErrorKind::Hangup | ErrorKind::Refused => Ok(()),
                _ => Err(error),
            },
        }
    }

    fn end(&self, deadline: Deadline) -> Result<Option<String>> {
        // A job that was begun without waiting may still be held back.
        let flushed = self.engine().flush(deadline);
        flushed.or_else(|error| if error.is_timeout() { Ok(()) } else { Err(error) })?;
        let concern = Concern::Bell(&self.handle.0.bell);
        self.engine().wait_for(deadline, &concern, |_| self.handle.0.look())?.transpose()
    }

    fn engine(&self) -> &Engine {
        &self.handle.0.engine
    }
}

impl OriginateHandle {
    /// As [`Originating::uuid`].
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.0.uuids.first().map_or("", String::as_str)
    }

    /// As [`Originating::uuids`].
    #[must_use]
    pub fn uuids(&self) -> &[String] {
        &self.0.uuids
    }

    /// The Job-UUID.
    #[must_use]
    pub fn job_uuid(&self) -> &str {
        &self.0.job
    }

    /// Begins to hang up whatever there is of the call, and never waits: the legs under way (`uuid_kill` with
    /// `ORIGINATOR_CANCEL`), those that are dialled after it, and one that is answered meanwhile, until the originate has
    /// ended. The end is reported as ever, as `Hangup`. Returns whether there was something to cancel: `false` when the
    /// end has been reported already.
    pub fn cancel(&self) -> bool {
        self.0.cancel()
    }
}

impl std::fmt::Debug for Originating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Originating").field("uuids", &self.uuids()).field("job", &self.job_uuid()).finish()
    }
}

impl std::fmt::Debug for OriginateHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OriginateHandle")
            .field("uuids", &self.uuids())
            .field("job", &self.job_uuid())
            .finish()
    }
}
