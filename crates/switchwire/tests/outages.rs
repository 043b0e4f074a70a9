//! Outages of a server in a process of its own, under load: killed, frozen, cut in the middle of a message, refused.
//!
//! `SWITCHWIRE_OUTAGES=200` sets how many (8 otherwise), `SWITCHWIRE_REFUSED=30` for how many seconds the server stays
//! away when it is refused.

#[path = "support/process.rs"]
mod process;
mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use process::Process;
use support::PATIENCE;
use switchwire::{
    Backoff, Event, EventType, Liveness, Lost, ManagedConnection, Options, Restored, ServerRun, StreamItem,
    Subscription,
};
use switchwire_sim::End;

/// Not a test but the server's process, when another test has started it: fires about 1,000 numbered events a second.
#[test]
fn the_simulators_process() {
    let Some((simulator, orders)) = process::simulator(|builder| builder) else { return };
    let (begun, mut number) = (Instant::now(), 0_u64);
    loop {
        if orders.try_recv().is_ok() {
            // Half a message, and nothing may follow it.
            simulator.send_raw("Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: DTM");
            std::thread::sleep(Duration::from_millis(20));
            simulator.disconnect_all(End::Close);
        }
        while u128::from(number) < begun.elapsed().as_millis() {
            let mut event = Event::new(EventType::Dtmf);
            event.add_header("Run", std::process::id().to_string());
            event.add_header("N", number.to_string());
            simulator.fire(event);
            number += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What is received, and whether it may be so.
struct Receiver {
    connection: ManagedConnection,
    /// The last number of each run of the server.
    last: HashMap<String, u64>,
    /// Numbers follow each other without a gap since this connection's first.
    unbroken: bool,
    events: u64,
}

impl Receiver {
    fn next(&mut self) -> StreamItem {
        let item = self.connection.recv_timeout(PATIENCE).unwrap().expect("an item in time");
        if let Some(event) = item.event() {
            let number: u64 = event.header("N").unwrap().parse().unwrap();
            let last = self.last.insert(event.header("Run").unwrap().into_owned(), number);
            if let Some(last) = last {
                assert!(number > last, "{number} after {last}: doubled or out of order");
                assert!(!self.unbroken || number == last + 1, "lost while up: {last}, {number}");
            }
            self.unbroken = true;
            self.events += 1;
        }
        item
    }

    fn events(&mut self, count: u64) {
        let until = self.events + count;
        while self.events < until {
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
        self.unbroken = false;
        let StreamItem::Restored(restored) = self.next() else { panic!("restored comes next") };
        restored
    }
}

#[test]
fn every_outage_is_told_nothing_is_doubled_and_nothing_lost_while_up() {
    let setting = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u32>().unwrap());
    let outages = setting("SWITCHWIRE_OUTAGES").unwrap_or(8);
    let refused = setting("SWITCHWIRE_REFUSED")
        .map_or(Duration::from_millis(100), |time| Duration::from_secs(time.into()));
    let mut server = Process::start(0);
    let port = server.port;
    let mut options = Options::inbound();
    options.login_timeout = Duration::from_secs(1);
    let connection = ManagedConnection::builder("127.0.0.1", port)
        .options(options)
        .subscription(Subscription::new().event(EventType::Dtmf))
        .backoff(Backoff::between(Duration::from_millis(10), Duration::from_millis(200)))
        .liveness(Liveness::default().ping(Duration::from_millis(100), Duration::from_millis(300)))
        .start()
        .unwrap();
    let mut receiver = Receiver { connection, last: HashMap::new(), unbroken: false, events: 0 };
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
                server = Process::start(port);
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
                server = Process::start(port);
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
}

/// Threads, descriptors, resident memory in kB; on Linux.
fn held_now() -> Option<(usize, usize, u64)> {
    let count = |path: &str| Some(std::fs::read_dir(path).ok()?.count());
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident = resident.trim().trim_end_matches(" kB").parse().ok()?;
    Some((count("/proc/self/task")?, count("/proc/self/fd")?, resident))
}
