//! The tracker, on events and listings that a real server sent (`tests/captures/calls.txt`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is its message")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use switchwire_proto::calls::{CallLeg, Change, Snapshot, Tracker};
use switchwire_proto::{AnswerState, CallState, ChannelState, Event, EventType, HangupCause};

enum Step {
    Event(Event),
    /// The legs that `show channels` listed.
    Channels(BTreeSet<String>),
    /// The bridges that `show calls` listed.
    Calls(BTreeSet<(String, String)>),
}

static RECORDED: LazyLock<BTreeMap<String, Vec<Step>>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/calls.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut recordings: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    let mut name = String::new();
    for part in text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(recording) = part.strip_prefix("# recording ") {
            recording.clone_into(&mut name);
            continue;
        }
        let step = match part.strip_prefix("# show ") {
            Some(listing) => listed(listing),
            None => Step::Event(Event::from_plain(format!("{part}\n\n")).unwrap()),
        };
        recordings.entry(name.clone()).or_default().push(step);
    }
    recordings
});

fn listed(listing: &str) -> Step {
    let (kind, output) = listing.split_once('\n').unwrap_or((listing, ""));
    let rows: Vec<Vec<String>> = match serde_json::from_str::<serde_json::Value>(output) {
        Ok(json) => {
            let text =
                |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let rows = json["rows"].as_array().unwrap();
            rows.iter().map(|row| vec![text(row, "uuid"), text(row, "b_uuid")]).collect()
        }
        Err(_) => {
            let mut lines = output.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
            let head = lines.next().unwrap_or_default();
            let at = |name: &str| head.iter().position(|own| own == name);
            lines
                .map(|line| [at("uuid"), at("b_uuid")].iter().flatten().map(|at| line[*at].clone()).collect())
                .collect()
        }
    };
    match kind {
        "channels" => Step::Channels(rows.into_iter().map(|row| row[0].clone()).collect()),
        _ => Step::Calls(
            rows.into_iter()
                .filter(|row| !row[1].is_empty())
                .map(|row| (row[0].clone(), row[1].clone()))
                .collect(),
        ),
    }
}

fn events(name: &str) -> impl Iterator<Item = &'static Event> {
    RECORDED[name].iter().filter_map(|step| match step {
        Step::Event(event) => Some(event),
        _ => None,
    })
}

fn up(tracker: &Tracker) -> BTreeSet<String> {
    tracker.legs().filter(|leg| !leg.is_hung_up()).map(|leg| leg.uuid.clone()).collect()
}

fn bridges(tracker: &Tracker) -> BTreeSet<BTreeSet<String>> {
    let pair = |leg: &CallLeg| Some(BTreeSet::from([leg.uuid.clone(), leg.bridged_to()?.to_owned()]));
    tracker.legs().filter_map(pair).collect()
}

#[test]
fn the_legs_are_those_that_the_server_lists() {
    let (mut channels, mut calls) = (0, 0);
    for (name, steps) in &*RECORDED {
        let mut tracker = Tracker::new();
        for step in steps {
            match step {
                Step::Event(event) => drop(tracker.event(event)),
                Step::Channels(listed) => {
                    channels += 1;
                    assert_eq!(&up(&tracker), listed, "{name}");
                }
                Step::Calls(listed) => {
                    calls += 1;
                    let listed: BTreeSet<_> =
                        listed.iter().map(|(a, b)| BTreeSet::from([a.clone(), b.clone()])).collect();
                    assert_eq!(bridges(&tracker), listed, "{name}");
                }
            }
        }
        let left: Vec<_> = tracker.legs().map(|leg| &leg.name).collect();
        assert!(left.is_empty(), "{name}: {left:?} are left");
    }
    assert!(channels >= 4 && calls >= 3, "{channels} listings of channels, {calls} of calls");
}

#[test]
fn every_leg_comes_is_hung_up_and_goes_once_and_bridges_are_paired() {
    for name in RECORDED.keys() {
        let mut tracker = Tracker::new();
        let mut stages: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut bridged: BTreeMap<BTreeSet<String>, i32> = BTreeMap::new();
        for change in events(name).flat_map(|event| tracker.event(event)) {
            let pair = |a: &str, b: &str| BTreeSet::from([a.to_owned(), b.to_owned()]);
            match change {
                Change::Added(leg) => stages.entry(leg.uuid).or_default().push("added"),
                Change::Renamed { old, leg } => {
                    let stage = stages.remove(&old).unwrap();
                    stages.insert(leg.uuid, stage);
                }
                Change::HungUp(leg) => stages.get_mut(&leg.uuid).unwrap().push("hung up"),
                Change::Gone { leg, missed } => {
                    assert!(!missed && leg.hangup_cause.is_some(), "{name}: {leg:?}");
                    stages.get_mut(&leg.uuid).unwrap().push("gone");
                }
                Change::Bridged { leg, with } => *bridged.entry(pair(&leg.uuid, &with)).or_default() += 1,
                Change::Unbridged { leg, with } => *bridged.entry(pair(&leg, &with)).or_default() -= 1,
                _ => {}
            }
        }
        for (uuid, stages) in stages {
            assert_eq!(stages, ["added", "hung up", "gone"], "{name} {uuid}");
        }
        assert!(bridged.values().all(|left| *left == 0), "{name}: {bridged:?}");
    }
}

#[test]
fn in_an_attended_transfer_a_leg_is_in_two_bridges() {
    let mut tracker = Tracker::new();
    let mut most = Vec::new();
    for event in events("att_xfer") {
        tracker.event(event);
        if let Some(leg) = tracker.legs().find(|leg| leg.bridges.len() == 2) {
            let [waiting, talking] = [0, 1].map(|at| tracker.leg(&leg.bridges[at].with).unwrap());
            most = vec![leg.name.clone(), waiting.name.clone(), talking.name.clone()];
            assert_eq!(leg.bridged_to(), Some(talking.uuid.as_str()));
            assert_eq!(waiting.bridged_to(), Some(leg.uuid.as_str()));
        }
    }
    assert_eq!(most, ["null/2", "null/1", "loopback/7007-a"]);
}

#[test]
fn two_sip_legs_are_bridged_when_the_loopback_pair_bows_out() {
    let mut tracker = Tracker::new();
    let mut pairs = Vec::new();
    for event in events("bridge_loopback_bowout") {
        for change in tracker.event(event) {
            if let Change::Bridged { leg, with } = change {
                pairs.push((leg.name, tracker.leg(&with).unwrap().name.clone()));
            }
        }
    }
    let last = pairs.last().unwrap();
    assert!(last.0.starts_with("sofia/") && last.1.starts_with("sofia/"), "{pairs:?}");
}

#[test]
fn a_leg_knows_what_its_events_told() {
    let mut tracker = Tracker::new();
    let answered: Vec<_> = events("bridge_null_a")
        .flat_map(|event| tracker.event(event))
        .filter_map(|change| match change {
            Change::Answered(leg) => Some(leg),
            _ => None,
        })
        .collect();
    assert_eq!(answered.len(), 2);
    let leg = &answered[0];
    assert_eq!(
        (leg.name.as_str(), leg.caller_id_name.as_str(), leg.destination.as_str()),
        ("null/1", "Alice Example", "1")
    );
    assert!(leg.answered.is_some() && leg.created.is_some() && leg.is_answered());
    let mut tracker = Tracker::new();
    let gone =
        events("originate_race").flat_map(|event| tracker.event(event)).filter_map(|change| match change {
            Change::Gone { leg, .. } => leg.hangup_cause,
            _ => None,
        });
    assert!(gone.collect::<Vec<_>>().contains(&HangupCause::LoseRace));
}

#[test]
fn another_core_uuid_is_a_restart() {
    let mut tracker = Tracker::new();
    for event in events("bridge_null_a").take(12) {
        tracker.event(event);
    }
    let legs = tracker.len();
    assert!(legs > 0);
    let mut heartbeat = Event::new(EventType::Heartbeat);
    heartbeat.add_header("Core-UUID", "another");
    let changes = tracker.event(&heartbeat);
    assert_eq!(
        changes.iter().filter(|change| matches!(change, Change::Gone { missed: true, .. })).count(),
        legs
    );
    assert_eq!(changes.last(), Some(&Change::Restarted { core_uuid: "another".to_owned() }));
    assert!(tracker.is_empty());
    assert_eq!(tracker.event(&heartbeat), []);
}

/// As `show channels as json` and `show calls as json` list two bridged legs.
fn snapshot(uuids: &[&str], bridged: &[(&str, &str)]) -> Snapshot {
    let row = |uuid: &&str| {
        serde_json::json!({
            "uuid": uuid, "direction": "outbound", "created_epoch": "1795647159", "name": "null/1", "state": "CS_EXECUTE",
            "cid_name": "Alice", "cid_num": "15550100", "dest": "1", "context": "default", "callstate": "ACTIVE",
            "callee_name": "", "callee_num": "", "call_uuid": "",
        })
    };
    let call = |(a, b): &(&str, &str)| serde_json::json!({ "uuid": a, "b_uuid": b, "call_created_epoch": "1795647160" });
    let rows: Vec<_> = uuids.iter().map(row).collect();
    let calls: Vec<_> = bridged.iter().map(call).collect();
    let list = |rows: &[serde_json::Value]| match rows {
        [] => b"{\"row_count\": 0}\n".to_vec(),
        rows => serde_json::json!({ "row_count": rows.len(), "rows": rows }).to_string().into_bytes(),
    };
    Snapshot::read(&list(&rows), &list(&calls)).unwrap()
}

fn told(event_type: EventType, uuid: &str, at: u64, more: &[(&str, &str)]) -> Event {
    let mut event = Event::new(event_type);
    for (name, value) in
        [("Unique-ID", uuid), ("Event-Date-Timestamp", &at.to_string()), ("Answer-State", "answered")]
    {
        event.add_header(name, value);
    }
    for (name, value) in more {
        event.add_header(name, value);
    }
    event
}

#[test]
fn a_snapshot_and_the_events_around_it_are_merged() {
    let mut tracker = Tracker::new();
    tracker.begin_sync();
    // Destroyed, and made, while the snapshot is on its way; its table lags behind.
    tracker.event(&told(EventType::ChannelDestroy, "over", 5, &[("Channel-State", "CS_REPORTING")]));
    tracker.event(&told(EventType::ChannelCreate, "new", 6, &[("Channel-State", "CS_INIT")]));
    let (changes, doubtful) = tracker.merge(&snapshot(&["a", "b", "over", "ghost"], &[("a", "b")]));
    assert_eq!(up(&tracker), ["a", "b", "ghost", "new"].map(str::to_owned).into());
    assert_eq!(doubtful, ["a", "b", "ghost"]);
    assert!(matches!(changes.last(), Some(Change::Bridged { with, .. }) if with == "b"));
    let leg = tracker.leg("a").unwrap();
    assert_eq!(
        (leg.answer_state.clone(), leg.call_state.clone()),
        (Some(AnswerState::Answered), Some(CallState::Active))
    );
    assert_eq!((leg.state.clone(), leg.call_uuid.as_str()), (Some(ChannelState::Execute), "a"));
    assert!(leg.bridged_since() > leg.created, "{leg:?}");
    assert_eq!(tracker.confirm("a", true), []);
    assert!(matches!(&tracker.confirm("ghost", false)[..], [Change::Gone { missed: true, .. }]));
    // What the snapshot knew already is no change.
    let bridge =
        told(EventType::ChannelBridge, "a", 7, &[("Bridge-A-Unique-ID", "a"), ("Bridge-B-Unique-ID", "b")]);
    assert!(!tracker.event(&bridge).iter().any(|change| matches!(change, Change::Bridged { .. })));
}

#[test]
fn what_was_missed_is_made_up_for() {
    let mut tracker = Tracker::new();
    tracker.begin_sync();
    tracker.merge(&snapshot(&["a", "b", "c", "d"], &[("a", "b"), ("c", "d")]));
    tracker.begin_sync();
    // Heard again since, so that the lagging table has nothing to say about it.
    tracker.event(&told(EventType::ChannelState, "c", 8, &[]));
    let (changes, doubtful) = tracker.merge(&snapshot(&["a", "d", "e"], &[]));
    assert_eq!(doubtful, ["e", "b"]);
    assert!(
        changes.contains(&Change::Unbridged { leg: "a".to_owned(), with: "b".to_owned() })
            || changes.contains(&Change::Unbridged { leg: "b".to_owned(), with: "a".to_owned() })
    );
    assert_eq!(tracker.leg("c").unwrap().bridged_to(), Some("d"));
    tracker.confirm("b", false);
    assert_eq!(up(&tracker), ["a", "c", "d", "e"].map(str::to_owned).into());
}

#[test]
fn a_leg_does_not_come_back_but_its_uuid_may() {
    let mut tracker = Tracker::new();
    let create = |at| told(EventType::ChannelCreate, "u", at, &[("Channel-State", "CS_INIT")]);
    assert_eq!(tracker.event(&create(1)).len(), 1);
    tracker.event(&told(EventType::ChannelDestroy, "u", 5, &[("Channel-State", "CS_REPORTING")]));
    assert_eq!(tracker.event(&told(EventType::ChannelState, "u", 5, &[("Channel-State", "CS_DESTROY")])), []);
    assert_eq!(tracker.event(&create(4)), [], "late");
    assert_eq!(tracker.event(&create(9)).len(), 1, "another leg of that uuid");
}

#[test]
fn older_events_do_not_take_the_state_back() {
    let mut tracker = Tracker::new();
    tracker.event(&told(EventType::ChannelCallstate, "u", 9, &[("Channel-Call-State", "ACTIVE")]));
    let late =
        told(EventType::ChannelCreate, "u", 3, &[("Channel-Call-State", "DOWN"), ("Channel-Name", "null/1")]);
    tracker.event(&late);
    let leg = tracker.leg("u").unwrap();
    assert_eq!((leg.call_state.clone(), leg.name.as_str()), (Some(CallState::Active), "null/1"));
}

#[test]
fn memory_is_that_of_the_legs_that_are_up() {
    let mut tracker = Tracker::new();
    for number in 0..5_000_u64 {
        let uuid = number.to_string();
        tracker.event(&told(EventType::ChannelCreate, &uuid, number, &[]));
        tracker.event(&told(EventType::ChannelDestroy, &uuid, number, &[]));
    }
    assert!(tracker.is_empty());
    assert_eq!(tracker.remembered(), 1024);
}

#[test]
fn what_is_no_list_is_an_error() {
    let empty = &b"{\"row_count\": 0}\n"[..];
    assert!(Snapshot::read(empty, empty).is_ok());
    for output in [&b"-ERR permission denied\n"[..], b"", b"{}", b"[]", b"{\"rows\": 1}"] {
        let error = Snapshot::read(output, empty).unwrap_err();
        assert!(error.to_string().starts_with("not a list of channels: "), "{error}");
        assert!(Snapshot::read(empty, output).is_err());
    }
}
