//! Outages of a server in a process of its own, under load: killed, frozen, cut in the middle of a message, refused.
//!
//! `SWITCHWIRE_OUTAGES=200` sets how many (8 otherwise), `SWITCHWIRE_REFUSED=30` for how many seconds the server stays
//! away when it is refused.

#[path = "../../switchwire/tests/support/outages.rs"]
mod outages;
mod support;

use std::time::Instant;

use outages::{Account, Server, held_now, settings, supervised};
use rustix::process::Signal;
use support::PATIENCE;
use switchwire_tokio::{Command, ErrorKind, Lost, ManagedConnection, Restored, ServerRun, StreamItem};
use tokio::runtime::Builder;

struct Receiver {
    connection: ManagedConnection,
    account: Account,
}

impl Receiver {
    async fn next(&mut self) -> StreamItem {
        let item = tokio::time::timeout(PATIENCE, self.connection.recv()).await;
        let item = item.expect("an item in time").unwrap();
        self.account.enter(&item);
        item
    }

    async fn events(&mut self, count: u64) {
        let until = self.account.events + count;
        while self.account.events < until {
            let item = self.next().await;
            assert!(item.event().is_some(), "no outage was made: {item:?}");
        }
    }

    async fn lost(&mut self) -> Lost {
        loop {
            match self.next().await {
                StreamItem::Event(_) => {}
                StreamItem::Lost(lost) => return lost,
                other => panic!("{other:?}"),
            }
        }
    }

    async fn restored(&mut self) -> Restored {
        let StreamItem::Restored(restored) = self.next().await else { panic!("restored comes next") };
        restored
    }
}

#[test]
fn every_outage_is_told_nothing_is_doubled_and_nothing_lost_while_up() {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(outlive());
}

async fn outlive() {
    let (outages, refused) = settings();
    let mut server = Server::start(0);
    let port = server.port;
    let connection = ManagedConnection::start(supervised(port)).unwrap();
    let mut receiver = Receiver { connection, account: Account::default() };
    assert!(matches!(receiver.next().await, StreamItem::Connected(_)));
    let mut held = None;
    for round in 0..outages {
        receiver.events(50).await;
        assert!(receiver.connection.api("status", "").await.unwrap().is_ok());
        if round == 4 {
            held = held_now();
        }
        match round % 4 {
            0 => {
                server.signal(Signal::STOP);
                let status = Command::api("status", "").unwrap();
                let asked = receiver.connection.connection().unwrap().submit(&status).unwrap();
                drop(server);
                receiver.lost().await;
                // (It may have replied before the signal reached it.)
                if let Err(error) = asked.await {
                    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
                }
                server = Server::start(port);
                assert_eq!(receiver.restored().await.run, ServerRun::Restarted);
            }
            1 => {
                server.signal(Signal::STOP);
                receiver.lost().await;
                server.signal(Signal::CONT);
                assert_eq!(receiver.restored().await.run, ServerRun::Same);
            }
            2 => {
                server.order("cut");
                let reason = receiver.lost().await.reason.to_string();
                assert!(reason.contains("inside a message"), "{reason}");
                assert_eq!(receiver.restored().await.run, ServerRun::Same);
            }
            _ => {
                drop(server);
                receiver.lost().await;
                tokio::time::sleep(refused).await;
                server = Server::start(port);
                let restored = receiver.restored().await;
                assert_eq!(restored.run, ServerRun::Restarted);
                assert!(restored.outage >= refused);
            }
        }
    }
    receiver.events(50).await;
    assert_eq!(receiver.connection.status().outages, u64::from(outages));
    assert_eq!(receiver.connection.stats().dropped_events, 0);
    let Some((threads, descriptors, resident)) = held else { return };
    let begun = Instant::now();
    // (What an attempt needed may be given back a moment after it.)
    while held_now().is_some_and(|now| now.0 > threads || now.1 > descriptors) {
        let now = held_now();
        assert!(begun.elapsed() < PATIENCE, "more threads or descriptors than before: {held:?}, {now:?}");
        receiver.events(10).await;
    }
    let now = held_now().map_or(0, |now| now.2);
    assert!(now < resident + 8192, "resident memory grew from {resident} to {now} kB");
    let events = receiver.account.events;
    println!(
        "{outages} outages, {events} events in order, none lost while up; resident {resident} kB, then {now} kB"
    );
}
