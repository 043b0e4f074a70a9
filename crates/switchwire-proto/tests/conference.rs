//! Conferences: events and the list as a real server sent them, commands as it takes them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is its message")]

use std::collections::BTreeMap;
use std::path::Path;

use switchwire_proto::conference::{
    ConferenceAction, ConferenceCommand, ConferenceEvent, ConferenceInfo, Members, Relation,
};
use switchwire_proto::dial::{DialString, Endpoint};
use switchwire_proto::{Event, EventType};

fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn events() -> BTreeMap<String, ConferenceEvent> {
    let text = recorded("conference.txt");
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let event =
        |part: &str| ConferenceEvent::read(&Event::from_plain(format!("{part}\n\n")).unwrap()).unwrap();
    parts.map(event).map(|event| (event.action.name().to_owned(), event)).collect()
}

#[test]
fn every_recorded_action_is_in_the_table() {
    let events = events();
    assert!(events.len() > 30, "{}", events.len());
    for (name, event) in &events {
        assert!(!matches!(event.action, ConferenceAction::Other(_)), "{name}");
        assert!(event.conference.starts_with("3001") && event.conference_uuid.len() == 36, "{name}");
        let of_member = name.ends_with("-member") || name == "start-talking";
        assert_eq!(
            event.member.is_some() && event.uuid.is_some(),
            of_member || name == "energy-level" || name == "floor-change",
            "{name}"
        );
    }
}

#[test]
fn an_event_says_whom_it_is_about_and_what_happened() {
    let events = events();
    let muted = &events["mute-member"];
    assert_eq!((muted.speaks, muted.hears, muted.size), (Some(false), Some(true), 2));
    assert_eq!(events["dtmf-member"].detail.as_deref(), Some("5"));
    assert_eq!(events["bgdial-result"].result.as_deref(), Some("USER_BUSY"));
    assert!(events["bgdial-result"].job_uuid.is_some());
    let floor = &events["floor-change"];
    assert_eq!((floor.old_floor, floor.member.is_some()), (None, true));
    assert!(events["start-recording"].detail.as_ref().unwrap().ends_with(".wav"));
    assert!(ConferenceEvent::read(&Event::new(EventType::Heartbeat)).is_none());
    assert!(ConferenceEvent::read(&Event::custom("another::subclass")).is_none());
}

#[test]
fn the_list_has_the_members() {
    let list = ConferenceInfo::read(&recorded("conference.json")).unwrap();
    let [conference] = &list[..] else { panic!("{list:?}") };
    assert_eq!((conference.name.as_str(), conference.locked, conference.recording), ("lab", false, false));
    let ids: Vec<_> =
        conference.members.iter().map(|member| (member.id, member.speaks, member.has_floor)).collect();
    assert_eq!(ids, [(4, false, false), (3, true, true)]);
    assert_eq!(conference.members[1].uuid, "11111111-2222-4333-8444-000000000002");
    assert!(conference.members[1].talking && conference.members[0].hears);
    for nothing in ["-ERR Conference nosuch not found\n", "+OK No active conferences.\n", "[]"] {
        assert_eq!(ConferenceInfo::read(nothing), Ok(Vec::new()));
    }
    for other in ["-ERR permission denied", "{}", ""] {
        assert!(ConferenceInfo::read(other).is_err(), "{other}");
    }
}

#[test]
fn commands_are_what_the_server_takes() {
    let text = |command: ConferenceCommand| command.arguments("3001").unwrap();
    for (command, expected) in [
        (ConferenceCommand::mute(4), "3001 mute 4"),
        (ConferenceCommand::unmute(Members::NonModerators), "3001 unmute non_moderator"),
        (ConferenceCommand::hup(Members::Last), "3001 hup last"),
        (ConferenceCommand::volume_out(4, -1), "3001 volume_out 4 -1"),
        (ConferenceCommand::lock(), "3001 lock"),
        (ConferenceCommand::relate(4, 5, Relation::NoSpeak), "3001 relate 4 5 nospeak"),
        (ConferenceCommand::transfer("3002", &[4, 5]).unwrap(), "3001 transfer 3002 4 5"),
        (ConferenceCommand::play("a b.wav", false).unwrap(), "3001 play 'a b.wav'"),
        (ConferenceCommand::play("x.wav", true).unwrap(), "3001 play x.wav async"),
        (ConferenceCommand::say("good morning").unwrap(), "3001 say good morning"),
        (ConferenceCommand::no_record(None).unwrap(), "3001 norecord all"),
        (ConferenceCommand::pause_recording("x.wav", true).unwrap(), "3001 recording pause x.wav"),
        (ConferenceCommand::dtmf(Members::All, "12#").unwrap(), "3001 dtmf all 12#"),
        (
            ConferenceCommand::dial(
                &DialString::new(Endpoint::user("1000")),
                Some(("Front Desk", "100")),
                true,
            )
            .unwrap(),
            "3001 bgdial user/1000 100 'Front Desk'",
        ),
    ] {
        assert_eq!(text(command), expected);
    }
    assert!(ConferenceCommand::play("a!b.wav", false).is_err());
    assert!(ConferenceCommand::say("two\nlines").is_err());
    assert!(ConferenceCommand::transfer("3002", &[]).is_err());
    assert!(ConferenceCommand::lock().arguments("two words").is_err());
}

#[test]
fn a_refusal_is_known_by_its_mark_or_is_the_usage() {
    let mute = ConferenceCommand::mute(999);
    for (reply, refused) in [
        ("+OK mute 5\n+OK mute 4\n", false),
        ("-ERR Non-Existant ID 999\n", true),
        ("mute <[member_id|all]|last|non_moderator> [<quiet>]", true),
        ("-ERR Conference nosuch not found\n", true),
    ] {
        assert_eq!(mute.is_refused(reply), refused, "{reply}");
    }
    let energy = ConferenceCommand::energy(4, 200);
    assert!(!energy.is_refused("Energy 4 = 200\n"));
    let say = ConferenceCommand::say("hi").unwrap();
    assert!(say.is_refused("-ERR (say) Error!\nsay <text>"));
    assert!(
        !ConferenceCommand::no_record(None)
            .unwrap()
            .is_refused("Stopped recording file x.wav\n+OK Stopped recording 0 files\n")
    );
}
