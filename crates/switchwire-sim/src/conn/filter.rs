//! The filters of a connection, quirks included.

use regex::bytes::{Regex, RegexBuilder};
use switchwire_proto::Event;

/// Filters in the order they were added. None at all lets everything pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    header: Vec<u8>,
    value: Vec<u8>,
    negative: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// The whole value, in any case.
    Equals(Vec<u8>),
    /// A search. `None` when the expression is wrong: it then matches nothing.
    Search(Option<Regex>),
}

impl Filters {
    pub(crate) fn add(&mut self, header: &[u8], value: &[u8]) {
        let signs = value.iter().take_while(|b| matches!(b, b'-' | b'+' | b' ')).count();
        // The server looks for the slash at the very start, so a negated expression is compared as text.
        let test = match value {
            [b'/', expression @ ..] => Test::Search(regex(expression)),
            _ => Test::Equals(value[signs..].to_vec()),
        };
        let negative = value.first() == Some(&b'-');
        self.rules.push(Rule { header: header.to_vec(), value: value.to_vec(), negative, test });
    }

    /// Removes the filters of that header, or those with that value alone; `all` removes everything.
    pub(crate) fn delete(&mut self, header: &[u8], value: Option<&[u8]>) {
        if header.eq_ignore_ascii_case(b"all") {
            self.rules.clear();
        } else {
            self.rules.retain(|rule| {
                !rule.header.eq_ignore_ascii_case(header) || value.is_some_and(|value| rule.value != value)
            });
        }
    }

    /// One positive match lets an event pass, a negative one stops it; with negative filters alone nothing passes.
    pub(crate) fn pass(&self, event: &Event) -> bool {
        let mut pass = self.rules.is_empty();
        for rule in &self.rules {
            if pass && !rule.negative {
                continue;
            }
            let Some(value) = event.header_bytes(&rule.header) else { continue };
            let matches = match &rule.test {
                Test::Equals(wanted) => value.eq_ignore_ascii_case(wanted),
                Test::Search(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(&value)),
            };
            if matches && rule.negative {
                return false;
            }
            pass |= matches;
        }
        pass
    }
}

/// The expression of `/expression/flags`; of the flags `i` is the one in use.
fn regex(text: &[u8]) -> Option<Regex> {
    let end = text.iter().rposition(|&b| b == b'/').unwrap_or(text.len());
    let flags = text.get(end + 1..).unwrap_or_default();
    let pattern = std::str::from_utf8(&text[..end]).ok()?;
    RegexBuilder::new(pattern).case_insensitive(flags.contains(&b'i')).size_limit(1 << 20).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchwire_proto::EventType;

    fn passes(filters: &[&str], kind: EventType) -> bool {
        let mut set = Filters::default();
        filters.iter().for_each(|value| set.add(b"event-name", value.as_bytes()));
        set.pass(&Event::new(kind))
    }

    #[test]
    fn the_recorded_rules_hold() {
        use EventType::{ChannelCreate, Dtmf, Heartbeat};
        for (filters, kind, pass) in [
            (&[][..], Dtmf, true),
            (&["channel_create"], ChannelCreate, true),
            (&["CHANNEL"], ChannelCreate, false),
            (&["/^CHANNEL_/"], ChannelCreate, true),
            (&["/^CHANNEL_/"], Dtmf, false),
            (&["-HEARTBEAT"], Dtmf, false),
            (&["-HEARTBEAT", "/./"], Dtmf, true),
            (&["-HEARTBEAT", "/./"], Heartbeat, false),
            (&["/./", "-HEARTBEAT"], Heartbeat, false),
            (&["-/^CHANNEL_/", "/./"], ChannelCreate, true),
            (&["+HEARTBEAT"], Heartbeat, true),
            (&["/("], Heartbeat, false),
        ] {
            assert_eq!(passes(filters, kind), pass, "{filters:?} {kind:?}");
        }
    }

    #[test]
    fn filters_are_deleted_by_header_and_by_value() {
        let mut set = Filters::default();
        set.add(b"A", b"1");
        set.add(b"A", b"2");
        set.add(b"B", b"1");
        set.delete(b"a", Some(b"1"));
        assert_eq!(set.rules.len(), 2);
        set.delete(b"A", None);
        assert_eq!(set.rules.len(), 1);
        set.delete(b"ALL", None);
        assert!(set.pass(&Event::new(EventType::Dtmf)));
    }
}
