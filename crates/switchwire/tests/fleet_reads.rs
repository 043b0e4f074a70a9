//! Who reads the sockets of a fleet: the thread that receives while there is one, the supervisors' threads otherwise.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::PATIENCE;
use switchwire::{
    ErrorKind, Event, EventType, Fleet, FleetItem, FleetServer, FleetUpdate, Liveness, ManagedConnection,
    Overflow, QueueLimits, StreamItem, Subscription,
};
use switchwire_sim::Simulator;

fn fleet(simulators: &[Simulator], limits: QueueLimits) -> Fleet {
    let server = |(at, simulator): (usize, &Simulator)| {
        let connection = ManagedConnection::builder("127.0.0.1", simulator.port())
            .subscription(Subscription::new().event(EventType::Dtmf))
            .liveness(Liveness::tcp_only())
            .queue(limits);
        FleetServer::new(format!("fs{at}"), connection)
    };
    let servers = simulators.iter().enumerate().map(server);
    let fleet = servers.fold(Fleet::builder(), switchwire::FleetBuilder::server).start().unwrap();
    for name in fleet.servers() {
        fleet.connection(&name).unwrap().wait_up(PATIENCE).unwrap();
    }
    fleet
}

fn simulators(count: usize) -> Vec<Simulator> {
    (0..count).map(|_| Simulator::builder().start().unwrap()).collect()
}

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

fn number(item: &FleetItem) -> Option<u32> {
    item.event().map(|event| event.header("N").unwrap().parse().unwrap())
}

/// The next event's number; what is said of servers before it is skipped.
#[track_caller]
fn next(fleet: &Fleet) -> u32 {
    loop {
        let item = fleet.recv_timeout(PATIENCE).unwrap().expect("an item in time");
        if let Some(number) = number(&item) {
            return number;
        }
    }
}

/// How often the supervisors' threads have been put to sleep; on Linux.
fn sleeps_of_supervisors() -> Option<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let status = std::fs::read_to_string(task.ok()?.path().join("status")).unwrap_or_default();
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if field("Name:").is_some_and(|name| name.starts_with("switchwire-mana")) {
            sum += field("voluntary_ctxt_switches:")?.parse::<u64>().ok()?;
        }
    }
    Some(sum)
}

// One test after the other: the first counts what threads of the whole process do.
#[test]
fn who_reads() {
    the_receiving_thread_reads_and_wakes_no_other();
    what_comes_while_no_thread_receives_is_read_by_its_policy();
    a_command_on_a_connection_takes_nothing_from_the_thread_that_receives();
    several_threads_receive_each_item_once_and_all_learn_of_the_end();
    a_callback_that_is_set_late_is_called();
}

fn the_receiving_thread_reads_and_wakes_no_other() {
    const EVENTS: u32 = 1000;
    let simulators = simulators(2);
    let fleet = fleet(&simulators, QueueLimits::default());
    simulators.iter().for_each(|simulator| simulator.fire(numbered(0)));
    (0..2).for_each(|_| assert_eq!(next(&fleet), 0));
    // (They look a few times a second whether it is still there.)
    let before = sleeps_of_supervisors();
    for number in 1..EVENTS {
        simulators[number as usize % 2].fire(numbered(number));
        assert_eq!(next(&fleet), number);
    }
    if let Some((before, after)) = before.zip(sleeps_of_supervisors()) {
        assert!(after - before < u64::from(EVENTS) / 2, "{} for {EVENTS} events", after - before);
    }
}

fn what_comes_while_no_thread_receives_is_read_by_its_policy() {
    let simulators = simulators(2);
    let fleet = fleet(&simulators, QueueLimits::new(10, 1 << 20, Overflow::DropOldest));
    simulators[0].fire(numbered(0));
    assert_eq!(next(&fleet), 0);
    // Nothing is received for a while.
    (1..1001).for_each(|number| simulators[0].fire(numbered(number)));
    let connection = fleet.connection("fs0").unwrap();
    while connection.stats().received < 1001 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(connection.stats().dropped_events, 990);
    assert!((991..1001).all(|wanted| next(&fleet) == wanted));
    // And again by the thread that receives.
    simulators[1].fire(numbered(7));
    assert_eq!(next(&fleet), 7);
}

fn a_command_on_a_connection_takes_nothing_from_the_thread_that_receives() {
    const EVENTS: u32 = 3000;
    let simulators = simulators(2);
    let fleet = fleet(&simulators, QueueLimits::default());
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = fleet
        .servers()
        .into_iter()
        .map(|name| {
            let (fleet, over) = (fleet.clone(), over.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    assert!(fleet.api_on(&name, "status", "").unwrap().is_ok());
                }
            })
        })
        .collect();
    let firing = std::thread::spawn(move || {
        for number in 0..EVENTS {
            simulators.iter().for_each(|simulator| simulator.fire(numbered(number)));
            if number.is_multiple_of(50) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        simulators
    });
    let mut wanted = [0_u32; 2];
    while wanted != [EVENTS; 2] {
        let item = fleet.recv_timeout(PATIENCE).unwrap().expect("an item in time");
        let Some(number) = number(&item) else { continue };
        let wanted = &mut wanted[usize::from(&*item.server == "fs1")];
        assert_eq!(number, *wanted, "{}: lost, doubled or out of order", item.server);
        *wanted += 1;
    }
    over.store(true, Ordering::Relaxed);
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    drop(firing.join().unwrap());
}

fn several_threads_receive_each_item_once_and_all_learn_of_the_end() {
    const EVENTS: u32 = 2000;
    let simulators = simulators(3);
    let fleet = fleet(&simulators, QueueLimits::default());
    let (give, given) = std::sync::mpsc::channel();
    let receivers: Vec<_> = (0..4)
        .map(|_| {
            let (fleet, give) = (fleet.clone(), give.clone());
            std::thread::spawn(move || {
                loop {
                    match fleet.recv() {
                        Ok(item) => {
                            if let Some(number) = number(&item) {
                                give.send((item.server, number)).unwrap();
                            }
                        }
                        Err(error) => return error.kind(),
                    }
                }
            })
        })
        .collect();
    for number in 0..EVENTS {
        simulators[number as usize % 3].fire(numbered(number));
    }
    let mut seen: Vec<u32> =
        (0..EVENTS).map(|_| given.recv_timeout(PATIENCE).expect("each of them").1).collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..EVENTS));
    fleet.close();
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), ErrorKind::Disconnected);
    }
    assert!(given.try_recv().is_err());
}

fn a_callback_that_is_set_late_is_called() {
    let simulators = simulators(2);
    let fleet = fleet(&simulators, QueueLimits::default());
    simulators[0].fire(numbered(0));
    assert_eq!(next(&fleet), 0);
    let (call, called) = std::sync::mpsc::channel();
    fleet.on_ready(move || call.send(()).unwrap_or_default());
    let mut wanted = 1;
    simulators[1].fire(numbered(1));
    while wanted < 4 {
        let taken = fleet.take(64);
        if taken.is_empty() {
            called.recv_timeout(PATIENCE).expect("it is called");
        }
        for item in taken {
            if let FleetUpdate::Stream(StreamItem::Event(_)) = &item.update {
                assert_eq!(number(&item), Some(wanted));
                wanted += 1;
                simulators[wanted as usize % 2].fire(numbered(wanted));
            }
        }
    }
}
