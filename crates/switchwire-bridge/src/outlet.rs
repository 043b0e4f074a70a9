//! The way to one sink, as the reader of the switches sees it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use switchwire::Event;

use crate::marker::{Break, Gap, written};
use crate::outbox::Outbox;
use crate::record::{BREAK, Record, SNAPSHOT};
use crate::template::{Alphabet, Subject, Template};

/// The way to one sink.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) sink: &'static str,
    pub(crate) outbox: Arc<Outbox>,
    template: Template,
    alphabet: Alphabet,
    /// Records that are pushed together.
    batch: Vec<Record>,
    /// What was dropped and has not been told, by switch.
    gaps: HashMap<Arc<str>, Option<Gap>>,
}

impl Outlet {
    pub(crate) fn new(sink: &'static str, outbox: Arc<Outbox>, route: (Template, Alphabet)) -> Self {
        let (template, alphabet) = route;
        Self { sink, outbox, template, alphabet, batch: Vec::new(), gaps: HashMap::new() }
    }

    /// Adds an event to the batch.
    pub(crate) fn event(&mut self, node: &Arc<str>, id: &str, event: &Event, body: &bytes::Bytes) {
        let subject = Subject { node, name: None, event: Some(event) };
        self.batch.push(Record {
            id: id.to_owned(),
            node: node.to_string(),
            event: event.name().into_owned(),
            route: self.template.fill(subject, self.alphabet),
            body: body.clone(),
        });
    }

    /// Adds something of our own.
    pub(crate) fn own(&mut self, node: &str, name: &str, body: Vec<u8>) {
        let record = self.made_here(node, name, body);
        self.batch.push(record);
    }

    fn made_here(&self, node: &str, name: &str, body: Vec<u8>) -> Record {
        let subject = Subject { node, name: Some(name), event: None };
        Record {
            id: uuid::Uuid::now_v7().to_string(),
            node: node.to_owned(),
            event: name.to_owned(),
            route: self.template.fill(subject, self.alphabet),
            body: body.into(),
        }
    }

    /// Pushes the batch. What is dropped is told as soon as there is room again; the switches whose gap that ends are returned.
    pub(crate) fn flush(&mut self, bridge: &str) -> Vec<Arc<str>> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() && self.gaps.is_empty() {
            return Vec::new();
        }
        let told = self.tell_gaps(bridge);
        // (Whether it was an event of the switch: our own records do not count as such.)
        let whose = |record: &Record| (Arc::from(record.node.as_str()), !is_own(&record.event));
        let whose: Vec<(Arc<str>, bool)> = batch.iter().map(whose).collect();
        let pushed = self.outbox.push(batch);
        let kept = whose.len() - usize::try_from(pushed.dropped).unwrap_or(whose.len());
        let reason = pushed.error.map_or_else(
            || format!("no room is left for what {} has not taken", self.sink),
            |error| format!("the spool of {} failed: {error}", self.sink),
        );
        for (node, is_event) in whose.into_iter().skip(kept) {
            Gap::widen(self.gaps.entry(node).or_default(), u64::from(is_event), &reason);
        }
        told
    }

    fn tell_gaps(&mut self, bridge: &str) -> Vec<Arc<str>> {
        let mut told = Vec::new();
        for (node, gap) in std::mem::take(&mut self.gaps) {
            let Some(gap) = gap else { continue };
            let told_as = Break {
                node: node.to_string(),
                bridge: bridge.to_owned(),
                from: written(gap.from),
                to: written(SystemTime::now()),
                reason: gap.reason.clone(),
                dropped: Some(gap.dropped),
                run: Some("same"),
            };
            let marker = self.made_here(&node, BREAK, serde_json::to_vec(&told_as).unwrap_or_default());
            if self.outbox.offer(marker) {
                tracing::warn!(node = &*node, sink = self.sink, dropped = gap.dropped, "{}", gap.reason);
                told.push(node);
            } else {
                self.gaps.insert(node, Some(gap));
            }
        }
        told
    }
}

fn is_own(event: &str) -> bool {
    matches!(event, BREAK | SNAPSHOT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchwire::EventType;

    #[tokio::test]
    async fn what_is_dropped_is_counted_and_told_once_there_is_room() {
        let node: Arc<str> = "fs1".into();
        let outbox = Arc::new(Outbox::new(2_000, None));
        let template = "{event}".parse().expect("a template");
        let mut outlet = Outlet::new("test", outbox.clone(), (template, Alphabet::ANY));
        let event = Event::new(EventType::Heartbeat);
        let body: bytes::Bytes = vec![b'x'; 500].into();
        for number in 0..9 {
            outlet.event(&node, &format!("c:{number}"), &event, &body);
        }
        assert!(outlet.flush("b1").is_empty());
        outlet.flush("b1");
        let first = outbox.take(99, 1 << 20).await.expect("some");
        assert_eq!(outbox.counts().dropped, 9 - first.len() as u64);
        outbox.delivered(first.len()).expect("acknowledged");
        assert_eq!(outlet.flush("b1"), [node]);
        let marker = outbox.take(99, 1 << 20).await.expect("the marker");
        let told: serde_json::Value = serde_json::from_slice(&marker[0].body).expect("JSON");
        assert_eq!((marker[0].event.as_str(), marker.len()), (BREAK, 1));
        assert_eq!(told["dropped"], 9 - first.len());
        assert_eq!(told["bridge"], "b1");
        assert!(outlet.flush("b1").is_empty());
    }
}
