//! What an event loop is built on: calls that never wait.

mod support;

use std::time::{Duration, Instant};

use support::{PATIENCE, Peer, background_job};
use switchwire::{Command, ErrorKind, EventFormat, Login, Opening, Options};

/// Tries until something comes.
fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Some(found) => return found,
            None => assert!(Instant::now() < end, "nothing came"),
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_opening_goes_on_as_the_server_speaks() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP");
    });
    let socket = std::net::TcpStream::connect(peer.address).unwrap();
    let login = Login::password("ClueCon").unwrap();
    let mut opening = Opening::login(socket.into(), login, Options::inbound());
    let connection = until(|| opening.advance().unwrap());
    assert_eq!(connection.api("status", "").unwrap().text(), "UP");
    assert_eq!(connection.stats().received, 0);
    assert_eq!(opening.advance().unwrap_err().kind(), ErrorKind::Disconnected);
}

#[test]
fn an_opening_ends_with_the_login_time_out() {
    let peer = Peer::new(|line| assert_eq!(line.command(), None));
    let socket = std::net::TcpStream::connect(peer.address).unwrap();
    let mut options = Options::inbound();
    options.login_timeout = Duration::from_millis(20);
    let mut opening = Opening::login(socket.into(), Login::password("x").unwrap(), options);
    let error = until(|| opening.advance().err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn a_loop_that_ends_at_a_short_read_leaves_the_end_of_the_stream_for_its_next_turn() {
    let ended = |pump_level: bool| {
        let peer = Peer::logged_in(|line| {
            assert_eq!(line.command().unwrap(), "api status");
            line.event("Event-Name: HEARTBEAT\n");
        });
        let connection = peer.connect();
        let event_loop = connection.event_loop();
        event_loop.try_send(&Command::api("status", "").unwrap()).unwrap();
        peer.finish();
        // Event and end are both there: the peer is gone.
        let pumped = if pump_level { event_loop.pump_level() } else { event_loop.pump() };
        assert_eq!(connection.stats().queued, 1);
        assert!(!pumped.more);
        (pumped.connected, event_loop.pump_level().connected)
    };
    assert_eq!(ended(false), (false, false));
    assert_eq!(ended(true), (true, false));
}

#[test]
fn a_queued_reply_keeps_its_place_among_the_events() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "api one");
        line.event("Event-Name: HEARTBEAT\n");
        line.api("one");
        assert_eq!(line.command().unwrap(), "api two");
        line.api("two");
    });
    let connection = peer.connect();
    connection.event_loop().try_send_queued(&Command::api("one", "").unwrap()).unwrap();
    assert!(connection.flush_timeout(PATIENCE).unwrap());
    let pending = connection.event_loop().try_submit(&Command::api("two", "").unwrap()).unwrap();
    let reply = until(|| pending.take_timeout(Duration::from_millis(1)).unwrap());
    assert_eq!(reply.text(), "two");
    assert_eq!(connection.recv_event().unwrap().name(), "HEARTBEAT");
    assert_eq!(connection.recv_message().unwrap().body(), Some(&b"one"[..]));
}

#[test]
fn gathered_commands_go_out_together_and_in_order() {
    let (seen, wait) = std::sync::mpsc::channel();
    let peer = Peer::logged_in(move |line| {
        for wanted in ["api one", "api two", "api three", "api four"] {
            assert_eq!(line.command().unwrap(), wanted);
            seen.send(wanted).unwrap();
            line.api(wanted);
        }
        assert_eq!(line.command().unwrap(), "api five");
        assert_eq!(line.command(), None);
    });
    let connection = peer.connect();
    let send = |name| connection.event_loop().try_submit(&Command::api(name, "").unwrap()).unwrap();
    connection.event_loop().gather_writes();
    let (one, two) = (send("one"), send("two"));
    // Nothing has gone out: the peer would have told.
    assert!(wait.recv_timeout(Duration::from_millis(20)).is_err());
    assert!(!connection.event_loop().wants_write());
    assert!(!connection.event_loop().flush_writes());
    assert_eq!(until(|| one.take_timeout(Duration::from_millis(1)).unwrap()).text(), "api one");
    assert_eq!(until(|| two.take_timeout(Duration::from_millis(1)).unwrap()).text(), "api two");
    connection.event_loop().gather_writes();
    let three = send("three");
    // A command that waits takes those before it along.
    assert_eq!(connection.api("four", "").unwrap().text(), "api four");
    assert_eq!(until(|| three.take_timeout(Duration::from_millis(1)).unwrap()).text(), "api three");
    connection.event_loop().gather_writes();
    drop(send("five"));
    connection.disconnect();
    peer.finish();
}

#[test]
fn a_started_job_reports_its_refusal_and_its_end() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK");
        line.command().unwrap();
        line.reply("+OK");
        line.write(background_job("first", "done"));
        line.command().unwrap();
        line.reply("-ERR no");
    });
    let connection = peer.connect();
    connection.events(EventFormat::Plain, "BACKGROUND_JOB").unwrap();
    let job = connection.event_loop().start_bgapi("status", "", "first").unwrap();
    until(|| job.wait_accepted(Duration::ZERO).unwrap().then_some(()));
    assert_eq!(until(|| job.try_take().unwrap()).body(), Some(&b"done"[..]));
    let job = connection.event_loop().start_bgapi("status", "", "second").unwrap();
    assert_eq!(until(|| job.try_take().err()).kind(), ErrorKind::Refused);
}
