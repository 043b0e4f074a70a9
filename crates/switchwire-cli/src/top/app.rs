//! What `top` knows and what is looked at.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use switchwire::calls::CallLeg;
use switchwire::{FleetItem, FleetUpdate, Health, StreamItem};

use super::action::{Action, Messages};
use super::log::LogPane;
use super::timelines::Timelines;
use crate::calls::Row;
use crate::failure::one_line;
use crate::live::{Live, Rates};
use crate::story::Story;

/// Everything that is drawn.
pub(crate) struct App {
    pub(crate) read_only: bool,
    pub(crate) several: bool,
    pub(crate) servers: Vec<ServerLine>,
    legs: Vec<(Arc<str>, CallLeg)>,
    pub(crate) rows: Vec<Row>,
    /// The uuid of the leg that is chosen; it stays chosen while rows come and go.
    selected: Option<String>,
    pub(crate) rates: Rates,
    pub(crate) log: LogPane,
    pub(crate) view: View,
    pub(crate) timelines: Timelines,
    messages: Messages,
    status: String,
}

/// A server in the head line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerLine {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// Sessions, idle CPU, lag, what was dropped: what is known of it.
    pub(crate) facts: String,
}

/// What is in front.
#[derive(Debug)]
pub(crate) enum View {
    Calls,
    /// The timeline of a call, scrolled by so many lines. Its legs are kept as they were last seen.
    Timeline {
        legs: Vec<CallLeg>,
        scroll: usize,
    },
    Help,
    /// A question before something is done.
    Confirm(Action),
    /// Text is typed.
    Input(Input, String),
}

/// What the typed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    LogText,
    Transfer,
    Record,
}

impl App {
    pub(crate) fn new(read_only: bool, several: bool, now: Instant) -> Self {
        Self {
            read_only,
            several,
            servers: Vec::new(),
            legs: Vec::new(),
            rows: Vec::new(),
            selected: None,
            rates: Rates::new(now),
            log: LogPane::new(),
            view: View::Calls,
            timelines: Timelines::default(),
            messages: Messages::default(),
            status: String::new(),
        }
    }

    /// Takes an item of a server.
    pub(crate) fn item(&mut self, item: &FleetItem, now: Instant) {
        let FleetUpdate::Stream(update) = &item.update else { return };
        match update {
            StreamItem::Event(event) => {
                self.rates.count(event, now);
                self.timelines.event(&item.server, event);
            }
            StreamItem::Log(record) => {
                self.log.push(self.several.then_some(&*item.server), record);
                self.timelines.log(&item.server, record);
            }
            StreamItem::Lost(lost) => {
                self.say(&format!("{}: lost: {}", item.server, one_line(&lost.reason.to_string())));
            }
            StreamItem::Restored(back) => {
                let outage = back.outage.as_secs_f64();
                self.say(&format!("{}: back after {outage:.1} s ({} run)", item.server, back.run.name()));
            }
            StreamItem::GaveUp(error) => {
                self.say(&format!("{}: {}", item.server, one_line(&error.to_string())));
            }
            _ => {}
        }
    }

    /// Looks at the servers and their calls.
    pub(crate) fn refresh(&mut self, live: &Live, now: Instant, clock: SystemTime) {
        self.set_legs(live.legs(), clock);
        let line = |(name, health): &(Arc<str>, Health)| ServerLine::new(name, health);
        self.servers = live.fleet().health_of_all().iter().map(line).collect();
        self.status = live.refusals().join("; ");
        self.rates.turn(now);
    }

    /// The legs that are up.
    pub(crate) fn set_legs(&mut self, legs: Vec<(Arc<str>, CallLeg)>, clock: SystemTime) {
        let before = self.selected_index();
        self.rows = legs.iter().map(|(server, leg)| Row::new(server, leg, clock)).collect();
        self.legs = legs;
        // One that has gone gives its place to the next.
        if self.selected_index().is_none() {
            let index = before.unwrap_or_default().min(self.rows.len().saturating_sub(1));
            self.selected = self.rows.get(index).map(|row| row.uuid.clone());
        }
        if let View::Timeline { legs, .. } = &mut self.view {
            for leg in legs.iter_mut() {
                if let Some((_, now)) = self.legs.iter().find(|(_, now)| now.uuid == leg.uuid) {
                    leg.clone_from(now);
                }
            }
            let others = others(&self.legs, legs);
            legs.extend(others);
        }
    }

    /// The legs that are up.
    #[cfg(test)]
    pub(crate) fn legs(&self) -> &[(Arc<str>, CallLeg)] {
        &self.legs
    }

    /// Where the chosen row is.
    pub(crate) fn selected_index(&self) -> Option<usize> {
        let uuid = self.selected.as_ref()?;
        self.rows.iter().position(|row| row.uuid == *uuid)
    }

    /// Chooses another row.
    pub(crate) fn select(&mut self, by: isize) {
        let at = self.selected_index().unwrap_or_default().saturating_add_signed(by);
        self.selected = self.rows.get(at.min(self.rows.len().saturating_sub(1))).map(|row| row.uuid.clone());
    }

    /// The leg that is looked at: the chosen one, or the first of the timeline.
    pub(crate) fn looked_at(&self) -> Option<(Arc<str>, CallLeg)> {
        let uuid = match &self.view {
            View::Timeline { legs, .. } => &legs.first()?.uuid,
            _ => self.selected.as_ref()?,
        };
        self.legs.iter().find(|(_, leg)| leg.uuid == *uuid).cloned()
    }

    /// Shows the timeline of the chosen leg and those of the same call.
    pub(crate) fn open_timeline(&mut self) {
        let Some((_, leg)) = self.looked_at() else { return };
        let mut legs = vec![leg];
        legs.extend(others(&self.legs, &legs));
        self.view = View::Timeline { legs, scroll: 0 };
    }

    /// The story of the legs of the timeline.
    pub(crate) fn story(&self, legs: &[CallLeg]) -> Story {
        self.timelines.story(legs.to_vec())
    }

    /// What is to be said in the last line: by a key's effect, else by the servers.
    pub(crate) fn message(&self) -> String {
        let message = self.messages.lock();
        if message.is_empty() { self.status.clone() } else { message.clone() }
    }

    pub(crate) fn say(&self, text: &str) {
        text.clone_into(&mut self.messages.lock());
    }

    pub(crate) fn messages(&self) -> Messages {
        Arc::clone(&self.messages)
    }
}

/// The legs of the same call as `legs`, and those that they talk to, that are not among them.
fn others(all: &[(Arc<str>, CallLeg)], legs: &[CallLeg]) -> Vec<CallLeg> {
    let same = |other: &CallLeg| {
        legs.iter().any(|leg| {
            leg.bridged_to() == Some(&other.uuid)
                || other.bridged_to() == Some(&leg.uuid)
                || !leg.call_uuid.is_empty() && leg.call_uuid == other.call_uuid
        })
    };
    let new = |other: &&CallLeg| legs.iter().all(|leg| leg.uuid != other.uuid) && same(other);
    all.iter().map(|(_, leg)| leg).filter(new).cloned().collect()
}

impl ServerLine {
    fn new(name: &str, health: &Health) -> Self {
        let mut facts = Vec::new();
        match (health.sessions, health.max_sessions) {
            (Some(sessions), Some(most)) => facts.push(format!("{sessions}/{most} sessions")),
            (Some(sessions), None) => facts.push(format!("{sessions} sessions")),
            _ => {}
        }
        if let Some(idle) = health.idle_cpu {
            facts.push(format!("{idle:.0}% idle"));
        }
        if let Some(time) = health.round_trip {
            facts.push(format!("{:.1} ms", time.as_secs_f64() * 1000.0));
        }
        if health.dropped > 0 {
            facts.push(format!("{} dropped", health.dropped));
        }
        if health.outages > 0 {
            facts.push(format!("{} outages", health.outages));
        }
        Self { name: name.to_owned(), state: health.state.name(), facts: facts.join(", ") }
    }
}
