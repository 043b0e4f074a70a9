//! Waits for events that the connection is not, or not any more, subscribed to.

mod support;

use std::sync::mpsc;

use support::{Line, PATIENCE, Peer, background_job};
use switchwire::{Command, Connection, Error, ErrorKind, EventFormat};

/// A server that replies to each command in turn, and to nothing more.
fn peer(replies: &'static [&'static str]) -> Peer {
    Peer::logged_in(move |line: &mut Line| {
        for reply in replies {
            assert!(line.command().is_some());
            line.reply(reply);
        }
        line.command();
    })
}

const ENABLED: &str = "+OK event listener enabled plain";

/// What waiting for an application on a channel says without sending anything.
fn start(connection: &Connection) -> Option<ErrorKind> {
    connection
        .event_loop()
        .start_execute(connection.prepare_execute("playback", "x", Some("chan")))
        .err()
        .map(|error| error.kind())
}

#[test]
fn an_application_is_not_waited_for_when_its_end_or_the_calls_cannot_come() {
    for (names, heard) in [
        ("HEARTBEAT", false),
        ("CHANNEL_EXECUTE_COMPLETE", false),
        ("CHANNEL_HANGUP_COMPLETE", false),
        ("CUSTOM CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP", false),
        ("CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP", true),
        ("CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE", true),
        ("CHANNEL_EXECUTE_COMPLETE CHANNEL_DESTROY", true),
        ("ALL", true),
    ] {
        let peer = peer(&[ENABLED]);
        let connection = peer.connect();
        connection.send_recv(format!("event plain {names}")).unwrap();
        assert_eq!(start(&connection), (!heard).then_some(ErrorKind::NotSubscribed), "{names}");
        drop(connection);
        peer.finish();
    }
}

#[test]
fn a_connection_bound_to_a_channel_hears_of_its_own_end_by_notice() {
    let peer = peer(&["+OK Events Enabled"]);
    let connection = peer.connect();
    connection.myevents_of("chan").unwrap();
    assert!(connection.event_loop().start_execute(connection.prepare_execute("playback", "x", None)).is_ok());
    assert_eq!(start(&connection), None);
    let other = connection
        .event_loop()
        .start_execute(connection.prepare_execute("playback", "x", Some("else")))
        .unwrap_err();
    assert_eq!(other.kind(), ErrorKind::NotSubscribed, "no other channel's events come");
    drop(connection);
    peer.finish();
}

#[test]
fn subscriptions_count_by_the_replies() {
    let peer =
        peer(&["-ERR permission denied", "+OK Job-UUID: j", ENABLED, "+OK events nixed", ENABLED, "+OK"]);
    let connection = peer.connect();
    let heard = || connection.event_loop().check_jobs_are_heard().is_ok();
    assert_eq!(
        connection.events(EventFormat::Plain, "BACKGROUND_JOB").unwrap_err().to_string(),
        "the server refused events: -ERR permission denied"
    );
    assert!(!heard());
    let job = connection.bgapi_as("status", "", "j").unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::NotSubscribed);
    connection.events(EventFormat::Plain, "BACKGROUND_JOB").unwrap();
    assert!(heard());
    connection.nixevent("BACKGROUND_JOB").unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::NotSubscribed);
    connection.events(EventFormat::Plain, "ALL").unwrap();
    assert!(heard());
    connection.noevents().unwrap();
    assert!(!heard());
    drop((job, connection));
    peer.finish();
}

#[test]
fn a_subscription_that_is_under_way_counts_until_it_is_refused() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.command().unwrap();
        line.reply("-ERR permission denied");
        line.reply("+OK Job-UUID: j");
        line.command();
    });
    let connection = peer.connect();
    let event = connection.submit(&Command::event(EventFormat::Plain, "BACKGROUND_JOB").unwrap()).unwrap();
    let job = connection.event_loop().start_bgapi("status", "", "j").unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::NotSubscribed);
    assert!(event.wait().unwrap().error().is_some());
    drop((job, connection));
    peer.finish();
}

#[test]
fn a_wait_whose_events_are_taken_back_ends() {
    for command in ["noevents", "nixevent ALL", "nixevent BACKGROUND_JOB CHANNEL_EXECUTE_COMPLETE"] {
        let peer = Peer::logged_in(|line| {
            line.command().unwrap();
            line.reply(ENABLED);
            for reply in ["+OK Job-UUID: a", "+OK Job-UUID: b", "+OK"] {
                line.command().unwrap();
                line.reply(reply);
            }
            line.command().unwrap();
            line.write(background_job("a", "it came before"));
            line.reply("+OK");
            line.command();
        });
        let connection = peer.connect();
        connection.events(EventFormat::Plain, "ALL").unwrap();
        let job = connection.bgapi_as("status", "", "a").unwrap();
        let (tell, told) = mpsc::channel();
        let done = |name: &'static str| {
            let tell = tell.clone();
            move |error: Option<Error>| tell.send((name, error.map(|error| error.kind()))).unwrap()
        };
        let (replied, ended) = (done("reply"), done("job"));
        connection
            .event_loop()
            .bgapi_with("status", "", Some("b"), move |r| replied(r.err()), move |e| ended(e.err()))
            .unwrap();
        let ended = done("execution");
        connection
            .event_loop()
            .execute_and_wait_with(connection.prepare_execute("park", "", Some("chan")), move |e| {
                ended(e.err());
            })
            .unwrap();
        connection.send_recv(command).unwrap();
        assert_eq!(job.wait(PATIENCE).unwrap().body_text().unwrap(), "it came before");
        assert_eq!(told.recv().unwrap(), ("reply", None));
        for name in ["job", "execution"] {
            assert_eq!(told.recv().unwrap(), (name, Some(ErrorKind::NotSubscribed)), "{command}");
        }
        drop((job, connection));
        peer.finish();
    }
}
