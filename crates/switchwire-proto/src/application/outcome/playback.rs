use std::time::Duration;

use super::{Field, Outcome, RESPONSE, ends, is_hung_up, key, number, response};
use crate::Event;

/// How `playback`, `say` or `speak` ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlaybackOutcome {
    /// Why it ended.
    pub end: PlaybackEnd,
    /// The key that ended it.
    pub terminator: Option<char>,
    /// How long it played (`playback_ms`; of a list of files, the last one). Not for `say` and `speak`.
    pub duration: Option<Duration>,
    /// The same in samples (`playback_samples`).
    pub samples: Option<u64>,
    /// The server's word for it (`Application-Response`), e.g. `FILE PLAYED`; none for `say` and `speak` that went well.
    pub response: Option<String>,
}

ends! {
    /// Why a playback ended.
    PlaybackEnd {
        /// All was played, or `break` ended it: the server does not say which.
        Completed = "completed",
        /// A key among `playback_terminators` ended it.
        Terminator = "terminator",
        /// There is no such file.
        NotFound = "not-found",
        /// It could not be played: see the response.
        Failed = "failed",
        /// The call was hung up.
        Hangup = "hangup",
    }
}

impl PlaybackOutcome {
    pub(in super::super) const VARIABLES: [&'static str; 4] = [RESPONSE, TERMINATOR, MILLISECONDS, SAMPLES];

    /// Reads the end of an application that plays. `say` and `speak` leave no lengths.
    pub(in super::super) fn read(complete: &Event, has_length: bool) -> Self {
        let response = response(complete);
        // The application clears it when it begins.
        let terminator = key(complete, TERMINATOR);
        let end = match response.as_deref() {
            _ if is_hung_up(complete) => PlaybackEnd::Hangup,
            Some("FILE NOT FOUND") => PlaybackEnd::NotFound,
            None | Some("FILE PLAYED") if terminator.is_some() => PlaybackEnd::Terminator,
            None | Some("FILE PLAYED") => PlaybackEnd::Completed,
            Some(_) => PlaybackEnd::Failed,
        };
        // What did not play leaves the lengths of what played before it.
        let played = has_length && !matches!(end, PlaybackEnd::NotFound | PlaybackEnd::Failed);
        let number = |variable| number(complete, variable).filter(|_| played);
        Self {
            end,
            terminator: terminator.filter(|_| end == PlaybackEnd::Terminator),
            duration: number(MILLISECONDS).map(Duration::from_millis),
            samples: number(SAMPLES),
            response,
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, Field)> {
        vec![
            ("end", Field::Word(self.end.name())),
            ("terminator", Field::key(self.terminator)),
            ("duration", Field::duration(self.duration)),
            ("samples", Field::integer(self.samples)),
            ("response", Field::text(self.response.as_deref())),
        ]
    }
}

impl From<PlaybackOutcome> for Outcome {
    fn from(outcome: PlaybackOutcome) -> Self {
        Self::Playback(outcome)
    }
}

const TERMINATOR: &str = "playback_terminator_used";
const MILLISECONDS: &str = "playback_ms";
const SAMPLES: &str = "playback_samples";
