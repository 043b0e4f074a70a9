//! How a peer is noticed that is frozen or cut off.

#[path = "support/process.rs"]
mod process;
mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use process::Process;
use rustix::process::Signal;
use support::PATIENCE;
use switchwire::{
    Backoff, ErrorKind, EventType, Liveness, ManagedBuilder, ManagedConnection, Options, ServerRun,
    StreamItem, Subscription,
};
use switchwire_sim::Simulator;

/// Not a test but the server's process, when another test has started it: sends a HEARTBEAT every 40 ms.
#[test]
fn the_simulators_process() {
    let heart = |builder: switchwire_sim::Builder| builder.heartbeat(Some(Duration::from_millis(40)));
    let Some((_simulator, orders)) = process::simulator(heart) else { return };
    while orders.recv().is_ok() {}
}

fn builder(port: u16) -> ManagedBuilder {
    let mut options = Options::inbound();
    options.login_timeout = Duration::from_millis(500);
    ManagedConnection::builder("127.0.0.1", port)
        .options(options)
        .backoff(Backoff::between(Duration::from_millis(5), Duration::from_millis(50)))
}

fn by_ping() -> Liveness {
    Liveness::tcp_only().ping(Duration::from_millis(50), Duration::from_millis(150))
}

fn by_silence() -> Liveness {
    Liveness::tcp_only().silence(Duration::from_millis(400))
}

#[track_caller]
fn next(connection: &ManagedConnection) -> StreamItem {
    connection.recv_timeout(PATIENCE).unwrap().expect("an item in time")
}

#[track_caller]
fn lost(connection: &ManagedConnection) {
    let StreamItem::Lost(lost) = next(connection) else { panic!("lost") };
    assert!(lost.reason.to_string().contains("not responding"), "{}", lost.reason);
}

#[test]
fn a_stopped_process_is_noticed_by_a_ping_and_by_the_watchdog_and_left_when_it_goes_on() {
    for liveness in [by_ping(), by_silence()] {
        let server = Process::start(0);
        let connection = builder(server.port).liveness(liveness).start().unwrap();
        assert!(matches!(next(&connection), StreamItem::Connected(_)));
        server.signal(Signal::STOP);
        lost(&connection);
        // The kernel still accepts connections for it; logins fail, each in its time.
        while connection.status().failures == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        server.signal(Signal::CONT);
        let StreamItem::Restored(back) = next(&connection) else { panic!("restored") };
        assert_eq!(back.run, ServerRun::Same);
    }
}

#[test]
fn the_round_trip_of_a_server_that_is_never_silent_is_known() {
    let simulator = Simulator::builder().heartbeat(Some(Duration::from_millis(5))).start().unwrap();
    let connection = builder(simulator.port())
        .subscription(Subscription::new().event(EventType::Heartbeat))
        .liveness(Liveness::tcp_only().ping(Duration::from_millis(50), PATIENCE))
        .start()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while connection.status().round_trip.is_none() {
        assert!(Instant::now() < deadline, "no ping was sent");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Forwards to the simulator, and when it is dark forwards nothing, though it keeps and accepts connections.
fn proxy(to: u16) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let dark = Arc::new(AtomicBool::new(false));
    let is_dark = dark.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", to)).unwrap());
            for (mut from, mut to) in
                [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
            {
                let is_dark = is_dark.clone();
                std::thread::spawn(move || {
                    let mut room = [0; 4096];
                    while let Ok(count @ 1..) = from.read(&mut room) {
                        if !is_dark.load(Ordering::Relaxed) && to.write_all(&room[..count]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    (port, dark)
}

#[test]
fn a_network_that_swallows_everything_is_noticed_and_left_behind_when_it_clears() {
    let simulator = Simulator::builder().start().unwrap();
    let (port, dark) = proxy(simulator.port());
    let connection = builder(port).liveness(by_ping()).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    dark.store(true, Ordering::Relaxed);
    lost(&connection);
    while connection.status().failures == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(connection.recv_timeout(Duration::from_millis(10)).unwrap().is_none(), "it is not back");
    dark.store(false, Ordering::Relaxed);
    let StreamItem::Restored(back) = next(&connection) else { panic!("restored") };
    assert_eq!(back.run, ServerRun::Same);
}

#[test]
fn the_watchdog_also_ends_the_wait_of_a_command_that_a_dark_network_swallows() {
    let simulator = Simulator::builder().heartbeat(Some(Duration::from_millis(40))).start().unwrap();
    let (port, dark) = proxy(simulator.port());
    let connection = builder(port).command_timeout(None).liveness(by_silence()).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    dark.store(true, Ordering::Relaxed);
    assert_eq!(connection.api("status", "").unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    lost(&connection);
    dark.store(false, Ordering::Relaxed);
    assert!(matches!(next(&connection), StreamItem::Restored(_)));
    assert!(connection.api("status", "").unwrap().is_ok());
}

#[test]
fn a_server_that_is_silent_over_a_long_command_is_not_taken_for_dead() {
    let simulator = Simulator::builder().start().unwrap();
    simulator.api_later("long", |_, respond| {
        // Longer than the silence, its quarter and the ping's time together.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(600));
            respond.send("+OK done\n".to_owned());
        });
    });
    let connection = builder(simulator.port()).liveness(by_ping()).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    assert_eq!(connection.api("long", "").unwrap().text().trim(), "+OK done");
    assert_eq!(connection.status().outages, 0);
}

#[test]
fn a_frozen_server_is_noticed_once_the_command_that_waits_for_it_has_been_given_up() {
    let server = Process::start(0);
    let builder = builder(server.port).liveness(by_ping()).command_timeout(Some(Duration::from_millis(300)));
    let connection = builder.start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    server.signal(Signal::STOP);
    // (It may reply before the signal has reached it.)
    let given_up = loop {
        if let Err(error) = connection.api("status", "") {
            break error;
        }
    };
    assert!(given_up.is_timeout() || given_up.kind() == ErrorKind::OutcomeUnknown, "{given_up}");
    lost(&connection);
    server.signal(Signal::CONT);
    assert!(matches!(next(&connection), StreamItem::Restored(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn keepalive_and_the_user_timeout_are_set_as_asked_for() {
    let simulator = Simulator::builder().start().unwrap();
    let set = |builder: ManagedBuilder| {
        let connection = builder.start().unwrap().wait_up(PATIENCE).unwrap();
        let socket = socket2::SockRef::from(&connection);
        let keepalive = socket.keepalive().unwrap().then(|| {
            let (time, interval) =
                (socket.tcp_keepalive_time().unwrap(), socket.tcp_keepalive_interval().unwrap());
            (time.as_secs(), interval.as_secs(), socket.tcp_keepalive_retries().unwrap())
        });
        (keepalive, socket.tcp_user_timeout().unwrap().map(|time| time.as_secs()))
    };
    let to = || builder(simulator.port());
    assert_eq!(set(to()), (Some((60, 12, 5)), Some(30)), "the defaults");
    let mut own = Liveness::default();
    own.user_timeout = Some(Duration::from_secs(7));
    assert_eq!(set(to().keepalive(Some(Duration::from_secs(20))).liveness(own)), (Some((20, 4, 5)), Some(7)));
    own.user_timeout = None;
    assert_eq!(set(to().keepalive(None).liveness(own)).0, None);
}
