//! How the handlers of calls end, and what becomes of their calls.

mod support;

use std::net::TcpStream;
use std::sync::{Arc, mpsc};

use parking_lot::Mutex;
use support::{Line, PATIENCE};
use switchwire::{Connection, ErrorKind, Handled, Listener, ServerStats};

/// Serves one call with `handler`; `script` is the server's side after the handshake.
fn handled<R: Handled>(
    control: &str,
    handler: impl Fn(Connection) -> R + Send + Sync + 'static,
    script: impl FnOnce(&mut Line),
) -> (ServerStats, Vec<(ErrorKind, String)>) {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let told = errors.clone();
    let server = Listener::bind("127.0.0.1:0")
        .unwrap()
        .on_error(move |error| told.lock().push((error.kind(), error.to_string())))
        .serve(handler)
        .unwrap();
    let mut line = Line::new(TcpStream::connect(server.local_addr()).unwrap());
    assert_eq!(line.command().unwrap(), "connect");
    line.write(format!(
        "Event-Name: CHANNEL_DATA\nUnique-ID: call-1\nContent-Type: command/reply\nReply-Text: %2BOK%0A\n\
         Socket-Mode: async\nControl: {control}\n\n"
    ));
    script(&mut line);
    assert_eq!(line.command(), None);
    while server.stats().active > 0 {
        std::thread::yield_now();
    }
    let stats = server.stats();
    assert!(server.stop(PATIENCE));
    let errors = errors.lock().clone();
    (stats, errors)
}

const KILL: &str = "api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE";
const LINGERS: &str = "Content-Type: text/disconnect-notice\nControlled-Session-UUID: call-1\n\
                       Content-Disposition: linger\nLinger-Time: -1\nContent-Length: 0\n\n";

fn killed(line: &mut Line) {
    assert_eq!(line.command().unwrap(), KILL);
    line.api("+OK\n");
}

#[test]
fn a_handler_that_fails_hangs_its_call_up() {
    let (stats, errors) = handled("full", |_| Err::<(), _>("no money"), killed);
    assert_eq!((stats.errors, stats.panicked), (1, 0));
    assert_eq!(errors, [(ErrorKind::Io, "the handler of a call failed: no money".to_owned())]);

    let (stats, errors) = handled(
        "full",
        |call| call.api("status", "").map(drop),
        |line| {
            line.command().unwrap();
            line.api("fine");
        },
    );
    assert_eq!((stats.errors, errors.len()), (0, 0), "this one does not fail");

    let boxed =
        |call: Connection| -> Result<(), Box<dyn std::error::Error>> { Ok(call.linger(None).map(drop)?) };
    let (stats, errors) = handled("full", boxed, |line| {
        line.command().unwrap();
        line.reply("-ERR no");
        killed(line);
    });
    assert_eq!(stats.errors, 1);
    assert_eq!(errors, [(ErrorKind::Refused, "the server refused linger: -ERR no".to_owned())]);
}

#[test]
fn a_handler_that_panics_hangs_its_call_up() {
    let panics = |call: Connection| assert!(call.info().is_none(), "this panic is part of the test");
    let (stats, errors) = handled("full", panics, killed);
    assert_eq!((stats.errors, stats.panicked, errors.len()), (0, 1, 0));
}

#[test]
fn a_socket_that_may_not_use_api_hangs_up_by_message_and_sees_the_end() {
    handled(
        "single-channel",
        |_| Err::<(), _>("no"),
        |line| {
            let hangup = line.command().unwrap();
            assert_eq!(hangup, "sendmsg\ncall-command: hangup\nhangup-cause: NORMAL_TEMPORARY_FAILURE");
            line.reply("+OK");
            // The message has only been queued: the connection stays until the call has ended.
            line.stream.set_nonblocking(true).unwrap();
            let nothing = std::io::Read::read(&mut line.stream, &mut [0; 1]).unwrap_err();
            assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
            line.stream.set_nonblocking(false).unwrap();
            line.write(LINGERS);
        },
    );
}

#[test]
fn a_call_that_has_ended_is_not_hung_up_and_its_end_is_no_failure() {
    let handler = |call: Connection| -> switchwire::Result<()> {
        call.myevents(None)?;
        call.execute_and_wait("park", "", None, PATIENCE).map(drop)
    };
    let (stats, errors) = handled("full", handler, |line| {
        line.command().unwrap();
        line.reply("+OK Events Enabled");
        line.command().unwrap();
        line.reply("+OK");
        line.write(LINGERS);
    });
    assert_eq!((stats.errors, errors.len()), (0, 0));

    // A failure of its own, after the end: it counts, but there is nothing to hang up.
    let late = |call: Connection| {
        while !call.hung_up() {
            std::thread::yield_now();
        }
        Err::<(), _>("late")
    };
    let (stats, errors) = handled("full", late, |line| line.write(LINGERS));
    assert_eq!((stats.errors, errors.len()), (1, 1));
}

#[test]
fn a_refused_hangup_error_of_another_call_is_a_failure() {
    let handler = |call: Connection| -> switchwire::Result<()> {
        call.send_recv("event plain ALL")?;
        call.execute_and_wait("park", "", Some("other"), PATIENCE).map(drop)
    };
    let (stats, errors) = handled("full", handler, |line| {
        line.command().unwrap();
        line.reply("+OK event listener enabled plain");
        line.command().unwrap();
        line.reply("+OK");
        line.event("Event-Name: CHANNEL_DESTROY\nUnique-ID: other\n");
        killed(line);
    });
    assert_eq!(stats.errors, 1);
    assert_eq!(errors[0].0, ErrorKind::Hangup);
}

#[test]
fn a_program_that_said_resume_keeps_its_call() {
    let resumes = |call: Connection| {
        call.resume().unwrap();
        Err::<(), _>("no")
    };
    let (stats, _) = handled("full", resumes, |line| {
        assert_eq!(line.command().unwrap(), "resume");
        line.reply("+OK");
    });
    assert_eq!(stats.errors, 1);
}

#[test]
fn a_call_is_given_up_by_callback() {
    let (tell, told) = mpsc::channel();
    let told = Mutex::new(told);
    let loops = move |call: Connection| {
        let tell = tell.clone();
        call.event_loop().abandon_with("USER_BUSY", move || tell.send(()).unwrap());
        let told = told.lock();
        while told.try_recv().is_err() {
            let _ = call.event_loop().pump();
            std::thread::yield_now();
        }
        assert!(!call.connected());
        // A second time there is nothing to do.
        call.abandon("USER_BUSY", PATIENCE);
    };
    handled("full", loops, |line| {
        assert_eq!(line.command().unwrap(), "api uuid_kill call-1 USER_BUSY");
        line.api("+OK\n");
    });
}

#[test]
fn a_call_is_given_up_whatever_the_cause_holds() {
    // `uuid_kill` would take the second word for something else.
    handled(
        "full",
        |call: Connection| call.abandon("USER BUSY", PATIENCE),
        |line| {
            assert_eq!(line.command().unwrap(), "sendmsg\ncall-command: hangup\nhangup-cause: USER BUSY");
            line.reply("+OK");
            line.write(LINGERS);
        },
    );
}
