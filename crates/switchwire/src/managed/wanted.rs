//! What a connection is to be subscribed to: the sum of what the parts of a program want, and the commands that take it
//! from one sum to the next.

use std::collections::BTreeMap;

use switchwire_proto::{BuildError, Command, EventFormat, EventType, LogLevel, Subscription};

/// The subscriptions of all leases, in the order in which they were taken.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    format: EventFormat,
    leases: BTreeMap<u64, Subscription>,
    next: u64,
}

impl Wanted {
    /// Events come in the format of the first subscription, whatever later ones say: the server has one per connection.
    pub(super) fn new(first: Subscription) -> Self {
        let mut wanted = Self { format: first.event_format(), ..Self::default() };
        wanted.add(first);
        wanted
    }

    pub(super) fn add(&mut self, subscription: Subscription) -> u64 {
        let id = self.next;
        self.next += 1;
        self.leases.insert(id, subscription);
        id
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.leases.remove(&id);
    }

    /// All of it as one subscription.
    pub(super) fn sum(&self) -> Subscription {
        let mut sum = Subscription::new().format(self.format);
        let mut filters: Vec<(&str, &str)> = Vec::new();
        let mut log: Option<LogLevel> = None;
        for lease in self.leases.values() {
            for name in lease.event_names() {
                sum = sum.event_named(name.to_ascii_uppercase());
            }
            sum = lease.subclasses().fold(sum, Subscription::custom);
            for filter in lease.filters().filter(|filter| !filters.contains(filter)).collect::<Vec<_>>() {
                filters.push(filter);
            }
            log = log.max(lease.log_level());
        }
        sum = filters.into_iter().fold(sum, |sum, (header, value)| sum.filter(header, value));
        log.into_iter().fold(sum, Subscription::log)
    }
}

/// The commands that make a connection subscribed to `before` one that is subscribed to `after`. What both want is never
/// interrupted.
pub(super) fn changes(before: &Subscription, after: &Subscription) -> Result<Vec<Command>, BuildError> {
    let mut commands = Vec::new();
    for (header, value) in after.filters().filter(|filter| !before.filters().any(|old| old == *filter)) {
        commands.push(Command::filter(header, value)?);
    }
    for (header, value) in before.filters().filter(|filter| !after.filters().any(|new| new == *filter)) {
        commands.push(Command::filter_delete(header, Some(value))?);
    }
    let has = |of: &Subscription, name: &str| of.event_names().any(|other| other == name);
    let all = EventType::All.name();
    let leaves_all = has(before, all) && !has(after, all);
    let custom_stays = has(after, EventType::Custom.name()) || after.subclasses().next().is_some();
    let mut gone = Subscription::new();
    if leaves_all {
        // `nixevent` of one kind makes ALL the list of all others: so the kinds that stay go on without a gap.
        let stays = |kind: &EventType| match kind {
            EventType::All => true,
            EventType::Custom => custom_stays,
            kind => has(after, kind.name()),
        };
        gone = gone.events(EventType::ALL.iter().copied().filter(|kind| !stays(kind)));
    } else if !has(after, all) {
        let names = before.event_names().filter(|name| !has(after, name));
        gone = names.fold(gone, Subscription::event_named);
        let subclasses = before.subclasses().filter(|name| !after.subclasses().any(|other| other == *name));
        gone = subclasses.fold(gone, Subscription::custom);
    }
    let loses_custom = gone.subclasses().next().is_some() || has(&gone, EventType::Custom.name());
    commands.extend(gone.removal()?);
    let mut new = Subscription::new().format(after.event_format());
    new = after.event_names().filter(|name| !has(before, name)).fold(new, Subscription::event_named);
    // Subclasses that stay are said again where others go: the server may end all of them together.
    let again = leaves_all || loses_custom;
    let subclasses =
        after.subclasses().filter(|name| again || !before.subclasses().any(|other| other == *name));
    new = subclasses.fold(new, Subscription::custom);
    commands.extend(new.commands()?);
    match (before.log_level(), after.log_level()) {
        (before, after) if before == after => {}
        (_, Some(level)) => commands.push(Command::log(level)),
        (_, None) => commands.push(Command::nolog()),
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: &Subscription, after: &Subscription) -> Vec<String> {
        changes(before, after).unwrap().iter().map(Command::summary).collect()
    }

    fn of(list: &str) -> Subscription {
        Subscription::from_list(EventFormat::Plain, list)
    }

    #[test]
    fn only_what_differs_is_said() {
        assert!(said(&of("HEARTBEAT CUSTOM a::b"), &of("HEARTBEAT CUSTOM a::b")).is_empty());
        assert_eq!(said(&of("HEARTBEAT"), &of("HEARTBEAT DTMF")), ["event plain DTMF"]);
        assert_eq!(said(&of("HEARTBEAT DTMF"), &of("DTMF")), ["nixevent HEARTBEAT"]);
        assert_eq!(said(&of("CUSTOM a::b"), &of("CUSTOM a::b c::d")), ["event plain CUSTOM c::d"]);
    }

    #[test]
    fn subclasses_that_stay_survive_those_that_go() {
        assert_eq!(
            said(&of("CUSTOM a::b c::d"), &of("CUSTOM c::d")),
            ["nixevent CUSTOM a::b", "event plain CUSTOM c::d"]
        );
        assert_eq!(said(&of("CUSTOM a::b"), &of("")), ["nixevent CUSTOM a::b"]);
    }

    #[test]
    fn what_stays_of_all_is_never_interrupted() {
        let commands = said(&of("ALL"), &of("DTMF CUSTOM a::b"));
        assert!(commands[0].starts_with("nixevent "), "{commands:?}");
        let gone: Vec<_> = commands[0].split(' ').skip(1).collect();
        assert!(gone.contains(&"HEARTBEAT") && !gone.contains(&"DTMF"));
        assert!(!gone.contains(&"CUSTOM") && !gone.contains(&"ALL"));
        assert_eq!(commands[1..], ["event plain DTMF CUSTOM a::b"]);
    }

    #[test]
    fn leases_on_one_event_do_not_take_it_from_each_other() {
        let mut wanted = Wanted::new(of("HEARTBEAT"));
        let one = wanted.add(of("dtmf HEARTBEAT").filter("A", "b").log(LogLevel::Warning));
        let other = wanted.add(of("DTMF").filter("A", "b").log(LogLevel::Debug));
        let both = wanted.sum();
        assert_eq!(both.filters().count(), 1);
        wanted.remove(other);
        assert_eq!(
            said(&both, &wanted.sum()),
            [format!("log {}", Command::log(LogLevel::Warning).summary().split(' ').nth(1).unwrap())]
        );
        let before = wanted.sum();
        wanted.remove(one);
        assert_eq!(said(&before, &wanted.sum()), ["filter delete A b", "nixevent DTMF", "nolog"]);
    }
}
