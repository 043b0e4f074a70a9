use std::time::Duration;

use super::{Field, Outcome, ends, is_hung_up, key, number};
use crate::Event;

/// What `record` recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordOutcome {
    /// Why it ended.
    pub end: RecordEnd,
    /// The key that ended it.
    pub terminator: Option<char>,
    /// How long it is (`record_ms`).
    pub duration: Option<Duration>,
    /// The same in samples (`record_samples`).
    pub samples: Option<u64>,
}

ends! {
    /// Why a recording ended.
    RecordEnd {
        /// A key among `playback_terminators` ended it.
        Terminator = "terminator",
        /// The caller was silent for long enough.
        Silence = "silence",
        /// The limit was reached.
        Limit = "limit",
        /// It ended otherwise: `break`.
        Stopped = "stopped",
        /// The call was hung up; what was said before is in the file. (Also how the server treats a file that it cannot
        /// write: with the cause `DESTINATION_OUT_OF_ORDER`.)
        Hangup = "hangup",
    }
}

impl RecordOutcome {
    pub(in super::super) const VARIABLES: [&'static str; 4] = [TERMINATOR, SILENCE, MILLISECONDS, SAMPLES];

    pub(in super::super) fn read(limited: bool, complete: &Event) -> Self {
        // The application clears it when it begins.
        let terminator = key(complete, TERMINATOR);
        let end = match terminator {
            _ if is_hung_up(complete) => RecordEnd::Hangup,
            Some(_) => RecordEnd::Terminator,
            None if complete.variable(SILENCE).as_deref() == Some("true") => RecordEnd::Silence,
            // The length does not show it: the server counts it short by what the codec and the file's buffer hold.
            None if limited => RecordEnd::Limit,
            None => RecordEnd::Stopped,
        };
        Self {
            end,
            terminator: terminator.filter(|_| end == RecordEnd::Terminator),
            duration: number(complete, MILLISECONDS).map(Duration::from_millis),
            samples: number(complete, SAMPLES),
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, Field)> {
        vec![
            ("end", Field::Word(self.end.name())),
            ("terminator", Field::key(self.terminator)),
            ("duration", Field::duration(self.duration)),
            ("samples", Field::integer(self.samples)),
        ]
    }
}

impl From<RecordOutcome> for Outcome {
    fn from(outcome: RecordOutcome) -> Self {
        Self::Record(outcome)
    }
}

const TERMINATOR: &str = "playback_terminator_used";
const SILENCE: &str = "silence_hits_exhausted";
const MILLISECONDS: &str = "record_ms";
const SAMPLES: &str = "record_samples";
