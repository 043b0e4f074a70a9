//! The argument of the api command `originate`.

use super::passes::{self, argument, escape_innermost, separate};
use super::{Carrier, DialError, DialString};

/// What the server takes for an argument that is not given.
const NOT_GIVEN: &str = "undef";
/// The dialplan whose extension is a list of applications.
const INLINE: &str = "inline";
/// The most applications of an inline list.
const MOST_ACTIONS: usize = 128;

/// What the new leg does once it is answered (or has early media, unless `ignore_early_media` is set).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// Goes to an extension of a dialplan.
    Extension(String),
    /// Runs one application: `&park()`.
    Application {
        /// The application.
        name: String,
        /// Its argument. It cannot hold `)`, where the server would cut it off: use [`Inline`](Self::Inline).
        argument: Option<String>,
    },
    /// Runs applications one after the other: the `inline` dialplan, `set:a=b,playback:x.wav`.
    Inline(Vec<(String, Option<String>)>),
}

impl Target {
    /// `&NAME()`.
    #[must_use]
    pub fn application(name: impl Into<String>) -> Self {
        Self::Application { name: name.into(), argument: None }
    }

    /// `&NAME(ARGUMENT)`.
    #[must_use]
    pub fn application_with(name: impl Into<String>, argument: impl Into<String>) -> Self {
        Self::Application { name: name.into(), argument: Some(argument.into()) }
    }

    /// `&bridge(DIAL STRING)`.
    ///
    /// # Errors
    /// As [`DialString::to_text`].
    pub fn bridge(dial: &DialString) -> Result<Self, DialError> {
        Ok(Self::application_with("bridge", dial.to_text(Carrier::Application)?))
    }

    fn text(&self) -> Result<String, DialError> {
        match self {
            Self::Extension(extension) => {
                check_argument("extension", extension)?;
                match extension.strip_prefix('&') {
                    Some(_) => Err(DialError::Character { what: "extension", character: '&' }),
                    None => Ok(extension.clone()),
                }
            }
            Self::Application { name, argument } => {
                check_application(name, argument.as_deref())?;
                let argument = argument.as_deref().unwrap_or_default();
                if argument.contains(')') {
                    return Err(DialError::Character { what: "application's argument", character: ')' });
                }
                Ok(format!("&{name}({argument})"))
            }
            Self::Inline(actions) => inline_text(actions),
        }
    }

    fn parse(text: &str, dialplan: Option<&str>) -> Result<Self, DialError> {
        if let Some(application) = text.strip_prefix('&').filter(|rest| !rest.is_empty()) {
            let (name, argument) = application.split_once('(').unwrap_or((application, ""));
            // The server cuts at the first, wherever it stands.
            let argument = argument.split(')').next().filter(|argument| !argument.is_empty());
            return Ok(Self::Application { name: name.to_owned(), argument: argument.map(str::to_owned) });
        }
        if dialplan.is_none_or(|dialplan| !dialplan.eq_ignore_ascii_case(INLINE)) {
            return Ok(Self::Extension(text.to_owned()));
        }
        // `m:|:a:1|b:2` names another separator.
        let (separator, list) = match text.as_bytes() {
            [b'm', b':', separator, b':', ..] if separator.is_ascii() => (char::from(*separator), &text[4..]),
            _ => (',', text),
        };
        let action = |action: &String| match action.trim_start_matches(' ').split_once(':') {
            Some((name, argument)) => {
                (name.to_owned(), Some(argument.to_owned()).filter(|text| !text.is_empty()))
            }
            None => (action.trim_start_matches(' ').to_owned(), None),
        };
        Ok(Self::Inline(separate(list, separator, MOST_ACTIONS).iter().map(action).collect()))
    }
}

/// What the api command `originate` is to do: dial, then run something on the new leg.
///
/// ```
/// use switchwire_proto::dial::{DialString, Endpoint, Originate, Target};
/// let dial = DialString::new(Endpoint::user("1000")).variable("campaign", "blue sky");
/// let originate = Originate::new(dial, Target::application("park")).timeout(20);
/// let text = originate.to_text()?;
/// assert_eq!(text, "'{campaign=blue sky}user/1000' &park() undef undef undef undef 20");
/// assert_eq!(Originate::parse(&text)?, originate);
/// # Ok::<(), switchwire_proto::dial::DialError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Originate {
    /// What is dialled.
    pub dial: DialString,
    /// What the new leg does.
    pub target: Target,
    /// The dialplan of an extension; without one `XML`. An inline target has its own.
    pub dialplan: Option<String>,
    /// The context of an extension; without one `default`.
    pub context: Option<String>,
    /// The caller's name.
    pub caller_id_name: Option<String>,
    /// The caller's number.
    pub caller_id_number: Option<String>,
    /// How many seconds to wait for an answer; without one 60.
    pub timeout: Option<u32>,
}

impl Originate {
    /// Dials, then runs the target.
    #[must_use]
    pub fn new(dial: impl Into<DialString>, target: Target) -> Self {
        Self {
            dial: dial.into(),
            target,
            dialplan: None,
            context: None,
            caller_id_name: None,
            caller_id_number: None,
            timeout: None,
        }
    }

    /// The dialplan of an extension, e.g. `XML`.
    #[must_use]
    pub fn dialplan(mut self, dialplan: impl Into<String>) -> Self {
        self.dialplan = Some(dialplan.into());
        self
    }

    /// The context of an extension.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// The name and number that the called party sees.
    #[must_use]
    pub fn caller_id(mut self, name: impl Into<String>, number: impl Into<String>) -> Self {
        self.caller_id_name = Some(name.into());
        self.caller_id_number = Some(number.into());
        self
    }

    /// How many seconds to wait for an answer; the cause is then `NO_ANSWER`.
    #[must_use]
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = Some(seconds);
        self
    }

    /// What comes after the word `originate`.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said so that the server takes it for this value.
    pub fn to_text(&self) -> Result<String, DialError> {
        if self.timeout == Some(0) {
            return Err(DialError::Range { what: "timeout" });
        }
        let dialplan = match (&self.target, self.dialplan.as_deref()) {
            (Target::Inline(_), None) => Some(INLINE),
            (Target::Inline(_), Some(_)) => {
                return Err(DialError::Unreadable { what: "an inline list has its own dialplan" });
            }
            (Target::Extension(_), Some(dialplan)) if dialplan.eq_ignore_ascii_case(INLINE) => {
                return Err(DialError::Unreadable { what: "an inline list is no extension" });
            }
            (_, given) => given,
        };
        let timeout = self.timeout.map(|seconds| seconds.to_string());
        let optional = [
            ("dialplan", dialplan),
            ("context", self.context.as_deref()),
            ("caller id name", self.caller_id_name.as_deref()),
            ("caller id number", self.caller_id_number.as_deref()),
            ("timeout", timeout.as_deref()),
        ];
        let given = optional.iter().rposition(|(_, value)| value.is_some()).map_or(0, |last| last + 1);
        let mut words = vec![argument(&self.dial.to_text(Carrier::Api)?), argument(&self.target.text()?)];
        for (what, value) in &optional[..given] {
            match value {
                None => words.push(NOT_GIVEN.to_owned()),
                Some(value) => {
                    check_argument(what, value)?;
                    words.push(argument(value));
                }
            }
        }
        Ok(words.join(" "))
    }

    /// The arguments that the server finds in what comes after the word `originate`: told apart by blanks, quotes and
    /// backslashes taken away.
    #[must_use]
    pub fn arguments(text: &str) -> Vec<String> {
        passes::words(text.trim())
    }

    /// Reads what comes after the word `originate`, as the server does.
    ///
    /// # Errors
    /// [`DialError`] for what the server cannot read, or reads as something that has no value here.
    pub fn parse(text: &str) -> Result<Self, DialError> {
        let words = Self::arguments(text);
        if !(2..=7).contains(&words.len()) {
            return Err(DialError::Unreadable { what: "originate takes two to seven arguments" });
        }
        let word = |at: usize| {
            words.get(at).filter(|word| !word.eq_ignore_ascii_case(NOT_GIVEN)).map(String::as_str)
        };
        let not_given = DialError::Unreadable { what: "the target is not given" };
        let mut dialplan = word(2).map(str::to_owned);
        let target = Target::parse(word(1).ok_or(not_given)?, dialplan.as_deref())?;
        if matches!(target, Target::Inline(_)) {
            dialplan = None;
        }
        let timeout =
            word(6).map(|word| word.parse().map_err(|_| DialError::Range { what: "timeout" })).transpose()?;
        Ok(Self {
            dial: DialString::parse(&words[0], Carrier::Api)?,
            target,
            dialplan,
            context: word(3).map(str::to_owned),
            caller_id_name: word(4).map(str::to_owned),
            caller_id_number: word(5).map(str::to_owned),
            timeout,
        })
    }
}

fn check_argument(what: &'static str, text: &str) -> Result<(), DialError> {
    if text.is_empty() {
        return Err(DialError::Empty { what });
    }
    if text.eq_ignore_ascii_case(NOT_GIVEN) {
        return Err(DialError::Undefined { what });
    }
    match text.contains('\0') {
        true => Err(DialError::Character { what, character: '\0' }),
        false => Ok(()),
    }
}

fn check_application(name: &str, argument: Option<&str>) -> Result<(), DialError> {
    let what = "application";
    if name.is_empty() {
        return Err(DialError::Empty { what });
    }
    let bad = |character: &char| !(character.is_alphanumeric() || matches!(character, '_' | '-' | '.'));
    if let Some(character) = name.chars().find(bad) {
        return Err(DialError::Character { what, character });
    }
    let what = "application's argument";
    match argument {
        Some("") => Err(DialError::Empty { what }),
        Some(text) if text.contains('\0') => Err(DialError::Character { what, character: '\0' }),
        _ => Ok(()),
    }
}

/// `set:a=b,playback:x.wav`, each action escaped for the split that finds it.
fn inline_text(actions: &[(String, Option<String>)]) -> Result<String, DialError> {
    if actions.is_empty() {
        return Err(DialError::Empty { what: "list of applications" });
    }
    if actions.len() > MOST_ACTIONS {
        return Err(DialError::TooMany { what: "applications", limit: MOST_ACTIONS });
    }
    let mut texts = Vec::new();
    for (name, argument) in actions {
        check_application(name, argument.as_deref())?;
        let argument = argument.as_deref().map(|argument| format!(":{}", escape_innermost(argument)));
        // The argument's own quotes and backslashes are escaped already; commas are not.
        texts.push(name.clone() + &argument.unwrap_or_default().replace(',', "\\,"));
    }
    let text = texts.join(",");
    // An application called `m` would name a separator.
    if matches!(text.as_bytes(), [b'm', b':', _, b':', ..]) {
        return Err(DialError::Character { what: "application's argument", character: ':' });
    }
    if text.eq_ignore_ascii_case(NOT_GIVEN) {
        return Err(DialError::Undefined { what: "application" });
    }
    Ok(text)
}
