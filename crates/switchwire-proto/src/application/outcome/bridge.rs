use super::{Field, Outcome, ends, is_hung_up};
use crate::{Event, HangupCause};

/// What came of a `bridge`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BridgeOutcome {
    /// The far end answered, and the two were connected.
    pub answered: bool,
    /// Answered: why the bridged leg was hung up. Else why there was no answer, e.g. `NO_ANSWER`, `USER_BUSY`; of
    /// several destinations, the last one's.
    pub cause: Option<HangupCause>,
    /// `originate_disposition`: `SUCCESS`, or the cause.
    pub disposition: Option<String>,
    /// `DIALSTATUS`: `SUCCESS`, `BUSY`, `NOANSWER`, `DONTCALL`, …
    pub dial_status: Option<String>,
    /// Who hung up, after an answer.
    pub hung_up_by: Option<BridgeSide>,
    /// The uuid of the leg that answered (`bridge_uuid`).
    pub peer_uuid: Option<String>,
    /// The name of its channel (`bridge_channel`), e.g. `sofia/internal/1000`.
    pub peer_channel: Option<String>,
    /// This call has been hung up, too: by the caller, or as the dialplan does after a bridge.
    pub hangup: bool,
}

ends! {
    /// A side of a bridge.
    BridgeSide {
        /// The leg that the application ran on.
        ThisLeg = "this-leg",
        /// The leg that was dialled.
        Peer = "peer",
    }
}

impl BridgeOutcome {
    pub(in super::super) const VARIABLES: [&'static str; 6] =
        [DISPOSITION, DIAL_STATUS, HANGUP_CAUSE, ROLE, PEER_UUID, PEER_CHANNEL];

    pub(in super::super) fn read(complete: &Event) -> Self {
        let text = |name: &str| complete.variable(name).map(std::borrow::Cow::into_owned);
        let (disposition, hangup) = (text(DISPOSITION), is_hung_up(complete));
        let answered = disposition.as_deref() == Some("SUCCESS");
        // What a failed bridge does not set keeps the values of the one before.
        let of_answer = |name: &str| text(name).filter(|_| answered);
        let cause = if answered { text(HANGUP_CAUSE) } else { disposition.clone() };
        // Set when the leg that bridges is hung up itself, not when its end follows from the other's.
        let this_leg = hangup && complete.variable(ROLE).is_some();
        let side = if this_leg { BridgeSide::ThisLeg } else { BridgeSide::Peer };
        Self {
            answered,
            cause: cause.map(|cause| HangupCause::from(&*cause)),
            dial_status: text(DIAL_STATUS),
            hung_up_by: answered.then_some(side),
            peer_uuid: of_answer(PEER_UUID),
            peer_channel: of_answer(PEER_CHANNEL),
            disposition,
            hangup,
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, Field)> {
        let cause = self.cause.as_ref().map_or(Field::None, |cause| Field::Cause(cause.name().to_owned()));
        vec![
            ("answered", Field::Boolean(self.answered)),
            ("cause", cause),
            ("disposition", Field::text(self.disposition.as_deref())),
            ("dial_status", Field::text(self.dial_status.as_deref())),
            ("hung_up_by", self.hung_up_by.map_or(Field::None, |side| Field::Word(side.name()))),
            ("peer_uuid", Field::text(self.peer_uuid.as_deref())),
            ("peer_channel", Field::text(self.peer_channel.as_deref())),
            ("hangup", Field::Boolean(self.hangup)),
        ]
    }
}

impl From<BridgeOutcome> for Outcome {
    fn from(outcome: BridgeOutcome) -> Self {
        Self::Bridge(outcome)
    }
}

const DISPOSITION: &str = "originate_disposition";
const DIAL_STATUS: &str = "DIALSTATUS";
const HANGUP_CAUSE: &str = "bridge_hangup_cause";
const ROLE: &str = "last_bridge_role";
const PEER_UUID: &str = "bridge_uuid";
const PEER_CHANNEL: &str = "bridge_channel";
