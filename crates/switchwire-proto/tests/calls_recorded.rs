//! The tracker, played every recording of calls that there is: bridges, transfers, pickups, loopback legs, queues,
//! conferences, refused and cancelled calls, in both formats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is its message")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use switchwire_proto::calls::{Change, Tracker};
use switchwire_proto::{Decoder, Event, EventType};

/// The events of each recording.
fn recordings() -> BTreeMap<String, Vec<Event>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/calls-1.11.2.tar.gz");
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(path).unwrap()));
    let mut recordings = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.file_name().unwrap_or_default() != "server.bin" {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        let mut events = Vec::new();
        while let Ok(Some(message)) = decoder.next_message() {
            if message.content_type().is_event() {
                events.push(message.into_event());
            }
        }
        let name = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        recordings.insert(name, events);
    }
    recordings
}

fn destroyed(events: &[Event]) -> BTreeSet<String> {
    let ends = events.iter().filter(|event| event.event_type() == EventType::ChannelDestroy);
    ends.map(|event| event.unique_id().unwrap().into_owned()).collect()
}

/// What must hold after any event.
fn check(tracker: &Tracker, place: &dyn Fn() -> String) {
    for leg in tracker.legs() {
        if let Some(with) = leg.bridged_to() {
            let other = tracker.leg(with).unwrap_or_else(|| panic!("{}: {with} is gone", place()));
            let back = tracker.legs().any(|other| other.bridged_to() == Some(&leg.uuid));
            // In an attended transfer a leg is in two bridges, of which one shows.
            assert!(back || other.bridged_to().is_some(), "{}: {} to {with}, not back", place(), leg.uuid);
        }
    }
}

#[test]
fn no_leg_is_left_when_all_are_destroyed_wherever_it_begins() {
    let recordings = recordings();
    assert!(recordings.len() > 80, "{}", recordings.len());
    for (name, events) in &recordings {
        for begin in (0..events.len()).step_by(1 + events.len() / 24) {
            let mut tracker = Tracker::new();
            let rest = &events[begin..];
            for event in rest {
                tracker.event(event);
            }
            let ended = destroyed(rest);
            let left: Vec<_> = tracker.legs().filter(|leg| ended.contains(&leg.uuid)).collect();
            assert!(left.is_empty(), "{name} from {begin}: {left:?}");
        }
    }
}

#[test]
fn after_any_event_the_legs_are_those_whose_end_has_not_come() {
    for (name, events) in recordings() {
        let mut tracker = Tracker::new();
        let (mut up, mut over) = (BTreeSet::new(), BTreeSet::new());
        for (at, event) in events.iter().enumerate() {
            let place = || format!("{name}, event {at}, {}", event.event_type());
            for change in tracker.event(event) {
                match change {
                    Change::Added(leg) => {
                        assert!(up.insert(leg.uuid.clone()), "{}: {} twice", place(), leg.uuid);
                    }
                    Change::Renamed { old, leg } => {
                        assert!(up.remove(&old) && up.insert(leg.uuid), "{}: from {old}", place());
                    }
                    Change::Gone { leg, missed } => {
                        assert!(up.remove(&leg.uuid) && !missed, "{}: {}", place(), leg.uuid);
                        assert!(leg.bridged_to().is_none() && leg.is_hung_up(), "{}: {leg:?}", place());
                    }
                    Change::Bridged { leg, with } => {
                        assert!(up.contains(&leg.uuid) && up.contains(&with), "{}: {with}", place());
                    }
                    _ => {}
                }
            }
            if event.event_type() == EventType::ChannelDestroy {
                over.insert(event.unique_id().unwrap().into_owned());
            }
            let tracked: BTreeSet<_> = tracker.legs().map(|leg| leg.uuid.clone()).collect();
            assert_eq!(tracked, up, "{}: by its changes", place());
            assert!(up.is_disjoint(&over), "{}: is over", place());
            check(&tracker, &place);
        }
        // What is left has had no end in the recording: the server died, or it was cut.
        let left = tracker.legs().filter(|leg| !leg.is_hung_up()).count();
        assert!(left == 0 || ["server_dies"].contains(&&*name), "{name}: {left} legs are left");
    }
}

#[test]
fn a_restart_in_the_middle_of_a_call_leaves_nothing() {
    for (name, events) in recordings() {
        let mut tracker = Tracker::new();
        for event in &events[..events.len() / 2] {
            tracker.event(event);
        }
        let up = tracker.len();
        let mut after = Event::new(EventType::Heartbeat);
        after.add_header("Core-UUID", "another");
        let changes = tracker.event(&after);
        let gone =
            changes.iter().filter(|change| matches!(change, Change::Gone { missed: true, .. })).count();
        assert_eq!((gone, tracker.len()), (up, 0), "{name}");
        assert_eq!(tracker.core_uuid(), Some("another"), "{name}");
    }
}
