//! What is done to a call from outside: by an api command where the connection may use it, else by an application.

use super::control::{Digits, Displace, ScheduledHangup, ScheduledTransfer, StopRecordSession, Transfer};
use super::{ApiCommand, Application, DialError, Named, RecordSession, TransferLeg};
use crate::HangupCause;

/// Something that is done to a call at once, whatever application it runs.
///
/// An api command acts at once; a connection that may not use `api` (an outbound one without `full`) runs the
/// application, which waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Hangs up (`uuid_kill`; the protocol's own `hangup` without `api`).
    Hangup(HangupCause),
    /// Goes on in the dialplan elsewhere (`uuid_transfer`, `transfer`).
    Transfer(Transfer),
    /// Parks (`uuid_park`, `park`).
    Park,
    /// Puts on hold (`uuid_hold`, `hold`).
    Hold,
    /// Takes off hold (`uuid_hold off`, `unhold`).
    Unhold,
    /// Mutes what the call says, or with `hearing` what it hears (`uuid_audio`; no application does it).
    Mute {
        /// What it hears.
        hearing: bool,
    },
    /// Takes every mute back (`uuid_audio stop`; no application does it).
    Unmute,
    /// Records to a file (`uuid_record start`, `record_session`).
    StartRecording(RecordSession),
    /// Ends the recording to that file (`uuid_record stop`, `stop_record_session`).
    StopRecording(StopRecordSession),
    /// Plays a file over whatever the call does (`uuid_broadcast`; no application does it).
    Broadcast {
        /// The file.
        file: String,
        /// Who hears it.
        leg: TransferLeg,
    },
    /// Plays a file in the place of what the far end says (`uuid_displace start`, `displace_session`).
    Displace(Displace),
    /// Ends that (`uuid_displace stop`, `stop_displace_session`).
    StopDisplacing {
        /// The file.
        file: String,
    },
    /// Ends what is played (`uuid_break`, `break`); with `all`, also what is queued behind it.
    StopPlayback {
        /// What is queued behind it, too.
        all: bool,
    },
    /// Sends digits to the far end (`uuid_send_dtmf`, `send_dtmf`).
    SendDtmf(Digits),
    /// Hangs up later (`sched_hangup`).
    ScheduleHangup(ScheduledHangup),
    /// Transfers later (`sched_transfer`).
    ScheduleTransfer(ScheduledTransfer),
}

impl Action {
    /// The api command that does it to the channel of that uuid.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn api(&self, uuid: &str) -> Result<ApiCommand, DialError> {
        match self {
            Self::Hangup(cause) => ApiCommand::hangup(uuid, cause),
            Self::Transfer(transfer) => ApiCommand::transfer(uuid, transfer),
            Self::Park => ApiCommand::park(uuid),
            Self::Hold => ApiCommand::hold(uuid, true),
            Self::Unhold => ApiCommand::hold(uuid, false),
            Self::Mute { hearing } => ApiCommand::mute(uuid, !hearing),
            Self::Unmute => ApiCommand::unmute(uuid),
            Self::StartRecording(recording) => {
                ApiCommand::start_recording(uuid, &recording.file, recording.limit)
            }
            Self::StopRecording(stop) => ApiCommand::stop_recording(uuid, &stop.file),
            Self::Broadcast { file, leg } => ApiCommand::broadcast(uuid, file, *leg),
            Self::Displace(displace) => {
                ApiCommand::displace(uuid, &displace.file, displace.limit, displace.mix)
            }
            Self::StopDisplacing { file } => ApiCommand::stop_displacing(uuid, file),
            Self::StopPlayback { all } => ApiCommand::stop_playback(uuid, *all),
            Self::SendDtmf(digits) => ApiCommand::send_dtmf(uuid, digits),
            Self::ScheduleHangup(hangup) => {
                ApiCommand::schedule_hangup(uuid, hangup.seconds, hangup.cause.as_ref())
            }
            Self::ScheduleTransfer(transfer) => {
                ApiCommand::schedule_transfer(uuid, transfer.seconds, &transfer.transfer)
            }
        }
    }

    /// The application that does it to the channel that it runs on; `None` where only an api command does, and for
    /// [`Hangup`](Self::Hangup), which is a command of the protocol.
    #[must_use]
    pub fn application(&self) -> Option<Box<dyn Application + Send + Sync>> {
        Some(match self {
            Self::Transfer(transfer) => Box::new(transfer.clone()),
            Self::Park => Box::new(Named::new("park")),
            Self::Hold => Box::new(Named::new("hold")),
            Self::Unhold => Box::new(Named::new("unhold")),
            Self::StartRecording(recording) => Box::new(recording.clone()),
            Self::StopRecording(stop) => Box::new(stop.clone()),
            Self::Displace(displace) => Box::new(displace.clone()),
            Self::StopDisplacing { file } => Box::new(Named::with("stop_displace_session", file.as_str())),
            Self::StopPlayback { all } => Box::new(Named::with("break", if *all { "all" } else { "" })),
            Self::SendDtmf(digits) => Box::new(digits.clone()),
            Self::ScheduleHangup(hangup) => Box::new(hangup.clone()),
            Self::ScheduleTransfer(transfer) => Box::new(transfer.clone()),
            Self::Hangup(_) | Self::Mute { .. } | Self::Unmute | Self::Broadcast { .. } => return None,
        })
    }

    /// Whether the application goes on until something else ends it, so that its end is not waited for.
    #[must_use]
    pub const fn stays(&self) -> bool {
        matches!(self, Self::Park)
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hangup(_) => "hangup",
            Self::Transfer(_) => "transfer",
            Self::Park => "park",
            Self::Hold => "hold",
            Self::Unhold => "unhold",
            Self::Mute { .. } => "mute",
            Self::Unmute => "unmute",
            Self::StartRecording(_) => "start_recording",
            Self::StopRecording(_) => "stop_recording",
            Self::Broadcast { .. } => "broadcast",
            Self::Displace(_) => "displace",
            Self::StopDisplacing { .. } => "stop_displacing",
            Self::StopPlayback { .. } => "stop_playback",
            Self::SendDtmf(_) => "send_dtmf",
            Self::ScheduleHangup(_) => "schedule_hangup",
            Self::ScheduleTransfer(_) => "schedule_transfer",
        }
    }
}
