//! What a connection is subscribed to, as a value that can be applied again (after a reconnect).

use std::fmt;
use std::str::FromStr;

use crate::{BuildError, Command, EventType, LogLevel};

/// The form that events are sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EventFormat {
    /// `Name: value` lines: the cheapest to send and to read.
    #[default]
    Plain,
    /// One JSON object.
    Json,
    /// XML.
    Xml,
}

impl EventFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Json, Self::Xml];

    /// The word on the wire: `plain`, `json` or `xml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// Reads the word, in any letter case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for EventFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EventFormat {
    type Err = BuildError;

    fn from_str(name: &str) -> Result<Self, BuildError> {
        Self::from_name(name).ok_or_else(|| BuildError::UnknownFormat { name: name.to_owned() })
    }
}

/// Which events, in which format, through which filters, and which log lines.
///
/// A plain value: build it once, apply it on every connection, compare it, keep it.
///
/// ```
/// use switchwire_proto::{EventType, Subscription};
/// let wanted = Subscription::new()
///     .custom("conference::maintenance")
///     .event(EventType::ChannelAnswer)
///     .filter("Caller-Context", "default");
/// let sent: Vec<_> = wanted.commands()?.iter().map(|command| command.summary()).collect();
/// assert_eq!(sent, [
///     "filter Caller-Context default",
///     "event plain CHANNEL_ANSWER CUSTOM conference::maintenance",
/// ]);
/// # Ok::<(), switchwire_proto::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    format: EventFormat,
    names: Vec<String>,
    subclasses: Vec<String>,
    filters: Vec<(String, String)>,
    log: Option<LogLevel>,
}

impl Subscription {
    /// Nothing yet, in plain format.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every event, custom subclasses included.
    #[must_use]
    pub fn all() -> Self {
        Self::new().event(EventType::All)
    }

    /// Reads the classic form: a list of names separated by blanks, where every word after `CUSTOM` that is not an
    /// event's name is a subclass. (The server takes it for one even when it is a name; this is where the order is
    /// put right.)
    #[must_use]
    pub fn from_list(format: EventFormat, list: &str) -> Self {
        let mut subscription = Self::new().format(format);
        let mut custom = false;
        for word in list.split_ascii_whitespace() {
            match EventType::from_name(word) {
                Some(EventType::Custom) => {
                    custom = true;
                    subscription = subscription.event(EventType::Custom);
                }
                None if custom => subscription = subscription.custom(word),
                Some(known) => subscription = subscription.event(known),
                None => subscription = subscription.event_named(word),
            }
        }
        subscription
    }

    /// Reads names as programs list them, one each: an event's name, or a classic list of its own (`CUSTOM a::b`, see
    /// [`from_list`](Self::from_list)). After a plain `CUSTOM` further ones with `::` are subclasses.
    #[must_use]
    pub fn from_names(format: EventFormat, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut subscription = Self::new().format(format);
        let mut custom = false;
        for name in names {
            let name = name.as_ref();
            let part = Self::from_list(format, name);
            if custom && name.contains("::") && part.subclasses.is_empty() {
                subscription = part.names.into_iter().fold(subscription, Self::custom);
                continue;
            }
            custom |= name.eq_ignore_ascii_case(EventType::Custom.name());
            // A name with no word in it is refused with the others that are none.
            let given = if part.is_empty() { vec![name.to_owned()] } else { part.names };
            subscription = given.into_iter().fold(subscription, Self::event_named);
            subscription = part.subclasses.into_iter().fold(subscription, Self::custom);
        }
        subscription
    }

    /// The format that events are to come in.
    #[must_use]
    pub fn format(mut self, format: EventFormat) -> Self {
        self.format = format;
        self
    }

    /// Adds a kind of event. `Custom` alone means custom events without a subclass.
    #[must_use]
    pub fn event(self, event_type: EventType) -> Self {
        self.event_named(event_type.name())
    }

    /// Adds kinds of events.
    #[must_use]
    pub fn events(self, event_types: impl IntoIterator<Item = EventType>) -> Self {
        event_types.into_iter().fold(self, Self::event)
    }

    /// Adds a kind of event by its name on the wire, which [`commands`](Self::commands) checks: the server takes any
    /// word, and never sends anything for one that it does not know. (A name newer than this library goes out by a raw
    /// command, `event plain NAME`.)
    #[must_use]
    pub fn event_named(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        self
    }

    /// Adds a custom subclass, e.g. `conference::maintenance`.
    #[must_use]
    pub fn custom(mut self, subclass: impl Into<String>) -> Self {
        let subclass = subclass.into();
        if !self.subclasses.contains(&subclass) {
            self.subclasses.push(subclass);
        }
        self
    }

    /// Adds a filter: events pass when any positive filter matches. See [`Command::filter`].
    #[must_use]
    pub fn filter(mut self, header: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.push((header.into(), value.into()));
        self
    }

    /// Adds log lines of that level and more severe ones.
    #[must_use]
    pub fn log(mut self, level: LogLevel) -> Self {
        self.log = Some(level);
        self
    }

    /// The format that events are to come in.
    #[must_use]
    pub fn event_format(&self) -> EventFormat {
        self.format
    }

    /// The names of the kinds of events, in the order in which they were added; the subclasses are apart.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The custom subclasses, in the order in which they were added.
    pub fn subclasses(&self) -> impl Iterator<Item = &str> {
        self.subclasses.iter().map(String::as_str)
    }

    /// The filters, header and value, in their order.
    pub fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.filters.iter().map(|(header, value)| (header.as_str(), value.as_str()))
    }

    /// The level of the log lines, where they are wanted.
    #[must_use]
    pub fn log_level(&self) -> Option<LogLevel> {
        self.log
    }

    /// Whether it subscribes to nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.subclasses.is_empty() && self.filters.is_empty() && self.log.is_none()
    }

    /// The commands that apply it, in the order to send them: filters first, so that no unwanted event
    /// passes, then the events with `CUSTOM` and its subclasses last, then the log.
    ///
    /// # Errors
    /// [`BuildError`] when a name, subclass or filter holds a line break, a name or subclass is empty or holds a blank,
    /// or a name is no event's ([`BuildError::UnknownEvent`] with the nearest one; [`BuildError::SubclassAsName`] for
    /// `a::b` without `CUSTOM`).
    pub fn commands(&self) -> Result<Vec<Command>, BuildError> {
        let mut commands = Vec::new();
        for (header, value) in &self.filters {
            commands.push(Command::filter(header, value)?);
        }
        if let Some(list) = self.event_list()? {
            commands.push(Command::event(self.format, &list)?);
        }
        commands.extend(self.log.map(Command::log));
        Ok(commands)
    }

    /// `nixevent` of the events and subclasses: they come no more. `None` when there are none. Filters and log lines stay.
    ///
    /// # Errors
    /// As [`commands`](Self::commands).
    pub fn removal(&self) -> Result<Option<Command>, BuildError> {
        self.event_list()?.map(|list| Command::nixevent(&list)).transpose()
    }

    /// The words after `event FORMAT`, `CUSTOM` and its subclasses last; `None` when there are none.
    fn event_list(&self) -> Result<Option<String>, BuildError> {
        let is_custom = |name: &&String| name.eq_ignore_ascii_case(EventType::Custom.name());
        let custom = self.names.iter().find(is_custom).is_some() || !self.subclasses.is_empty();
        let mut list = Vec::new();
        for name in self.names.iter().filter(|name| !is_custom(name)) {
            list.push(event_name(word("event name", name)?)?);
        }
        if custom {
            list.push(EventType::Custom.name());
        }
        for subclass in &self.subclasses {
            list.push(word("event subclass", subclass)?);
        }
        Ok((!list.is_empty()).then(|| list.join(" ")))
    }
}

fn event_name(name: &str) -> Result<&str, BuildError> {
    match name.parse::<EventType>() {
        Ok(_) => Ok(name),
        Err(_) if name.contains("::") => Err(BuildError::SubclassAsName { name: name.to_owned() }),
        Err(unknown) => Err(unknown),
    }
}

fn word<'a>(argument: &'static str, text: &'a str) -> Result<&'a str, BuildError> {
    crate::command::one_line(argument, text.as_bytes())?;
    match text {
        "" => Err(BuildError::Empty { argument }),
        _ if text.contains([' ', '\t']) => Err(BuildError::Blank { argument }),
        _ => Ok(text),
    }
}
