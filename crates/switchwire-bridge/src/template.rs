//! Where a record goes, by a pattern: `fs.{node}.{event}.{uuid}`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use switchwire::{Event, EventType};

/// A pattern with names in braces, each of which stands for a value of the event.
///
/// | name | value |
/// | --- | --- |
/// | `{node}` | the server's name in the configuration |
/// | `{event}` | `Event-Name`; of a CUSTOM event its subclass |
/// | `{subclass}` | `Event-Subclass` |
/// | `{uuid}` | `Unique-ID`; of a job's event its `Job-UUID` |
/// | `{host}` | `FreeSWITCH-Hostname` |
/// | `{Any-Header}` | that header |
/// | `{One\|Other}` | the first of these headers that the event has |
///
/// An event without the value has `-` there, and what the sink's names cannot hold is written as `%2E`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Node,
    Event,
    Uuid,
    /// The first that is there.
    Headers(Vec<String>),
}

/// A pattern that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace without its other half.
    #[error("{0:?} has a brace without its other half")]
    Brace(String),
    /// Nothing between braces.
    #[error("{0:?} has braces with no name between them")]
    Empty(String),
}

/// What a sink's names cannot hold.
#[derive(Debug, Clone, Copy)]
pub struct Alphabet {
    /// Whether a value may hold that byte as it is.
    pub allows: fn(u8) -> bool,
    /// What stands for a value that the event does not have.
    pub nothing: &'static str,
    /// What stands for a blank.
    pub blank: &'static str,
    /// Values that stay as they are.
    pub kept: &'static [&'static str],
}

/// What a pattern is filled from.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The server's name.
    pub node: &'a str,
    /// The name, for a record that is no event of the server.
    pub name: Option<&'a str>,
    /// The event.
    pub event: Option<&'a Event>,
}

impl Template {
    /// A pattern of NATS for all that this one can give: each word with a name in it is `*`.
    #[must_use]
    pub fn wildcards(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(words) => text.push_str(words),
                _ => text.push('*'),
            }
        }
        let words = text.split('.').map(|word| if word.contains('*') { "*" } else { word });
        words.collect::<Vec<_>>().join(".")
    }

    /// Fills the pattern.
    #[must_use]
    pub fn fill(&self, subject: Subject<'_>, alphabet: Alphabet) -> String {
        let mut out = String::with_capacity(96);
        for part in &self.parts {
            let header = |name: &str| subject.event.and_then(|event| event.header(name));
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Node => alphabet.put(&mut out, subject.node),
                Part::Event => match subject.name {
                    Some(name) => alphabet.put(&mut out, name),
                    None => {
                        // (Only CUSTOM events have one: to find that out of another takes a look at all its headers.)
                        let custom = subject.event.filter(|event| event.event_type() == EventType::Custom);
                        let subclass = custom.and_then(Event::subclass);
                        let name = subclass.or_else(|| header("Event-Name"));
                        alphabet.put(&mut out, &name.unwrap_or_default());
                    }
                },
                Part::Uuid => {
                    let uuid = header("Unique-ID").or_else(|| header("Job-UUID"));
                    alphabet.put(&mut out, &uuid.unwrap_or_default());
                }
                Part::Headers(names) => {
                    let first = names.iter().find_map(|name| header(name));
                    alphabet.put(&mut out, &first.unwrap_or_default());
                }
            }
        }
        out
    }
}

impl Alphabet {
    /// For sinks whose places have no names.
    pub const ANY: Self =
        Self { allows: |byte| !byte.is_ascii_control(), nothing: "", blank: " ", kept: &[] };

    fn put(self, out: &mut String, value: &str) {
        if value.is_empty() {
            out.push_str(self.nothing);
        }
        if self.kept.contains(&value) {
            out.push_str(value);
            return;
        }
        for byte in value.bytes() {
            if (self.allows)(byte) && byte.is_ascii() && byte != b'%' {
                out.push(char::from(byte));
            } else if byte == b' ' {
                out.push_str(self.blank);
            } else {
                let _ = fmt::Write::write_fmt(out, format_args!("%{byte:02X}"));
            }
        }
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let Some((name, after)) = from.strip_prefix('{').and_then(|from| from.split_once('}')) else {
                return Err(TemplateError::Brace(text.to_owned()));
            };
            if name.contains('{') {
                return Err(TemplateError::Brace(text.to_owned()));
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(match name {
                "" => return Err(TemplateError::Empty(text.to_owned())),
                "node" => Part::Node,
                "event" => Part::Event,
                "uuid" => Part::Uuid,
                headers => Part::Headers(headers.split('|').map(header_named).collect()),
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }
}

/// What a name in braces is short for.
fn header_named(name: &str) -> String {
    match name {
        "subclass" => "Event-Subclass",
        "host" => "FreeSWITCH-Hostname",
        header => header,
    }
    .to_owned()
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOTTED: Alphabet = Alphabet {
        allows: |byte| byte.is_ascii_graphic() && !b".*>".contains(&byte),
        nothing: "-",
        blank: "%20",
        kept: &[],
    };

    fn fill(template: &str, event: &Event) -> String {
        let template: Template = template.parse().expect("a template");
        template.fill(Subject { node: "fs1.example", name: None, event: Some(event) }, DOTTED)
    }

    #[test]
    fn names_stand_for_values_and_what_is_missing_is_a_dash() {
        let mut event = Event::bare(EventType::ChannelAnswer);
        event.add_header("Event-Name", "CHANNEL_ANSWER").add_header("Unique-ID", "a-b");
        event.add_header("variable_tenant", "a b*c%");
        assert_eq!(fill("fs.{node}.{event}.{uuid}", &event), "fs.fs1%2Eexample.CHANNEL_ANSWER.a-b");
        assert_eq!(fill("{host}|{variable_tenant}", &event), "-|a%20b%2Ac%25");
        let mut custom = Event::bare(EventType::Custom);
        custom.add_header("Event-Name", "CUSTOM").add_header("Event-Subclass", "sofia::register");
        assert_eq!(fill("{event}.{uuid}", &custom), "sofia::register.-");
        assert_eq!(
            fill("{subclass|Event-Name}.{None|Event-Name}.{None|Neither}", &custom),
            "sofia::register.CUSTOM.-"
        );
        let mut job = Event::bare(EventType::BackgroundJob);
        job.add_header("Job-UUID", "j1");
        assert_eq!(fill("{uuid}", &job), "j1");
    }

    #[test]
    fn a_word_with_a_name_in_it_is_a_wildcard() {
        let wildcards = |text: &str| text.parse::<Template>().expect("a template").wildcards();
        assert_eq!(wildcards("fs.{node}.{event}.x-{uuid}"), "fs.*.*.*");
        assert_eq!(wildcards("fs.all"), "fs.all");
    }

    #[test]
    fn half_a_brace_is_an_error() {
        for wrong in ["a{node", "a}b", "{", "{a{b}}", "x{}"] {
            assert!(wrong.parse::<Template>().is_err(), "{wrong}");
        }
        assert_eq!("".parse::<Template>(), Ok(Template { parts: Vec::new() }));
    }
}
