//! A leg as a row of a table.

use std::time::{Duration, SystemTime};

use switchwire::CallDirection;
use switchwire::calls::CallLeg;

/// What is shown of a leg. The texts are as the server sent them: a cell makes them harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) direction: &'static str,
    pub(crate) state: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) age: String,
    pub(crate) talking: String,
    pub(crate) with: String,
    pub(crate) hung_up: bool,
    pub(crate) answered: bool,
}

impl Row {
    /// The leg, as of now.
    pub(crate) fn new(server: &str, leg: &CallLeg, now: SystemTime) -> Self {
        let since = |time: Option<SystemTime>| time.and_then(|time| now.duration_since(time).ok()).map(clock);
        let state = match (&leg.hangup_cause, &leg.call_state) {
            (Some(cause), _) => cause.to_string(),
            (None, Some(state)) => state.to_string(),
            (None, None) => leg.answer_state.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let from = match (leg.caller_id_name.as_str(), leg.caller_id_number.as_str()) {
            (name, number) if name.is_empty() || name == number => number.to_owned(),
            (name, number) => format!("{number} {name}"),
        };
        Self {
            server: server.to_owned(),
            uuid: leg.uuid.clone(),
            name: leg.name.clone(),
            direction: match leg.direction {
                Some(CallDirection::Inbound) => "in",
                Some(CallDirection::Outbound) => "out",
                _ => "",
            },
            state,
            from,
            to: leg.destination.clone(),
            age: since(leg.created).unwrap_or_default(),
            talking: since(leg.answered).unwrap_or_default(),
            with: leg.bridged_to().map(crate::describe::short).unwrap_or_default(),
            hung_up: leg.is_hung_up(),
            answered: leg.is_answered(),
        }
    }
}

/// `59s`, `12:34`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
