//! Outages of a server in a process of its own, under load: killed, frozen, cut in the middle of a message, refused.
//!
//! `SWITCHWIRE_OUTAGES=200` sets how many (8 otherwise), `SWITCHWIRE_REFUSED=30` for how many seconds the server stays
//! away when it is refused.

#[path = "support/outages.rs"]
mod outages;
mod support;

use std::time::Instant;

use outages::{Account, Server, held_now, settings, supervised};
use support::PATIENCE;
use switchwire::{Lost, ManagedConnection, Restored, ServerRun, StreamItem};

struct Receiver {
    connection: ManagedConnection,
    account: Account,
}

impl Receiver {
    fn next(&mut self) -> StreamItem {
        let item = self.connection.recv_timeout(PATIENCE).unwrap().expect("an item in time");
        self.account.enter(&item);
        item
    }

    fn events(&mut self, count: u64) {
        let until = self.account.events + count;
        while self.account.events < until {
            let item = self.next();
            assert!(item.event().is_some(), "no outage was made: {item:?}");
        }
    }

    fn lost(&mut self) -> Lost {
        loop {
            match self.next() {
                StreamItem::Event(_) => {}
                StreamItem::Lost(lost) => return lost,
                other => panic!("{other:?}"),
            }
        }
    }

    fn restored(&mut self) -> Restored {
        let StreamItem::Restored(restored) = self.next() else { panic!("restored comes next") };
        restored
    }
}

#[test]
fn every_outage_is_told_nothing_is_doubled_and_nothing_lost_while_up() {
    let (outages, refused) = settings();
    let mut server = Server::start(0);
    let port = server.port;
    let connection = supervised(port).start().unwrap();
    let mut receiver = Receiver { connection, account: Account::default() };
    assert!(matches!(receiver.next(), StreamItem::Connected(_)));
    let mut held = None;
    for round in 0..outages {
        receiver.events(50);
        if round == 4 {
            held = held_now();
        }
        match round % 4 {
            0 => {
                drop(server);
                receiver.lost();
                server = Server::start(port);
                assert_eq!(receiver.restored().run, ServerRun::Restarted);
            }
            1 => {
                server.signal(rustix::process::Signal::STOP);
                receiver.lost();
                server.signal(rustix::process::Signal::CONT);
                assert_eq!(receiver.restored().run, ServerRun::Same);
            }
            2 => {
                server.order("cut");
                let reason = receiver.lost().reason.to_string();
                assert!(reason.contains("inside a message"), "{reason}");
                assert_eq!(receiver.restored().run, ServerRun::Same);
            }
            _ => {
                drop(server);
                receiver.lost();
                std::thread::sleep(refused);
                server = Server::start(port);
                let restored = receiver.restored();
                assert_eq!(restored.run, ServerRun::Restarted);
                assert!(restored.outage >= refused);
            }
        }
    }
    receiver.events(50);
    assert_eq!(receiver.connection.status().outages, u64::from(outages));
    assert_eq!(receiver.connection.stats().dropped_events, 0);
    let Some((threads, descriptors, resident)) = held else { return };
    let begun = Instant::now();
    // (What an attempt needed may be given back a moment after it.)
    while held_now().is_some_and(|now| now.0 > threads || now.1 > descriptors) {
        assert!(
            begun.elapsed() < PATIENCE,
            "more threads or descriptors than before: {held:?}, {:?}",
            held_now()
        );
        receiver.events(10);
    }
    let now = held_now().map_or(0, |now| now.2);
    assert!(now < resident + 8192, "resident memory grew from {resident} to {now} kB");
    let events = receiver.account.events;
    println!(
        "{outages} outages, {events} events in order, none lost while up; resident {resident} kB, then {now} kB"
    );
}
