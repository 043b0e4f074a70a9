//! A conference as an object.

mod support;

use std::path::Path;

use support::{Line, PATIENCE, Peer, event};
use switchwire::ErrorKind;
use switchwire::conference::{ConferenceAction, Members};
use switchwire::dial::{DialString, Endpoint};

fn api(line: &mut Line, command: &str, reply: &str) {
    assert_eq!(line.command().unwrap(), format!("api conference {command}"));
    line.api(reply);
}

fn recorded() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/conference.json");
    std::fs::read_to_string(path).unwrap()
}

fn maintenance(conference: &str, action: &str) -> String {
    let subclass = "Event-Name: CUSTOM\nEvent-Subclass: conference%3A%3Amaintenance\n";
    event(&format!("{subclass}Conference-Name: {conference}\nAction: {action}\nMember-ID: 4\n"), "")
}

#[test]
fn members_are_listed_and_commanded() {
    let peer = Peer::logged_in(|line| {
        api(line, "lab json_list", &recorded());
        api(line, "lab mute 4", "+OK mute 4\n");
        api(line, "lab kick all", "-ERR Conference lab not found\n");
        api(line, "lab volume_in last 2", "volume_in <member_id|all|last|non_moderator> [<newval>]");
        api(line, "lab bgdial user/1000", "+OK Job-UUID: 6f9d9d0a\n");
        api(line, "lab json_list", "-ERR Conference lab not found\n");
        api(line, "lab json_list", "-ERR permission denied\n");
    });
    let connection = peer.connect();
    let lab = connection.conference("lab").unwrap();
    let members = lab.members().unwrap();
    assert_eq!(members.iter().map(|member| member.id).collect::<Vec<_>>(), [4, 3]);
    lab.mute(members[0].id).unwrap();
    let refused = lab.kick(Members::All).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert_eq!(refused.reply_text(), Some("-ERR Conference lab not found"));
    assert_eq!(lab.volume_in(Members::Last, 2).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(lab.dial(&DialString::new(Endpoint::user("1000")), None).unwrap(), "6f9d9d0a");
    assert_eq!(lab.info().unwrap(), None);
    assert_eq!(lab.info().unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(lab.play("a!b").unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(connection.conference("two words").unwrap_err().kind(), ErrorKind::InvalidArgument);
    peer.finish();
}

#[test]
fn what_happens_in_it_comes_as_a_stream_and_by_callbacks() {
    let peer = Peer::logged_in(|line| {
        line.command();
        line.reply("+OK event listener enabled plain");
        line.write(maintenance("lab", "add-member"));
        line.write(maintenance("another", "add-member"));
        line.write(maintenance("lab", "start-talking"));
        line.command();
    });
    let connection = peer.connect();
    let lab = connection.conference("lab").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let watch = lab.on_event(move |event| tell.send(event.map(|event| event.action)).unwrap()).unwrap();
    let mut events = lab.events().unwrap();
    connection.events(switchwire::EventFormat::Plain, "CUSTOM conference::maintenance").unwrap();
    let mut next = || events.recv_timeout(PATIENCE).unwrap().unwrap();
    let added = next();
    assert_eq!((added.action, added.member), (ConferenceAction::AddMember, Some(4)));
    assert_eq!(next().action, ConferenceAction::StartTalking);
    let told_of = [told.recv().unwrap().unwrap(), told.recv().unwrap().unwrap()];
    assert_eq!(told_of, [ConferenceAction::AddMember, ConferenceAction::StartTalking]);
    assert_eq!(connection.stats().queued, 3, "the events stay in the queue, too");
    connection.disconnect();
    assert_eq!(told.recv().unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
    assert!(events.next().is_none());
    drop(watch);
    assert!(told.recv().is_err(), "the callback is dropped");
    peer.finish();
}

#[test]
fn event_loops_command_it_without_waiting() {
    let peer = Peer::logged_in(|line| {
        api(line, "lab json_list", &recorded());
        api(line, "lab lock", "+OK lab locked\n");
    });
    let connection = peer.connect();
    let lab = connection.conference("lab").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let tell_too = tell.clone();
    lab.info_with(move |info| tell.send(info.map(|info| info.unwrap().name)).unwrap()).unwrap();
    let lock = switchwire::conference::ConferenceCommand::lock();
    lab.command_with(&lock, move |text| tell_too.send(text).unwrap()).unwrap();
    let until = std::time::Instant::now() + PATIENCE;
    let mut both = Vec::new();
    while both.len() < 2 {
        let _ = connection.event_loop().pump();
        both.extend(told.try_iter().map(Result::unwrap));
        assert!(std::time::Instant::now() < until, "no reply was reported: {both:?}");
        std::thread::yield_now();
    }
    assert_eq!(both, ["lab", "+OK lab locked\n"]);
    peer.finish();
}
