//! After `fork`: the child cannot use the connection, and cannot harm the parent's.
#![allow(unsafe_code, reason = "fork is a system call without a safe form")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::{PATIENCE, Peer};
use switchwire::{
    Command, Connection, ErrorKind, Event, EventType, Fleet, FleetServer, ManagedConnection, Subscription,
};

/// Runs `child` in a child process; gives whether it returned `true`. A child that hangs is ended by a signal.
fn in_a_child(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child uses no lock of another thread (that is what is tested), and ends by `_exit`, so that nothing
    // of the test runner runs twice.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "cannot fork");
    if pid == 0 {
        // SAFETY: as above.
        unsafe {
            libc::alarm(60);
            let passed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(false);
            libc::_exit(i32::from(!passed));
        }
    }
    let mut status = 0;
    // SAFETY: `pid` is a child that no other thread waits for.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    status == 0
}

fn is_forked<T>(result: Result<T, switchwire::Error>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::Forked && !error.is_timeout())
}

fn every_call_fails(connection: &Connection) -> bool {
    is_forked(connection.api("status", ""))
        && is_forked(connection.send("api status"))
        && is_forked(connection.submit(&Command::exit()))
        && is_forked(connection.submit_with(&Command::exit(), |_| ()))
        && is_forked(connection.event_loop().try_submit(&Command::exit()))
        && is_forked(connection.event_loop().try_send(&Command::exit()))
        && is_forked(connection.bgapi("status", ""))
        && is_forked(connection.recv_event_timeout(Duration::ZERO))
        && is_forked(connection.recv_event())
        && is_forked(connection.flush_timeout(Duration::ZERO))
        && is_forked(connection.execute("answer", "", Some("u")))
        && is_forked(connection.hangup_channel("u", None))
        && is_forked(connection.variable_of("u", "v"))
        && is_forked(connection.exit())
        && !connection.connected()
        && !connection.event_loop().pump().connected
        && !connection.event_loop().wants_write()
}

#[test]
fn a_child_gets_a_typed_error_and_its_end_leaves_the_parent_connected() {
    let peer = Peer::logged_in(|line| {
        // Whatever a child had sent would come first.
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP");
        assert_eq!(line.command(), None);
    });
    let connection = peer.connect();
    for _ in 0..3 {
        assert!(in_a_child(|| {
            let copy = connection.clone();
            let all = every_call_fails(&copy);
            copy.disconnect();
            drop(copy);
            all
        }));
    }
    // The last handle, dropped there.
    let mut only = Some(connection);
    assert!(in_a_child(|| {
        drop(only.take());
        true
    }));
    let connection = only.unwrap();
    assert!(connection.connected());
    assert_eq!(connection.api("status", "").unwrap().text(), "UP");
    drop(connection);
    peer.finish();
}

#[test]
fn what_was_begun_before_the_fork_can_be_dropped_in_the_child() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "event plain BACKGROUND_JOB");
        line.reply("+OK");
        assert!(line.command().unwrap().starts_with("bgapi status"));
        line.reply("+OK");
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP");
        line.command();
    });
    let connection = peer.connect();
    connection.events(switchwire::EventFormat::Plain, "BACKGROUND_JOB").unwrap();
    let job = connection.bgapi("status", "").unwrap();
    let pending = connection.submit(&Command::api("status", "").unwrap()).unwrap();
    let mut begun = Some((job, pending));
    assert!(in_a_child(|| {
        let (job, pending) = begun.take().unwrap();
        let told = is_forked(job.wait(PATIENCE)) && is_forked(pending.take_timeout(PATIENCE));
        drop((job, pending));
        told
    }));
    let (_job, pending) = begun.unwrap();
    assert_eq!(pending.wait().unwrap().text(), "UP");
    drop(connection);
}

#[test]
fn the_hook_makes_a_child_know_at_once() {
    let peer = Peer::logged_in(|line| {
        line.event("Event-Name: HEARTBEAT\n");
        assert_eq!(line.command().unwrap(), "api status");
        line.api("UP");
        line.command();
    });
    let connection = peer.connect();
    connection.api("status", "").unwrap();
    assert_eq!(connection.stats().queued, 1);
    assert!(in_a_child(|| {
        switchwire::forked_child();
        !connection.connected()
            && connection.disconnect_reason().is_some_and(|reason| reason.kind() == ErrorKind::Forked)
            && is_forked(connection.try_recv_event())
            && connection.event_loop().queued_message().is_none()
            && every_call_fails(&connection)
    }));
    assert_eq!(connection.try_recv_event().unwrap().unwrap().name(), "HEARTBEAT");
    drop(connection);
}

#[test]
fn a_lock_that_a_thread_of_the_parent_holds_does_not_hold_up_the_child() {
    const FORKS: usize = 60;
    let peer = Peer::logged_in(|line| {
        while line.command().is_some() {
            line.api("UP");
        }
    });
    let connection = peer.connect();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    connection.api("status", "").unwrap();
                }
            });
        }
        let failed = (0..FORKS).filter(|_| !in_a_child(|| every_call_fails(&connection))).count();
        over.store(true, Ordering::Relaxed);
        assert_eq!(failed, 0);
    });
    drop(connection);
    peer.finish();
}

#[test]
fn a_server_dropped_in_a_child_goes_on_in_the_parent() {
    let listener = switchwire::Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let mut server = Some(listener.serve(|call| drop(call.recv_event())).unwrap());
    assert!(in_a_child(|| !server.take().unwrap().stop(PATIENCE)));
    assert!(in_a_child(|| {
        drop(server.take());
        true
    }));
    let mut line = support::Line::new(std::net::TcpStream::connect(address).unwrap());
    assert_eq!(line.command().as_deref(), Some("connect"));
    drop(line);
    assert!(server.unwrap().stop(PATIENCE));
}

#[test]
fn a_fleet_fails_in_the_child_and_takes_nothing_from_the_parent() {
    let simulator = switchwire_sim::Simulator::builder().start().unwrap();
    let connection = ManagedConnection::builder("127.0.0.1", simulator.port())
        .subscription(Subscription::new().event(EventType::Dtmf));
    let fleet = Fleet::builder().server(FleetServer::new("one", connection)).start().unwrap();
    fleet.connection("one").unwrap().wait_up(PATIENCE).unwrap();
    let next = || fleet.recv_timeout(PATIENCE).unwrap().expect("an item in time");
    simulator.fire(Event::new(EventType::Dtmf));
    while next().event().is_none() {}
    simulator.fire(Event::new(EventType::Dtmf));
    assert!(in_a_child(|| {
        is_forked(fleet.recv()) && is_forked(fleet.recv_timeout(PATIENCE)) && fleet.take(9).is_empty()
    }));
    assert!(next().event().is_some());
}
