use super::write::{name, rest};
use super::{Application, BridgeOutcome, DialError, Outcome, TypedApplication};
use crate::Event;
use crate::array::{ARRAY_PREFIX, ARRAY_SEPARATOR};
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
    fn name(&self) -> &str {
        "bridge"
    }

    fn argument(&self) -> Result<String, DialError> {
        self.dial.to_text(Carrier::Application)
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        BridgeOutcome::VARIABLES.map(str::to_owned).to_vec()
    }

    fn ends_with_call(&self) -> bool {
        true
    }
}

impl TypedApplication for Bridge {
    type Outcome = BridgeOutcome;

    fn read_outcome(&self, complete: &Event) -> BridgeOutcome {
        BridgeOutcome::read(complete)
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

    /// Sets a variable to an array, whose elements [`Event::array`](crate::Event::array) gives back.
    ///
    /// # Errors
    /// [`DialError`] for an element that holds `|:`, which stands between elements, and for no elements at all.
    pub fn array<Element: AsRef<str>>(
        name: impl Into<String>,
        elements: impl IntoIterator<Item = Element>,
    ) -> Result<Self, DialError> {
        let elements: Vec<Element> = elements.into_iter().collect();
        let texts: Vec<&str> = elements.iter().map(AsRef::as_ref).collect();
        if texts.is_empty() {
            return Err(DialError::Empty { what: "array" });
        }
        if texts.iter().any(|text| text.contains(ARRAY_SEPARATOR)) {
            return Err(DialError::Sequence { what: "element", sequence: ARRAY_SEPARATOR });
        }
        Ok(Self::new(name, format!("{ARRAY_PREFIX}{}", texts.join(ARRAY_SEPARATOR))))
    }
}

impl Set {
    /// Has the server run an application when the call is answered (the variable `execute_on_answer`).
    ///
    /// # Errors
    /// [`DialError`] for an argument that cannot be said.
    pub fn execute_on_answer(application: &dyn Application) -> Result<Self, DialError> {
        let (name, argument) = (application.name(), application.argument()?);
        let both = if argument.is_empty() { name.to_owned() } else { format!("{name} {argument}") };
        Ok(Self::new("execute_on_answer", both))
    }
}

impl Application for Set {
    fn name(&self) -> &str {
        "set"
    }

    fn argument(&self) -> Result<String, DialError> {
        assignment(&self.name, &self.value)
    }
}

/// `export`: sets a channel variable on this leg, and on every leg that it dials from then on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Export {
    set: Set,
    here: bool,
}

impl Export {
    /// Sets and exports a variable.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { set: Set::new(name, value), here: true }
    }

    /// Only on the legs that it dials (`nolocal:`).
    #[must_use]
    pub fn not_here(mut self) -> Self {
        self.here = false;
        self
    }
}

impl Application for Export {
    fn name(&self) -> &str {
        "export"
    }

    fn argument(&self) -> Result<String, DialError> {
        let assignment = assignment(&self.set.name, &self.set.value)?;
        Ok(if self.here { assignment } else { format!("nolocal:{assignment}") })
    }
}

/// `unset`: unsets a channel variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unset {
    name: String,
}

impl Unset {
    /// Unsets a variable.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Application for Unset {
    fn name(&self) -> &str {
        "unset"
    }

    fn argument(&self) -> Result<String, DialError> {
        Ok(name("variable's name", &self.name)?.to_owned())
    }
}

fn assignment(variable: &str, value: &str) -> Result<String, DialError> {
    let variable = name("variable's name", variable)?;
    if value.is_empty() {
        return Ok(format!("{variable}="));
    }
    // Variables are expanded in the argument, then in the value again.
    let once = rest("variable's value", value)?;
    Ok(format!("{variable}={}", rest("variable's value", &once)?))
}
