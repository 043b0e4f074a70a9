//! Conferences: who talks and has the floor, who comes and goes, what is played and recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::time::Duration;

use common::{Client, Frame};
use switchwire_sim::{Simulator, Time};

/// A far end that plays half a second of a tone every second, and one that plays a tone once.
const TONES: &[(&str, &str)] =
    &[("7100", "tone_stream://%(500,500,440);loops=-1"), ("7200", "tone_stream://%(300,2000,440);loops=1")];

struct Room {
    sim: Simulator,
    control: Client,
    events: Client,
}

impl Room {
    fn new() -> Self {
        let builder = Simulator::builder().time(Time::Manual).sound_files(false);
        let builder = TONES.iter().fold(builder, |builder, (number, tones)| {
            builder.extension(number, &[("answer", ""), ("playback", tones)])
        });
        let sim = builder.start().unwrap();
        let (control, mut events) = (Client::login(sim.addr()), Client::login(sim.addr()));
        events.ask("event plain CUSTOM conference::maintenance");
        Self { sim, control, events }
    }

    fn joins(&mut self, uuid: &str, place: &str, app: &str) {
        let reply = self.control.api(&format!("originate {{origination_uuid={uuid}}}{place} {app}"));
        assert_eq!(reply, format!("+OK {uuid}\n"));
    }

    fn api(&mut self, command: &str) -> String {
        self.control.api(&format!("conference lab {command}"))
    }

    fn pass(&self, millis: u64) {
        assert!(self.sim.advance(Duration::from_millis(millis)));
    }

    /// The next events: each one's action and member.
    fn told(&mut self, expected: &[&str]) {
        for (nth, what) in expected.iter().enumerate() {
            let frame = self.events.event("CUSTOM");
            assert_eq!(action(&frame), *what, "event {nth} of {expected:?}");
        }
    }
}

fn action(frame: &Frame) -> String {
    let header = |name: &str| frame.event(name);
    let mut text = header("Action").unwrap();
    for name in ["Member-ID", "New-ID", "Conference-Size"] {
        text.extend(header(name).map(|value| format!(" {value}")));
    }
    text
}

#[test]
fn the_floor_goes_to_a_talker_when_its_holder_falls_silent() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    room.joins("b", "loopback/7100", "&conference(lab)");
    room.pass(100);
    room.told(&["add-member 2 2", "start-talking 2 2", "floor-change 2 2 2"]);
    assert!(room.api("list").contains("hear|speak|talking|floor;0;0;100\n1;null/a;a"));
    room.pass(600);
    room.joins("c", "loopback/7100", "&conference(lab)");
    room.pass(400);
    // Two talkers in turn: each of them keeps the floor over its pause until the other one is heard.
    room.told(&["add-member 3 3", "start-talking 3 3", "floor-change 3 3 3"]);
    // Without the rule for a talker's pauses each of them would be reported twice a second.
    room.api("mute 3");
    room.told(&["mute-member 3 3"]);
    assert_eq!(room.api("floor 1"), "-ERR floor is held by 3\n");
    assert_eq!(room.api("floor 3"), "+OK floor none\n");
    room.told(&["floor-change none 3"]);
}

#[test]
fn a_talker_stops_after_800_milliseconds_of_silence() {
    let mut room = Room::new();
    room.joins("a", "loopback/7200", "&conference(lab)");
    room.pass(900);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1", "start-talking 1 1"]);
    assert!(room.api("list").contains("|talking|"));
    room.pass(400);
    room.told(&["stop-talking 1 1"]);
    assert!(!room.api("list").contains("|talking|"));
}

#[test]
fn one_that_is_kicked_goes_on_with_its_call() {
    let mut room = Room::new();
    room.joins("a", "null/a", "'m:^:conference:lab^park:' inline");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    assert_eq!(room.api("kick 1"), "+OK kicked 1\n");
    room.told(&["kick-member 1 1", "floor-change none 1", "del-member 1 0"]);
    room.pass(20);
    room.told(&["conference-destroy 0"]);
    assert_eq!(room.api("list"), "-ERR Conference lab not found\n");
    assert!(room.control.api("show channels").contains(",park,"));
}

#[test]
fn one_that_hangs_up_leaves() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.joins("b", "null/b", "&conference(lab)");
    room.pass(20);
    room.control.api("uuid_kill a");
    room.told(&[
        "conference-create 0",
        "add-member 1 1",
        "add-member 2 2",
        "floor-change 2 2 2",
        "del-member 1 1",
    ]);
    assert_eq!(room.api("count"), "1");
    assert_eq!(room.api("lock"), "+OK lab locked\n");
    room.told(&["lock 1"]);
    // A locked conference takes none: the application is over at once, and so is the call.
    room.joins("c", "null/c", "&conference(lab)");
    assert_eq!(room.control.api("uuid_exists c"), "false");
    assert_eq!(room.api("count"), "1");
}

#[test]
fn digits_do_what_the_default_controls_say() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    for (digit, told) in [
        ("0", &["mute-member 1 1"] as &[&str]),
        ("0", &["unmute-member 1 1"]),
        ("*", &["mute-member 1 1", "deaf-member 1 1"]),
        ("*", &["unmute-member 1 1", "undeaf-member 1 1"]),
        ("3", &["gain-level 1 1"]),
        ("4", &["volume-level 1 1"]),
        ("7", &["energy-level 1 1"]),
    ] {
        room.control.api(&format!("uuid_recv_dtmf a {digit}"));
        room.told(told);
        room.pass(20);
    }
    assert!(room.api("list").contains(";hear|speak|floor;1;-1;0\n"));
    assert_eq!(room.control.api("uuid_getvar a conference_last_matching_digits"), "7");
    room.control.api("uuid_recv_dtmf a #");
    room.told(&["floor-change none 1", "del-member 1 0"]);
}

#[test]
fn files_are_played_one_after_the_other() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    for _ in 0..2 {
        let reply = room.api("play tone_stream://%(200,0,440)");
        assert_eq!(reply, "+OK (play) Playing file tone_stream://%(200,0,440)\n");
        room.told(&["play-file 1"]);
    }
    assert_eq!(room.api("play nosuch.wav"), "-ERR (play) File: nosuch.wav not found.\n");
    room.told(&["play-file 1"]);
    assert_eq!(
        room.api("play tone_stream://%(200,0,440) 7").lines().next(),
        Some("-ERR Member: 7 not found.")
    );
    room.pass(240);
    assert_eq!(room.events.event("CUSTOM").event("milliseconds").as_deref(), Some("400"));
    room.pass(100);
    assert_eq!(room.api("stop all"), "+OK Stopped 1 files.\n");
    room.told(&["play-file-done 1"]);
    assert_eq!(room.api("stop all"), "+OK Stopped 0 files.\n");
}

#[test]
fn recordings_are_started_paused_and_stopped() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    assert_eq!(room.api("record /tmp/lab.wav"), "+OK Record file /tmp/lab.wav\n");
    assert_eq!(room.api("recording check"), "+OK Record file /tmp/lab.wav\n");
    room.pass(1000);
    assert_eq!(room.api("recording pause /tmp/lab.wav"), "+OK Pause recording file /tmp/lab.wav\n");
    room.pass(1000);
    assert_eq!(room.api("recording resume /tmp/lab.wav"), "+OK Resume recording file /tmp/lab.wav\n");
    room.told(&["start-recording 1", "pause-recording 1", "resume-recording 1"]);
    let stopped = room.api("recording stop /tmp/lab.wav");
    assert_eq!(stopped.lines().next(), Some("Stopped recording file /tmp/lab.wav"));
    assert_eq!(room.events.event("CUSTOM").event("Milliseconds-Elapsed").as_deref(), Some("1000"));
    assert_eq!(room.api("chkrecord"), "-ERR Conference is not being recorded.\n");
}

#[test]
fn one_that_is_dialled_joins() {
    let mut room = Room::new();
    assert_eq!(room.api("dial null/a 1000 Alice"), "+OK Call Requested: result: [SUCCESS]\n");
    room.pass(20);
    room.told(&["conference-create 0", "add-member 1 1", "floor-change 1 1 1"]);
    assert_eq!(room.api("dial error/USER_BUSY"), "+OK Call Requested: result: [USER_BUSY]\n");
    let reply = room.api("bgdial null/b");
    let job = reply.trim().strip_prefix("+OK Job-UUID: ").unwrap();
    let result = room.events.event("CUSTOM");
    assert_eq!(result.event("Job-UUID").as_deref(), Some(job));
    assert_eq!(result.event("Result").as_deref(), Some("SUCCESS"));
    room.told(&["add-member 2 2"]);
    assert!(room.api("list").starts_with(&format!("2;null/b;{}", result.event("Peer-UUID").unwrap())));
}

#[test]
fn one_that_is_transferred_is_in_the_other_conference() {
    let mut room = Room::new();
    room.joins("a", "null/a", "&conference(lab)");
    room.joins("b", "null/b", "&conference(lab)");
    assert_eq!(room.api("transfer other 1"), "+OK Member '1' sent to conference other.\n");
    assert_eq!(room.api("transfer other all"), "-ERR No Member all in conference lab.\n");
    assert!(room.control.api("conference other list").contains(";null/a;a;"));
    assert_eq!(room.api("count"), "1");
    room.told(&["conference-create 0", "add-member 1 1", "add-member 2 2", "del-member 1 1"]);
    room.told(&["conference-create 0", "add-member 3 1", "transfer 3 1"]);
}
