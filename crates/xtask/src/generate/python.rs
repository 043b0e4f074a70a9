//! The words of calls as Python modules: enums that are `str`, `Literal` types of their names, constants.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use switchwire_proto::EventType;
use switchwire_proto::vocabulary::{
    AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, HangupCause, SayGender, SayMethod,
    SayType, headers, variables,
};

use super::{NOTICE, Output};

/// Beside one line each, some are long.
const STYLE: &str = "# ruff: noqa: E501, RUF100\n# fmt: off";

pub(super) fn outputs() -> Vec<Output> {
    vec![
        ("python/src/switchwire/event_type.py", event_types()),
        ("python/src/switchwire/vocabulary.py", enums()),
        ("python/src/switchwire/headers.py", header_names()),
        ("python/src/switchwire/variables.py", variable_names()),
    ]
}

/// A Python string. Rust's escapes of quotes and backslashes are Python's.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The name of a constant: capitals, digits and underscores.
fn constant(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// `NAME = Literal[...]` with its one line of meaning.
fn literal<'a>(name: &str, words: impl Iterator<Item = &'a str>, meaning: &str) -> String {
    let words: String = words.map(|word| format!("    {},\n", quoted(word))).collect();
    format!("{name} = Literal[\n{words}]\n\"\"\"{meaning}\"\"\"\n")
}

fn event_types() -> String {
    let mut out = format!(
        r#"# {NOTICE}
"""The kinds of events that FreeSWITCH knows."""

from __future__ import annotations

import enum
from typing import Literal


class EventType(str, enum.Enum):
    """The type of an event: a `str` that is the name on the wire.

    A name that is not in this list (servers grow new ones) has the type `CUSTOM`; `Event.name` keeps the word.
    """

    def __str__(self) -> str:
        return str(self.value)

"#
    );
    for event_type in EventType::ALL {
        let name = event_type.name();
        let _ = writeln!(out, "    {name} = {}", quoted(name));
    }
    let names = EventType::ALL.iter().map(|event_type| event_type.name());
    let _ = write!(
        out,
        "\n\n{}",
        literal("EventName", names, "The name of an event: what type checkers hold names to.")
    );
    out
}

/// One class per table, its members with the server's number and a line of meaning, and the `Literal` of its names.
fn enums() -> String {
    let mut out = format!(
        r#"# {NOTICE}
{STYLE}
"""The words of calls: hangup causes, states, directions, what the application `say` takes, what conferences do.

Members are `str`, equal to the word on the wire. A word that is in no table stays a plain `str`: `HangupCause.of`
gives the one or the other, as the readers of `Event` do.
"""

from __future__ import annotations

import enum
from typing import Literal, TypeVar, Union

_W = TypeVar("_W", bound="_Word")


class _Word(str, enum.Enum):
    """A word of a table."""

    def __str__(self) -> str:
        return str(self.value)

    @property
    def number(self) -> int:
        """The server's number of it."""
        return _NUMBERS[type(self).__name__][list(type(self)).index(self)]

    @classmethod
    def of(cls: type[_W], name: str) -> _W | str:
        """The member of that name, in any letter case; `name` itself when the table lacks it."""
        folded = name.casefold()
        return next((word for word in cls if word.value.casefold() == folded), name)


# In the order of the members.
_NUMBERS: dict[str, tuple[int, ...]] = {{}}
"#
    );
    macro_rules! class {
        ($enum:ident, $doc:literal, $extra:expr) => {{
            let _ = write!(out, "\n\nclass {}(_Word):\n    \"\"\"{}\"\"\"\n\n", stringify!($enum), $doc);
            for word in $enum::ALL {
                let member = match word.name().chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    true => constant(word.name()),
                    false => constant(&snake(&format!("{word:?}"))),
                };
                let meaning = word.meaning().unwrap_or_default();
                let _ = writeln!(out, "    #: {meaning}\n    {member} = {}", quoted(word.name()));
            }
            out.push_str($extra);
            let numbers = $enum::ALL.iter().filter_map(|word| word.number()).map(|number| number.to_string());
            let numbers: Vec<_> = numbers.collect();
            let _ = write!(out, "\n\n_NUMBERS[\"{}\"] = ({})\n", stringify!($enum), numbers.join(", "));
            let name = concat!(stringify!($enum), "Name");
            let meaning = concat!("The name of a `", stringify!($enum), "`.");
            let _ = write!(out, "\n{}", literal(name, $enum::ALL.iter().map(|word| word.name()), meaning));
        }};
    }
    class!(
        HangupCause,
        "Why a channel was hung up: the header `Hangup-Cause`, and what `hangup` takes.",
        &q850()
    );
    class!(ChannelState, "The state of a channel's state machine: the header `Channel-State`.", &ended());
    class!(CallState, "The state of a call: the header `Channel-Call-State`.", "");
    class!(AnswerState, "How far a call is answered: the header `Answer-State`.", "");
    class!(CallDirection, "Which way a leg goes, as the server sees it: the header `Call-Direction`.", "");
    class!(SayType, "What the application `say` says.", "");
    class!(SayMethod, "How the application `say` says it.", "");
    class!(SayGender, "The gender in which the application `say` says it.", "");
    class!(
        ConferenceAction,
        "What happened in a conference: the header `Action` of `conference::maintenance` events.",
        ""
    );
    out.push_str("\n\nCause = Union[HangupCause, HangupCauseName]\n\"\"\"A cause to hang up with.\"\"\"\n");
    out
}

/// The property `q850`; the causes that have no number of their own all give the same.
fn q850() -> String {
    let own = |cause: &&HangupCause| Some(cause.q850()) == cause.number();
    let last = HangupCause::ALL.iter().filter(own).filter_map(HangupCause::number).max().unwrap_or_default();
    let other = HangupCause::from("not in the table").q850();
    format!(
        r#"
    @property
    def q850(self) -> int:
        """The number that the server reports in `variable_hangup_cause_q850`: {other} for its own causes."""
        return self.number if self.number <= {last} else {other}
"#
    )
}

fn ended() -> String {
    let ended = ChannelState::ALL.iter().filter(|state| state.is_ended()).map(|state| quoted(state.name()));
    let ended: Vec<String> = ended.collect();
    format!(
        r#"
    @property
    def is_ended(&self) -> bool:
        """Whether the channel has been hung up."""
        return self.value in ({})
"#,
        ended.join(", ")
    )
    .replace("&self", "self")
}

/// `NotApplicable` as `Not_Applicable`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c);
    }
    out
}

/// Constants of one table, each with its meaning as the comment that documentation tools read.
fn constants<'a>(rows: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    for (name, meaning) in rows {
        // Two headers may differ in `-`, `_` or letter case only: `profile-name` and `profile_name`.
        let mut constant = constant(name);
        while !seen.insert(constant.clone()) {
            constant.push('_');
        }
        let _ = writeln!(out, "#: {meaning}\n{constant}: Final = {}", quoted(name));
    }
    out
}

fn header_names() -> String {
    let rows = headers::ALL.iter().map(|row| (row.name, row.meaning.to_owned()));
    let names = literal("HeaderName", headers::ALL.iter().map(|row| row.name), "A header of the table.");
    format!(
        r#"# {NOTICE}
{STYLE}
"""Headers of events that programs read: `event[headers.HANGUP_CAUSE]`. Any other name may be looked up as well."""

from __future__ import annotations

from typing import Final, Literal

{}
{names}"#,
        constants(rows)
    )
}

fn variable_names() -> String {
    let rows = variables::ALL.iter().map(|row| (row.name, format!("{}: {}", row.kind, row.meaning)));
    let names = variables::ALL.iter().map(|row| row.name);
    let names = literal("VariableName", names, "A variable of the table.");
    format!(
        r#"# {NOTICE}
{STYLE}
"""Channel variables that steer calls or say how they went: `event.variable(variables.HANGUP_CAUSE)`.

Each has the kind of its value and what it does: text, integer, seconds, milliseconds, microseconds, boolean, list. All are
text on the wire, and any other variable may be used as well.
"""

from __future__ import annotations

from typing import Final, Literal

{}
{names}"#,
        constants(rows)
    )
}
