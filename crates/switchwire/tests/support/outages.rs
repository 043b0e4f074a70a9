//! A server in a process of its own, under load, that a test can kill, freeze or cut; and what this process holds.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

#[path = "process.rs"]
mod process;

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

pub use process::Process as Server;
use switchwire::{
    Backoff, Event, EventType, Liveness, ManagedBuilder, ManagedConnection, Options, StreamItem, Subscription,
};
use switchwire_sim::End;

/// Not a test but the server's process, when another test has started it: fires about 1,000 numbered events a second.
#[test]
fn the_simulators_process() {
    let Some((simulator, orders)) = process::simulator(|builder| builder) else { return };
    // (Process ids are used again, on a busy machine within the hour.)
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let run = format!("{}-{}", std::process::id(), since_1970.as_nanos());
    let (begun, mut number) = (Instant::now(), 0_u64);
    loop {
        if orders.try_recv().is_ok() {
            // Half a message, and nothing may follow it.
            simulator.send_raw("Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: DTM");
            // (What the simulator has not written by then is dropped.)
            std::thread::sleep(Duration::from_millis(300));
            simulator.disconnect_all(End::Close);
        }
        while u128::from(number) < begun.elapsed().as_millis() {
            let mut event = Event::new(EventType::Dtmf);
            event.add_header("Run", run.as_str());
            event.add_header("N", number.to_string());
            simulator.fire(event);
            number += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A supervised connection to that port, which notices and mends an outage quickly; not so quickly that a server counts as
/// frozen when the machine has too much to do.
pub fn supervised(port: u16) -> ManagedBuilder {
    let mut options = Options::inbound();
    options.login_timeout = Duration::from_secs(1);
    ManagedConnection::builder("127.0.0.1", port)
        .options(options)
        .subscription(Subscription::new().event(EventType::Dtmf))
        .backoff(Backoff::between(Duration::from_millis(10), Duration::from_millis(200)))
        .liveness(Liveness::default().ping(Duration::from_millis(100), Duration::from_millis(1500)))
}

/// How many outages, and how long the server stays away when it is refused.
pub fn settings() -> (u32, Duration) {
    let setting = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u32>().unwrap());
    let outages = setting("SWITCHWIRE_OUTAGES").unwrap_or(8);
    let refused = setting("SWITCHWIRE_REFUSED")
        .map_or(Duration::from_millis(100), |time| Duration::from_secs(time.into()));
    (outages, refused)
}

/// Whether what is received may be so.
#[derive(Default)]
pub struct Account {
    /// The last number of each run of the server.
    last: HashMap<String, u64>,
    /// Numbers follow each other without a gap since this connection's first.
    unbroken: bool,
    pub events: u64,
}

impl Account {
    pub fn enter(&mut self, item: &StreamItem) {
        match item {
            StreamItem::Restored(_) => self.unbroken = false,
            StreamItem::Event(event) => {
                let number: u64 = event.header("N").unwrap().parse().unwrap();
                let last = self.last.insert(event.header("Run").unwrap().into_owned(), number);
                if let Some(last) = last {
                    assert!(number > last, "{number} after {last}: doubled or out of order");
                    assert!(!self.unbroken || number == last + 1, "lost while up: {last}, {number}");
                }
                self.unbroken = true;
                self.events += 1;
            }
            _ => {}
        }
    }
}

/// Threads, descriptors, resident memory in kB; on Linux.
pub fn held_now() -> Option<(usize, usize, u64)> {
    let count = |path: &str| Some(std::fs::read_dir(path).ok()?.count());
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident = resident.trim().trim_end_matches(" kB").parse().ok()?;
    Some((count("/proc/self/task")?, count("/proc/self/fd")?, resident))
}
