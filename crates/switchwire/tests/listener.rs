//! Calls that the server connects to us.

mod support;

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use support::{Line, PATIENCE};
use switchwire::{Connection, ErrorKind, Listener, Options, Phase};

const CHANNEL: &str = "Event-Name: CHANNEL_DATA\nUnique-ID: call-1\nvariable_x: a%20b\n\
                       Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n\n";

/// The server's side of a call: connects and answers `connect`.
fn call(address: SocketAddr) -> Line {
    let mut line = Line::new(TcpStream::connect(address).unwrap());
    assert_eq!(line.command().unwrap(), "connect");
    line.write(CHANNEL);
    line
}

#[test]
fn a_call_is_accepted_with_its_data() {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let server = std::thread::spawn(move || {
        let mut line = call(address);
        assert_eq!(line.command().unwrap(), "linger 5");
        line.reply("+OK will linger 5 seconds");
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        assert!(
            line.command().unwrap().starts_with("sendmsg\ncall-command: execute\nexecute-app-name: answer")
        );
        line.reply("+OK");
        assert!(line.command().is_none());
    });
    let call = listener.incoming().next().unwrap().unwrap();
    let info = call.info().unwrap();
    assert_eq!(info.name(), "CHANNEL_DATA");
    assert_eq!(info.header("variable_x").unwrap(), "a b");
    assert_eq!(info.header("reply-text").unwrap(), "+OK\n");
    assert_eq!(call.channel_uuid().as_deref(), Some("call-1"));
    assert!(!call.is_sync());
    assert!(call.linger(Some(5)).unwrap().is_ok());
    assert!(call.myevents(None).unwrap().is_ok());
    assert!(call.execute("answer", "", None).unwrap().is_ok());
    drop(call);
    server.join().unwrap();
}

#[test]
fn a_peer_that_has_no_call_is_refused() {
    for (answer, kind) in [
        ("Content-Type: command/reply\nReply-Text: -ERR command not found\n\n", ErrorKind::Refused),
        ("", ErrorKind::Disconnected),
    ] {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr();
        let peer = std::thread::spawn(move || {
            let mut line = Line::new(TcpStream::connect(address).unwrap());
            line.command().unwrap();
            line.write(answer);
        });
        assert_eq!(listener.accept().unwrap_err().kind(), kind);
        peer.join().unwrap();
    }
}

#[test]
fn a_silent_peer_holds_up_no_call() {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let mut options = Options::outbound();
    options.login_timeout = Duration::from_millis(60);
    let server = {
        let errors = errors.clone();
        Listener::bind("127.0.0.1:0")
            .unwrap()
            .options(options)
            .on_error(move |error| errors.lock().push((error.kind(), error.phase())))
            .serve(|call| assert!(call.recv_event().is_err()))
            .unwrap()
    };
    let silent = TcpStream::connect(server.local_addr()).unwrap();
    let mut half = TcpStream::connect(server.local_addr()).unwrap();
    half.write_all(b"Content-Type: comm").unwrap();
    let line = call(server.local_addr());
    drop(line);
    while server.stats().failed < 2 {
        std::thread::yield_now();
    }
    drop((silent, half));
    assert!(server.stop(PATIENCE));
    assert_eq!(*errors.lock(), [(ErrorKind::Timeout, Some(Phase::Login)); 2]);
}

#[test]
fn a_panicking_handler_ends_its_call_only() {
    let server = Listener::bind("127.0.0.1:0")
        .unwrap()
        .serve(|call| {
            let first = call.recv_event().unwrap();
            assert_ne!(first.header("N").unwrap(), "0", "this panic is part of the test");
        })
        .unwrap();
    for number in 0..3 {
        let mut line = call(server.local_addr());
        line.event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"));
        if number == 0 {
            assert_eq!(line.command().unwrap(), "api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE");
            line.api("+OK\n");
        }
        assert!(line.command().is_none());
    }
    while server.stats().active > 0 {
        std::thread::yield_now();
    }
    assert_eq!((server.stats().accepted, server.stats().panicked), (3, 1));
    assert!(server.stop(PATIENCE));
}

#[test]
fn the_session_bound_holds_and_waiting_calls_get_their_turn() {
    const BOUND: usize = 2;
    let most = Arc::new(AtomicUsize::new(0));
    let now = Arc::new(AtomicUsize::new(0));
    let server = {
        let (most, now) = (most.clone(), now.clone());
        Listener::bind("127.0.0.1:0")
            .unwrap()
            .max_sessions(BOUND)
            .serve(move |call| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = call.recv_event();
                now.fetch_sub(1, Ordering::SeqCst);
            })
            .unwrap()
    };
    let address = server.local_addr();
    let callers: Vec<_> = (0..10)
        .map(|_| {
            std::thread::spawn(move || {
                let mut line = call(address);
                line.event("Event-Name: HEARTBEAT\n");
                assert!(line.command().is_none());
            })
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= BOUND);
    assert_eq!(server.stats().accepted, 10);
    assert!(server.stop(PATIENCE));
}

#[test]
fn stopping_drains_then_hangs_up_and_disconnects() {
    let ended = Arc::new(Mutex::new(Vec::new()));
    let server = {
        let ended = ended.clone();
        let handler =
            move |call: Connection| ended.lock().push(call.recv_event().map_err(|error| error.kind()));
        Listener::bind("127.0.0.1:0").unwrap().serve(handler).unwrap()
    };
    let address = server.local_addr();
    let mut stays = call(address);
    let stopping = std::thread::spawn(move || server.stop(Duration::from_millis(20)));
    assert_eq!(stays.command().unwrap(), "api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE");
    stays.api("+OK\n");
    assert!(stays.command().is_none());
    assert!(!stopping.join().unwrap(), "a call was still on");
    assert!(matches!(ended.lock()[..], [Err(ErrorKind::Disconnected)]));
    assert!(TcpStream::connect(address).is_err(), "the port is free again");
}

#[test]
fn a_thousand_calls_at_once() {
    const CALLS: usize = 1000;
    let server = Listener::bind("127.0.0.1:0")
        .unwrap()
        .max_sessions(CALLS)
        .stack_size(128 * 1024)
        .serve(|call| {
            let event = call.recv_event().unwrap();
            let answer = call.execute("set", &event.header("N").unwrap(), None).unwrap();
            assert!(answer.is_ok());
        })
        .unwrap();
    let mut lines: Vec<_> = (0..CALLS).map(|_| call(server.local_addr())).collect();
    assert_eq!(server.stats().active, CALLS, "all at once");
    for (number, line) in lines.iter_mut().enumerate() {
        line.event(&format!("Event-Name: HEARTBEAT\nN: {number}\n"));
    }
    for (number, line) in lines.iter_mut().enumerate() {
        let command = line.command().unwrap();
        assert!(command.ends_with(&format!("execute-app-arg: {number}")), "{command}");
        line.reply("+OK");
    }
    for line in &mut lines {
        assert!(line.command().is_none());
    }
    assert!(server.stop(PATIENCE));
}

/// Waits until the server's counters are so.
fn until(server: &switchwire::Server, holds: impl Fn(&switchwire::ServerStats) -> bool) {
    while !holds(&server.stats()) {
        std::thread::yield_now();
    }
}

#[test]
fn silent_strays_take_no_session_and_probes_are_no_errors() {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let server = {
        let errors = errors.clone();
        Listener::bind("127.0.0.1:0")
            .unwrap()
            .handshake_timeout(PATIENCE)
            .max_sessions(1)
            .on_error(move |error| errors.lock().push(error.kind()))
            .serve(|call| drop(call.recv_event()))
            .unwrap()
    };
    let address = server.local_addr();
    let strays: Vec<_> = (0..5).map(|_| TcpStream::connect(address).unwrap()).collect();
    until(&server, |stats| stats.shaking_hands == 5);
    for expected in 1..=3 {
        drop(TcpStream::connect(address).unwrap());
        until(&server, |stats| stats.probes == expected);
    }
    // One session at a time, after one another, beside the strays.
    for number in 1..=3 {
        let line = call(address);
        until(&server, |stats| stats.accepted == 8 + number && stats.shaking_hands == 5);
        drop(line);
        until(&server, |stats| stats.active == 5);
    }
    assert_eq!((server.stats().failed, errors.lock().len()), (0, 0));
    assert!(!server.stop(Duration::ZERO));
    drop(strays);
}

#[test]
fn a_silent_caller_does_not_hold_up_accept() {
    let listener = Listener::bind("127.0.0.1:0").unwrap().handshake_timeout(PATIENCE);
    assert!(listener.accept_timeout(Duration::ZERO).unwrap().is_none());
    let address = listener.local_addr();
    let silent = TcpStream::connect(address).unwrap();
    let peer = std::thread::spawn(move || call(address));
    let taken = listener.accept().unwrap();
    assert_eq!(taken.channel_uuid().as_deref(), Some("call-1"));
    drop((peer.join().unwrap(), silent));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::Disconnected);
    assert!(listener.accept_timeout(Duration::ZERO).unwrap().is_none());
}

#[test]
fn a_peer_that_speaks_another_protocol_is_known_at_once() {
    let listener = Listener::bind("127.0.0.1:0").unwrap().handshake_timeout(PATIENCE);
    let mut stray = TcpStream::connect(listener.local_addr()).unwrap();
    stray.write_all(b"Content-Type: auth/request\n\n").unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::NotFreeSwitch);
}

#[test]
fn a_socket_that_the_program_has_is_taken() {
    use switchwire::Bind;
    for host in ["127.0.0.1", "::1", "[::1]", "localhost"] {
        let bound = Bind::new(host, 0).backlog(7).bind().unwrap();
        let listener = Listener::from_listener(bound).unwrap();
        let address = listener.local_addr();
        assert!(address.ip().is_loopback() && address.port() != 0, "{host}");
        let peer = std::thread::spawn(move || call(address));
        listener.accept().unwrap();
        drop(peer.join().unwrap());
    }
    let first = Bind::new("127.0.0.1", 0).reuse_port(true).bind().unwrap();
    let port = first.local_addr().unwrap().port();
    let second = Bind::new("127.0.0.1", port).reuse_port(true).bind().unwrap();
    assert_eq!(Bind::new("127.0.0.1", port).bind().unwrap_err().kind(), ErrorKind::Connect);
    drop(first);
    let listener = Listener::from_fd(second.into()).unwrap();
    let peer = std::thread::spawn(move || call(listener_address(port)));
    listener.accept().unwrap();
    drop(peer.join().unwrap());
    let connected = TcpStream::connect(listener.local_addr()).unwrap();
    assert_eq!(Listener::from_fd(connected.into()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let (pipe, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    assert_eq!(Listener::from_fd(pipe.into()).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

fn listener_address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
