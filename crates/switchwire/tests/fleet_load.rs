//! Twenty servers under load: one is killed, one frozen, one added, one drained, and every event is accounted for.
//!
//! `SWITCHWIRE_FLEET_SECONDS=60` sets how long it lasts (3 otherwise).

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::PATIENCE;
use switchwire::{
    Backoff, Event, EventType, Fleet, FleetItem, FleetServer, FleetUpdate, HealthState, Liveness,
    ManagedConnection, Pick, StreamItem, Subscription,
};
use switchwire_sim::{Faults, Simulator};

type AllThatCame = BTreeMap<Arc<str>, Come>;

const SERVERS: usize = 20;
/// Events a second of each server.
const RATE: u32 = 250;
const KILLED: usize = 3;
const FROZEN: usize = 7;
const DRAINED: usize = 11;
const ADDED: usize = SERVERS;

fn server(at: usize, simulator: &Simulator) -> FleetServer {
    let connection = ManagedConnection::builder("127.0.0.1", simulator.port())
        .subscription(Subscription::new().event(EventType::Dtmf))
        .liveness(Liveness::default().ping(Duration::from_millis(200), Duration::from_millis(800)))
        .backoff(Backoff::between(Duration::from_millis(20), Duration::from_millis(200)));
    FleetServer::new(format!("fs{at}"), connection)
}

/// What has come of one server.
#[derive(Default)]
struct Come {
    /// Runs of numbers without a hole, each `from..to`; a new one begins only after an outage.
    runs: Vec<std::ops::Range<u64>>,
    outage: bool,
    lost: usize,
    restored: usize,
    states: Vec<HealthState>,
}

impl Come {
    fn take(&mut self, item: &FleetItem) {
        match &item.update {
            FleetUpdate::Stream(StreamItem::Event(event)) => {
                let number: u64 = event.header("N").unwrap().parse().unwrap();
                match self.runs.last_mut().filter(|_| !self.outage) {
                    Some(run) => {
                        assert_eq!(run.end, number, "{}: lost, doubled or out of order", item.server);
                        run.end += 1;
                    }
                    None => {
                        let after = self.runs.last().map_or(0, |run| run.end);
                        assert!(number >= after, "{}: {number} again after {after}", item.server);
                        self.runs.push(number..number + 1);
                    }
                }
                self.outage = false;
            }
            FleetUpdate::Stream(StreamItem::Lost(_)) => {
                self.lost += 1;
                self.outage = true;
            }
            FleetUpdate::Stream(StreamItem::Restored(_)) => self.restored += 1,
            FleetUpdate::Health(health) => self.states.push(health.state),
            _ => {}
        }
    }

    fn end(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.end)
    }
}

#[test]
fn nothing_is_lost_while_one_is_killed_one_frozen_one_added_and_one_drained() {
    let seconds = std::env::var("SWITCHWIRE_FLEET_SECONDS").map_or(3, |text| text.parse().unwrap());
    let mut simulators: Vec<_> = (0..SERVERS).map(|_| Some(Simulator::builder().start().unwrap())).collect();
    let servers = simulators.iter().enumerate().map(|(at, one)| server(at, one.as_ref().unwrap()));
    let fleet = servers.fold(Fleet::builder(), switchwire::FleetBuilder::server).start().unwrap();
    for name in fleet.servers() {
        fleet.connection(&name).unwrap().wait_up(PATIENCE).unwrap();
    }
    let mut come: AllThatCame = BTreeMap::new();
    let mut sent = vec![0_u64; SERVERS + 1];
    let (begun, ticks) = (Instant::now(), u64::from(RATE) * seconds);
    for tick in 0..ticks {
        for (simulator, sent) in simulators.iter().zip(&mut sent) {
            let Some(simulator) = simulator else { continue };
            let mut event = Event::new(EventType::Dtmf);
            event.add_header("N", sent.to_string());
            simulator.fire(event);
            *sent += 1;
        }
        if tick == ticks / 4 {
            simulators[KILLED] = None;
        } else if tick == ticks / 4 + 10 {
            simulators[FROZEN].as_ref().unwrap().set_faults(Faults::none().stalled());
        } else if tick == ticks / 4 + 20 {
            let simulator = Simulator::builder().start().unwrap();
            fleet.add(server(ADDED, &simulator)).unwrap();
            fleet.connection(&format!("fs{ADDED}")).unwrap().wait_up(PATIENCE).unwrap();
            simulators.push(Some(simulator));
        } else if tick == ticks / 4 + 30 {
            fleet.drain(&format!("fs{DRAINED}"), true).unwrap();
        }
        // Takes what has come until the next event is due.
        let due = begun + Duration::from_secs(1) * u32::try_from(tick + 1).unwrap() / RATE;
        while let Some(item) = fleet.recv_timeout(due.saturating_duration_since(Instant::now())).unwrap() {
            come.entry(item.server.clone()).or_default().take(&item);
        }
    }
    let of = |come: &AllThatCame, at: usize| come.get(&*format!("fs{at}")).map_or(0, Come::end);
    let until = |come: &mut AllThatCame, done: &dyn Fn(&AllThatCame) -> bool| {
        while !done(come) {
            let item = fleet.recv_timeout(PATIENCE).unwrap().expect("an item in time");
            come.entry(item.server.clone()).or_default().take(&item);
        }
    };
    let whole = || (0..=SERVERS).filter(|at| ![KILLED, FROZEN].contains(at));
    until(&mut come, &|come| whole().all(|at| of(come, at) == sent[at]));
    let lost = |come: &AllThatCame, at: usize| come.get(&*format!("fs{at}")).is_some_and(|one| one.lost > 0);
    until(&mut come, &|come| lost(come, KILLED) && lost(come, FROZEN));
    for at in whole() {
        let one = &come[&*format!("fs{at}")];
        assert_eq!(
            (one.runs.as_slice(), one.lost),
            (std::slice::from_ref(&(0..sent[at])), 0),
            "fs{at}: all of them, once, in order"
        );
    }
    assert_eq!(come[&*format!("fs{KILLED}")].restored, 0);
    for at in [KILLED, FROZEN] {
        assert!(come[&*format!("fs{at}")].states.contains(&HealthState::Down), "fs{at}");
    }
    for _ in 0..SERVERS * 2 {
        let picked = fleet.pick(&Pick::least_sessions()).unwrap();
        assert!(
            ![KILLED, FROZEN, DRAINED].map(|at| format!("fs{at}")).contains(&picked.to_string()),
            "{picked}"
        );
    }
    // The frozen one goes on: it is back, and its events, too.
    let frozen = simulators[FROZEN].as_ref().unwrap();
    frozen.set_faults(Faults::none());
    until(&mut come, &|come| come[&*format!("fs{FROZEN}")].restored > 0);
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", sent[FROZEN].to_string());
    frozen.fire(event);
    until(&mut come, &|come| of(come, FROZEN) == sent[FROZEN] + 1);
    let sum: u64 = come.values().flat_map(|one| &one.runs).map(|run| run.end - run.start).sum();
    println!("{sum} events of {} servers in {:?}", come.len(), begun.elapsed());
    fleet.close();
}
