use super::write::name;
use super::{Application, DialError};

/// `conference`: joins a conference: `NAME@PROFILE+PIN+flags{mute|ghost}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Conference {
    name: String,
    profile: Option<String>,
    pin: Option<String>,
    flags: Vec<String>,
}

impl Conference {
    /// Joins the conference of that name with the profile `default`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), profile: None, pin: None, flags: Vec::new() }
    }

    /// The profile of its settings, which the first member chooses.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The PIN that members are asked for.
    #[must_use]
    pub fn pin(mut self, pin: impl Into<String>) -> Self {
        self.pin = Some(pin.into());
        self
    }

    /// Adds a flag of the member, e.g. `mute`, `moderator`, `endconf`.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }
}

impl Application for Conference {
    fn name(&self) -> &str {
        "conference"
    }

    fn argument(&self) -> Result<String, DialError> {
        // Commands name a conference by one word.
        let mut argument = name("conference's name", &self.name)?.to_owned();
        if let Some(profile) = &self.profile {
            argument = format!("{argument}@{}", name("profile", profile)?);
        }
        if let Some(pin) = &self.pin {
            if let Some(character) = pin.chars().find(|key| !key.is_ascii_digit()) {
                return Err(DialError::Character { what: "pin", character });
            }
            argument = format!("{argument}+{}", name("pin", pin)?);
        }
        let flags: Vec<_> = self.flags.iter().map(|flag| name("flag", flag)).collect::<Result<_, _>>()?;
        if !flags.is_empty() {
            argument = format!("{argument}+flags{{{}}}", flags.join("|"));
        }
        Ok(argument)
    }
}
