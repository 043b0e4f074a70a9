//! Where a leg goes: `user/1000@example.com`, `sofia/gateway/carrier/15550100`.

use std::fmt;

use super::DialError;
use super::passes::{balanced, refers_to_variable};
use crate::HangupCause;

/// Where a leg goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `user/USER@DOMAIN`: a user of the directory, wherever registered.
    User {
        /// The user.
        user: String,
        /// The domain; without one the server's own.
        domain: Option<String>,
    },
    /// `sofia/gateway/GATEWAY/NUMBER`: a number through a SIP gateway.
    Gateway {
        /// The gateway.
        gateway: String,
        /// What to dial.
        number: String,
    },
    /// `sofia/PROFILE/ADDRESS`: a SIP address from a profile.
    Sofia {
        /// The profile.
        profile: String,
        /// The address, e.g. `1000@example.com` or `sip:1000@192.0.2.1:5060`.
        address: String,
    },
    /// `loopback/EXTENSION/CONTEXT/DIALPLAN`: an extension of the dialplan.
    Loopback {
        /// The extension.
        extension: String,
        /// The context; without one the server's default.
        context: Option<String>,
        /// The dialplan; only with a context.
        dialplan: Option<String>,
    },
    /// `group/GROUP@DOMAIN`: all users of a group of the directory.
    Group {
        /// The group.
        group: String,
        /// The domain; without one the server's own.
        domain: Option<String>,
    },
    /// `pickup/GROUP`: waits until the group's call is picked up.
    Pickup(String),
    /// `error/CAUSE`: fails with that cause.
    Error(HangupCause),
    /// `null/NAME`: a leg that is answered at once and has no far end.
    Null(String),
    /// Any other endpoint as the server takes it, e.g. `verto.rtc/1000` or `portaudio/auto_answer`.
    Other(String),
}

impl Endpoint {
    /// `user/USER` or `user/USER@DOMAIN`.
    #[must_use]
    pub fn user(user: &str) -> Self {
        let (user, domain) = at_domain(user);
        Self::User { user, domain }
    }

    /// `sofia/gateway/GATEWAY/NUMBER`.
    #[must_use]
    pub fn gateway(gateway: impl Into<String>, number: impl Into<String>) -> Self {
        Self::Gateway { gateway: gateway.into(), number: number.into() }
    }

    /// `sofia/PROFILE/ADDRESS`.
    #[must_use]
    pub fn sofia(profile: impl Into<String>, address: impl Into<String>) -> Self {
        Self::Sofia { profile: profile.into(), address: address.into() }
    }

    /// `loopback/EXTENSION/CONTEXT`.
    #[must_use]
    pub fn loopback(extension: impl Into<String>, context: impl Into<String>) -> Self {
        Self::Loopback { extension: extension.into(), context: Some(context.into()), dialplan: None }
    }

    /// Reads an endpoint's text. What is none of the kinds that have a variant is [`Other`](Self::Other).
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::known(text)
            .filter(|endpoint| endpoint.to_string() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    fn known(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('/')?;
        if rest.is_empty() {
            return None;
        }
        Some(match kind {
            "user" => Self::user(rest),
            "group" => {
                let (group, domain) = at_domain(rest);
                Self::Group { group, domain }
            }
            "pickup" => Self::Pickup(rest.to_owned()),
            "null" => Self::Null(rest.to_owned()),
            "error" => Self::Error(HangupCause::from(rest)),
            "sofia" => {
                let (profile, address) = rest.split_once('/')?;
                match (profile, address.split_once('/')) {
                    ("gateway", Some((gateway, number))) => Self::gateway(gateway, number),
                    _ => Self::sofia(profile, address),
                }
            }
            "loopback" => {
                let mut parts = rest.splitn(3, '/').map(str::to_owned);
                Self::Loopback { extension: parts.next()?, context: parts.next(), dialplan: parts.next() }
            }
            _ => return None,
        })
    }

    /// The text, if the server takes it for this endpoint and nothing else.
    pub(super) fn checked(&self) -> Result<String, DialError> {
        let fields: &[(&'static str, Option<&str>)] = match self {
            Self::User { user, domain } => &[("user", Some(user)), ("domain", domain.as_deref())],
            Self::Gateway { gateway, number } => &[("gateway", Some(gateway)), ("number", Some(number))],
            Self::Sofia { profile, address } => &[("profile", Some(profile)), ("address", Some(address))],
            Self::Loopback { extension, context, dialplan } => &[
                ("extension", Some(extension)),
                ("context", context.as_deref()),
                ("dialplan", dialplan.as_deref()),
            ],
            Self::Group { group, domain } => &[("group", Some(group)), ("domain", domain.as_deref())],
            Self::Pickup(group) => &[("group", Some(group))],
            Self::Error(cause) => &[("cause", Some(cause.name()))],
            Self::Null(name) => &[("name", Some(name))],
            Self::Other(text) => &[("endpoint", Some(text))],
        };
        if let Some((what, _)) = fields.iter().find(|(_, field)| field.is_some_and(str::is_empty)) {
            return Err(DialError::Empty { what });
        }
        let text = self.to_string();
        check_text(&text)?;
        // A `/` or `@` in a field makes another endpoint of it, and a text may be one of those with a variant.
        let same = match self {
            Self::Other(text) => text.contains('/'),
            known => Self::known(&text).as_ref() == Some(known),
        };
        if same { Ok(text) } else { Err(DialError::Character { what: "endpoint's part", character: '/' }) }
    }
}

/// The text, as it stands in the server's logs. To send it, put it in a [`DialString`](super::DialString), which
/// escapes it.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { user, domain: None } => write!(f, "user/{user}"),
            Self::User { user, domain: Some(domain) } => write!(f, "user/{user}@{domain}"),
            Self::Gateway { gateway, number } => write!(f, "sofia/gateway/{gateway}/{number}"),
            Self::Sofia { profile, address } => write!(f, "sofia/{profile}/{address}"),
            Self::Loopback { extension, context, dialplan } => {
                write!(f, "loopback/{extension}")?;
                [context, dialplan].into_iter().flatten().try_for_each(|part| write!(f, "/{part}"))
            }
            Self::Group { group, domain: None } => write!(f, "group/{group}"),
            Self::Group { group, domain: Some(domain) } => write!(f, "group/{group}@{domain}"),
            Self::Pickup(group) => write!(f, "pickup/{group}"),
            Self::Error(cause) => write!(f, "error/{cause}"),
            Self::Null(name) => write!(f, "null/{name}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

fn at_domain(text: &str) -> (String, Option<String>) {
    match text.split_once('@') {
        Some((user, domain)) => (user.to_owned(), Some(domain.to_owned())),
        None => (text.to_owned(), None),
    }
}

fn check_text(text: &str) -> Result<(), DialError> {
    let what = "endpoint";
    if let Some(character) = text.chars().find(|character| character.is_control()) {
        return Err(DialError::Character { what, character });
    }
    // Blocks begin a leg, and blanks at its ends are cut off.
    let edges = [text.chars().next(), text.chars().next_back().filter(|last| *last == ' ')];
    if let Some(character) =
        edges.into_iter().flatten().find(|edge| matches!(edge, ' ' | '[' | '{' | '<' | '^'))
    {
        return Err(DialError::Character { what, character });
    }
    if text.contains(":_:") {
        return Err(DialError::Sequence { what, sequence: ":_:" });
    }
    if refers_to_variable(text) {
        return Err(DialError::Sequence { what, sequence: "${" });
    }
    if !balanced(text, '[', ']') {
        return Err(DialError::Unbalanced { what, open: '[' });
    }
    // The server looks for commas of a leg's block in every bracket.
    if text.contains('[') && text.contains(',') {
        return Err(DialError::Character { what, character: ',' });
    }
    Ok(())
}
