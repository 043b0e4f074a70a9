//! Making calls: what comes of them, and cancelling them at any moment.

#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use server::Server;
use support::{Line, PATIENCE, Peer, background_job};
use switchwire::dial::{DialString, Endpoint, Leg, Originate, Target};
use switchwire::{Connection, ErrorKind, EventFormat, HangupCause};

fn subscribed(connection: Connection) -> Connection {
    connection.events(EventFormat::Plain, "BACKGROUND_JOB CHANNEL_HANGUP_COMPLETE").unwrap();
    connection
}

fn to(endpoint: Endpoint) -> Originate {
    Originate::new(endpoint, Target::application("park"))
}

/// Rings, and is never answered.
fn ringing(server: &Server) -> Originate {
    if let Some(simulator) = server.simulator() {
        simulator.extension("ringing", &[("ring_ready", ""), ("sleep", "600000")]);
        return to(Endpoint::loopback("ringing", "default"));
    }
    let forever = "ring_ready:,sleep:600000";
    to(Endpoint::Other(format!("loopback/{forever}/default/inline")))
}

fn exists(connection: &Connection, uuid: &str) -> bool {
    connection.api("uuid_exists", uuid).unwrap().text() == "true"
}

/// A peer that has taken the subscription.
fn peer(script: impl FnOnce(&mut Line) + Send + 'static) -> Peer {
    Peer::logged_in(|line| {
        assert!(line.command().unwrap().starts_with("event plain"));
        line.reply("+OK event listener enabled plain");
        script(line);
    })
}

/// Takes a `bgapi`: its line, and its Job-UUID.
fn job(line: &mut Line) -> (String, String) {
    let command = line.command().unwrap();
    let (first, rest) = command.split_once('\n').unwrap();
    let uuid = rest.strip_prefix("Job-UUID: ").unwrap().to_owned();
    line.reply(&format!("+OK Job-UUID: {uuid}\nJob-UUID: {uuid}"));
    (first.to_owned(), uuid)
}

#[test]
fn the_uuid_is_known_before_the_call_is_answered() {
    let server = Server::start();
    let connection = subscribed(server.connect());
    let call = connection.originate(&to(Endpoint::Null("1".to_owned()))).unwrap();
    let uuid = call.uuid().to_owned();
    assert_eq!(call.wait(PATIENCE).unwrap(), uuid);
    assert_eq!(call.try_take().unwrap().unwrap(), uuid, "the end is kept");
    assert!(exists(&connection, &uuid));
    connection.hangup_channel(&uuid, None).unwrap();
    // The program's own uuid stays.
    let own = uuid::Uuid::new_v4().to_string();
    let dial = DialString::new(Endpoint::Null("1".to_owned())).uuid(&own);
    let call = connection.originate(&Originate::new(dial, Target::application("park"))).unwrap();
    assert_eq!(call.uuids(), std::slice::from_ref(&own));
    assert_eq!(call.wait(PATIENCE).unwrap(), own);
    connection.hangup_channel(&own, None).unwrap();
    // One that could not be hung up.
    let dial = DialString::new(Endpoint::Null("1".to_owned())).uuid("u v");
    let refused = connection.originate(&Originate::new(dial, Target::application("park"))).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
}

/// What `tests/vectors/dial_values.jsonl` has: nasty values of a variable, and whether they can be said.
fn nasty_values() -> Vec<serde_json::Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/dial_values.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[test]
fn the_server_reads_every_value_as_it_was_meant() {
    let server = Server::start();
    let connection = subscribed(server.connect());
    let mut set = 0;
    for row in nasty_values() {
        let value = row["value"].as_str().unwrap();
        let null = || Leg::new(Endpoint::Null("1".to_owned()));
        for (column, dial) in [
            ("legs", DialString::new(null()).variable("v", value)),
            ("leg", DialString::new(null().variable("v", value))),
        ] {
            let originate = Originate::new(dial, Target::application("park"));
            if row[column].as_str().unwrap().starts_with("refused") {
                let refused = connection.originate(&originate).unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{value:?}");
                continue;
            }
            let call = connection.originate_call(&originate, PATIENCE).unwrap();
            // (Events show a percent sign before two digits as it is, which reads as another value.)
            let said = connection.api("uuid_getvar", &format!("{} v", call.uuid())).unwrap();
            let said = String::from_utf8_lossy(said.body().unwrap_or_default()).into_owned();
            // An array of one element is that element.
            let meant = value.strip_prefix("ARRAY::").filter(|rest| !rest.contains("|:")).unwrap_or(value);
            assert_eq!(said, meant, "{column} of {value:?}");
            call.hangup(HangupCause::NormalClearing).unwrap();
            set += 1;
        }
    }
    assert!(set >= 150, "{set}");
}

#[test]
fn the_leg_is_given_as_a_call() {
    let server = Server::start();
    let connection = server.connect();
    let names = "BACKGROUND_JOB CHANNEL_ANSWER CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE";
    connection.events(EventFormat::Plain, names).unwrap();
    let call = connection.originate_call(&to(Endpoint::Null("1".to_owned())), PATIENCE).unwrap();
    call.hangup(HangupCause::NormalClearing).unwrap();
    let busy = connection.originate_call(&to(Endpoint::Error(HangupCause::UserBusy)), PATIENCE).unwrap_err();
    assert_eq!(busy.cause(), Some(HangupCause::UserBusy));
}

#[test]
fn a_failure_has_its_cause_and_the_servers_text() {
    let server = Server::start();
    let connection = subscribed(server.connect());
    for cause in [HangupCause::UserBusy, HangupCause::NoAnswer, HangupCause::CallRejected] {
        let failed =
            connection.originate_and_wait(&to(Endpoint::Error(cause.clone())), PATIENCE).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Hangup);
        assert_eq!(failed.cause(), Some(cause.clone()));
        assert_eq!(failed.reply_text().unwrap(), format!("-ERR {cause}"));
        assert!(!failed.is_disconnected());
    }
    let failed = connection.originate_and_wait(&ringing(&server).timeout(1), PATIENCE).unwrap_err();
    assert_eq!(failed.cause(), Some(HangupCause::NoAnswer));
}

#[test]
fn what_cannot_be_said_or_heard_is_never_sent() {
    let peer = Peer::logged_in(|line| assert_eq!(line.command(), None));
    let connection = peer.connect();
    let empty =
        Originate::new(DialString::new(Endpoint::user("1")).variable("a", ""), Target::application("park"));
    assert_eq!(connection.originate(&empty).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let unheard = connection.originate(&to(Endpoint::user("1"))).unwrap_err();
    assert_eq!(unheard.kind(), ErrorKind::NotSubscribed);
    connection.disconnect();
    peer.finish();
}

#[test]
fn a_refusal_is_no_failed_call() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.reply("-ERR permission denied");
        let (_, uuid) = job(line);
        line.write(background_job(&uuid, "-USAGE: <call url>\n"));
    });
    let connection = subscribed(peer.connect());
    for words in ["-ERR permission denied", "-USAGE: <call url>"] {
        let refused = connection.originate_and_wait(&to(Endpoint::user("1")), PATIENCE).unwrap_err();
        assert_eq!((refused.kind(), refused.cause()), (ErrorKind::Refused, None));
        assert_eq!(refused.reply_text(), Some(words));
    }
    peer.finish();
}

#[test]
fn a_ringing_call_is_cancelled() {
    let server = Server::start();
    let connection = subscribed(server.connect());
    let call = connection.originate(&ringing(&server)).unwrap();
    assert!(call.wait(Duration::ZERO).unwrap_err().is_timeout());
    call.cancel().unwrap();
    let cancelled = call.wait(Duration::ZERO).unwrap_err();
    assert_eq!(cancelled.cause(), Some(HangupCause::OriginatorCancel));
    assert!(!exists(&connection, call.uuid()));
    assert!(!call.handle().cancel(), "it has ended");
    let late = connection.originate_and_wait(&ringing(&server), Duration::from_millis(50)).unwrap_err();
    assert!(late.is_timeout());
    if let Some(simulator) = server.simulator() {
        connection.api("status", "").unwrap();
        assert_eq!(simulator.channels(), 0, "after a timeout nothing rings on");
    }
}

#[test]
fn a_call_that_is_answered_while_it_is_cancelled_is_hung_up() {
    let peer = peer(|line| {
        let (originate, uuid) = job(line);
        assert!(originate.starts_with("bgapi originate {origination_uuid="), "{originate}");
        let kill = line.command().unwrap();
        assert!(kill.starts_with("api uuid_kill ") && kill.ends_with(" ORIGINATOR_CANCEL"), "{kill}");
        line.api("-ERR No such channel!\n");
        assert!(job(line).0.starts_with("bgapi msleep "));
        line.write(background_job(&uuid, "+OK the-one\n"));
        assert_eq!(line.command().unwrap(), "api uuid_kill the-one");
        line.api("+OK\n");
    });
    let connection = subscribed(peer.connect());
    let call = connection.originate(&to(Endpoint::loopback("1", "default"))).unwrap();
    call.cancel().unwrap();
    let error = call.wait(PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Hangup, Some(HangupCause::OriginatorCancel)));
    peer.finish();
}

#[test]
fn an_answer_that_has_come_unseen_is_cancelled_too() {
    let peer = peer(|line| {
        let (_, uuid) = job(line);
        line.write(background_job(&uuid, "+OK the-one\n"));
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP\n");
        assert_eq!(line.command().unwrap(), "api uuid_kill the-one");
        line.api("+OK\n");
    });
    let connection = subscribed(peer.connect());
    let call = connection.originate(&to(Endpoint::loopback("1", "default"))).unwrap();
    connection.api("status", "").unwrap();
    call.cancel().unwrap();
    assert_eq!(call.wait(PATIENCE).unwrap_err().cause(), Some(HangupCause::OriginatorCancel));
    peer.finish();
}

#[test]
fn legs_that_come_later_are_hung_up_too() {
    let peer = peer(|line| {
        let (originate, uuid) = job(line);
        let legs: Vec<_> =
            originate.split("origination_uuid=").skip(1).map(|rest| rest[..36].to_owned()).collect();
        let [first, second] = &legs[..] else { panic!("{originate}") };
        for _round in 0..2 {
            for leg in [first, second] {
                assert_eq!(line.command().unwrap(), format!("api uuid_kill {leg} ORIGINATOR_CANCEL"));
                line.api("-ERR No such channel!\n");
            }
            // A user may have several phones.
            assert_eq!(
                line.command().unwrap(),
                format!("api hupall ORIGINATOR_CANCEL origination_uuid {second}")
            );
            line.api("+OK hangup all channels matching\n");
            let (sleep, pause) = job(line);
            assert!(sleep.starts_with("bgapi msleep "));
            line.write(background_job(&pause, "+OK"));
        }
        for _ in 0..3 {
            line.command().unwrap();
            line.api("+OK\n");
        }
        let (_, pause) = job(line);
        line.write(background_job(&uuid, "-ERR ORIGINATOR_CANCEL\n"));
        line.write(background_job(&pause, "+OK"));
        assert_eq!(line.command().unwrap(), "exit", "nothing follows the end");
        line.reply("+OK bye");
    });
    let connection = subscribed(peer.connect());
    let dial = DialString::new(Leg::new(Endpoint::loopback("1", "default"))).or(Endpoint::user("2"));
    let call = connection.originate(&Originate::new(dial, Target::application("park"))).unwrap();
    assert_eq!(call.uuids().len(), 2);
    call.cancel().unwrap();
    connection.exit().unwrap();
    peer.finish();
}

#[test]
fn every_phone_of_a_user_stops_ringing() {
    let server = Server::simulated();
    let connection = subscribed(server.connect());
    let variables = |uuid: &str| format!("{{origination_uuid={uuid}}}");
    let ringing = ringing(&server).dial;
    let uuid = uuid::Uuid::new_v4().to_string();
    for _ in 0..2 {
        let text =
            Originate::new(ringing.clone().uuid(&uuid), Target::application("park")).to_text().unwrap();
        assert!(text.contains(&variables(&uuid)));
        connection.bgapi("originate", &text).unwrap();
    }
    let other = connection.originate_and_wait(&to(Endpoint::Null("1".to_owned())), PATIENCE).unwrap();
    assert!(server.simulator().unwrap().channels() > 3);
    connection.api("hupall", &format!("ORIGINATOR_CANCEL origination_uuid {uuid}")).unwrap();
    assert!(exists(&connection, &other));
    assert_eq!(server.simulator().unwrap().channels(), 1);
}

#[test]
fn event_loops_get_the_end_by_a_callback() {
    let server = Server::start();
    let connection = subscribed(server.connect());
    let (tell, told) = mpsc::channel();
    let start = |call: &Originate| {
        let tell = tell.clone();
        connection.event_loop().originate_with(call, None, move |end| tell.send(end).unwrap()).unwrap()
    };
    let pumped = || {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let _ = connection.event_loop().pump();
            if let Ok(end) = told.try_recv() {
                return end;
            }
            assert!(std::time::Instant::now() < until, "no end was reported");
            std::thread::yield_now();
        }
    };
    let call = start(&to(Endpoint::Null("1".to_owned())));
    assert_eq!(pumped().unwrap(), call.uuid());
    assert!(!call.cancel(), "the program has it");
    assert!(exists(&connection, call.uuid()));
    connection.hangup_channel(call.uuid(), None).unwrap();
    let call = start(&ringing(&server));
    assert!(call.cancel());
    assert_eq!(pumped().unwrap_err().cause(), Some(HangupCause::OriginatorCancel));
    start(&ringing(&server));
    connection.disconnect();
    assert_eq!(told.recv().unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
}
