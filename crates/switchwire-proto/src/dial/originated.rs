//! What came of an `originate`.

use crate::HangupCause;

/// What the api command `originate` replied, at once or as the body of its `BACKGROUND_JOB`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Originated {
    /// A leg was answered (or has early media, unless `ignore_early_media` is set): `+OK UUID`.
    Up {
        /// The uuid of that leg.
        uuid: String,
    },
    /// No leg was answered: `-ERR USER_BUSY`.
    Failed {
        /// Why; of several legs, what the server reports for all of them.
        cause: HangupCause,
    },
    /// The server did not take it for a call at all: `-USAGE: …`, a permission that is missing.
    Refused,
}

impl Originated {
    /// Reads the text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if let Some(uuid) = text.strip_prefix("+OK ").map(str::trim).filter(|uuid| is_word(uuid)) {
            return Self::Up { uuid: uuid.to_owned() };
        }
        match text.strip_prefix("-ERR ").filter(|word| is_cause(word)) {
            Some(word) => Self::Failed { cause: HangupCause::from(word) },
            None => Self::Refused,
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// Causes are words in capitals, also those that are in no table yet.
fn is_cause(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.bytes().all(good) && text.bytes().next().is_some_and(|first| first.is_ascii_uppercase())
}
