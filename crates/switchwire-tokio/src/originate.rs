//! Making calls: `originate`, run by `bgapi`.

use std::time::Duration;

use switchwire::dial::Originate;
use switchwire::{Error, ErrorKind, Phase, Result};
use tokio::sync::watch;

use crate::pending::{never_called, within};
use crate::{Call, Connection};

/// A call that is being made; see [`Connection::originate`].
///
/// Dropping it changes nothing: the call goes on, and what comes of it is not reported.
#[derive(Debug)]
#[must_use = "what comes of the call is reported to this handle"]
pub struct Originating {
    core: switchwire::Originating,
    /// The sender is dropped when the end has come.
    ended: watch::Receiver<()>,
    connection: Connection,
}

impl Connection {
    /// `bgapi originate`: begins to make a call, and returns before anything has rung. The legs' uuids are known at once
    /// ([`Originating::uuids`]); [`Originating::wait`] says whether a leg was answered. The connection must be subscribed to
    /// `BACKGROUND_JOB` events.
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot be said so that the server takes it for this call, `NotSubscribed`,
    /// `Disconnected`, `LimitExceeded`.
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
        let (end, ended) = watch::channel(());
        let begin = |event_loop: switchwire::EventLoop<'_>| {
            event_loop.start_originate_with(originate, job_uuid, move || drop(end))
        };
        let core = self.send(begin)?;
        Ok(Originating { core, ended, connection: self.clone() })
    }

    /// Makes a call and waits until a leg is answered: gives it as a [`Call`], with what events have reported of it since it
    /// was dialled, where the leg that was answered is the first one. When it fails, the time is over or the future is
    /// dropped, no leg is left: they are hung up, which is waited for after a timeout alone.
    ///
    /// # Errors
    /// As [`originate`](Self::originate) and [`Originating::wait`]; `Timeout`.
    pub async fn originate_call(&self, originate: &Originate, timeout: Duration) -> Result<Call> {
        let mut cancels = CancelOnDrop(Some(self.originate(originate)?));
        let Some(originating) = &cancels.0 else { return Err(never_called()) };
        let first = self.call(originating.uuid())?;
        let answered = within(Some(timeout), Phase::Job, originating.wait()).await;
        if answered.as_ref().is_err_and(Error::is_timeout) {
            match originating.cancel().await {
                // It was answered at the last moment, and has been hung up; or failed of itself.
                Ok(()) => {}
                Err(error) if error.is_timeout() => {}
                Err(error) => return Err(error),
            }
        }
        cancels.0 = None;
        let uuid = answered?;
        if uuid == first.uuid() { Ok(first) } else { self.call(uuid) }
    }
}

impl Originating {
    /// The uuid of the leg; of several legs the first one's: which of them is answered only [`wait`](Self::wait) knows.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.core.uuid()
    }

    /// The uuids of all legs, in the order in which they are written.
    #[must_use]
    pub fn uuids(&self) -> &[String] {
        self.core.uuids()
    }

    /// The Job-UUID.
    #[must_use]
    pub fn job_uuid(&self) -> &str {
        self.core.job_uuid()
    }

    /// Waits until a leg is answered (or has early media, unless `ignore_early_media` is set), and gives its uuid. May be
    /// called again: the end is kept. Dropping the future changes nothing.
    ///
    /// # Errors
    /// `Hangup` when no leg was answered ([`Error::cause`] says why), `Refused`, `NotSubscribed`, `Disconnected`, as
    /// [`switchwire::Originating::wait`] says.
    pub async fn wait(&self) -> Result<String> {
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
        self.core.queued()?.ok_or_else(never_called)
    }

    /// Hangs up whatever there is of the call, and waits for at most the command timeout until nothing is left of it. Then
    /// [`wait`](Self::wait) gives `Hangup`. What [`wait`](Self::wait) has given as answered is not touched. Once polled, it
    /// hangs up also when the future is dropped.
    ///
    /// # Errors
    /// `Timeout` (the legs are still being hung up), `Disconnected`, `NotSubscribed`.
    pub async fn cancel(&self) -> Result<()> {
        self.begin_to_cancel();
        match within(self.connection.options().command_timeout, Phase::Job, self.wait()).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::Hangup | ErrorKind::Refused) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn begin_to_cancel(&self) {
        // A connection that is over has no call to cancel.
        let _ = self.connection.send(|_| Ok(self.core.handle().cancel()));
    }
}

struct CancelOnDrop(Option<Originating>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(originating) = &self.0 {
            originating.begin_to_cancel();
        }
    }
}
