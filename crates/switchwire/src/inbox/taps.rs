//! Taps: what looks at every event of a connection as it passes, and may take it out of the stream.

use std::collections::BTreeMap;

use switchwire_proto::{Event, Message};

use super::ReadyCallback;
use crate::Error;

/// What a tap is shown.
pub(crate) enum Passing<'a> {
    Event(&'a Event),
    /// The connection has ended: nothing more will come.
    Closed(&'a Error),
}

/// Returns `true` to take the event: it is not queued then. What it has to call goes into the list: it runs under the
/// inbox's lock.
pub(crate) type Tap = Box<dyn FnMut(Passing<'_>, &mut Vec<ReadyCallback>) -> bool + Send>;

#[derive(Default)]
pub(crate) struct Taps {
    taps: BTreeMap<u64, Tap>,
    next: u64,
}

impl Taps {
    pub(crate) fn is_empty(&self) -> bool {
        self.taps.is_empty()
    }

    /// Its number.
    pub(crate) fn add(&mut self, tap: Tap) -> u64 {
        self.next += 1;
        self.taps.insert(self.next, tap);
        self.next
    }

    /// To be dropped without the lock.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Tap> {
        self.taps.remove(&number)
    }

    /// Whether a tap takes the event.
    pub(super) fn see(&mut self, message: &Message, ready: &mut Vec<ReadyCallback>) -> bool {
        let event = message.clone().into_event();
        let mut taken = false;
        for tap in self.taps.values_mut() {
            taken |= tap(Passing::Event(&event), ready);
        }
        taken
    }

    pub(super) fn closed(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        for (_, mut tap) in std::mem::take(&mut self.taps) {
            tap(Passing::Closed(reason), ready);
            ready.push(Box::new(move || drop(tap)));
        }
    }
}
