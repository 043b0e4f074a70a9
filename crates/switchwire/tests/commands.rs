//! Commands and their answers: order, timeouts, many at once.

mod support;

use std::sync::mpsc;
use std::time::Duration;

use support::{PATIENCE, Peer, event, reply};
use switchwire::{Command, ErrorKind, Phase};

#[test]
fn replies_are_typed() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP 0 years\n");
        line.command().unwrap();
        line.api("-ERR no such thing\n");
        line.command().unwrap();
        line.reply("-ERR permission denied");
        assert_eq!(line.command().unwrap(), "filter Event-Name HEARTBEAT");
        line.reply("+OK filter added. [Event-Name]=[HEARTBEAT]");
    });
    let connection = peer.connect();
    let status = connection.api("status", "").unwrap();
    assert!(status.is_ok());
    assert_eq!(status.text(), "UP 0 years\n");
    let refused = connection.api("nothing", "").unwrap();
    assert_eq!(refused.error().unwrap(), "-ERR no such thing");
    let denied = connection.api("reload", "").unwrap();
    assert!(!denied.is_ok());
    assert_eq!(denied.error().unwrap(), "-ERR permission denied");
    assert!(connection.filter("Event-Name", "HEARTBEAT").unwrap().is_ok());
    peer.finish();
}

#[test]
fn events_that_pass_while_a_command_waits_are_queued_in_order() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.event("Event-Name: HEARTBEAT\nN: 1\n");
        line.event("Event-Name: HEARTBEAT\nN: 2\n");
        line.api("done");
        line.event("Event-Name: HEARTBEAT\nN: 3\n");
    });
    let connection = peer.connect();
    assert_eq!(connection.api("x", "").unwrap().text(), "done");
    for number in ["1", "2", "3"] {
        let event = connection.recv_event().unwrap();
        assert_eq!(event.header("N").unwrap(), number);
    }
    assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    peer.finish();
}

#[test]
fn a_late_reply_is_dropped_and_the_next_command_gets_its_own() {
    let (go, wait) = mpsc::channel();
    let peer = Peer::logged_in(move |line| {
        assert_eq!(line.command().unwrap(), "api slow");
        wait.recv().unwrap();
        line.api("late");
        assert_eq!(line.command().unwrap(), "api quick");
        line.api("own");
    });
    let connection = peer.connect();
    let slow = connection.submit(&Command::api("slow", "").unwrap()).unwrap();
    let error = slow.wait_timeout(Duration::from_millis(20)).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Reply)));
    assert!(connection.connected());
    assert_eq!(connection.stats().unanswered, 1);
    go.send(()).unwrap();
    assert_eq!(connection.api("quick", "").unwrap().text(), "own");
    assert_eq!(connection.stats().late_replies, 1);
    peer.finish();
}

#[test]
fn commands_are_pipelined_and_each_handle_gets_its_answer() {
    const DEPTH: usize = 100;
    let peer = Peer::logged_in(|line| {
        let asked: Vec<String> = (0..DEPTH).map(|_| line.command().unwrap()).collect();
        for command in asked {
            line.api(&command);
        }
    });
    let connection = peer.connect();
    let pending: Vec<_> = (0..DEPTH)
        .map(|number| connection.submit(&Command::api("echo", &number.to_string()).unwrap()).unwrap())
        .collect();
    // In any order: the last first, every third one given up.
    for (number, pending) in pending.into_iter().enumerate().rev() {
        if number % 3 == 0 {
            drop(pending);
        } else {
            assert_eq!(pending.wait().unwrap().text(), format!("api echo {number}"));
        }
    }
    peer.finish();
}

#[test]
fn callbacks_run_with_the_reply_or_with_the_reason_why_none_comes() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.api("one");
        line.command().unwrap();
    });
    let connection = peer.connect();
    let (tell, told) = mpsc::channel();
    for _ in 0..2 {
        let tell = tell.clone();
        let command = Command::api("x", "").unwrap();
        connection
            .submit_with(&command, move |answer| {
                tell.send(answer.map(|reply| reply.text().into_owned()).map_err(|error| error.kind()))
                    .unwrap();
            })
            .unwrap();
    }
    assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Ok("one".to_owned()));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Err(ErrorKind::Disconnected));
    peer.finish();
}

#[test]
fn an_unasked_reply_is_queued_and_counted() {
    let peer = Peer::logged_in(|line| line.write(reply("+OK unasked")));
    let connection = peer.connect();
    let event = connection.recv_event().unwrap();
    assert_eq!(event.header("Reply-Text").unwrap(), "+OK unasked");
    assert_eq!(connection.stats().unasked_replies, 1);
    peer.finish();
}

#[test]
fn bodies_of_eight_megabytes_arrive_whole_both_ways() {
    const SIZE: usize = 8 << 20;
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.api(&"z".repeat(SIZE));
        let head = line.command().unwrap();
        assert!(head.contains(&format!("Content-Length: {SIZE}")), "{head}");
        // The body ends with a blank line of ours, so it reads as a command here.
        assert_eq!(line.command().unwrap().len(), SIZE);
        line.reply("+OK");
        line.write(event("Event-Name: CUSTOM\n", &"y".repeat(SIZE)));
        assert!(line.command().is_none());
    });
    let connection = peer.connect();
    let reply = connection.api("big", "").unwrap();
    assert_eq!(reply.body().unwrap().len(), SIZE);
    let mut event = switchwire::Event::custom("test::big");
    event.set_body("x".repeat(SIZE));
    assert!(connection.send_event(&event).unwrap().is_ok());
    assert_eq!(connection.recv_event().unwrap().body().unwrap().len(), SIZE);
    drop(connection);
    peer.finish();
}

#[test]
fn a_line_break_in_any_argument_sends_nothing() {
    let peer = Peer::logged_in(|line| assert_eq!(line.command().as_deref(), Some("exit")));
    let connection = peer.connect();
    let mut broken = switchwire::Event::custom("test::x");
    broken.add_header("X", "a\nb");
    for text in ["a\nb", "a\rb", "a\n\nexit\n\n", "a\0"] {
        let format = switchwire::EventFormat::Plain;
        let results = [
            connection.api(text, "").err(),
            connection.api("status", text).err(),
            connection.bgapi(text, "").err(),
            connection.bgapi("status", text).err(),
            connection.bgapi_as("status", "", text).err(),
            connection.events(format, text).err(),
            connection.filter(text, "a").err(),
            connection.filter("a", text).err(),
            connection.filter_delete(text, None).err(),
            connection.filter_delete("a", Some(text)).err(),
            connection.execute(text, "", Some("a")).err(),
            connection.execute("playback", "", Some(text)).err(),
            connection.send_msg(&switchwire::Event::custom("x"), Some(text)).err(),
            connection.send_msg(&broken, Some("a")).err(),
            connection.send_event(&broken).err(),
            connection.hangup_channel(text, None).err(),
            connection.hangup_channel("a", Some(text)).err(),
            connection.myevents_of(text).err(),
            connection.variable_of("a", text).err(),
            connection.subscribe(&switchwire::Subscription::new().custom(text)).err(),
            connection.subscribe(&switchwire::Subscription::new().filter("a", text)).err(),
            connection.subscribe(&switchwire::Subscription::new().event_named(text)).err(),
        ];
        for (at, error) in results.into_iter().enumerate() {
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::InvalidArgument), "{at}: {text:?}");
        }
    }
    assert_eq!(connection.send("api a\n\napi b").unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(connection.send_recv("").unwrap_err().kind(), ErrorKind::InvalidArgument);
    connection.send("exit").unwrap();
    peer.finish();
}

#[test]
fn a_callback_that_was_given_up_is_not_called_and_its_reply_is_counted() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "api first");
        assert_eq!(line.command().unwrap(), "api second");
        line.api("late");
        line.api("mine");
        line.command();
    });
    let connection = peer.connect();
    let command = switchwire::Command::api("first", "").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let submitted = connection.submit_with(&command, move |reply| tell.send(reply).unwrap()).unwrap();
    assert!(submitted.abandon());
    assert!(!submitted.abandon(), "it has been given up already");
    assert!(told.recv().is_err(), "the callback is gone, and with it the sender");
    assert_eq!(connection.api("second", "").unwrap().text(), "mine");
    assert_eq!(connection.stats().late_replies, 1);
    drop(connection);
    peer.finish();
}
