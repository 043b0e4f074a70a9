//! Calls that end while programs wait, on the simulator or on a real FreeSWITCH on this machine
//! (`SWITCHWIRE_TEST_SERVER`).

#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use server::Server;
use support::PATIENCE;
use switchwire::{Connection, ErrorKind, EventFormat, EventType, Handled, Listener};

/// A call that the server connects to `handler` with these socket options, and the connection that made it.
struct Dialled {
    control: Connection,
    uuid: String,
    listener: switchwire::Server,
    _server: Server,
}

fn dial<R: Handled>(
    options: &str,
    handler: impl Fn(Connection) -> R + Send + Sync + 'static,
) -> Option<Dialled> {
    let server = Server::start();
    if !server.is_local() {
        println!("skipped: the server cannot connect to this machine's loopback");
        return None;
    }
    let control = server.connect();
    control.events(EventFormat::Plain, "CHANNEL_HANGUP_COMPLETE").unwrap();
    let listener = Listener::bind("127.0.0.1:0").unwrap().serve(handler).unwrap();
    let uuid = control.api("create_uuid", "").unwrap().text().into_owned();
    let address = listener.local_addr();
    let dial = format!("{{origination_uuid={uuid}}}loopback/9664/default '&socket({address} {options})'");
    control.bgapi("originate", &dial).unwrap();
    Some(Dialled { control, uuid, listener, _server: server })
}

impl Dialled {
    /// Waits for the end of the call; its cause.
    fn ended(&self) -> String {
        loop {
            let event = self.control.recv_event_timeout(PATIENCE).unwrap().expect("the call goes on");
            if event.unique_id().as_deref() == Some(&self.uuid) {
                return event.header("Hangup-Cause").unwrap().into_owned();
            }
        }
    }
}

#[test]
fn an_application_after_the_hangup_of_a_lingering_call_fails_at_once() {
    for reads in [false, true] {
        let (tell, told) = mpsc::channel();
        let (go, gone) = crossbeam_channel::bounded::<()>(0);
        let handler = move |call: Connection| {
            call.linger(None).unwrap();
            call.myevents(None).unwrap();
            call.execute_and_wait("answer", "", None, PATIENCE).unwrap();
            tell.send(None).unwrap();
            gone.recv_timeout(PATIENCE).unwrap();
            while reads && !call.hung_up() {
                call.recv_timeout(PATIENCE).unwrap();
            }
            let outcome = call.execute_and_wait("playback", "silence_stream://100", None, PATIENCE);
            tell.send(Some((outcome.map(drop).map_err(|error| error.kind()), call.hung_up()))).unwrap();
            call.exit().unwrap();
        };
        let Some(call) = dial("async full", handler) else { return };
        assert!(told.recv_timeout(PATIENCE).unwrap().is_none());
        call.control.api("uuid_kill", &call.uuid).unwrap();
        call.ended();
        go.send(()).unwrap();
        let (outcome, hung_up) = told.recv_timeout(PATIENCE).unwrap().unwrap();
        assert_eq!((outcome, hung_up), (Err(ErrorKind::Hangup), true), "reads: {reads}");
        assert!(call.listener.stop(PATIENCE));
    }
}

#[test]
fn a_variable_can_be_read_while_the_connection_lingers_after_the_end() {
    let (tell, told) = mpsc::channel();
    let handler = move |call: Connection| {
        call.linger(None).unwrap();
        call.myevents(None).unwrap();
        call.execute_and_wait("set", "switchwire_digits=1234", None, PATIENCE).unwrap();
        call.hangup(Some("USER_BUSY")).unwrap();
        while !call.hung_up() {
            call.recv_timeout(PATIENCE).unwrap();
        }
        tell.send((call.variable("switchwire_digits"), call.variable("switchwire_unset"))).unwrap();
        call.exit().unwrap();
    };
    let Some(call) = dial("async full", handler) else { return };
    let (digits, unset) = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(digits.unwrap().as_deref(), Some("1234"));
    assert_eq!(unset.unwrap(), None);
    assert_eq!(call.ended(), "USER_BUSY");
    assert!(call.listener.stop(PATIENCE));
}

#[test]
fn variables_with_values_like_refusals_are_read() {
    let (tell, told) = mpsc::channel();
    let handler = move |call: Connection| {
        call.myevents(None).unwrap();
        for value in ["_undef_", "-ERR something", "-USAGE: x", "plain"] {
            call.execute_and_wait("set", &format!("switchwire_v={value}"), None, PATIENCE).unwrap();
            tell.send((value, call.variable("switchwire_v"))).unwrap();
        }
        call.hangup(None).unwrap();
    };
    let Some(call) = dial("async full", handler) else { return };
    for _ in 0..4 {
        let (value, found) = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(found.unwrap().as_deref(), Some(value));
    }
    call.ended();
    assert!(call.listener.stop(PATIENCE));
}

#[test]
fn queued_applications_of_a_killed_channel_are_all_waited_for_to_the_end() {
    let server = Server::start();
    let connection = server.connect();
    connection.events(EventFormat::Plain, "CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE").unwrap();
    for _ in 0..5 {
        let uuid = connection.api("create_uuid", "").unwrap().text().into_owned();
        let dial = format!("{{origination_uuid={uuid}}}loopback/9664/default &park");
        assert!(connection.api("originate", &dial).unwrap().is_ok());
        let (tell, told) = mpsc::channel();
        let waits: Vec<_> = (0..3)
            .map(|_| {
                let tell = tell.clone();
                let by_callback =
                    connection.prepare_execute("playback", "silence_stream://2000", Some(&uuid));
                connection
                    .event_loop()
                    .execute_and_wait_with(by_callback, move |done| tell.send(done).unwrap())
                    .unwrap();
                connection
                    .event_loop()
                    .start_execute(connection.prepare_execute(
                        "playback",
                        "silence_stream://2000",
                        Some(&uuid),
                    ))
                    .unwrap()
            })
            .collect();
        assert!(connection.api("uuid_kill", &uuid).unwrap().is_ok());
        for wait in waits {
            assert_eq!(wait.wait(PATIENCE).unwrap_err().kind(), ErrorKind::Hangup);
        }
        for _ in 0..3 {
            // A thread has to read what the callbacks wait for.
            let outcome = loop {
                let _ = connection.recv_event_timeout(Duration::from_millis(10)).unwrap();
                if let Ok(outcome) = told.try_recv() {
                    break outcome;
                }
            };
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Hangup);
        }
        let after = connection.execute_and_wait("playback", "x", Some(&uuid), PATIENCE).unwrap_err();
        assert_eq!(after.kind(), ErrorKind::Hangup);
    }
}

#[test]
fn a_failed_handlers_call_is_hung_up() {
    for (options, plays) in [("async full", true), ("async full", false), ("async", true), ("async", false)] {
        let handler = move |call: Connection| -> Result<(), String> {
            if plays {
                call.execute("answer", "", None).unwrap();
                call.execute("playback", "silence_stream://-1", None).unwrap();
            }
            Err("this error is part of the test".to_owned())
        };
        let Some(call) = dial(options, handler) else { return };
        assert_eq!(call.ended(), "NORMAL_TEMPORARY_FAILURE", "{options}, plays: {plays}");
        assert!(call.listener.stop(PATIENCE));
    }
}

#[test]
fn a_call_that_stop_ends_is_hung_up() {
    let (tell, told) = mpsc::channel();
    let handler = move |call: Connection| {
        tell.send(()).unwrap();
        while call.recv_event().is_ok() {}
    };
    let Some(call) = dial("async full", handler) else { return };
    told.recv_timeout(PATIENCE).unwrap();
    let Dialled { control, uuid, listener, _server } = call;
    assert!(!listener.stop(Duration::ZERO));
    let end = loop {
        let event = control.recv_event_timeout(PATIENCE).unwrap().expect("the call goes on");
        if event.unique_id().as_deref() == Some(&*uuid) {
            break event;
        }
    };
    assert_eq!(end.event_type(), EventType::ChannelHangupComplete);
    assert_eq!(end.header("Hangup-Cause").unwrap(), "NORMAL_TEMPORARY_FAILURE");
}

#[test]
fn a_sync_socket_with_events_gives_the_event_each_time() {
    let (tell, told) = mpsc::channel();
    let handler = move |call: Connection| {
        let before = call.execute_and_wait("answer", "", None, PATIENCE).map(|done| done.complete.is_some());
        call.myevents(None).unwrap();
        let mut with_events = Vec::new();
        for number in 0..30 {
            let argument = format!("switchwire_number={number}");
            let done = call.execute_and_wait("set", &argument, None, PATIENCE).unwrap();
            with_events.push(done.complete.is_some());
        }
        tell.send((before.unwrap(), with_events)).unwrap();
        call.hangup(None).unwrap();
    };
    let Some(call) = dial("full", handler) else { return };
    let (before, with_events) = told.recv_timeout(PATIENCE).unwrap();
    assert!(!before, "no event without a subscription");
    assert_eq!(with_events, [true; 30]);
    call.ended();
    assert!(call.listener.stop(PATIENCE));
}

#[test]
fn a_handler_that_reads_nothing_sees_that_its_call_is_over() {
    let (tell, told) = mpsc::channel();
    let handler = move |call: Connection| {
        tell.send(call.connected()).unwrap();
        while call.connected() {
            std::thread::sleep(Duration::from_millis(1));
        }
        tell.send(call.hung_up()).unwrap();
    };
    let Some(call) = dial("async full", handler) else { return };
    assert!(told.recv_timeout(PATIENCE).unwrap());
    call.control.api("uuid_kill", &call.uuid).unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap(), "the notice has been read by looking");
    assert!(call.listener.stop(PATIENCE));
}
