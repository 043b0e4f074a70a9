//! The client against a server, outbound: calls that the server connects to us, from the simulator or from a real
//! FreeSWITCH on this machine (`SWITCHWIRE_TEST_SERVER`).

#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use server::Server;
use support::PATIENCE;
use switchwire::{Connection, Disposition, ErrorKind, EventType, Incoming, Listener};

/// Runs `handler` on a call that the server connects to us with these socket options; gives what it returns.
fn with_call<T: Send + 'static>(
    options: &str,
    handler: impl Fn(Connection, Connection) -> T + Send + Sync + 'static,
) -> Option<T> {
    let server = Server::start();
    if !server.is_local() {
        support::skip("the server cannot connect to this machine's loopback");
        return None;
    }
    let control = server.connect();
    let (tell, told) = mpsc::channel();
    let listener = {
        let control = control.clone();
        let handler = move |call| tell.send(handler(call, control.clone())).unwrap();
        Listener::bind("127.0.0.1:0").unwrap().serve(handler).unwrap()
    };
    let uuid = control.api("create_uuid", "").unwrap().text().into_owned();
    let address = listener.local_addr();
    let dial = format!(
        "{{origination_uuid={uuid},switchwire_test=yes}}loopback/9664/default '&socket({address} {options})'"
    );
    assert!(control.bgapi("originate", &dial).is_ok());
    let result = told.recv_timeout(PATIENCE).expect("the call does not come to an end");
    let _ = control.api("uuid_kill", &uuid);
    assert!(listener.stop(PATIENCE));
    Some(result)
}

#[test]
fn an_async_call_is_controlled_by_its_events() {
    with_call("async full", |call, _| {
        let info = call.info().unwrap();
        assert_eq!(info.event_type(), EventType::ChannelData);
        assert_eq!(info.header("variable_switchwire_test").unwrap(), "yes");
        assert_eq!(call.variable("switchwire_test").unwrap().as_deref(), Some("yes"));
        assert_eq!(call.variable("switchwire_unset").unwrap(), None);
        assert!(!call.is_sync());
        assert!(call.myevents(None).unwrap().is_ok());
        assert!(call.linger(Some(5)).unwrap().is_ok());
        assert!(call.execute_and_wait("answer", "", None, PATIENCE).unwrap().complete.is_some());
        let set = call.execute_and_wait("set", "switchwire_test=changed", None, PATIENCE).unwrap();
        assert_eq!(set.complete.unwrap().header("variable_switchwire_test").unwrap(), "changed");
        let played = call.execute_and_wait("playback", "silence_stream://100", None, PATIENCE).unwrap();
        assert_eq!(played.complete.unwrap().header("Application").unwrap(), "playback");
        assert!(call.hangup(Some("NORMAL_CLEARING")).unwrap().is_ok());
        let (mut lingered, mut complete) = (false, false);
        while !(lingered && complete) {
            match call.recv_timeout(PATIENCE).unwrap().expect("the end does not come") {
                Incoming::Notice(notice) => {
                    assert_eq!(notice.disposition, Disposition::Linger { seconds: Some(5) });
                    lingered = true;
                }
                Incoming::Event(event) => complete |= event.event_type() == EventType::ChannelHangupComplete,
                _ => {}
            }
        }
        assert!(call.exit().is_ok());
    });
}

#[test]
fn a_sync_call_replies_at_the_end_of_each_application() {
    with_call("", |call, _| {
        assert!(call.is_sync());
        assert!(call.execute("answer", "", None).unwrap().is_ok());
        let played = call.execute_and_wait("playback", "silence_stream://100", None, PATIENCE).unwrap();
        assert!(played.reply.is_ok());
        // A single-channel socket may not use api: the raw getvar is all there is.
        assert_eq!(call.variable("switchwire_test").unwrap().as_deref(), Some("yes"));
        assert_eq!(call.api("status", "").unwrap().error().unwrap(), "-ERR command not found");
        assert!(call.exit().is_ok());
    });
}

#[test]
fn a_hangup_from_elsewhere_ends_the_wait_and_the_connection() {
    with_call("async full", |call, control| {
        assert!(call.myevents(None).unwrap().is_ok());
        let uuid = call.channel_uuid().unwrap();
        let waiting = {
            let call = call.clone();
            std::thread::spawn(move || {
                call.execute_and_wait("park", "", None, PATIENCE).map_err(|error| error.kind())
            })
        };
        while control.api("uuid_exists", &uuid).unwrap().text() != "true" {
            std::thread::sleep(Duration::from_millis(5));
        }
        // The park is on its way once its CHANNEL_EXECUTE has been seen.
        while let Some(event) = call.recv_event_timeout(PATIENCE).unwrap() {
            if event.event_type() == EventType::ChannelExecute
                && event.header("Application").unwrap() == "park"
            {
                break;
            }
        }
        control.api("uuid_kill", &uuid).unwrap();
        // The server may still tell that the application has ended, or not.
        match waiting.join().unwrap() {
            Ok(executed) => assert!(executed.complete.is_some()),
            Err(kind) => assert!(matches!(kind, ErrorKind::Hangup | ErrorKind::Disconnected), "{kind:?}"),
        }
        while let Ok(event) = call.recv_event_timeout(PATIENCE) {
            event.expect("the end does not come");
        }
        assert_eq!(call.disconnect_reason().unwrap().kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn a_thousand_calls_from_the_simulator() {
    const CALLS: usize = 1000;
    let server = Server::simulated();
    let control = server.connect();
    let (arrived, arrivals) = mpsc::channel();
    let (go, gate) = crossbeam_channel::bounded::<()>(0);
    let listener = Listener::bind("127.0.0.1:0")
        .unwrap()
        .max_sessions(CALLS)
        .stack_size(192 * 1024)
        .serve(move |call| {
            arrived.send(call.channel_uuid().unwrap()).unwrap();
            // No call goes on before all are here.
            let _ = gate.recv();
            assert!(call.execute("answer", "", None).unwrap().is_ok());
            assert!(call.hangup(None).unwrap().is_ok());
        })
        .unwrap();
    let dial = format!("loopback/9664/default '&socket({} async full)'", listener.local_addr());
    for _ in 0..CALLS {
        assert!(control.send_recv(format!("bgapi originate {dial}")).unwrap().is_ok());
    }
    let mut uuids: Vec<_> = (0..CALLS).map(|_| arrivals.recv_timeout(PATIENCE).unwrap()).collect();
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), CALLS);
    assert_eq!(listener.stats().active, CALLS);
    drop(go);
    assert!(listener.stop(PATIENCE));
}
