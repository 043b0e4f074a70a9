//! What happens at the bounds of the queue, by each policy, and what is counted.

mod support;

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use support::PATIENCE;
use switchwire::{
    Builder, Connection, ErrorKind, Event, EventType, ManagedConnection, Overflow, QueueLimits, StreamItem,
    Subscription,
};
use switchwire_sim::Simulator;

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

fn number(event: &Event) -> u32 {
    event.header("N").unwrap().parse().unwrap()
}

fn connect(simulator: &Simulator, limits: QueueLimits) -> Connection {
    let connection = Builder::new("127.0.0.1", simulator.port()).queue(limits).connect().unwrap();
    connection.subscribe(&Subscription::new().event(EventType::Dtmf)).unwrap();
    connection
}

/// Waits until the socket has something to read.
fn arrives(connection: &Connection) {
    let mut fds = [PollFd::new(connection, PollFlags::IN)];
    let patience = rustix::event::Timespec { tv_sec: PATIENCE.as_secs().cast_signed(), tv_nsec: 0 };
    assert_eq!(poll(&mut fds, Some(&patience)).unwrap(), 1, "something arrives");
}

fn pump_until_queued(connection: &Connection, count: usize) {
    while connection.stats().queued < count {
        arrives(connection);
        let _ = connection.event_loop().pump();
    }
}

#[test]
fn block_reads_nothing_more_at_the_bound_and_loses_nothing() {
    let simulator = Simulator::builder().start().unwrap();
    let connection = connect(&simulator, QueueLimits::new(2, 1 << 20, Overflow::Block));
    (0..2).for_each(|number| simulator.fire(numbered(number)));
    pump_until_queued(&connection, 2);
    let held_up = connection.stats();
    (2..5).for_each(|number| simulator.fire(numbered(number)));
    arrives(&connection);
    for _ in 0..10 {
        assert!(connection.event_loop().pump().connected);
    }
    assert_eq!(connection.stats(), held_up, "nothing was read");
    assert_eq!(number(&connection.event_loop().queued_message().unwrap().into_event()), 0);
    pump_until_queued(&connection, 2);
    // Who waits for a reply reads up to it, beyond the bound.
    (5..8).for_each(|number| simulator.fire(numbered(number)));
    assert!(connection.api("status", "").unwrap().is_ok());
    for expected in 1..8 {
        assert_eq!(number(&connection.recv_event_timeout(PATIENCE).unwrap().unwrap()), expected);
    }
    assert_eq!(connection.stats().dropped_events, 0);
    assert_eq!(connection.stats().received, 8);
}

#[test]
fn a_supervised_connection_that_blocks_holds_back_until_it_is_read() {
    const EVENTS: u32 = 3000;
    let simulator = Simulator::builder().start().unwrap();
    let connection = ManagedConnection::builder("127.0.0.1", simulator.port())
        .subscription(Subscription::new().event(EventType::Dtmf))
        .queue(QueueLimits::new(10, 1 << 20, Overflow::Block))
        .start()
        .unwrap();
    connection.wait_up(PATIENCE).unwrap();
    (0..EVENTS).for_each(|number| simulator.fire(numbered(number)));
    while connection.stats().queued < 10 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut expected = 0..EVENTS;
    while expected.start < EVENTS {
        if let StreamItem::Event(event) = connection.recv_timeout(PATIENCE).unwrap().expect("in time") {
            assert_eq!(Some(number(&event)), expected.next());
        }
    }
    let stats = connection.stats();
    assert_eq!((stats.received, stats.dropped_events), (EVENTS.into(), 0));
}

#[test]
fn what_is_dropped_is_counted_by_the_bound_that_left_no_room() {
    let simulator = Simulator::builder().start().unwrap();
    let kept = |limits: QueueLimits| {
        let connection = connect(&simulator, limits);
        (0..20).for_each(|number| simulator.fire(numbered(number)));
        while connection.stats().received < 20 {
            arrives(&connection);
            let _ = connection.event_loop().pump();
        }
        let stats = connection.stats();
        let events = std::iter::from_fn(|| connection.try_recv_event().unwrap());
        (events.map(|event| number(&event)).collect::<Vec<_>>(), stats.dropped_events, stats.dropped_by_bytes)
    };
    let ample = 1 << 20;
    assert_eq!(kept(QueueLimits::new(3, ample, Overflow::DropNewest)), (vec![0, 1, 2], 17, 0));
    assert_eq!(kept(QueueLimits::new(3, ample, Overflow::DropOldest)), (vec![17, 18, 19], 17, 0));
    let (events, dropped, by_bytes) = kept(QueueLimits::new(1000, 2000, Overflow::DropNewest));
    assert!(
        events.len() < 20 && events.iter().copied().eq((0..20).take(events.len())),
        "the first ones: {events:?}"
    );
    assert_eq!((dropped, by_bytes), (20 - events.len() as u64, dropped));
    let (events, dropped, by_bytes) = kept(QueueLimits::new(1000, 2000, Overflow::DropOldest));
    assert_eq!((events.last(), dropped, by_bytes), (Some(&19), 20 - events.len() as u64, dropped));
}

#[test]
fn fail_ends_the_connection_and_counts_the_event_that_had_no_room() {
    let simulator = Simulator::builder().start().unwrap();
    let connection = connect(&simulator, QueueLimits::new(3, 1 << 20, Overflow::Fail));
    (0..20).for_each(|number| simulator.fire(numbered(number)));
    while connection.is_open() {
        arrives(&connection);
        let _ = connection.event_loop().pump();
    }
    assert_eq!(connection.api("status", "").unwrap_err().kind(), ErrorKind::LimitExceeded);
    assert_eq!(connection.stats().dropped_events, 1);
    for expected in 0..3 {
        assert_eq!(number(&connection.recv_event().unwrap()), expected, "what came before is kept");
    }
    assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::LimitExceeded);
}
