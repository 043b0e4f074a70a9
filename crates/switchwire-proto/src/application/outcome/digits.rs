use super::{Field, Outcome, ends, is_hung_up, key};
use crate::Event;

/// What `play_and_get_digits` or `read` collected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DigitsOutcome {
    /// The good digits; `None` when there are none.
    pub digits: Option<String>,
    /// Why it stopped.
    pub end: DigitsEnd,
    /// The key that ended the input.
    pub terminator: Option<char>,
    /// After [`DigitsEnd::Invalid`]: the digits of the last try.
    pub invalid: Option<String>,
}

ends! {
    /// Why the collecting of digits stopped.
    DigitsEnd {
        /// As many digits as asked for, and they match.
        Complete = "complete",
        /// A terminator ended the input.
        Terminator = "terminator",
        /// Time passed: with good digits where enough came, else without. The tries are used up. (A prompt that cannot
        /// be played reads the same.)
        Timeout = "timeout",
        /// The digits of the last try did not match, and the tries are used up.
        Invalid = "invalid",
        /// The server did not collect any.
        Failed = "failed",
        /// The call was hung up.
        Hangup = "hangup",
    }
}

/// What the application was asked for.
pub(in super::super) struct Asked<'a> {
    pub(in super::super) min: u32,
    pub(in super::super) max: u32,
    pub(in super::super) variable: &'a str,
}

impl Asked<'_> {
    pub(in super::super) fn variables(&self) -> Vec<String> {
        let names = [RESULT, TERMINATOR].map(str::to_owned);
        [self.variable.to_owned(), self.invalid()].into_iter().chain(names).collect()
    }

    fn invalid(&self) -> String {
        format!("{}_invalid", self.variable)
    }
}

impl DigitsOutcome {
    pub(in super::super) fn read(asked: &Asked<'_>, complete: &Event) -> Self {
        let digits = complete.variable(asked.variable).filter(|digits| !digits.is_empty());
        let result = complete.variable(RESULT);
        let count = digits.as_ref().map_or(0, |digits| digits.chars().count());
        let (min, max) = (asked.min as usize, asked.max as usize);
        // The variables of the terminator and of wrong digits keep what an earlier run has left there.
        let end = match result.as_deref() {
            _ if is_hung_up(complete) => DigitsEnd::Hangup,
            None => DigitsEnd::Failed,
            Some("success") if count == 0 && min > 0 => DigitsEnd::Invalid,
            Some("success") if count >= max => DigitsEnd::Complete,
            Some("success") if count >= min => DigitsEnd::Terminator,
            Some(_) => DigitsEnd::Timeout,
        };
        Self {
            end,
            terminator: key(complete, TERMINATOR).filter(|_| end == DigitsEnd::Terminator),
            invalid: complete
                .variable(asked.invalid())
                .filter(|_| end == DigitsEnd::Invalid)
                .map(std::borrow::Cow::into_owned),
            digits: digits.map(std::borrow::Cow::into_owned),
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, Field)> {
        vec![
            ("digits", Field::text(self.digits.as_deref())),
            ("end", Field::Word(self.end.name())),
            ("terminator", Field::key(self.terminator)),
            ("invalid", Field::text(self.invalid.as_deref())),
        ]
    }
}

impl From<DigitsOutcome> for Outcome {
    fn from(outcome: DigitsOutcome) -> Self {
        Self::Digits(outcome)
    }
}

const RESULT: &str = "read_result";
const TERMINATOR: &str = "read_terminator_used";
