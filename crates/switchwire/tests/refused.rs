//! What the server refuses, and what is refused before anything is sent.

mod support;

use support::{PATIENCE, Peer, background_job};
use switchwire::{
    Builder, ErrorKind, Event, EventFormat, Limits, LogLevel, Overflow, QueueLimits, Subscription, job_output,
};

#[test]
fn a_refused_call_is_an_error_that_names_it() {
    const REFUSALS: usize = 13;
    let peer = Peer::logged_in(|line| {
        for _ in 0..REFUSALS {
            line.command().unwrap();
            line.reply("-ERR no");
        }
        line.command();
    });
    let connection = peer.connect();
    let event = Event::custom("x::y");
    let errors = [
        ("execute playback", connection.execute("playback", "x", Some("u")).err()),
        ("send_msg", connection.send_msg(&event, Some("u")).err()),
        ("hangup", connection.hangup_channel("u", None).err()),
        ("linger", connection.linger(None).err()),
        ("nolinger", connection.nolinger().err()),
        ("resume", connection.resume().err()),
        ("filter", connection.filter("a", "b").err()),
        ("filter_delete", connection.filter_delete("a", None).err()),
        ("myevents", connection.myevents_of("u").err()),
        ("events", connection.events(EventFormat::Plain, "ALL").err()),
        ("log", connection.log(LogLevel::Debug).err()),
        ("divert_events", connection.divert_events(true).err()),
        ("send_event", connection.send_event(&event).err()),
    ];
    assert_eq!(errors.len(), REFUSALS);
    for (call, error) in errors {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(error.to_string(), format!("the server refused {call}: -ERR no"));
        assert!(!error.is_disconnected());
    }
    drop(connection);
    peer.finish();
}

#[test]
fn taking_back_what_is_not_there_is_a_success_and_raw_words_stay_words() {
    let peer = Peer::logged_in(|line| {
        for (command, reply) in [
            ("nolog", "-ERR not loging"),
            ("noevents", "-ERR not listening for events"),
            ("nolog", "-ERR not loging"),
        ] {
            assert_eq!(line.command().unwrap(), command);
            line.reply(reply);
        }
        line.command().unwrap();
        line.api("-ERR No such channel!\n");
        line.command().unwrap();
        line.api("+OK\n");
        line.command();
    });
    let connection = peer.connect();
    assert!(connection.nolog().is_ok());
    assert!(connection.noevents().is_ok());
    assert_eq!(connection.send_recv("nolog").unwrap().error().unwrap(), "-ERR not loging");
    let reply = connection.api("uuid_kill", "nosuch").unwrap();
    let error = switchwire::Error::from(reply.into_result().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.to_string(), "the server refused: -ERR No such channel!");
    assert_eq!(connection.api("uuid_kill", "such").unwrap().into_result().unwrap().text(), "+OK\n");
    drop(connection);
    peer.finish();
}

#[test]
fn a_jobs_output_is_a_result() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK event listener enabled plain");
        for body in ["UP 0 years\n", "-ERR NO_ROUTE_DESTINATION\n"] {
            line.command().unwrap();
            line.reply("+OK Job-UUID: j");
            line.write(background_job("j", body));
        }
        line.command();
    });
    let connection = peer.connect();
    connection.events(EventFormat::Plain, "BACKGROUND_JOB").unwrap();
    let job = connection.bgapi_as("status", "", "j").unwrap();
    assert_eq!(job.output(PATIENCE).unwrap(), "UP 0 years\n");
    drop(job);
    let job = connection.bgapi_as("originate", "", "j").unwrap();
    let error = job.output(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().ends_with("-ERR NO_ROUTE_DESTINATION"), "{error}");
    assert!(job_output(&job.wait(PATIENCE).unwrap()).is_err(), "the event stays with the job");
    drop((job, connection));
    peer.finish();
}

#[test]
fn inbound_calls_without_a_channel_are_refused_before_anything_is_sent() {
    let peer = Peer::logged_in(|line| assert_eq!(line.command(), None));
    let connection = peer.connect();
    let execution = connection.prepare_execute("playback", "x", None);
    let errors = [
        ("execute playback: ", connection.execute("playback", "x", None).err()),
        ("execute playback: ", connection.execute("playback", "x", Some("")).err()),
        ("execute playback: ", connection.execute_and_wait("playback", "x", None, PATIENCE).err()),
        ("execute playback: ", connection.event_loop().execute_and_wait_with(execution, |_| ()).err()),
        ("hangup: ", connection.hangup(Some("USER_BUSY")).err()),
        ("send_msg: ", connection.send_msg(&Event::custom("x::y"), None).err()),
        ("variable: ", connection.variable("x").err()),
    ];
    for (begin, error) in errors {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().starts_with(begin) && error.to_string().contains("uuid"), "{error}");
    }
    drop(connection);
    peer.finish();
}

#[test]
fn every_error_that_ends_the_connection_says_so() {
    let flood = |builder: fn(Builder) -> Builder| {
        let peer = Peer::logged_in(|line| {
            let event = support::event(&format!("Event-Name: HEARTBEAT\nX: {}\n", "x".repeat(2000)), "");
            // In one piece: the client ends in the midst of it.
            line.write(event.repeat(3));
            line.command();
        });
        let connection = builder(peer.builder()).connect().unwrap();
        let error = connection.api("status", "").unwrap_err();
        assert!(!connection.connected());
        drop(connection);
        peer.finish();
        error
    };
    let full = flood(|builder| builder.queue(QueueLimits::new(1, 1 << 20, Overflow::Fail)));
    let large = flood(|builder| {
        let mut limits = Limits::default();
        limits.body = 1000;
        builder.limits(limits)
    });
    for error in [full, large] {
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert!(error.is_disconnected());
    }
    let peer = Peer::logged_in(|line| {
        line.command();
    });
    let connection = peer.connect();
    let error = connection.subscribe(&Subscription::new().event_named("a b")).unwrap_err();
    assert!(!error.is_disconnected());
    drop(connection);
    peer.finish();
}
