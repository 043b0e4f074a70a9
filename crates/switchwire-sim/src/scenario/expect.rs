//! Expectations.

use std::time::Duration;

use crate::glob;
use crate::journal::{Seen, What};

/// Something that must happen, or must not: a command that comes, an event that is fired, and what must follow.
///
/// Texts may have `*` for any characters.
///
/// ```
/// use std::time::Duration;
/// use switchwire_sim::Expect;
/// let all = [
///     // This command must come, once, and these events follow it in that order.
///     Expect::command("api uuid_kill *")
///         .then(Expect::event("CHANNEL_HANGUP"))
///         .then(Expect::event("CHANNEL_HANGUP_COMPLETE").header("Hangup-Cause", "NORMAL_CLEARING"))
///         .within(Duration::from_secs(1)),
///     Expect::executes("playback", "welcome.wav").times(1),
///     Expect::command("api originate*").never(),
/// ];
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Expect {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(String, String)>,
    pub(super) times: Option<usize>,
    pub(super) within: Option<Duration>,
    pub(super) then: Vec<Expect>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Command(String),
    Event(String),
}

impl Expect {
    fn new(kind: Kind) -> Self {
        Self { kind, headers: Vec::new(), times: None, within: None, then: Vec::new() }
    }

    /// A command's first line.
    pub fn command(line: &str) -> Self {
        Self::new(Kind::Command(line.to_owned()))
    }

    /// An event, by its name; a CUSTOM one also by `CUSTOM subclass`.
    pub fn event(name: &str) -> Self {
        match name.split_once(' ') {
            Some((name, subclass)) => {
                Self::new(Kind::Event(name.to_owned())).header("Event-Subclass", subclass)
            }
            None => Self::new(Kind::Event(name.to_owned())),
        }
    }

    /// An application that runs on a channel: its CHANNEL_EXECUTE.
    pub fn executes(application: &str, argument: &str) -> Self {
        Self::event("CHANNEL_EXECUTE").header("Application", application).header("Application-Data", argument)
    }

    /// With that header, of the command or of the event.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// That many times; otherwise at least once.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// It must not happen.
    pub fn never(self) -> Self {
        self.times(0)
    }

    /// Adds what must follow each time, in the order given, whatever comes between.
    pub fn then(mut self, next: Expect) -> Self {
        self.then.push(next);
        self
    }

    /// What follows must do so within that time; without `then`: it must happen within that time after the start.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = Some(time);
        self
    }

    /// Whether that is it.
    pub(super) fn is(&self, what: &What) -> bool {
        self.is_of_kind(what)
            && self
                .headers
                .iter()
                .all(|(name, wanted)| glob::matches(wanted, &what.header(name).unwrap_or_default()))
    }

    /// The same, whatever the headers.
    pub(super) fn is_of_kind(&self, what: &What) -> bool {
        match (&self.kind, what) {
            (Kind::Command(wanted), What::Command { line, .. }) => glob::matches(wanted, line),
            (Kind::Event(wanted), What::Event(event)) => glob::matches(wanted, event.event_type().name()),
            _ => false,
        }
    }

    /// Whether all is as it must be; otherwise what is missing, and from where on it was looked for.
    pub(super) fn check(&self, seen: &[Seen]) -> Result<(), Miss> {
        let mut found = 0;
        for (at, one) in seen.iter().enumerate().filter(|(_, one)| self.is(&one.what)) {
            let late = self.then.is_empty() && self.within.is_some_and(|time| one.at > time);
            if late {
                continue;
            }
            found += 1;
            if self.times == Some(0) {
                return Err(Miss { text: format!("{self} came"), from: at });
            }
            self.check_following(seen, at)?;
        }
        let enough = self.times.map_or(found > 0, |times| found == times);
        if enough {
            return Ok(());
        }
        let came = match (self.times, found) {
            (None, _) => "did not come".to_owned(),
            (Some(wanted), found) => format!("came {found} times, not {wanted}"),
        };
        let limit = self.within.filter(|_| self.then.is_empty());
        let limit = limit.map(|time| format!(" within {time:?}")).unwrap_or_default();
        Err(Miss { text: format!("{self} {came}{limit}"), from: 0 })
    }

    fn check_following(&self, seen: &[Seen], start: usize) -> Result<(), Miss> {
        let mut at = start;
        for next in &self.then {
            let limit = self.within.map(|time| seen[start].at.saturating_add(time));
            let in_time = |one: &Seen| limit.is_none_or(|limit| one.at <= limit);
            let found = (at + 1..seen.len()).find(|&i| in_time(&seen[i]) && next.is(&seen[i].what));
            let Some(found) = found else {
                let within = self.within.map(|time| format!(" within {time:?}")).unwrap_or_default();
                return Err(Miss { text: format!("after {self}, {next} did not come{within}"), from: start });
            };
            at = found;
        }
        Ok(())
    }
}

/// What did not happen, and the place in the journal from which it was looked for.
#[derive(Debug)]
pub(super) struct Miss {
    pub(super) text: String,
    pub(super) from: usize,
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            Kind::Command(line) => write!(f, "the command `{line}`")?,
            Kind::Event(name) => f.write_str(name)?,
        }
        for (at, (name, value)) in self.headers.iter().enumerate() {
            write!(f, "{}{name}: {value}", if at == 0 { " (" } else { ", " })?;
        }
        if self.headers.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}
