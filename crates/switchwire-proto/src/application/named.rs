use super::write::name;
use super::{Application, DialError};

/// Any application, by its name. The argument is sent as it is: what it means is up to the application.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    name: String,
    argument: String,
}

impl Named {
    /// An application without an argument: `answer`, `pre_answer`, `ring_ready`, `park`, `hold`, `unhold`, …
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self::with(name, "")
    }

    /// An application with its argument.
    #[must_use]
    pub fn with(name: impl Into<String>, argument: impl Into<String>) -> Self {
        Self { name: name.into(), argument: argument.into() }
    }
}

impl Application for Named {
    fn name(&self) -> &str {
        &self.name
    }

    fn argument(&self) -> Result<String, DialError> {
        name("application's name", &self.name)?;
        Ok(self.argument.clone())
    }
}
