//! What is done to the call at once: by an api command where the connection may use it, else by an application.

use switchwire::application::{
    Action, Digits, Displace, RecordSession, ScheduledHangup, ScheduledTransfer, StopRecordSession, Transfer,
    TransferLeg,
};
use switchwire::{HangupCause, Phase, Result};

use super::Call;
use crate::pending::{Pending, within};

/// What each of these returns as an error is said at [`Call::act`].
#[expect(clippy::missing_errors_doc, reason = "the errors are those of act, said once above")]
impl Call {
    /// Does something to the call at once, and waits for the server's reply.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Refused` with the server's words, `InvalidArgument` for what cannot be said, or
    /// for what needs `api` on a connection that may not use it; `Timeout`, `Disconnected`.
    pub async fn act(&self, action: Action) -> Result<()> {
        let done = Pending::start(|on_done| self.connection.send(|_| self.core.act_with(action, on_done)))?;
        within(self.command_timeout(), Phase::Reply, done).await
    }

    /// Ends the call with that cause. `Ok` also when it has ended already.
    pub async fn hangup(&self, cause: HangupCause) -> Result<()> {
        self.act(Action::Hangup(cause)).await
    }

    /// Goes on in the dialplan at another extension. An outbound connection ends then, unless it lingers.
    pub async fn transfer(&self, transfer: Transfer) -> Result<()> {
        self.act(Action::Transfer(transfer)).await
    }

    /// Parks the call.
    pub async fn park(&self) -> Result<()> {
        self.act(Action::Park).await
    }

    /// Puts the call on hold.
    pub async fn hold(&self) -> Result<()> {
        self.act(Action::Hold).await
    }

    /// Takes the call off hold.
    pub async fn unhold(&self) -> Result<()> {
        self.act(Action::Unhold).await
    }

    /// Mutes what the call says; its partners do not hear it any more.
    pub async fn mute(&self) -> Result<()> {
        self.act(Action::Mute { hearing: false }).await
    }

    /// Mutes what the call hears.
    pub async fn deafen(&self) -> Result<()> {
        self.act(Action::Mute { hearing: true }).await
    }

    /// Takes [`mute`](Self::mute) and [`deafen`](Self::deafen) back.
    pub async fn unmute(&self) -> Result<()> {
        self.act(Action::Unmute).await
    }

    /// Records the call to a file while other things go on, until it ends or the recording is stopped.
    pub async fn start_recording(&self, recording: RecordSession) -> Result<()> {
        self.act(Action::StartRecording(recording)).await
    }

    /// Ends the recording to that file; `all` ends every one of the call.
    pub async fn stop_recording(&self, file: impl Into<String>) -> Result<()> {
        self.act(Action::StopRecording(StopRecordSession::new(file))).await
    }

    /// Plays a file over whatever the call does, to this leg, to its partner, or to both. Does not wait for its end.
    pub async fn broadcast(&self, file: impl Into<String>, leg: TransferLeg) -> Result<()> {
        self.act(Action::Broadcast { file: file.into(), leg }).await
    }

    /// Plays a file in the place of what the far end says. Does not wait for its end.
    pub async fn displace(&self, displace: Displace) -> Result<()> {
        self.act(Action::Displace(displace)).await
    }

    /// Ends what [`displace`](Self::displace) plays.
    pub async fn stop_displacing(&self, file: impl Into<String>) -> Result<()> {
        self.act(Action::StopDisplacing { file: file.into() }).await
    }

    /// Ends what the call plays: its verb returns.
    pub async fn stop_playback(&self) -> Result<()> {
        self.act(Action::StopPlayback { all: false }).await
    }

    /// Sends digits to the far end.
    pub async fn send_dtmf(&self, digits: impl Into<String>) -> Result<()> {
        self.act(Action::SendDtmf(Digits::new(digits))).await
    }

    /// Hangs up later.
    pub async fn schedule_hangup(&self, hangup: ScheduledHangup) -> Result<()> {
        self.act(Action::ScheduleHangup(hangup)).await
    }

    /// Transfers the call later.
    pub async fn schedule_transfer(&self, transfer: ScheduledTransfer) -> Result<()> {
        self.act(Action::ScheduleTransfer(transfer)).await
    }
}
