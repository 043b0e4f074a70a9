//! Many threads on one connection: every answer to its asker, no event lost, doubled or out of order.

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use support::{PATIENCE, Peer};
use switchwire::{Command, ErrorKind, Incoming, Overflow, QueueLimits};

const ASKERS: usize = 10;
const QUESTIONS: usize = 300;

/// Answers each `api echo X` with X, and sends events before, between and after the answers, in odd pieces.
fn chatty_peer() -> Peer {
    Peer::logged_in(|line| {
        let mut number = 0;
        for round in 0.. {
            let Some(command) = line.command() else { return };
            let mut out = String::new();
            for _ in 0..round % 4 {
                out += &support::event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"), "");
                number += 1;
            }
            out += &support::api_response(command.strip_prefix("api echo ").unwrap());
            let (first, rest) = out.split_at(out.len() - out.len() % 7);
            line.write(first);
            line.write(rest);
        }
    })
}

#[test]
fn ten_threads_ask_while_three_receive() {
    let peer = chatty_peer();
    let connection = peer.connect();
    let answered = AtomicUsize::new(0);
    let events = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut mine = Vec::new();
                while let Ok(event) = connection.recv_event() {
                    mine.push(event.header("N").unwrap().parse::<usize>().unwrap());
                }
                assert!(mine.is_sorted(), "each receiver sees the server's order");
                events.lock().extend(mine);
            });
        }
        let askers: Vec<_> = (0..ASKERS)
            .map(|asker| {
                let (connection, answered) = (&connection, &answered);
                scope.spawn(move || {
                    for question in 0..QUESTIONS {
                        let text = format!("{asker}-{question}");
                        match question % 3 {
                            0 => {
                                let (a, b) = (format!("{text}a"), format!("{text}b"));
                                let first = connection.submit(&Command::api("echo", &a).unwrap()).unwrap();
                                let second = connection.submit(&Command::api("echo", &b).unwrap()).unwrap();
                                assert_eq!(second.wait().unwrap().text(), b);
                                assert_eq!(first.wait().unwrap().text(), a);
                            }
                            _ => assert_eq!(connection.api("echo", &text).unwrap().text(), text),
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for asker in askers {
            asker.join().unwrap();
        }
        // Everything asked for is here; what the server sent before the last answer has been received too.
        connection.disconnect();
    });
    assert_eq!(answered.load(Ordering::Relaxed), ASKERS * QUESTIONS);
    let events = std::mem::take(&mut *events.lock());
    let different: HashSet<_> = events.iter().collect();
    assert_eq!(different.len(), events.len(), "no event comes twice");
    let stats = connection.stats();
    assert_eq!(stats.received, (events.len() + stats.queued) as u64, "no event is lost");
    assert_eq!((stats.dropped_events, stats.unasked_replies, stats.late_replies), (0, 0, 0));
    peer.finish();
}

#[test]
fn a_waiting_receiver_does_not_starve_a_late_asker() {
    // One thread leads with no deadline; the answer that another one waits for must reach it all the same.
    let peer = Peer::logged_in(|line| {
        while line.command().is_some() {
            line.api("here");
        }
    });
    let connection = peer.connect();
    std::thread::scope(|scope| {
        let receiver = scope.spawn(|| connection.recv_event().unwrap_err().kind());
        for _ in 0..200 {
            assert_eq!(connection.api("x", "").unwrap().text(), "here");
        }
        connection.disconnect();
        assert_eq!(receiver.join().unwrap(), ErrorKind::Disconnected);
    });
    peer.finish();
}

#[test]
fn a_leader_that_gives_up_hands_over() {
    let (go, wait) = std::sync::mpsc::channel();
    let peer = Peer::logged_in(move |line| {
        wait.recv().unwrap();
        line.event("Event-Name: HEARTBEAT\n");
        assert!(line.command().is_none());
    });
    let connection = peer.connect();
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| connection.recv_event().unwrap().name().into_owned());
        for _ in 0..5 {
            assert!(connection.recv_event_timeout(Duration::from_millis(3)).unwrap().is_none());
        }
        go.send(()).unwrap();
        assert_eq!(follower.join().unwrap(), "HEARTBEAT");
    });
    drop(connection);
    peer.finish();
}

#[test]
fn a_subscription_channel_delivers_in_order_and_closes_with_the_connection() {
    const EVENTS: usize = 2000;
    let peer = Peer::logged_in(|line| {
        for number in 0..EVENTS {
            line.event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"));
        }
        line.command().unwrap();
        line.api("between");
    });
    let connection = peer.connect();
    let events = connection.channel().unwrap();
    assert_eq!(connection.api("x", "").unwrap().text(), "between");
    for number in 0..EVENTS {
        let event = events.recv_timeout(PATIENCE).unwrap();
        assert_eq!(event.header("N").unwrap(), number.to_string());
    }
    assert!(events.recv().is_err());
    assert_eq!(connection.disconnect_reason().unwrap().kind(), ErrorKind::Disconnected);
    peer.finish();
}

#[test]
fn a_full_queue_follows_its_policy_and_counts() {
    for (overflow, kept) in [(Overflow::DropNewest, ["0", "1"]), (Overflow::DropOldest, ["3", "4"])] {
        let peer = Peer::logged_in(|line| {
            line.command().unwrap();
            for number in 0..5 {
                line.event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"));
            }
            line.api("done");
        });
        let connection = peer.builder().queue(QueueLimits::new(2, 1 << 20, overflow)).connect().unwrap();
        connection.api("x", "").unwrap();
        assert_eq!(connection.stats().dropped_events, 3);
        for number in kept {
            assert_eq!(connection.recv_event().unwrap().header("N").unwrap(), number);
        }
        peer.finish();
    }
    let peer = Peer::logged_in(|line| {
        line.event(&format!("Event-Name: HEARTBEAT\nPad: {}\n", "x".repeat(2000)));
        line.command();
    });
    let connection = peer.builder().queue(QueueLimits::new(10, 1000, Overflow::Fail)).connect().unwrap();
    assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::LimitExceeded);
    drop(connection);
    peer.finish();
}

#[test]
fn an_event_loop_of_ones_own_pumps() {
    let peer = Peer::logged_in(|line| {
        line.event("Event-Name: HEARTBEAT\nN: 0\n");
        line.command().unwrap();
        line.event("Event-Name: HEARTBEAT\nN: 1\n");
        line.api("answer");
    });
    let connection = peer.connect();
    let pending = connection.submit(&Command::api("x", "").unwrap()).unwrap();
    let mut seen = Vec::new();
    let mut answer = None;
    while answer.is_none() {
        rustix::event::poll(
            &mut [rustix::event::PollFd::new(&connection, rustix::event::PollFlags::IN)],
            None,
        )
        .unwrap();
        let pumped = connection.event_loop().pump();
        assert!(!pumped.wants_write);
        while let Some(message) = connection.event_loop().queued_message() {
            seen.push(message.into_event().header("N").unwrap().into_owned());
        }
        answer = pending.try_take().unwrap();
    }
    assert_eq!(seen, ["0", "1"]);
    assert_eq!(answer.unwrap().text(), "answer");
    while connection.event_loop().pump().connected {}
    peer.finish();
}

#[test]
fn a_slow_reader_of_a_subscription_meets_the_queues_policy() {
    const EVENTS: usize = 100;
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let peer = Peer::logged_in(|line| {
            line.command().unwrap();
            for number in 0..EVENTS {
                line.event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"));
            }
            line.api("done");
        });
        let connection = peer.builder().queue(QueueLimits::new(2, 1 << 20, overflow)).connect().unwrap();
        let events = connection.channel().unwrap();
        connection.api("x", "").unwrap();
        let taken: Vec<usize> =
            events.iter().map(|event| event.header("N").unwrap().parse().unwrap()).collect();
        assert!(taken.is_sorted(), "{taken:?}");
        assert_eq!(taken.len() as u64 + connection.stats().dropped_events, EVENTS as u64, "{overflow:?}");
        match overflow {
            Overflow::DropOldest => assert_eq!(taken[taken.len() - 2..], [EVENTS - 2, EVENTS - 1]),
            _ => assert_eq!(taken[..2], [0, 1]),
        }
        peer.finish();
    }
}

#[test]
fn log_lines_are_no_events_of_a_subscription() {
    const LOG: &str = "Content-Type: log/data\nContent-Length: 6\nLog-Level: 7\n\nhello\n";
    let script = |line: &mut support::Line| {
        line.command().unwrap();
        line.write(LOG);
        line.event("Event-Name: HEARTBEAT\n");
        line.api("done");
    };
    let peer = Peer::logged_in(script);
    let connection = peer.connect();
    let events = connection.channel().unwrap();
    connection.api("x", "").unwrap();
    let names: Vec<_> = events.iter().map(|event| event.name().into_owned()).collect();
    assert_eq!(names, ["HEARTBEAT"]);
    peer.finish();
    let peer = Peer::logged_in(script);
    let connection = peer.connect();
    let incoming = connection.incoming_channel().unwrap();
    connection.api("x", "").unwrap();
    let all: Vec<_> = incoming.iter().collect();
    assert!(
        matches!(&all[..], [Incoming::Log(log), Incoming::Event(_)] if log.message() == "hello"),
        "{all:?}"
    );
    peer.finish();
}
