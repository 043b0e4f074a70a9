use std::fmt;

/// Why a dial string or an application's argument cannot be said safely, or a text cannot be read as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DialError {
    /// Something that must be there is empty.
    Empty {
        /// What it is, e.g. `gateway`.
        what: &'static str,
    },
    /// A text holds a character that would end it, or begin something else.
    Character {
        /// What the text is, e.g. `file`.
        what: &'static str,
        /// The character.
        character: char,
    },
    /// Brackets of one kind do not pair up: the server would find the end of the block elsewhere.
    Unbalanced {
        /// What the text is.
        what: &'static str,
        /// The opening bracket.
        open: char,
    },
    /// A text holds something that the server acts on: `${` (a variable's value takes its place), `:_:` (another
    /// dialling begins), `^^` at its beginning (another separator), `@@` (an offset).
    Sequence {
        /// What the text is.
        what: &'static str,
        /// What it holds.
        sequence: &'static str,
    },
    /// A variable's value is empty: the server takes no notice of such a pair.
    EmptyValue {
        /// The variable.
        name: String,
    },
    /// A comma after a backslash in a variable of one leg: the server would end the leg there.
    EscapedComma {
        /// The variable.
        name: String,
    },
    /// Every separator that a block could have stands in one of its values.
    NoSeparator,
    /// The word `undef`, which the server takes for an argument that is not given.
    Undefined {
        /// Which argument.
        what: &'static str,
    },
    /// More than the server takes in one list.
    TooMany {
        /// Of what.
        what: &'static str,
        /// What it takes.
        limit: usize,
    },
    /// A number that is not in its range.
    Range {
        /// Which argument.
        what: &'static str,
    },
    /// A text that the server could not read either, or would read as something that has no value here.
    Unreadable {
        /// What is wrong.
        what: &'static str,
    },
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { what } => write!(f, "the {what} is empty"),
            Self::Character { what, character } => write!(f, "the {what} cannot hold {character:?}"),
            Self::Unbalanced { what, open } => write!(f, "the {what} has a {open:?} that does not pair up"),
            Self::Sequence { what, sequence } => write!(f, "the {what} cannot hold {sequence:?}"),
            Self::EmptyValue { name } => write!(f, "the variable {name} has an empty value: leave it out"),
            Self::EscapedComma { name } => {
                write!(f, "the variable {name} of a leg has a comma after a backslash: set it for all legs")
            }
            Self::NoSeparator => f.write_str("no separator is left that stands in none of the values"),
            Self::Undefined { what } => write!(f, "the {what} cannot be the word undef"),
            Self::TooMany { what, limit } => write!(f, "more than {limit} {what}"),
            Self::Range { what } => write!(f, "the {what} is not in its range"),
            Self::Unreadable { what } => write!(f, "not a dial string: {what}"),
        }
    }
}

impl std::error::Error for DialError {}
