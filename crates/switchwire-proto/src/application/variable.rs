use super::write::{name, rest};
use super::{Application, DialError};
use crate::dial::{Carrier, DialString};

/// `bridge`: dials, and connects the call with the leg that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bridge {
    /// What is dialled.
    pub dial: DialString,
}

impl Bridge {
    /// Dials.
    #[must_use]
    pub fn new(dial: impl Into<DialString>) -> Self {
        Self { dial: dial.into() }
    }
}

impl Application for Bridge {
    fn name(&self) -> &'static str {
        "bridge"
    }

    fn argument(&self) -> Result<String, DialError> {
        self.dial.to_text(Carrier::Application)
    }
}

/// `set`: sets a channel variable; an empty value unsets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Set {
    name: String,
    value: String,
}

impl Set {
    /// Sets a variable.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl Application for Set {
    fn name(&self) -> &'static str {
        "set"
    }

    fn argument(&self) -> Result<String, DialError> {
        let variable = name("variable's name", &self.name)?;
        if self.value.is_empty() {
            return Ok(format!("{variable}="));
        }
        // Variables are expanded in the argument, then in the value again.
        let once = rest("variable's value", &self.value)?;
        Ok(format!("{variable}={}", rest("variable's value", &once)?))
    }
}
