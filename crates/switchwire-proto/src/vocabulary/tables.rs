use std::fmt::Write as _;

use super::{
    AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, HangupCause, SayGender, SayMethod,
    SayType, headers, variables,
};
use crate::EventType;

/// All tables as tab-separated lines `TABLE NAME NUMBER-OR-KIND MEANING`, for generators and drift checks.
///
/// The tables are `event_type`, `hangup_cause`, `channel_state`, `call_state`, `answer_state`, `call_direction`,
/// `say_type`, `say_method`, `say_gender`, `conference_action`, `header` and `variable`; a column that a table lacks is
/// empty.
#[must_use]
pub fn tables() -> String {
    let mut out = String::new();
    let mut row = |table: &str, name: &str, detail: &str, meaning: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{table}\t{name}\t{detail}\t{meaning}");
    };
    for event_type in EventType::ALL {
        row("event_type", event_type.name(), &event_type.number().to_string(), "");
    }
    macro_rules! words {
        ($($table:literal = $enum:ident),*) => {
            $(for word in $enum::ALL {
                let number = word.number().unwrap_or_default().to_string();
                row($table, word.name(), &number, word.meaning().unwrap_or_default());
            })*
        };
    }
    words!(
        "hangup_cause" = HangupCause,
        "channel_state" = ChannelState,
        "call_state" = CallState,
        "answer_state" = AnswerState,
        "call_direction" = CallDirection,
        "say_type" = SayType,
        "say_method" = SayMethod,
        "say_gender" = SayGender,
        "conference_action" = ConferenceAction
    );
    for header in headers::ALL {
        row("header", header.name, "", header.meaning);
    }
    for variable in variables::ALL {
        row("variable", variable.name, variable.kind.name(), variable.meaning);
    }
    out
}
