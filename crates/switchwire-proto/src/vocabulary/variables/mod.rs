//! The one table of channel variables that steer calls, or say how they went.

mod calls;
mod media;
mod sip;

use std::fmt;

pub use calls::*;
pub use media::*;
pub use sip::*;

/// What a variable's value is. All are text on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VariableKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number of seconds.
    Seconds,
    /// A number of milliseconds.
    Milliseconds,
    /// A number of microseconds.
    Microseconds,
    /// `true` or `false`. The server also takes yes, on, t, enabled, active, allow and numbers but 0.
    Boolean,
    /// Words joined by commas (some by a bar), or an array.
    List,
}

impl VariableKind {
    /// The kind in one lower-case word, e.g. `seconds`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Boolean => "boolean",
            Self::List => "list",
        }
    }
}

impl fmt::Display for VariableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A channel variable: its name, what its value is, and what it does or says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VariableName {
    /// The name, as `set` takes it; events have it as `variable_NAME`. The server compares in any letter case.
    pub name: &'static str,
    /// What its value is.
    pub kind: VariableKind,
    /// One line on what it does or says.
    pub meaning: &'static str,
}

/// The row of a variable, by its name (without `variable_`) in any letter case; `None` for one that is not in the table.
#[must_use]
pub fn find(name: &str) -> Option<&'static VariableName> {
    ALL.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

macro_rules! variable_names {
    ($($constant:ident = $name:literal, $kind:ident, $meaning:literal;)*) => {
        $(#[doc = concat!("`", $name, "`: ", $meaning)] pub const $constant: &str = $name;)*

        pub(super) const ROWS: &[VariableName] =
            &[$(VariableName { name: $name, kind: VariableKind::$kind, meaning: $meaning },)*];
    };
}

use variable_names;

/// Every row of the table.
pub const ALL: &[VariableName] = &{
    let parts = [calls::ROWS, media::ROWS, sip::ROWS];
    let mut rows = [parts[0][0]; calls::ROWS.len() + media::ROWS.len() + sip::ROWS.len()];
    let (mut part, mut filled) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            rows[filled] = parts[part][at];
            (at, filled) = (at + 1, filled + 1);
        }
        part += 1;
    }
    rows
};
