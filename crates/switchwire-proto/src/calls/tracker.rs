#![allow(clippy::disallowed_types, reason = "a point in time as a value: no clock is read")]

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::SystemTime;

use super::leg::{Bridge, CallLeg, made_at};
use super::snapshot::Snapshot;
use crate::{AnswerState, ChannelState, Event, EventType, HangupCause};

/// What an event or a snapshot has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A leg is there; from a snapshot perhaps long since.
    Added(CallLeg),
    /// The server gave a leg another uuid (`CHANNEL_UUID`).
    Renamed {
        /// The uuid that it had.
        old: String,
        /// The leg, under its new uuid.
        leg: CallLeg,
    },
    /// The leg was answered.
    Answered(CallLeg),
    /// Something else about the leg is new: its state, a caller id, where it goes.
    Updated(CallLeg),
    /// Two legs are bridged.
    Bridged {
        /// The leg that runs the bridge, as it is now.
        leg: CallLeg,
        /// The other one's uuid.
        with: String,
    },
    /// They are bridged no longer.
    Unbridged {
        /// The leg that ran the bridge.
        leg: String,
        /// The other one.
        with: String,
    },
    /// The leg was hung up; [`Gone`](Self::Gone) follows when the server has cleared up.
    HungUp(CallLeg),
    /// The leg is gone.
    Gone {
        /// As it was at last.
        leg: CallLeg,
        /// Its end was not heard: events were missed, or the server was restarted.
        missed: bool,
    },
    /// The server was restarted (another `Core-UUID`): every leg is gone, and has been reported so.
    Restarted {
        /// The new `Core-UUID`.
        core_uuid: String,
    },
}

impl Change {
    /// A stable word for it, e.g. `hung-up`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Added(_) => "added",
            Self::Renamed { .. } => "renamed",
            Self::Answered(_) => "answered",
            Self::Updated(_) => "updated",
            Self::Bridged { .. } => "bridged",
            Self::Unbridged { .. } => "unbridged",
            Self::HungUp(_) => "hung-up",
            Self::Gone { .. } => "gone",
            Self::Restarted { .. } => "restarted",
        }
    }
}

/// The legs of one server.
///
/// Feed it every event in the order in which they come, with [`event`](Self::event). To begin, or after events may have
/// been missed: subscribe, call [`begin_sync`](Self::begin_sync), ask for `show channels as json` and `show calls as
/// json`, go on feeding events meanwhile, give the outputs to [`merge`](Self::merge), and ask `uuid_exists` for each
/// uuid that it gives back ([`confirm`](Self::confirm)). Then nothing falls between snapshot and events: what an event
/// has told since `begin_sync` goes before the snapshot, and the snapshot's table may lag behind.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    legs: HashMap<String, CallLeg>,
    core_uuid: Option<String>,
    /// Counts the synchronisations.
    sync: u64,
    /// Those that have gone last, with the time of the event: a snapshot may still have them.
    gone: HashMap<String, u64>,
    gone_order: VecDeque<(String, u64)>,
}

impl Tracker {
    /// No legs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The events that it needs. Others of channels do no harm.
    pub const EVENTS: [EventType; 12] = [
        EventType::ChannelCreate,
        EventType::ChannelUuid,
        EventType::ChannelState,
        EventType::ChannelCallstate,
        EventType::ChannelProgressMedia,
        EventType::ChannelAnswer,
        EventType::ChannelBridge,
        EventType::ChannelUnbridge,
        EventType::ChannelHangup,
        EventType::ChannelDestroy,
        EventType::CallUpdate,
        EventType::Heartbeat,
    ];

    /// The leg with that uuid.
    #[must_use]
    pub fn leg(&self, uuid: &str) -> Option<&CallLeg> {
        self.legs.get(uuid)
    }

    /// Every leg, in no order.
    pub fn legs(&self) -> impl Iterator<Item = &CallLeg> {
        self.legs.values()
    }

    /// How many legs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.legs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// How many legs that have gone are remembered, for snapshots that lag behind: at most 1024.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.gone.len()
    }

    /// The server's `Core-UUID`, once an event has told it.
    #[must_use]
    pub fn core_uuid(&self) -> Option<&str> {
        self.core_uuid.as_deref()
    }

    /// Takes an event, and gives what it has changed, in order.
    pub fn event(&mut self, event: &Event) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(core) = event.header("Core-UUID").filter(|core| !core.is_empty()) {
            self.core(&core, &mut changes);
        }
        let event_type = event.event_type();
        if !is_about_a_leg(event_type) {
            return changes;
        }
        let Some(uuid) = event.unique_id().filter(|uuid| !uuid.is_empty()) else { return changes };
        let uuid = uuid.into_owned();
        if event_type == EventType::ChannelDestroy {
            self.remove(&uuid, Some(event), false, &mut changes);
            self.bury(uuid, made_at(event));
            return changes;
        }
        if event_type == EventType::ChannelUuid {
            self.rename(event, &uuid, &mut changes);
        }
        if !self.legs.contains_key(&uuid) && (is_ending(event, event_type) || self.is_buried(&uuid, event)) {
            return changes;
        }
        self.update(&uuid, event, &mut changes);
        if let (EventType::ChannelBridge | EventType::ChannelUnbridge, Some(a), Some(b)) =
            (event_type, event.header("Bridge-A-Unique-ID"), event.header("Bridge-B-Unique-ID"))
        {
            match event_type {
                EventType::ChannelBridge => self.bridge(&a, &b, event.time(), &mut changes),
                _ => self.unbridge(&a, &b, &mut changes),
            }
        }
        changes
    }

    /// From now on the snapshot that is to be [`merge`](Self::merge)d may be made.
    pub fn begin_sync(&mut self) {
        self.sync += 1;
    }

    /// Takes the snapshot that was asked for after [`begin_sync`](Self::begin_sync). Returns the changes, and the uuids of
    /// the legs that snapshot and events do not agree upon, or that only the snapshot knows: to be
    /// [`confirm`](Self::confirm)ed.
    pub fn merge(&mut self, snapshot: &Snapshot) -> (Vec<Change>, Vec<String>) {
        let (mut changes, mut doubtful) = (Vec::new(), Vec::new());
        let sync = self.sync;
        let mut listed = HashSet::new();
        for row in &snapshot.rows {
            listed.insert(row.uuid.as_str());
            if self.gone.contains_key(&row.uuid) {
                continue;
            }
            match self.legs.get_mut(&row.uuid) {
                Some(leg) if leg.heard_in == sync => {}
                Some(leg) => {
                    let before = leg.clone();
                    leg.note_row(row);
                    compare(&before, leg, &mut changes);
                }
                None if ChannelState::from(&*row.state).is_ended() => {}
                None => {
                    let mut leg = CallLeg::new(&row.uuid);
                    leg.note_row(row);
                    doubtful.push(row.uuid.clone());
                    changes.push(Change::Added(leg.clone()));
                    self.legs.insert(row.uuid.clone(), leg);
                }
            }
        }
        let unheard = |leg: &&CallLeg| leg.heard_in != sync && !listed.contains(leg.uuid.as_str());
        doubtful.extend(self.legs.values().filter(unheard).map(|leg| leg.uuid.clone()));
        self.merge_bridges(snapshot, &mut changes);
        (changes, doubtful)
    }

    /// Whether a leg of which [`merge`](Self::merge) was in doubt is there (`uuid_exists`).
    pub fn confirm(&mut self, uuid: &str, exists: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        if !exists {
            self.remove(uuid, None, true, &mut changes);
        }
        changes
    }

    /// The server's `Core-UUID`, as `eval ${core_uuid}` tells: another one than before is a restart.
    pub fn core(&mut self, core_uuid: &str, changes: &mut Vec<Change>) {
        if self.core_uuid.as_deref() == Some(core_uuid) {
            return;
        }
        if self.core_uuid.replace(core_uuid.to_owned()).is_some() {
            let mut all: Vec<_> = self.legs.drain().map(|(_, leg)| leg).collect();
            all.sort_unstable_by(|a, b| a.uuid.cmp(&b.uuid));
            changes.extend(all.into_iter().map(|leg| Change::Gone { leg, missed: true }));
            changes.push(Change::Restarted { core_uuid: core_uuid.to_owned() });
            self.gone.clear();
            self.gone_order.clear();
        }
    }

    /// The bridges of the legs that no event has reported on since the snapshot was asked for.
    fn merge_bridges(&mut self, snapshot: &Snapshot, changes: &mut Vec<Change>) {
        let sync = self.sync;
        let told = |a: &str, b: &str| {
            snapshot
                .bridges
                .iter()
                .any(|(x, y, _)| (x, y) == (&a.to_owned(), &b.to_owned()) || x == b && y == a)
        };
        let mut over = Vec::new();
        for leg in self.legs.values().filter(|leg| leg.heard_in != sync) {
            for bridge in &leg.bridges {
                let heard = self.legs.get(&bridge.with).is_some_and(|other| other.heard_in == sync);
                if !heard && !told(&leg.uuid, &bridge.with) {
                    over.push((leg.uuid.clone(), bridge.with.clone()));
                }
            }
        }
        for (a, b) in over {
            self.unbridge(&a, &b, changes);
        }
        for (a, b, since) in &snapshot.bridges {
            let unheard = |uuid: &String| self.legs.get(uuid).is_some_and(|leg| leg.heard_in != sync);
            if unheard(a) && unheard(b) {
                self.bridge(a, b, *since, changes);
            }
        }
    }

    fn update(&mut self, uuid: &str, event: &Event, changes: &mut Vec<Change>) {
        let new = !self.legs.contains_key(uuid);
        let leg = self.legs.entry(uuid.to_owned()).or_insert_with(|| CallLeg::new(uuid));
        leg.heard_in = self.sync;
        if new {
            leg.note(event);
            changes.push(Change::Added(leg.clone()));
            self.gone.remove(uuid);
        } else {
            let before = leg.clone();
            leg.note(event);
            compare(&before, leg, changes);
        }
    }

    fn rename(&mut self, event: &Event, uuid: &str, changes: &mut Vec<Change>) {
        let Some(old) = event.header("Old-Unique-ID") else { return };
        let Some(mut leg) = self.legs.remove(&*old) else { return };
        uuid.clone_into(&mut leg.uuid);
        for bridge in &leg.bridges {
            let Some(other) = self.legs.get_mut(&bridge.with) else { continue };
            for back in other.bridges.iter_mut().filter(|back| back.with == *old) {
                uuid.clone_into(&mut back.with);
            }
        }
        changes.push(Change::Renamed { old: old.into_owned(), leg: leg.clone() });
        self.legs.insert(uuid.to_owned(), leg);
    }

    fn bridge(&mut self, a: &str, b: &str, since: Option<SystemTime>, changes: &mut Vec<Change>) {
        // Either may be hung up already, and gone by the time the event comes.
        if !self.legs.contains_key(a) || !self.legs.contains_key(b) {
            return;
        }
        let mut new = false;
        for (leg, with) in [(a, b), (b, a)] {
            let Some(leg) = self.legs.get_mut(leg) else { continue };
            if leg.bridged_to() != Some(with) {
                new = true;
                leg.bridges.retain(|bridge| bridge.with != with);
                leg.bridges.push(Bridge { with: with.to_owned(), since });
            }
        }
        if let Some(leg) = self.legs.get(a).filter(|_| new) {
            changes.push(Change::Bridged { leg: leg.clone(), with: b.to_owned() });
        }
    }

    fn unbridge(&mut self, a: &str, b: &str, changes: &mut Vec<Change>) {
        let mut was = false;
        for (leg, with) in [(a, b), (b, a)] {
            if let Some(leg) = self.legs.get_mut(leg) {
                let before = leg.bridges.len();
                leg.bridges.retain(|bridge| bridge.with != with);
                was |= leg.bridges.len() < before;
            }
        }
        if was {
            changes.push(Change::Unbridged { leg: a.to_owned(), with: b.to_owned() });
        }
    }

    fn remove(&mut self, uuid: &str, last: Option<&Event>, missed: bool, changes: &mut Vec<Change>) {
        let Some(leg) = self.legs.get_mut(uuid) else { return };
        if let Some(event) = last {
            let before = leg.clone();
            leg.note(event);
            if leg.is_hung_up() && !before.is_hung_up() {
                changes.push(Change::HungUp(leg.clone()));
            }
        }
        for bridge in leg.bridges.clone() {
            self.unbridge(uuid, &bridge.with, changes);
        }
        if let Some(leg) = self.legs.remove(uuid) {
            changes.push(Change::Gone { leg, missed });
        }
    }

    fn bury(&mut self, uuid: String, at: u64) {
        self.gone.insert(uuid.clone(), at);
        self.gone_order.push_back((uuid, at));
        while self.gone_order.len() > MOST_GONE {
            let Some((uuid, at)) = self.gone_order.pop_front() else { return };
            if self.gone.get(&uuid) == Some(&at) {
                self.gone.remove(&uuid);
            }
        }
    }

    /// Whether the event is older than the end of the leg. (A uuid may be used again: `origination_uuid`.)
    fn is_buried(&self, uuid: &str, event: &Event) -> bool {
        self.gone.get(uuid).is_some_and(|gone| made_at(event) <= *gone)
    }
}

/// What has changed beside bridges.
fn compare(before: &CallLeg, leg: &CallLeg, changes: &mut Vec<Change>) {
    let same = |leg: &CallLeg| {
        // Not what only the tracker itself looks at, nor what each event may have later than the one before.
        CallLeg { as_of: 0, heard_in: 0, call_uuid: String::new(), ..leg.clone() }
    };
    if leg.is_hung_up() && !before.is_hung_up() {
        changes.push(Change::HungUp(leg.clone()));
    } else if leg.is_answered() && before.answer_state != Some(AnswerState::Answered) {
        changes.push(Change::Answered(leg.clone()));
    } else if same(before) != same(leg) {
        changes.push(Change::Updated(leg.clone()));
    }
}

/// Whether a leg that is not known yet is ending already.
fn is_ending(event: &Event, event_type: EventType) -> bool {
    matches!(event_type, EventType::ChannelHangup | EventType::ChannelHangupComplete)
        || event.channel_state().is_some_and(|state| state.is_ended())
        || event.answer_state() == Some(AnswerState::Hangup)
        || event.hangup_cause().is_some_and(|cause| cause != HangupCause::None)
}

/// Events whose `Unique-ID` and `Caller-*` headers are those of a leg.
fn is_about_a_leg(event_type: EventType) -> bool {
    event_type == EventType::CallUpdate
        || event_type != EventType::ChannelData && event_type.name().starts_with("CHANNEL_")
}

/// How many legs that have gone are remembered.
const MOST_GONE: usize = 1024;
