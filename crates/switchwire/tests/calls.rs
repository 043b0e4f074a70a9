//! The tracker on a server: snapshot, changes, missed events, another connection.

#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;

use server::Server;
use support::{Line, PATIENCE, Peer, event};
use switchwire::calls::{Calls, CallsOptions, Change, Changes};
use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{AnswerState, Connection, ErrorKind, EventFormat, HangupCause};
use switchwire_sim::{End, Simulator, User};

fn caller(server: &Server) -> Connection {
    let connection = server.connect();
    connection.events(EventFormat::Plain, "BACKGROUND_JOB").unwrap();
    connection
}

/// Two legs, bridged.
fn bridged(connection: &Connection) -> [String; 2] {
    let uuids = [uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string()];
    let leg = |uuid: &str| DialString::new(Endpoint::Null("1".to_owned())).uuid(uuid);
    let target = Target::bridge(&leg(&uuids[1])).unwrap();
    connection.originate_and_wait(&Originate::new(leg(&uuids[0]), target), PATIENCE).unwrap();
    uuids
}

fn parked(connection: &Connection) -> String {
    let call = Originate::new(Endpoint::Null("1".to_owned()), Target::application("park"));
    connection.originate_and_wait(&call, PATIENCE).unwrap()
}

/// Takes changes until one is the one that is looked for.
fn until(changes: &mut Changes, wanted: impl Fn(&Change) -> bool) -> Vec<Change> {
    let mut seen = Vec::new();
    loop {
        let change =
            changes.recv_timeout(PATIENCE).unwrap().unwrap_or_else(|| panic!("it did not come: {seen:?}"));
        let found = wanted(&change);
        seen.push(change);
        if found {
            return seen;
        }
    }
}

fn is_gone(change: &Change, uuid: &str) -> bool {
    matches!(change, Change::Gone { leg, .. } if leg.uuid == uuid)
}

fn is_up(calls: &Calls, uuid: &str) -> bool {
    calls.leg(uuid).is_some_and(|leg| leg.is_answered())
}

#[test]
fn the_calls_that_are_up_are_known_at_once_and_then_followed() {
    let server = Server::start();
    let connection = caller(&server);
    let [a, b] = bridged(&connection);
    let tracked = server.connect();
    let calls = tracked.calls(&CallsOptions::new()).unwrap();
    assert!(is_up(&calls, &a) && is_up(&calls, &b), "{:?}", calls.legs());
    let mut changes = calls.changes();
    // The server's list of bridges lags behind: then the event tells.
    if calls.bridged().is_empty() {
        until(&mut changes, |change| matches!(change, Change::Bridged { .. }));
    }
    assert_eq!(calls.leg(&a).unwrap().bridged_to(), Some(b.as_str()));
    let pairs = calls.bridged();
    let pair = pairs.iter().find(|(one, other)| one.uuid == a || other.uuid == a).unwrap();
    assert!(pair.0.uuid == b || pair.1.uuid == b);
    let c = parked(&connection);
    until(&mut changes, |change| matches!(change, Change::Added(leg) if leg.uuid == c));
    connection.api("uuid_kill", &format!("{c} USER_BUSY")).unwrap();
    let seen = until(&mut changes, |change| is_gone(change, &c));
    let hung_up = seen.iter().find_map(|change| match change {
        Change::HungUp(leg) if leg.uuid == c => leg.hangup_cause.clone(),
        _ => None,
    });
    assert_eq!(hung_up, Some(HangupCause::UserBusy));
    connection.api("uuid_kill", &a).unwrap();
    until(&mut changes, |change| matches!(change, Change::Unbridged { .. }));
    if calls.leg(&a).is_some() {
        until(&mut changes, |change| is_gone(change, &a));
    }
    assert!(calls.leg(&a).is_none());
    assert_eq!(tracked.stats().queued, 0, "the events are the tracker's");
    assert!(calls.core_uuid().is_some());
}

#[test]
fn what_uuid_bridge_and_transfer_do_is_seen() {
    let server = Server::start();
    let connection = caller(&server);
    let tracked = server.connect();
    let calls = tracked.calls(&CallsOptions::new().keep_events(true)).unwrap();
    let mut changes = calls.changes();
    let [a, b] = [parked(&connection), parked(&connection)];
    connection.api("uuid_bridge", &format!("{a} {b}")).unwrap();
    until(&mut changes, |change| matches!(change, Change::Bridged { .. }));
    assert_eq!(calls.leg(&a).unwrap().bridged_to(), Some(b.as_str()));
    assert!(tracked.stats().queued > 0, "the program gets the events, too");
    for uuid in [&a, &b] {
        let _ = connection.api("uuid_kill", uuid).unwrap();
    }
    until(&mut changes, |change| matches!(change, Change::Unbridged { .. }));
}

#[test]
fn what_is_missed_while_there_is_no_connection_is_reported() {
    let server = Server::simulated();
    let connection = caller(&server);
    let [stays, goes] = [parked(&connection), parked(&connection)];
    let first = server.connect();
    let calls = first.calls(&CallsOptions::new()).unwrap();
    let mut changes = calls.changes();
    first.disconnect();
    until_error(&mut changes);
    assert_eq!(calls.ended().unwrap().kind(), ErrorKind::Disconnected);
    assert!(calls.leg(&goes).is_some(), "what is known stays");
    connection.api("uuid_kill", &goes).unwrap();
    let comes = parked(&connection);
    let second = server.connect();
    calls.move_to(&second).unwrap();
    assert!(calls.ended().is_none());
    let seen = until(&mut changes, |change| is_gone(change, &goes));
    assert!(matches!(seen.last(), Some(Change::Gone { missed: true, .. })));
    assert!(seen.iter().any(|change| matches!(change, Change::Added(leg) if leg.uuid == comes)));
    assert!(is_up(&calls, &stays) && is_up(&calls, &comes));
    connection.api("uuid_kill", &stays).unwrap();
    until(&mut changes, |change| is_gone(change, &stays));
    calls.resync().unwrap();
    assert_eq!(calls.count(), 1);
}

fn until_error(changes: &mut Changes) {
    while changes.recv_timeout(PATIENCE).map(|change| assert!(change.is_some())).is_ok() {}
}

#[test]
fn a_restart_of_the_server_takes_every_leg() {
    let server = Server::simulated();
    let connection = caller(&server);
    let uuid = parked(&connection);
    let calls = server.connect().calls(&CallsOptions::new()).unwrap();
    let old = calls.core_uuid().unwrap();
    let mut changes = calls.changes();
    server.simulator().unwrap().disconnect_all(End::Reset);
    until_error(&mut changes);
    let other = Server::simulated();
    calls.move_to(&other.connect()).unwrap();
    let seen = until(&mut changes, |change| matches!(change, Change::Restarted { .. }));
    assert!(seen.iter().any(|change| is_gone(change, &uuid)));
    assert!(calls.core_uuid().unwrap() != old && calls.count() == 0);
}

#[test]
fn event_loops_get_changes_by_a_callback() {
    let server = Server::simulated();
    let connection = caller(&server);
    let tracked = server.connect();
    let (tell, told) = mpsc::channel();
    let (ready, is_ready) = mpsc::channel();
    let pumped = |done: &mut dyn FnMut() -> bool| {
        let until = std::time::Instant::now() + PATIENCE;
        while !done() {
            let _ = tracked.event_loop().pump();
            assert!(std::time::Instant::now() < until, "nothing was told");
            std::thread::yield_now();
        }
    };
    let calls = tracked
        .event_loop()
        .start_calls(&CallsOptions::new(), move |done| ready.send(done).unwrap())
        .unwrap();
    pumped(&mut || is_ready.try_recv().map(Result::unwrap).is_ok());
    let seen_by = calls.clone();
    let watch = calls.on_change(move |change| {
        // The tracker may be asked from here.
        let count = seen_by.count();
        let _ = tell.send((change, count));
    });
    let uuid = parked(&connection);
    let mut answered = || {
        told.try_iter().any(|(change, count)| {
            let change = change.unwrap();
            count == 1
                && matches!(change, Change::Added(leg) | Change::Answered(leg) | Change::Updated(leg)
                    if leg.uuid == uuid && leg.answer_state == Some(AnswerState::Answered))
        })
    };
    pumped(&mut answered);
    drop(watch);
    told.try_iter().for_each(drop);
    connection.api("uuid_kill", &uuid).unwrap();
    pumped(&mut || calls.count() == 0);
    assert!(told.try_iter().next().is_none(), "it is called no more");
    tracked.disconnect();
}

#[test]
fn a_callback_that_begins_late_misses_nothing() {
    let server = Server::simulated();
    let connection = caller(&server);
    let up = parked(&connection);
    let tracked = server.connect();
    // The snapshot is merged, and another leg is up, before the callback begins.
    let calls = tracked.calls(&CallsOptions::new()).unwrap();
    let next = parked(&connection);
    let mut changes = calls.changes();
    until(&mut changes, |change| matches!(change, Change::Added(leg) if leg.uuid == next));
    let (tell, told) = mpsc::channel();
    let watch = calls.on_change(move |change| tell.send(change.unwrap()).unwrap());
    let mut added: Vec<_> = told
        .try_iter()
        .map(|change| match change {
            Change::Added(leg) => leg.uuid,
            other => panic!("not a leg that is up: {other:?}"),
        })
        .collect();
    added.sort();
    let mut known: Vec<_> = calls.legs().into_iter().map(|leg| leg.uuid).collect();
    known.sort();
    assert!(known.contains(&up) && known.contains(&next), "{known:?}");
    assert_eq!(added, known, "it begins with what is known");
    connection.api("uuid_kill", &up).unwrap();
    until(&mut changes, |change| matches!(change, Change::Gone { leg, .. } if leg.uuid == up));
    assert!(told.try_iter().any(|change| matches!(change, Change::Gone { leg, .. } if leg.uuid == up)));
    drop(watch);
}

#[test]
fn a_connection_that_may_not_list_is_refused() {
    let simulator = Simulator::builder().user(User::new("u", "d", "p").allow_api("status")).start().unwrap();
    let connection =
        switchwire::Builder::new("127.0.0.1", simulator.port()).user("u@d").password("p").connect();
    let refused = connection.unwrap().calls(&CallsOptions::new()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused, "{refused}");
}

fn api(line: &mut Line, command: &str, reply: &str) {
    assert_eq!(line.command().unwrap(), format!("api {command}"));
    line.api(reply);
}

#[test]
fn the_list_lags_behind_the_events() {
    let peer = Peer::logged_in(|line| {
        assert!(line.command().unwrap().starts_with("event plain CHANNEL_CREATE CHANNEL_UUID "));
        line.reply("+OK event listener enabled plain");
        api(line, "eval ${core_uuid}", "core");
        line.write(event(
            "Event-Name: CHANNEL_DESTROY\nCore-UUID: core\nUnique-ID: over\nEvent-Date-Timestamp: 7\n",
            "",
        ));
        line.write(event(
            "Event-Name: CHANNEL_CREATE\nCore-UUID: core\nUnique-ID: new\nEvent-Date-Timestamp: 8\n",
            "",
        ));
        api(
            line,
            "show channels as json",
            r#"{"row_count":3,"rows":[{"uuid":"over"},{"uuid":"ghost"},{"uuid":"there","callstate":"ACTIVE"}]}"#,
        );
        api(line, "show calls as json", "{\"row_count\": 0}\n");
        api(line, "uuid_exists ghost", "false");
        api(line, "uuid_exists there", "true");
        line.command();
    });
    let connection = peer.connect();
    let calls = connection.calls(&CallsOptions::new()).unwrap();
    let uuids: Vec<_> = calls.legs().into_iter().map(|leg| leg.uuid).collect();
    assert_eq!(uuids, ["new", "there"]);
    drop((calls, connection));
    peer.finish();
}
