//! What is done to the call at once: by an api command where the connection may use it, else by an application.

use switchwire_proto::application::{
    Action, Digits, Displace, RecordSession, ScheduledHangup, ScheduledTransfer, StopRecordSession, Transfer,
    TransferLeg,
};
use switchwire_proto::{Command, HangupCause, Reply};

use super::Call;
use crate::{Error, ErrorKind, PendingValue, Result};

impl Call {
    /// Does something to the call at once, and waits for the server's reply.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Refused` with the server's words, `InvalidArgument` for what cannot be said, or
    /// for what needs `api` on a connection that may not use it; `Timeout`, `Disconnected`.
    pub fn act(&self, action: Action) -> Result<()> {
        let done = PendingValue::start(self.connection.engine(), |on_done| self.act_with(action, on_done))?;
        done.wait_for(self.timeout.or(self.connection.options().command_timeout))
    }

    /// As [`act`](Self::act), with a callback; never waits.
    ///
    /// # Errors
    /// As [`act`](Self::act), but no `Timeout`; the callback is not called then.
    pub fn act_with(&self, action: Action, on_done: impl FnOnce(Result<()>) + Send + 'static) -> Result<()> {
        if let Action::Hangup(cause) = &action {
            return self.hangup_with(cause, on_done);
        }
        self.check_up()?;
        if self.may_use_api() {
            let api = action.api(self.uuid())?;
            return self.perform_with(action.name(), &api.command()?, on_done);
        }
        let Some(application) = action.application() else {
            let detail = format!("{}: a connection without `full` may not use api commands", action.name());
            return Err(super::invalid(detail));
        };
        if action.stays() {
            let execute = self.connection.prepare_execute(
                application.name(),
                &application.argument()?,
                self.addressed(),
            );
            return self.perform_with(action.name(), &execute.build()?, on_done);
        }
        self.run_with(application, move |outcome| on_done(outcome.map(drop))).map(drop)
    }

    /// Ends the call with that cause. `Ok` also when it has ended already.
    ///
    /// # Errors
    /// As [`act`](Self::act), but no `Hangup`.
    pub fn hangup(&self, cause: HangupCause) -> Result<()> {
        self.act(Action::Hangup(cause))
    }

    /// Goes on in the dialplan at another extension. An outbound connection ends then, unless it lingers.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn transfer(&self, transfer: Transfer) -> Result<()> {
        self.act(Action::Transfer(transfer))
    }

    /// Parks the call.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn park(&self) -> Result<()> {
        self.act(Action::Park)
    }

    /// Puts the call on hold.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn hold(&self) -> Result<()> {
        self.act(Action::Hold)
    }

    /// Takes the call off hold.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn unhold(&self) -> Result<()> {
        self.act(Action::Unhold)
    }

    /// Mutes what the call says; its partners do not hear it any more.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn mute(&self) -> Result<()> {
        self.act(Action::Mute { hearing: false })
    }

    /// Mutes what the call hears.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn deafen(&self) -> Result<()> {
        self.act(Action::Mute { hearing: true })
    }

    /// Takes [`mute`](Self::mute) and [`deafen`](Self::deafen) back.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn unmute(&self) -> Result<()> {
        self.act(Action::Unmute)
    }

    /// Records the call to a file while other things go on, until it ends or the recording is stopped.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn start_recording(&self, recording: RecordSession) -> Result<()> {
        self.act(Action::StartRecording(recording))
    }

    /// Ends the recording to that file; `all` ends every one of the call.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn stop_recording(&self, file: impl Into<String>) -> Result<()> {
        self.act(Action::StopRecording(StopRecordSession::new(file)))
    }

    /// Plays a file over whatever the call does, to this leg, to its partner, or to both. Does not wait for its end.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn broadcast(&self, file: impl Into<String>, leg: TransferLeg) -> Result<()> {
        self.act(Action::Broadcast { file: file.into(), leg })
    }

    /// Plays a file in the place of what the far end says. Does not wait for its end.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn displace(&self, displace: Displace) -> Result<()> {
        self.act(Action::Displace(displace))
    }

    /// Ends what [`displace`](Self::displace) plays.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn stop_displacing(&self, file: impl Into<String>) -> Result<()> {
        self.act(Action::StopDisplacing { file: file.into() })
    }

    /// Ends what the call plays: its verb returns.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn stop_playback(&self) -> Result<()> {
        self.act(Action::StopPlayback { all: false })
    }

    /// Sends digits to the far end.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn send_dtmf(&self, digits: impl Into<String>) -> Result<()> {
        self.act(Action::SendDtmf(Digits::new(digits)))
    }

    /// Hangs up later.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn schedule_hangup(&self, hangup: ScheduledHangup) -> Result<()> {
        self.act(Action::ScheduleHangup(hangup))
    }

    /// Transfers the call later.
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub fn schedule_transfer(&self, transfer: ScheduledTransfer) -> Result<()> {
        self.act(Action::ScheduleTransfer(transfer))
    }

    fn hangup_with(
        &self,
        cause: &HangupCause,
        on_done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        let api = Action::Hangup(cause.clone()).api(self.uuid())?;
        if self.check_up().is_err() {
            on_done(Ok(()));
            return Ok(());
        }
        let command = match self.may_use_api() {
            true => api.command()?,
            false => Command::hangup(self.addressed(), Some(cause.name()))?,
        };
        let weak = self.connection.downgrade();
        let own = self.is_own();
        self.perform_with("hangup", &command, move |done| {
            on_done(match done {
                Err(error) if error.kind() == ErrorKind::Hangup => Ok(()),
                // The server may close the connection with the call before it replies.
                Err(error)
                    if own && error.is_disconnected() && weak.upgrade().is_none_or(|call| call.hung_up()) =>
                {
                    Ok(())
                }
                done => done,
            });
        })
    }

    /// Whether the connection may use `api`: any but an outbound one without `full`.
    pub(super) fn may_use_api(&self) -> bool {
        self.connection.engine().inbox_here().is_some_and(|inbox| !inbox.call.outbound || inbox.call.full)
    }

    /// Sends a command that must succeed. A refusal because there is no such channel says that the call has ended, where
    /// it is known to have been there.
    fn perform_with(
        &self,
        name: &'static str,
        command: &Command,
        on_done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        let weak = self.connection.downgrade();
        let uuid = self.uuid().to_owned();
        let replied = move |reply: Result<Reply>| {
            on_done(reply.map(drop).map_err(|error| {
                let known = weak.upgrade().and_then(|connection| {
                    let inbox = connection.engine().inbox_here()?;
                    inbox.followed.status(&uuid).cloned()
                });
                let refused = error.kind() == ErrorKind::Refused && is_gone(&error);
                match known {
                    Some(status) if refused => match status.end_error() {
                        Some(end) => end,
                        None if status.answer.is_some() => Error::hung_up(None, None),
                        None => error,
                    },
                    _ => error,
                }
            }));
        };
        self.connection.event_loop().perform_with(name, command, replied).map(drop)
    }
}

/// Whether the server's words say that there is no such channel.
fn is_gone(error: &Error) -> bool {
    let words = error.to_string().to_ascii_lowercase();
    ["no such channel", "invalid uuid", "cannot locate session", "invalid session"]
        .iter()
        .any(|gone| words.contains(gone))
}
