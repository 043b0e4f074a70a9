//! The thread that reads the switches and never waits for a sink.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use switchwire::{Event, Fleet, FleetUpdate, ManagedState, StreamItem};

use crate::marker::{Break, written};
use crate::outlet::Outlet;
use crate::record::{BREAK, SNAPSHOT};

/// How many items are taken before they are pushed.
const BATCH: usize = 512;
/// How often counters are looked at that nothing announces.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) struct Source {
    fleet: Fleet,
    bridge: String,
    outlets: Vec<Outlet>,
    nodes: HashMap<Arc<str>, Node>,
    /// Snapshots that were asked for in passing.
    answers: Receiver<Answer>,
    answered: Sender<Answer>,
    looked: Instant,
    /// The calls that are up, for those who want them.
    #[cfg(feature = "nats")]
    calls: Option<crate::calls::LiveCalls>,
}

/// A snapshot of a switch.
type Answer = (Arc<str>, String);

#[derive(Default)]
struct Node {
    lost_at: Option<SystemTime>,
    /// Dropped by the connection's queue, as far as it has been told.
    dropped: u64,
    /// Events read.
    events: u64,
}

impl Source {
    pub(crate) fn new(fleet: Fleet, bridge: String, outlets: Vec<Outlet>) -> Self {
        let (answered, answers) = channel();
        Self {
            fleet,
            bridge,
            outlets,
            nodes: HashMap::new(),
            answers,
            answered,
            looked: Instant::now(),
            #[cfg(feature = "nats")]
            calls: None,
        }
    }

    #[cfg(feature = "nats")]
    pub(crate) fn follow_calls(&mut self, calls: Option<crate::calls::LiveCalls>) {
        self.calls = calls;
    }

    /// A switch is there, or there again: its calls are followed over the new connection.
    fn up(&self, node: &Arc<str>) {
        #[cfg(feature = "nats")]
        if let Some(calls) = &self.calls
            && let Ok(connection) = self.fleet.connection(node).and_then(|managed| managed.connection())
        {
            calls.follow(node, &connection);
        }
        #[cfg(not(feature = "nats"))]
        let _ = (self, node);
    }

    /// Reads until the fleet is closed and empty; then closes the ways to the sinks.
    pub(crate) fn run(mut self) {
        loop {
            let mut taken = 0;
            let mut next = self.fleet.recv_timeout(LOOK);
            let ended = loop {
                match next {
                    Ok(Some(item)) => self.item(&item.server, item.update),
                    Ok(None) => break false,
                    Err(_) => break true,
                }
                taken += 1;
                if taken == BATCH {
                    break false;
                }
                next = self.fleet.try_recv();
            };
            self.look();
            if ended {
                self.stopped();
            }
            self.flush();
            if ended {
                break;
            }
        }
        self.outlets.iter().for_each(|outlet| outlet.outbox.close());
    }

    fn item(&mut self, node: &Arc<str>, update: FleetUpdate) {
        let item = match update {
            FleetUpdate::Stream(item) => item,
            FleetUpdate::Health(health) => {
                tracing::info!(
                    node = &**node,
                    state = health.state.name(),
                    "the switch's health has changed"
                );
                return;
            }
            FleetUpdate::Removed => {
                self.tell(
                    node,
                    Some(SystemTime::now()),
                    None,
                    "the switch was taken out of the configuration",
                    None,
                    None,
                );
                self.nodes.remove(node);
                #[cfg(feature = "nats")]
                if let Some(calls) = &self.calls {
                    calls.forget(node);
                }
                return;
            }
            _ => return,
        };
        match item {
            StreamItem::Event(event) => self.event(node, &event),
            StreamItem::Connected(server) => {
                self.tell(node, None, Some(SystemTime::now()), "the bridge has begun", None, Some("unknown"));
                self.snapshot(node, server.snapshot.as_deref());
                self.up(node);
            }
            StreamItem::Lost(lost) => {
                tracing::warn!(node = &**node, reason = %lost.reason, "the connection is lost");
                self.nodes.entry(node.clone()).or_default().lost_at = Some(lost.when);
                self.tell(node, Some(lost.when), None, &lost.reason.to_string(), None, None);
            }
            StreamItem::Restored(back) => {
                tracing::info!(node = &**node, run = back.run.name(), outage = ?back.outage, "the connection is back");
                let from = self.nodes.entry(node.clone()).or_default().lost_at.take();
                self.tell(
                    node,
                    from,
                    Some(SystemTime::now()),
                    "the connection was lost",
                    None,
                    Some(back.run.name()),
                );
                self.snapshot(node, back.server.snapshot.as_deref());
                self.up(node);
            }
            StreamItem::GaveUp(reason) => {
                tracing::error!(node = &**node, %reason, "no further attempt is made");
                let from = self.nodes.entry(node.clone()).or_default().lost_at;
                self.tell(node, from, None, &format!("no further attempt is made: {reason}"), None, None);
            }
            _ => {}
        }
    }

    fn event(&mut self, node: &Arc<str>, event: &Event) {
        self.nodes.entry(node.clone()).or_default().events += 1;
        let id = identity(event);
        let body: bytes::Bytes = event.to_json().into();
        for outlet in &mut self.outlets {
            outlet.event(node, &id, event, &body);
        }
    }

    fn tell(
        &mut self,
        node: &str,
        from: Option<SystemTime>,
        to: Option<SystemTime>,
        reason: &str,
        dropped: Option<u64>,
        run: Option<&'static str>,
    ) {
        let told = Break {
            node: node.to_owned(),
            bridge: self.bridge.clone(),
            from: from.and_then(written),
            to: to.and_then(written),
            reason: reason.to_owned(),
            dropped,
            run,
        };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        for outlet in &mut self.outlets {
            outlet.own(node, BREAK, body.clone());
        }
    }

    fn snapshot(&mut self, node: &str, snapshot: Option<&str>) {
        // (A user who may not ask has none, or gets an error for it.)
        let Some(text) = snapshot.filter(|text| is_object(text)) else { return };
        for outlet in &mut self.outlets {
            outlet.own(node, SNAPSHOT, text.as_bytes().to_vec());
        }
    }

    fn flush(&mut self) {
        let mut told: Vec<Arc<str>> = Vec::new();
        for outlet in &mut self.outlets {
            told.extend(outlet.flush(&self.bridge));
        }
        told.sort();
        told.dedup();
        told.iter().for_each(|node| self.ask(node));
        while let Ok((node, text)) = self.answers.try_recv() {
            self.snapshot(&node, Some(&text));
        }
    }

    /// Counters of the connections' own queues.
    fn look(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        for name in self.fleet.servers() {
            let Ok(connection) = self.fleet.connection(&name) else { continue };
            let stats = connection.stats();
            let node = self.nodes.entry(name.clone()).or_default();
            let new = stats.dropped_events.saturating_sub(node.dropped);
            node.dropped = stats.dropped_events;
            let events = std::mem::take(&mut node.events);
            metrics::counter!("switchwire_bridge_events_total", "node" => name.to_string()).increment(events);
            let up = if connection.status().state == ManagedState::Up { 1.0 } else { 0.0 };
            metrics::gauge!("switchwire_bridge_node_up", "node" => name.to_string()).set(up);
            if new > 0 {
                let now = Some(SystemTime::now());
                let reason = "the bridge did not keep up with the switch: its queue was full";
                self.tell(&name, now, now, reason, Some(new), Some("same"));
                self.ask(&name);
            }
        }
    }

    /// Asks for a snapshot without waiting for it.
    fn ask(&self, node: &Arc<str>) {
        let Ok(command) = switchwire::Command::api("show", "channels as json") else { return };
        let Ok(connection) = self.fleet.connection(node).and_then(|managed| managed.connection()) else {
            return;
        };
        let (answers, node) = (self.answered.clone(), node.clone());
        let asked = connection.event_loop().try_submit_with(&command, move |reply| {
            if let Ok(reply) = reply {
                // (There is no receiver once the bridge stops.)
                let _ = answers.send((node, reply.text().into_owned()));
            }
        });
        if let Err(error) = asked {
            tracing::debug!(%error, "no snapshot");
        }
    }

    fn stopped(&mut self) {
        let nodes: Vec<_> = self.nodes.keys().cloned().collect();
        for node in nodes {
            self.tell(&node, Some(SystemTime::now()), None, "the bridge was stopped", None, None);
        }
    }
}

/// Whether a reply is the JSON that was asked for: bodies are JSON in every sink.
fn is_object(reply: &str) -> bool {
    reply.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(reply).is_ok()
}

/// `Core-UUID:Event-Sequence`; for an event without them a name of its own, which no other bridge gives it.
fn identity(event: &Event) -> String {
    match (event.header("Core-UUID"), event.header("Event-Sequence")) {
        (Some(core), Some(sequence)) if !core.is_empty() && !sequence.is_empty() => {
            format!("{core}:{sequence}")
        }
        _ => uuid::Uuid::now_v7().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_no_snapshot() {
        assert!(is_object("{\"row_count\":0}"));
        for wrong in ["", "-ERR no permission", "{", "{\"a\":"] {
            assert!(!is_object(wrong), "{wrong}");
        }
    }
}
