//! Dial strings: where a call goes, and the variables it takes along.

use std::collections::VecDeque;

use switchwire_proto::dial::{DialString, Variables};

/// A dial string: calls that are made at once (`:_:` is between them) until one is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    pub(crate) calls: Vec<DialCall>,
}

/// Destinations that ring together, and what is tried after them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DialCall {
    /// What stands in `{}`, and in `<>` before all.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) groups: VecDeque<Vec<Leg>>,
}

/// One destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leg {
    /// What stands in its `[]`, then those of its call.
    pub(crate) variables: Vec<(String, String)>,
    /// How many of them are its own.
    own: usize,
    pub(crate) endpoint: Endpoint,
    /// The destination as it was written, without variables.
    pub(crate) text: String,
}

/// The endpoints that the simulator has, or knows the failure of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Loopback {
        extension: String,
        context: String,
    },
    Null {
        name: String,
    },
    /// An account of the directory, whose phones are called.
    User(String),
    Group(String),
    /// Waits to be picked up.
    Pickup(String),
    /// A SIP address: what stands behind `sofia/`.
    Sofia(String),
    /// Makes no channel and fails with this cause.
    Fails(String),
}

impl Dial {
    pub(crate) fn parse(text: &str) -> Self {
        let (mut common, rest) = bracketed(text.trim(), &[('<', '>')]);
        if rest.contains(":_:") {
            common.push(("ignore_early_media".into(), "true".into()));
        }
        let calls = rest.split(":_:").map(|call| DialCall::parse(call, &common)).collect();
        Self { calls }
    }

    /// What the core has read.
    pub(crate) fn of(dial: &DialString) -> Self {
        let mut common = pairs_of(&dial.shared);
        if dial.threads.len() > 1 {
            common.push(("ignore_early_media".into(), "true".into()));
        }
        let calls = dial.threads.iter().map(|thread| {
            let variables: Vec<_> = common.iter().cloned().chain(pairs_of(&thread.variables)).collect();
            let groups =
                thread.groups.iter().map(|group| group.iter().map(|leg| Leg::of(leg, &variables)).collect());
            DialCall { groups: groups.collect(), variables }
        });
        Self { calls: calls.collect() }
    }

    /// A variable that holds for every leg.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        variable(&self.calls.first()?.variables, name)
    }

    pub(crate) fn legs_mut(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.calls.iter_mut().flat_map(|call| call.groups.iter_mut().flatten())
    }
}

impl DialCall {
    fn parse(text: &str, common: &[(String, String)]) -> Self {
        let (own, rest) = bracketed(text.trim(), &[('{', '}'), ('<', '>')]);
        let variables: Vec<_> = common.iter().cloned().chain(own).collect();
        let groups = split(rest, '|')
            .into_iter()
            .map(|group| split(group, ',').into_iter().map(|leg| Leg::parse(leg, &variables)).collect());
        Self { groups: groups.collect(), variables }
    }
}

impl Leg {
    pub(crate) fn parse(text: &str, common: &[(String, String)]) -> Self {
        let (own, rest) = leg_variables(text.trim());
        Self::new(&own, common, rest.trim().to_owned())
    }

    fn of(leg: &switchwire_proto::dial::Leg, common: &[(String, String)]) -> Self {
        Self::new(&pairs_of(&leg.variables), common, leg.endpoint.to_string())
    }

    fn new(own: &[(String, String)], common: &[(String, String)], text: String) -> Self {
        let others = common.iter().filter(|(name, _)| !own.iter().any(|(n, _)| n == name));
        let variables = own.iter().chain(others).cloned().collect();
        Self { variables, own: own.len(), endpoint: Endpoint::parse(&text), text }
    }

    /// The variables in the order in which the far end of a loopback pair gets them.
    pub(crate) fn variables_far(&self) -> impl Iterator<Item = &(String, String)> {
        let own = self.own.min(self.variables.len());
        self.variables[own..].iter().chain(&self.variables[..own])
    }

    /// Variables of the caller that its legs get: what the dial string says counts more.
    pub(crate) fn export(&mut self, exported: &[(String, String)]) {
        let said = |name: &str| self.variables.iter().any(|(n, _)| n == name);
        let new: Vec<_> = exported.iter().filter(|(name, _)| !said(name)).cloned().collect();
        self.own += new.len();
        self.variables.splice(0..0, new);
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        variable(&self.variables, name)
    }
}

impl Endpoint {
    fn parse(text: &str) -> Self {
        let (kind, place) = text.split_once('/').unwrap_or((text, ""));
        match kind.to_ascii_lowercase().as_str() {
            "loopback" => {
                let mut parts = place.split('/');
                let extension = parts.next().unwrap_or_default().to_owned();
                let context = parts.next().filter(|c| !c.is_empty()).unwrap_or("default").to_owned();
                Self::Loopback { extension, context }
            }
            "null" => Self::Null { name: place.to_owned() },
            "error" => Self::Fails(super::cause::named(place).to_owned()),
            "user" => Self::User(place.to_owned()),
            "group" => Self::Group(place.to_owned()),
            "pickup" => Self::Pickup(place.to_owned()),
            "sofia" => Self::Sofia(place.to_owned()),
            _ => Self::Fails("CHAN_NOT_IMPLEMENTED".into()),
        }
    }
}

fn pairs_of(variables: &Variables) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn variable<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// The variables in brackets that a text begins with, and what follows them.
fn bracketed<'a>(text: &'a str, kinds: &[(char, char)]) -> (Vec<(String, String)>, &'a str) {
    let (mut variables, mut rest) = (Vec::new(), text);
    while let Some((open, close)) = kinds.iter().find(|(open, _)| rest.starts_with(*open)) {
        let Some(end) = closing(rest, *close) else { break };
        variables.extend(pairs(&rest[open.len_utf8()..end]));
        rest = rest[end + 1..].trim_start();
    }
    (variables, rest)
}

/// What stands in a leg's own brackets: one pair of `[]`, any number of `{}`.
fn leg_variables(text: &str) -> (Vec<(String, String)>, &str) {
    let (mut variables, rest) = bracketed(text, &[('{', '}')]);
    let Some(end) = closing(rest, ']').filter(|_| rest.starts_with('[')) else { return (variables, rest) };
    variables.extend(pairs(&rest[1..end]));
    let (more, rest) = bracketed(rest[end + 1..].trim_start(), &[('{', '}')]);
    variables.extend(more);
    (variables, rest)
}

/// Cuts at a separator that stands outside of brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// Where the variables end: not inside of quotes, unless there is no end outside of them.
fn closing(text: &str, close: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    let outside = text.char_indices().find(|&(at, c)| {
        let plain = !std::mem::take(&mut escaped);
        match c {
            '\\' if plain => escaped = true,
            // A single one is a character like any other.
            '\'' if plain && (quoted || text[at + 1..].contains('\'')) => quoted = !quoted,
            _ => return c == close && !quoted,
        }
        false
    });
    outside.map(|(at, _)| at).or_else(|| text.find(close))
}

/// `a=1,b='two, three',c=4\,5`, or with another separator after `^^`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let (separator, list) = match text.strip_prefix("^^").and_then(|rest| rest.chars().next()) {
        Some(separator) => (separator, &text[2 + separator.len_utf8()..]),
        None => (',', text),
    };
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in list.char_indices() {
        let Some(item) = items.last_mut() else { break };
        match c {
            _ if escaped => {
                item.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' if quoted || list[at + 1..].contains('\'') => quoted = !quoted,
            _ if c == separator && !quoted => items.push(String::new()),
            _ => item.push(c),
        }
    }
    let split = |item: String| item.split_once('=').map(|(n, v)| (n.trim().to_owned(), v.to_owned()));
    items.into_iter().filter_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Leg {
        Dial::parse(text).calls[0].groups[0][0].clone()
    }

    #[test]
    fn variables_and_endpoints_are_read() {
        let dial = only("{a=1,b='x, y',c=4\\,5}[d=6]loopback/9000/public");
        assert_eq!(dial.variable("b"), Some("x, y"));
        assert_eq!((dial.variable("c"), dial.variable("d")), (Some("4,5"), Some("6")));
        let endpoint = Endpoint::Loopback { extension: "9000".into(), context: "public".into() };
        assert_eq!(dial.endpoint, endpoint);
        assert_eq!(only(r"{a='O\'Neill, <x}'}null/x").variable("a"), Some("O'Neill, <x}"));
        assert_eq!(only("{^^:a=1,2:b=3}null/x").variable("a"), Some("1,2"));
        assert_eq!(only("error/user_busy").endpoint, Endpoint::Fails("USER_BUSY".into()));
        assert_eq!(only("nosuch/1").endpoint, Endpoint::Fails("CHAN_NOT_IMPLEMENTED".into()));
    }

    #[test]
    fn legs_ring_together_one_after_the_other_and_in_calls_of_their_own() {
        let dial = Dial::parse("<z=0>{a=1}[b=2,c=3]null/1,null/2|[b=4]null/3:_:{a=5}null/4");
        let groups: Vec<Vec<&str>> = dial.calls[0]
            .groups
            .iter()
            .map(|group| group.iter().map(|leg| leg.text.as_str()).collect())
            .collect();
        assert_eq!(groups, [vec!["null/1", "null/2"], vec!["null/3"]]);
        let leg = |call: usize, group: usize, leg: usize| &dial.calls[call].groups[group][leg];
        assert_eq!((leg(0, 0, 0).variable("c"), leg(0, 0, 1).variable("b")), (Some("3"), None));
        assert_eq!((leg(0, 1, 0).variable("a"), leg(0, 1, 0).variable("b")), (Some("1"), Some("4")));
        assert_eq!((leg(1, 0, 0).variable("a"), leg(1, 0, 0).variable("z")), (Some("5"), Some("0")));
    }
}
