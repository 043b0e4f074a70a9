//! The channels of one call, as its events report them.

use switchwire::{Event, EventType};

/// The call's channels: the originated one, and those that an event joins to it.
pub(crate) struct Legs(Vec<Leg>);

#[derive(Default)]
struct Leg {
    uuid: String,
    answered: bool,
    executes: bool,
    hangup_cause: Option<String>,
    destroyed: bool,
}

impl Legs {
    /// A call whose first channel will have that uuid.
    pub(crate) fn new(uuid: &str) -> Self {
        Self(vec![Leg { uuid: uuid.to_owned(), ..Leg::default() }])
    }

    /// A call whose channels are known.
    pub(crate) fn of<'a>(uuids: impl Iterator<Item = &'a str>) -> Self {
        Self(uuids.map(|uuid| Leg { uuid: uuid.to_owned(), ..Leg::default() }).collect())
    }

    /// Takes note of an event; says whether it is about this call.
    pub(crate) fn note(&mut self, event: &Event) -> bool {
        let Some(uuid) = event.unique_id() else { return false };
        if event.event_type() == EventType::ChannelUuid
            && let Some(old) = event.header("Old-Unique-ID")
            && let Some(leg) = self.0.iter_mut().find(|leg| leg.uuid == old)
        {
            // The server gave the channel another uuid.
            leg.uuid = uuid.clone().into_owned();
        }
        if self.leg(&uuid).is_none() {
            let joined = |header| event.header(header).is_some_and(|other| self.leg(&other).is_some());
            if !JOINS.into_iter().any(joined) {
                return false;
            }
            self.0.push(Leg { uuid: uuid.clone().into_owned(), ..Leg::default() });
        }
        if let Some(leg) = self.0.iter_mut().find(|leg| leg.uuid == uuid) {
            match event.event_type() {
                EventType::ChannelAnswer => leg.answered = true,
                EventType::ChannelExecute => leg.executes = true,
                EventType::ChannelHangupComplete => {
                    let cause = event.header("Hangup-Cause").unwrap_or_default();
                    leg.hangup_cause = Some(cause.into_owned());
                }
                EventType::ChannelDestroy => leg.destroyed = true,
                _ => {}
            }
        }
        true
    }

    /// Whether the first channel was answered.
    pub(crate) fn answered(&self) -> bool {
        self.0.first().is_some_and(|leg| leg.answered)
    }

    /// Whether the first channel has begun with its application.
    pub(crate) fn executes(&self) -> bool {
        self.0.first().is_some_and(|leg| leg.executes)
    }

    /// Whether every channel has completed its hangup and is gone.
    pub(crate) fn ended(&self) -> bool {
        self.0.iter().all(|leg| leg.hangup_cause.is_some() && leg.destroyed)
    }

    /// Why the first channel was hung up.
    pub(crate) fn hangup_cause(&self) -> Option<&str> {
        self.0.first()?.hangup_cause.as_deref()
    }

    /// Whether that is one of the call's channels.
    pub(crate) fn has(&self, uuid: &str) -> bool {
        self.leg(uuid).is_some()
    }

    /// Every channel's uuid.
    pub(crate) fn uuids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|leg| &leg.uuid[..])
    }

    fn leg(&self, uuid: &str) -> Option<&Leg> {
        self.0.iter().find(|leg| leg.uuid == uuid)
    }
}

/// Headers that name another channel of the same call.
const JOINS: [&str; 2] = ["Other-Leg-Unique-ID", "variable_other_loopback_leg_uuid"];

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventType, uuid: &str) -> Event {
        let mut event = Event::new(kind);
        event.add_header("Unique-ID", uuid);
        event
    }

    #[test]
    fn a_call_ends_with_its_last_channel() {
        let mut legs = Legs::new("a");
        assert!(!legs.note(&event(EventType::ChannelCreate, "foreign")));
        assert!(legs.note(&event(EventType::ChannelAnswer, "a")) && legs.answered());
        let mut other = event(EventType::ChannelCreate, "b");
        other.add_header("variable_other_loopback_leg_uuid", "a");
        assert!(legs.note(&other));
        for uuid in ["a", "b"] {
            assert!(!legs.ended());
            assert!(legs.note(&event(EventType::ChannelHangupComplete, uuid)));
            assert!(legs.note(&event(EventType::ChannelDestroy, uuid)));
        }
        assert!(legs.ended());
        assert_eq!(legs.uuids().collect::<Vec<_>>(), ["a", "b"]);
    }
}
