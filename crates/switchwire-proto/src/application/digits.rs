use super::outcome::Asked;
use super::write::{file, keys, name, word};
use super::{Application, DialError, DigitsOutcome, Outcome, TypedApplication};
use crate::Event;

/// The most digits that the server collects.
const MOST_DIGITS: u32 = 127;

/// `play_and_get_digits`: plays a prompt, collects digits and checks them, a few times over. The digits are in the
/// variable, wrong ones in `NAME_invalid`, how it ended in `read_result`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlayAndGetDigits {
    min: u32,
    max: u32,
    tries: u32,
    timeout: u32,
    terminators: String,
    file: String,
    invalid_file: Option<String>,
    variable: String,
    pattern: String,
    digit_timeout: Option<u32>,
}

impl PlayAndGetDigits {
    /// Plays a file and collects `min` to `max` digits; one try, 5 seconds, `#` ends, any digits are good, in the
    /// variable `digits`.
    #[must_use]
    pub fn new(min: u32, max: u32, file: impl Into<String>) -> Self {
        Self {
            min,
            max,
            tries: 1,
            timeout: 5000,
            terminators: "#".to_owned(),
            file: file.into(),
            invalid_file: None,
            variable: "digits".to_owned(),
            pattern: r"\d+".to_owned(),
            digit_timeout: None,
        }
    }

    /// How many times the prompt is played at most.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// How many milliseconds to wait for digits after the prompt.
    #[must_use]
    pub fn timeout(mut self, milliseconds: u32) -> Self {
        self.timeout = milliseconds;
        self
    }

    /// How many milliseconds to wait between two digits.
    #[must_use]
    pub fn digit_timeout(mut self, milliseconds: u32) -> Self {
        self.digit_timeout = Some(milliseconds);
        self
    }

    /// The keys that end the input; none for "".
    #[must_use]
    pub fn terminators(mut self, keys: impl Into<String>) -> Self {
        self.terminators = keys.into();
        self
    }

    /// What is played after wrong digits.
    #[must_use]
    pub fn invalid_file(mut self, file: impl Into<String>) -> Self {
        self.invalid_file = Some(file.into());
        self
    }

    /// The variable that gets the digits.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>) -> Self {
        self.variable = name.into();
        self
    }

    /// The regular expression that good digits match.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = pattern.into();
        self
    }
}

impl PlayAndGetDigits {
    fn asked(&self) -> Asked<'_> {
        Asked { min: self.min, max: self.max, variable: &self.variable }
    }
}

impl Application for PlayAndGetDigits {
    fn name(&self) -> &str {
        "play_and_get_digits"
    }

    fn argument(&self) -> Result<String, DialError> {
        check_counts(self.min, self.max, self.timeout)?;
        if self.tries == 0 {
            return Err(DialError::Range { what: "number of tries" });
        }
        let invalid = match &self.invalid_file {
            Some(invalid) => word("file", file(invalid)?)?,
            None => "''".to_owned(),
        };
        let mut argument = format!(
            "{} {} {} {} {} {} {invalid} {} {}",
            self.min,
            self.max,
            self.tries,
            self.timeout,
            keys("terminators", &self.terminators)?,
            word("file", file(&self.file)?)?,
            name("variable's name", &self.variable)?,
            word("pattern", &self.pattern)?,
        );
        if let Some(timeout) = self.digit_timeout {
            argument.push_str(&format!(" {timeout}"));
        }
        Ok(argument)
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        self.asked().variables()
    }
}

impl TypedApplication for PlayAndGetDigits {
    type Outcome = DigitsOutcome;

    fn read_outcome(&self, complete: &Event) -> DigitsOutcome {
        DigitsOutcome::read(&self.asked(), complete)
    }
}

/// `read`: plays a prompt and collects digits once. The digits are in the variable, how it ended in `read_result`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Read {
    min: u32,
    max: u32,
    file: String,
    variable: String,
    timeout: u32,
    terminators: String,
    digit_timeout: Option<u32>,
}

impl Read {
    /// Plays a file and collects `min` to `max` digits; 5 seconds, `#` ends, in the variable `digits`.
    #[must_use]
    pub fn new(min: u32, max: u32, file: impl Into<String>) -> Self {
        Self {
            min,
            max,
            file: file.into(),
            variable: "digits".to_owned(),
            timeout: 5000,
            terminators: "#".to_owned(),
            digit_timeout: None,
        }
    }

    /// The variable that gets the digits.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>) -> Self {
        self.variable = name.into();
        self
    }

    /// How many milliseconds to wait for digits after the prompt.
    #[must_use]
    pub fn timeout(mut self, milliseconds: u32) -> Self {
        self.timeout = milliseconds;
        self
    }

    /// The keys that end the input; none for "".
    #[must_use]
    pub fn terminators(mut self, keys: impl Into<String>) -> Self {
        self.terminators = keys.into();
        self
    }

    /// How many milliseconds to wait between two digits.
    #[must_use]
    pub fn digit_timeout(mut self, milliseconds: u32) -> Self {
        self.digit_timeout = Some(milliseconds);
        self
    }
}

impl Read {
    fn asked(&self) -> Asked<'_> {
        Asked { min: self.min, max: self.max, variable: &self.variable }
    }
}

impl Application for Read {
    fn name(&self) -> &str {
        "read"
    }

    fn argument(&self) -> Result<String, DialError> {
        check_counts(self.min, self.max, self.timeout)?;
        let mut argument = format!(
            "{} {} {} {} {} {}",
            self.min,
            self.max,
            word("file", file(&self.file)?)?,
            name("variable's name", &self.variable)?,
            self.timeout,
            keys("terminators", &self.terminators)?,
        );
        if let Some(timeout) = self.digit_timeout {
            argument.push_str(&format!(" {timeout}"));
        }
        Ok(argument)
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        self.asked().variables()
    }
}

impl TypedApplication for Read {
    type Outcome = DigitsOutcome;

    fn read_outcome(&self, complete: &Event) -> DigitsOutcome {
        DigitsOutcome::read(&self.asked(), complete)
    }
}

fn check_counts(min: u32, max: u32, timeout: u32) -> Result<(), DialError> {
    if max == 0 || max < min || max > MOST_DIGITS {
        return Err(DialError::Range { what: "number of digits" });
    }
    if timeout == 0 {
        return Err(DialError::Range { what: "timeout" });
    }
    Ok(())
}
