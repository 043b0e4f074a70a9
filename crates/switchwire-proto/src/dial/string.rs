//! The dial string: legs, one after the other or at once, with their variables.

use super::passes::{self, end_of_block, escape, separate};
use super::variables::Scope;
use super::{DialError, Endpoint, Variables};
use crate::vocabulary::variables as names;

/// The most pieces that one split of the server's keeps.
const MOST_PIECES: usize = 128;
/// What stands between threads.
const THREADS: &str = ":_:";
/// What commas in a leg's block become while the server looks for the leg's end: those that separate pairs, and those
/// that are part of a value.
const PAIR_COMMA: char = '\u{2}';
const VALUE_COMMA: char = '\u{1}';

/// By which way a dial string reaches the server: each takes other characters away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Carrier {
    /// As an argument of an api command (`originate`): [`Originate`](super::Originate) escapes for it.
    Api,
    /// As the argument of an application (`bridge`), where variables are expanded.
    Application,
}

/// One leg: `[leg_timeout=20]user/1000`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Leg {
    /// Where it goes.
    pub endpoint: Endpoint,
    /// Its own variables (`[]`).
    pub variables: Variables,
}

/// A dialling of its own: groups of legs, each group tried when the one before has failed, and variables for all
/// (`{}`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Thread {
    /// The variables of every leg (`{}`).
    pub variables: Variables,
    /// The groups (`|`), each of legs that ring at once (`,`).
    pub groups: Vec<Vec<Leg>>,
}

/// What `originate` dials and `bridge` connects to: legs, one after the other (`|`) or at once (`,`), with variables
/// for all of them (`{}`) and for each (`[]`).
///
/// ```
/// use switchwire_proto::dial::{Carrier, DialString, Endpoint, Leg};
/// let dial = DialString::new(Leg::new(Endpoint::user("1000@example.com")).timeout(20))
///     .and(Endpoint::gateway("carrier", "15550100"))
///     .or(Endpoint::loopback("voicemail", "default"))
///     .caller_id("Ann, desk", "15550199")
///     .variable("ignore_early_media", "true");
/// let text = dial.to_text(Carrier::Application)?;
/// assert_eq!(
///     text,
///     "{^^:origination_caller_id_name=Ann, desk:origination_caller_id_number=15550199:ignore_early_media=true}\
///      [leg_timeout=20]user/1000@example.com,sofia/gateway/carrier/15550100|loopback/voicemail/default",
/// );
/// assert_eq!(DialString::parse(&text, Carrier::Application)?, dial);
/// # Ok::<(), switchwire_proto::dial::DialError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DialString {
    /// The variables of every thread (`<>`).
    pub shared: Variables,
    /// The threads (`:_:`), which dial at the same time and know nothing of each other; usually one.
    pub threads: Vec<Thread>,
}

impl Leg {
    /// A leg without variables of its own.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, variables: Variables::new() }
    }

    /// Sets a variable of this leg.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables = self.variables.set(name, value);
        self
    }

    /// How many seconds this leg may ring (`leg_timeout`).
    #[must_use]
    pub fn timeout(self, seconds: u32) -> Self {
        self.variable(names::LEG_TIMEOUT, seconds.to_string())
    }

    /// How many seconds to wait before it is dialled (`leg_delay_start`).
    #[must_use]
    pub fn delay(self, seconds: u32) -> Self {
        self.variable(names::LEG_DELAY_START, seconds.to_string())
    }

    /// Escaped for the passes that find legs and groups.
    fn text(&self, nested: bool) -> Result<String, DialError> {
        let block = escape(&self.variables.block(Scope::Leg, nested)?, None);
        let leg = block + &escape(&self.endpoint.checked()?, Some(','));
        Ok(escape(&leg, Some('|')))
    }
}

impl From<Endpoint> for Leg {
    fn from(endpoint: Endpoint) -> Self {
        Self::new(endpoint)
    }
}

impl<Text: Into<Leg>> From<Text> for DialString {
    fn from(leg: Text) -> Self {
        Self::new(leg)
    }
}

impl Thread {
    fn text(&self, nested: bool) -> Result<String, DialError> {
        let nested = nested || allows_references(&self.variables);
        let mut out = self.variables.block(Scope::Legs, nested)?;
        let mut groups = Vec::new();
        for group in &self.groups {
            let legs: Vec<_> = group.iter().map(|leg| leg.text(nested)).collect::<Result<_, _>>()?;
            few(legs.len(), "legs of one group")?;
            groups.push(legs.join(","));
        }
        few(groups.len(), "groups of legs")?;
        out.push_str(&groups.join("|"));
        Ok(out)
    }

    fn parse(text: &str) -> Result<Self, DialError> {
        let text = text.trim_start_matches(' ');
        if text.starts_with('<') {
            return Err(DialError::Unreadable { what: "<> variables of one thread" });
        }
        let (variables, rest) = Variables::read(text, Scope::Legs, ',')?;
        let mut groups = Vec::new();
        for group in separate(rest.trim_start_matches(' '), '|', MOST_PIECES) {
            let legs = separate(&mark_commas(&group), ',', MOST_PIECES);
            groups.push(legs.iter().map(|leg| parse_leg(leg)).collect::<Result<Vec<_>, _>>()?);
        }
        if groups.iter().all(Vec::is_empty) {
            return Err(DialError::Empty { what: "dial string" });
        }
        Ok(Self { variables, groups })
    }
}

impl DialString {
    /// One leg.
    #[must_use]
    pub fn new(leg: impl Into<Leg>) -> Self {
        let thread = Thread { variables: Variables::new(), groups: vec![vec![leg.into()]] };
        Self { shared: Variables::new(), threads: vec![thread] }
    }

    /// Adds a leg that rings together with the last one (`,`): who answers first has the call.
    #[must_use]
    pub fn and(mut self, leg: impl Into<Leg>) -> Self {
        match self.last().groups.last_mut() {
            Some(group) => group.push(leg.into()),
            None => self.last().groups.push(vec![leg.into()]),
        }
        self
    }

    /// Adds a leg that is tried when those before have failed (`|`).
    #[must_use]
    pub fn or(mut self, leg: impl Into<Leg>) -> Self {
        self.last().groups.push(vec![leg.into()]);
        self
    }

    /// Adds the threads of another dial string, which dial at the same time (`:_:`). Its shared variables are left
    /// out.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        self.threads.extend(other.threads);
        self
    }

    /// Sets a variable of every leg of the last thread (`{}`).
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let thread = self.last();
        thread.variables = std::mem::take(&mut thread.variables).set(name, value);
        self
    }

    /// Sets a variable of every thread (`<>`).
    #[must_use]
    pub fn shared(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.shared = self.shared.set(name, value);
        self
    }

    /// The name and number that the called party sees (`origination_caller_id_name` and `_number`).
    #[must_use]
    pub fn caller_id(self, name: impl Into<String>, number: impl Into<String>) -> Self {
        self.variable(names::ORIGINATION_CALLER_ID_NAME, name)
            .variable(names::ORIGINATION_CALLER_ID_NUMBER, number)
    }

    /// The uuid of the new leg (`origination_uuid`). With more than one leg, set it on each leg. One that is in use is
    /// passed over by the server: the leg gets another.
    #[must_use]
    pub fn uuid(self, uuid: impl Into<String>) -> Self {
        self.variable(names::ORIGINATION_UUID, uuid)
    }

    /// How many seconds to wait for an answer (`originate_timeout`); the cause is then `NO_ANSWER`.
    #[must_use]
    pub fn timeout(self, seconds: u32) -> Self {
        self.variable(names::ORIGINATE_TIMEOUT, seconds.to_string())
    }

    /// Every leg, in order.
    pub fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.threads.iter().flat_map(|thread| thread.groups.iter().flatten())
    }

    /// The text. For [`Carrier::Api`] it is what `originate` must find after its own split of arguments, which
    /// [`Originate::to_text`](super::Originate::to_text) escapes for.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said so that the server takes it for this value.
    pub fn to_text(&self, carrier: Carrier) -> Result<String, DialError> {
        let nested = allows_references(&self.shared);
        let mut threads = Vec::new();
        for thread in &self.threads {
            if thread.groups.is_empty() || thread.groups.iter().any(Vec::is_empty) {
                return Err(DialError::Empty { what: "list of legs" });
            }
            threads.push(thread.text(nested)?);
        }
        if threads.is_empty() {
            return Err(DialError::Empty { what: "dial string" });
        }
        few(threads.len(), "threads")?;
        let text = self.shared.block(Scope::All, nested)? + &threads.join(THREADS);
        // Where two texts meet, or where escapes begin.
        if text.matches(THREADS).count() != threads.len() - 1 {
            return Err(DialError::Sequence { what: "dial string", sequence: THREADS });
        }
        match carrier {
            Carrier::Api => Ok(text),
            Carrier::Application => {
                for (found, sequence) in
                    [(passes::refers_to_variable(&text), "${"), (text.contains("$$"), "$$")]
                {
                    if found {
                        return Err(DialError::Sequence { what: "dial string", sequence });
                    }
                }
                Ok(passes::escape_expansion(&text))
            }
        }
    }

    /// Reads a text as the server does. Pairs without a value are dropped, as the server drops them.
    ///
    /// # Errors
    /// [`DialError`] for what the server cannot read, or reads as something that has no value here (two blocks of one
    /// kind after each other, which fail; a `${variable}`).
    pub fn parse(text: &str, carrier: Carrier) -> Result<Self, DialError> {
        let text = match carrier {
            Carrier::Application if passes::refers_to_variable(text) => {
                return Err(DialError::Sequence { what: "dial string", sequence: "${" });
            }
            Carrier::Application => passes::expand(text),
            Carrier::Api => text.to_owned(),
        };
        let (shared, rest) = Variables::read(text.trim_start_matches(' '), Scope::All, ',')?;
        let threads: Vec<_> = rest.split(THREADS).map(Thread::parse).collect::<Result<_, _>>()?;
        few(threads.len(), "threads")?;
        let dial = Self { shared, threads };
        if dial.drops_references() {
            Err(DialError::Sequence { what: "variable's value", sequence: "${" })
        } else {
            Ok(dial)
        }
    }

    /// Whether a value holds a `${variable}` that the server would not let pass.
    fn drops_references(&self) -> bool {
        let refers =
            |variables: &Variables| variables.iter().any(|(_, value)| passes::refers_to_variable(value));
        let in_thread = |thread: &Thread| {
            !allows_references(&self.shared)
                && !allows_references(&thread.variables)
                && (refers(&self.shared)
                    || refers(&thread.variables)
                    || thread.groups.iter().flatten().any(|leg| refers(&leg.variables)))
        };
        self.threads.iter().any(in_thread)
    }

    fn last(&mut self) -> &mut Thread {
        if self.threads.is_empty() {
            self.threads.push(Thread::default());
        }
        let last = self.threads.len() - 1;
        &mut self.threads[last]
    }
}

fn parse_leg(text: &str) -> Result<Leg, DialError> {
    let mut leg = text.trim_start_matches(' ').to_owned();
    if let Some(end) = end_of_block(&leg, '[', ']').filter(|_| leg.starts_with('[')) {
        leg = leg[..end].replace(VALUE_COMMA, ",") + &leg[end..];
    }
    let (variables, endpoint) = Variables::read(&leg, Scope::Leg, PAIR_COMMA)?;
    let endpoint = endpoint.trim_start_matches(' ');
    if endpoint.is_empty() {
        return Err(DialError::Empty { what: "endpoint" });
    }
    Ok(Leg { endpoint: Endpoint::from_text(endpoint), variables })
}

/// Marks the commas in brackets before legs are told apart, as the server does: those in quotes or in a block with its
/// own separator are part of a value, those after a backslash stay.
fn mark_commas(group: &str) -> String {
    let mut out = String::with_capacity(group.len());
    let (mut end, mut quoted, mut own_separator, mut escaped) = (None, false, false, false);
    for (at, character) in group.char_indices() {
        if end.is_none() && character == '[' {
            let rest = &group[at..];
            end = end_of_block(rest, '[', ']').map(|length| at + length);
            own_separator = rest[1..].starts_with("^^");
            quoted = false;
        }
        quoted ^= character == '\'';
        let inside = end.is_some_and(|end| at < end);
        out.push(match character {
            ',' if inside && !escaped && (quoted || own_separator) => VALUE_COMMA,
            ',' if inside && !escaped => PAIR_COMMA,
            other => other,
        });
        escaped = character == '\\';
        if end == Some(at) {
            end = None;
        }
    }
    out
}

/// Whether values that hold a `${variable}` reach the leg.
fn allows_references(variables: &Variables) -> bool {
    variables.get(names::ORIGINATION_NESTED_VARS).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn few(count: usize, what: &'static str) -> Result<(), DialError> {
    if count > MOST_PIECES { Err(DialError::TooMany { what, limit: MOST_PIECES }) } else { Ok(()) }
}
