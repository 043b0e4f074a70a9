//! What is known of each server.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use switchwire::{Event, EventType, Health};

use crate::live::Live;

/// All servers, by name.
#[derive(Debug, Default)]
pub(crate) struct Figures(pub(crate) BTreeMap<Arc<str>, ServerFigures>);

/// One server.
#[derive(Debug, Default)]
pub(crate) struct ServerFigures {
    pub(crate) health: Option<Health>,
    pub(crate) legs: usize,
    pub(crate) answered: usize,
    /// Pairs of legs that talk.
    pub(crate) calls: usize,
    pub(crate) events: HashMap<EventType, u64>,
    /// What the server says when asked; `None` where it has not replied so.
    pub(crate) registrations: Option<u64>,
    /// Each gateway with its state.
    pub(crate) gateways: Vec<(String, String)>,
}

impl Figures {
    /// Counts an event.
    pub(crate) fn count(&mut self, server: &Arc<str>, event: &Event) {
        *self.of(server).events.entry(event.event_type()).or_default() += 1;
    }

    /// Looks at what is up.
    pub(crate) fn refresh(&mut self, live: &Live) {
        for (name, health) in live.fleet().health_of_all() {
            let server = self.of(&name);
            server.health = Some(health);
            (server.legs, server.answered, server.calls) = (0, 0, 0);
        }
        for (name, leg) in live.legs() {
            let server = self.of(&name);
            server.legs += 1;
            server.answered += usize::from(leg.is_answered());
            // Each pair once.
            server.calls += usize::from(leg.bridged_to().is_some_and(|other| leg.uuid.as_str() < other));
        }
    }

    /// That server's.
    pub(crate) fn of(&mut self, server: &Arc<str>) -> &mut ServerFigures {
        self.0.entry(Arc::clone(server)).or_default()
    }
}
