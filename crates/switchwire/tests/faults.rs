//! Peers that go away, in all the ways there are.

mod support;

use std::net::Shutdown;
use std::time::Duration;

use support::{PATIENCE, Peer, event};
use switchwire::{Disposition, ErrorKind, Incoming, Limits};

const NOTICE: &str = "Content-Type: text/disconnect-notice\nContent-Length: 67\n\n\
                      Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";

#[test]
fn a_disconnect_notice_ends_the_connection_after_what_came_before() {
    let peer = Peer::logged_in(|line| {
        line.event("Event-Name: HEARTBEAT\n");
        line.write(NOTICE);
    });
    let connection = peer.connect();
    assert_eq!(connection.recv_event().unwrap().name(), "HEARTBEAT");
    let error = connection.recv_event().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert_eq!(error.notice().unwrap().disposition, Disposition::Disconnect);
    assert!(!connection.connected());
    assert_eq!(connection.socket_descriptor(), -1);
    assert_eq!(connection.api("status", "").unwrap_err().kind(), ErrorKind::Disconnected);
    assert_eq!(connection.try_recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    peer.finish();
}

#[test]
fn a_linger_notice_is_news_and_the_connection_goes_on() {
    let peer = Peer::logged_in(|line| {
        line.write("Content-Type: text/disconnect-notice\nControlled-Session-UUID: u\n");
        line.write("Content-Disposition: linger\nChannel-Name: x\nLinger-Time: 4\nContent-Length: 0\n\n");
        line.command().unwrap();
        line.api("still here");
    });
    let connection = peer.connect();
    match connection.recv().unwrap() {
        Incoming::Notice(notice) => {
            assert_eq!(notice.disposition, Disposition::Linger { seconds: Some(4) });
            assert_eq!(notice.session_uuid.as_deref(), Some("u"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(connection.api("status", "").unwrap().text(), "still here");
    peer.finish();
}

#[test]
fn an_end_inside_a_message_is_reported_and_nothing_is_invented() {
    for (cut, hint) in [
        ("Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: X\n", "inside a message"),
        ("Content-Type: api/resp", "inside a message"),
        (
            "Content-Length: 500\nContent-Type: text/event-plain\n\nPad: pppContent-Type: text/disconnect-notice\n\
             Content-Length: 39\n\nkilled listener because of lost events\n",
            "killed listener because of lost events",
        ),
    ] {
        let peer = Peer::logged_in(move |line| line.write(cut));
        let connection = peer.connect();
        let error = connection.recv_event().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert!(error.to_string().contains(hint), "{error}");
        assert!(error.offset().is_some());
        peer.finish();
    }
}

#[test]
fn a_reset_is_a_disconnection_for_everybody_who_waits() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        // Unread input at the close makes the kernel send a reset.
        let socket = socket2::SockRef::from(&line.stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    });
    let connection = peer.connect();
    std::thread::scope(|scope| {
        let receiver = scope.spawn(|| connection.recv_event().unwrap_err().kind());
        assert_eq!(connection.api("x", "").unwrap_err().kind(), ErrorKind::Disconnected);
        assert_eq!(receiver.join().unwrap(), ErrorKind::Disconnected);
    });
    peer.finish();
}

#[test]
fn a_half_closed_peer_is_the_end() {
    let peer = Peer::logged_in(|line| {
        line.event("Event-Name: HEARTBEAT\n");
        line.stream.shutdown(Shutdown::Write).unwrap();
        assert!(line.command().is_none());
    });
    let connection = peer.connect();
    assert_eq!(connection.recv_event().unwrap().name(), "HEARTBEAT");
    assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    drop(connection);
    peer.finish();
}

#[test]
fn a_silent_peer_costs_the_time_out_and_no_more() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "api x");
        assert!(line.command().is_none());
    });
    let connection = peer.builder().command_timeout(Some(Duration::from_millis(30))).connect().unwrap();
    assert_eq!(connection.api("x", "").unwrap_err().kind(), ErrorKind::Timeout);
    assert!(connection.recv_event_timeout(Duration::from_millis(5)).unwrap().is_none());
    assert!(connection.recv_event_timeout(Duration::from_millis(150)).unwrap().is_none());
    assert!(connection.try_recv_event().unwrap().is_none());
    assert!(connection.connected());
    drop(connection);
    peer.finish();
}

#[test]
fn disconnecting_wakes_every_waiting_thread() {
    let peer = Peer::logged_in(|line| while line.command().is_some() {});
    let connection = peer.connect();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..8)
            .map(|at| {
                let connection = &connection;
                scope.spawn(move || match at % 2 {
                    0 => connection.recv_event().unwrap_err().kind(),
                    _ => connection.api("x", "").unwrap_err().kind(),
                })
            })
            .collect();
        connection.disconnect();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), ErrorKind::Disconnected);
        }
    });
    connection.disconnect();
    peer.finish();
}

#[test]
fn a_message_over_the_limit_closes_the_connection_with_its_offset() {
    let peer = Peer::logged_in(|line| {
        line.event("Event-Name: HEARTBEAT\n");
        line.write("Content-Type: api/response\nContent-Length: 2000\n\n");
        assert!(line.command().is_none());
    });
    let connection = peer.builder().limits(Limits::new(1000, 1000)).connect().unwrap();
    assert_eq!(connection.recv_event().unwrap().name(), "HEARTBEAT");
    let error = connection.recv_event().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    let before = "Content-Type: auth/request\n\n".len() + support::reply("+OK accepted").len();
    let expected = before + event("Event-Name: HEARTBEAT\n", "").len();
    assert_eq!(error.offset(), Some(expected as u64));
    connection.disconnect();
    peer.finish();
}

#[test]
fn a_server_that_floods_and_does_not_read_does_not_lock_us_out() {
    const BIG: usize = 4 << 20;
    // The peer reads the command only when all its events are written: both socket buffers are full by then.
    let peer = Peer::logged_in(|line| {
        let piece = event("Event-Name: CUSTOM\n", &"e".repeat(1 << 16)).repeat(64);
        line.write(piece);
        let mut head = line.command().unwrap();
        while !head.starts_with("sendevent") {
            head = line.command().unwrap();
        }
        assert_eq!(line.command().unwrap().len(), BIG);
        line.reply("+OK");
    });
    let connection = peer.connect();
    let mut event = switchwire::Event::custom("test::big");
    event.set_body("x".repeat(BIG));
    assert!(connection.send_event(&event).unwrap().is_ok());
    assert_eq!(connection.stats().queued, 64);
    for _ in 0..64 {
        assert!(connection.recv_event_timeout(PATIENCE).unwrap().is_some());
    }
    peer.finish();
}
