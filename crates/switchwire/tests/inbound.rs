//! The client against a server, inbound: the simulator, or a real FreeSWITCH when `SWITCHWIRE_TEST_SERVER` is set.
//! Leaves nothing behind on a real one.

#[path = "support/server.rs"]
mod server;
mod support;

use std::collections::HashSet;

use server::Server;
use support::PATIENCE;
use switchwire::{
    Connection, ErrorKind, Event, EventFormat, EventType, Execute, Incoming, LogLevel, Subscription,
};

/// Kills the channels that a test has made, however the test ends.
struct Call<'a> {
    connection: &'a Connection,
    uuid: String,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let _ = self.connection.api("uuid_kill", &self.uuid);
    }
}

/// A parked loopback channel.
fn park(connection: &Connection) -> Call<'_> {
    let uuid = connection.api("create_uuid", "").unwrap().text().into_owned();
    let dial = format!("{{origination_uuid={uuid}}}loopback/9664/default &park()");
    let reply = connection.api("originate", &dial).unwrap();
    assert_eq!(reply.text(), format!("+OK {uuid}\n"));
    Call { connection, uuid }
}

fn until(connection: &Connection, mut wanted: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = connection.recv_event_timeout(PATIENCE).unwrap().expect("the event does not come");
        if wanted(&event) {
            return event;
        }
    }
}

#[test]
fn api_commands_reply_as_the_console_does() {
    let server = Server::start();
    let connection = server.connect();
    let status = connection.api("status", "").unwrap();
    assert!(status.is_ok());
    assert!(status.text().starts_with("UP "), "{}", status.text());
    assert!(connection.api("version", "").unwrap().text().starts_with("FreeSWITCH Version "));
    assert_eq!(connection.api("echo", "some text").unwrap().text(), "some text");
    assert_eq!(connection.api("create_uuid", "").unwrap().text().len(), 36);
    let unknown = connection.api("no_such_command", "x").unwrap();
    assert_eq!(unknown.error().unwrap(), "-ERR no_such_command Command not found!");
    assert_eq!(connection.send_recv("nonsense").unwrap().error().unwrap(), "-ERR command not found");
    assert!(connection.exit().is_ok());
    assert!(!connection.connected());
}

#[test]
fn a_wrong_password_is_refused() {
    let server = Server::start();
    let error = server.builder().password("not the password").connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[test]
fn a_call_is_originated_watched_and_hung_up() {
    let server = Server::start();
    let connection = server.connect();
    connection.subscribe(&Subscription::all()).unwrap();
    let uuid = connection.api("create_uuid", "").unwrap().text().into_owned();
    let job = connection
        .bgapi("originate", &format!("{{origination_uuid={uuid}}}loopback/9664/default &park()"))
        .unwrap();
    let call = Call { connection: &connection, uuid };
    let done = job.wait(PATIENCE).unwrap();
    assert_eq!(done.body_text().unwrap(), format!("+OK {}\n", call.uuid));
    assert_eq!(done.header("Job-UUID").unwrap(), job.uuid());
    assert!(connection.api("uuid_kill", &call.uuid).unwrap().is_ok());
    let mut seen = HashSet::new();
    let end = until(&connection, |event| {
        if event.unique_id().as_deref() == Some(&call.uuid) {
            seen.insert(event.event_type());
        }
        event.event_type() == EventType::ChannelHangupComplete
            && event.unique_id().as_deref() == Some(&call.uuid)
    });
    assert_eq!(end.header("Hangup-Cause").unwrap(), "NORMAL_CLEARING");
    for wanted in [EventType::ChannelCreate, EventType::ChannelAnswer, EventType::ChannelHangup] {
        assert!(seen.contains(&wanted), "{wanted} is missing of {seen:?}");
    }
}

#[test]
fn an_event_reads_the_same_in_every_format() {
    let server = Server::start();
    let sender = server.connect();
    let mut read = Vec::new();
    for format in EventFormat::ALL {
        let receiver = server.connect();
        receiver.subscribe(&Subscription::new().format(format).custom("switchwire::test")).unwrap();
        let mut event = Event::custom("switchwire::test");
        event.add_header("X-Text", "Zażółć: a%zz + b & <c> \"d\"");
        event.add_header("X-List", "ARRAY::one|:two|:three");
        event.set_body("first line\n\nsecond <&> żółw");
        let reply = sender.send_event(&event).unwrap();
        let uuid = reply.text().strip_prefix("+OK ").unwrap().to_owned();
        let got = until(&receiver, |event| event.header("Event-UUID").as_deref() == Some(&uuid));
        read.push((
            got.event_type(),
            got.subclass().unwrap().into_owned(),
            got.header("X-Text").unwrap().into_owned(),
            got.array("X-List").unwrap().iter().map(std::string::ToString::to_string).collect::<Vec<_>>(),
            got.body_text().unwrap().into_owned(),
        ));
    }
    let (event_type, subclass, text, list, body) = &read[0];
    assert_eq!((*event_type, subclass.as_str()), (EventType::Custom, "switchwire::test"));
    assert_eq!(text, "Zażółć: a%zz + b & <c> \"d\"");
    assert_eq!(list[..], ["one", "two", "three"]);
    assert_eq!(body, "first line\n\nsecond <&> żółw");
    assert_eq!(read[0], read[1]);
    assert_eq!(read[0], read[2]);
}

#[test]
fn filters_let_through_what_they_name() {
    let server = Server::start();
    let (connection, sender) = (server.connect(), server.connect());
    connection
        .subscribe(
            &Subscription::new()
                .custom("switchwire::test")
                .filter("X-Number", "2")
                .filter("X-Number", "/^4/"),
        )
        .unwrap();
    for number in 0..6 {
        let mut event = Event::custom("switchwire::test");
        event.add_header("X-Number", number.to_string());
        assert!(sender.send_event(&event).unwrap().is_ok());
    }
    for number in ["2", "4"] {
        let event = connection.recv_event_timeout(PATIENCE).unwrap().unwrap();
        assert_eq!(event.header("X-Number").unwrap(), number);
    }
    assert!(connection.filter_delete("all", None).unwrap().is_ok());
}

#[test]
fn applications_run_on_a_channel_and_are_waited_for() {
    let server = Server::start();
    let connection = server.connect();
    connection.events(EventFormat::Plain, "CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE").unwrap();
    let call = park(&connection);
    let done = connection.execute_and_wait("set", "switchwire_test=a b", Some(&call.uuid), PATIENCE).unwrap();
    let complete = done.complete.unwrap();
    assert_eq!(complete.header("Application").unwrap(), "set");
    assert_eq!(complete.header("variable_switchwire_test").unwrap(), "a b");
    let value = connection.api("uuid_getvar", &format!("{} switchwire_test", call.uuid)).unwrap();
    assert_eq!(value.text(), "a b");
    let lines = Execute::new("set").argument("switchwire_lines=one\ntwo").uuid(&call.uuid);
    assert!(connection.execute_request(&lines).unwrap().is_ok());
    let wrong = connection.execute("set", "a=b", Some("no-such-channel")).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Refused);
    assert_eq!(
        wrong.to_string(),
        "the server refused execute set: -ERR invalid session id [no-such-channel]"
    );
    assert!(connection.hangup_channel(&call.uuid, Some("USER_BUSY")).unwrap().is_ok());
    let end = until(&connection, |event| {
        event.event_type() == EventType::ChannelHangupComplete
            && event.unique_id().as_deref() == Some(&call.uuid)
    });
    assert_eq!(end.header("Hangup-Cause").unwrap(), "USER_BUSY");
}

#[test]
fn a_connection_bound_to_a_channel_ends_with_it() {
    let server = Server::start();
    let (connection, control) = (server.connect(), server.connect());
    let call = park(&control);
    assert!(connection.myevents_of(&call.uuid).unwrap().is_ok());
    assert!(connection.execute("set", "switchwire_test=bound", None).unwrap().is_ok());
    let set = until(&connection, |event| event.event_type() == EventType::ChannelExecuteComplete);
    assert_eq!(set.unique_id().unwrap(), call.uuid);
    let wrong = server.connect();
    let refused = wrong.myevents_of("no-such-channel").unwrap_err();
    assert_eq!(refused.to_string(), "the server refused myevents: -ERR invalid uuid");
    control.api("uuid_kill", &call.uuid).unwrap();
    let end = loop {
        match connection.recv_event_timeout(PATIENCE) {
            Ok(event) => drop(event.expect("the end does not come")),
            Err(error) => break error,
        }
    };
    assert_eq!(end.kind(), ErrorKind::Disconnected);
    assert_eq!(end.notice().unwrap().session_uuid.as_deref(), Some(&*call.uuid));
}

#[test]
fn log_lines_come_typed() {
    let server = Server::start();
    let connection = server.connect();
    assert!(connection.log(LogLevel::Debug).unwrap().is_ok());
    // Log lines go out between commands: the application's own makes one on either server.
    let control = server.connect();
    let call = park(&control);
    assert!(control.execute("log", "WARNING switchwire says hello", Some(&call.uuid)).unwrap().is_ok());
    let record = loop {
        match connection.recv_timeout(PATIENCE).unwrap().expect("the log line does not come") {
            // A server also logs that it executes `log(WARNING ... hello)`.
            Incoming::Log(record) if record.text.trim_end().ends_with("switchwire says hello") => {
                break record;
            }
            _ => {}
        }
    };
    assert_eq!(record.level, LogLevel::Warning);
    assert!(connection.nolog().unwrap().is_ok());
}

#[test]
fn noevents_and_nixevent_take_subscriptions_back() {
    let server = Server::start();
    let (connection, sender) = (server.connect(), server.connect());
    connection.subscribe(&Subscription::new().custom("switchwire::a").custom("switchwire::b")).unwrap();
    assert!(connection.send_recv("nixevent CUSTOM switchwire::a").unwrap().is_ok());
    for subclass in ["switchwire::a", "switchwire::b"] {
        assert!(sender.send_event(&Event::custom(subclass)).unwrap().is_ok());
    }
    let event = connection.recv_event_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(event.subclass().unwrap(), "switchwire::b");
    assert!(connection.send_recv("noevents").unwrap().is_ok());
    assert_eq!(connection.send_recv("noevents").unwrap().error().unwrap(), "-ERR not listening for events");
}

#[test]
fn many_threads_share_a_connection() {
    let server = Server::start();
    let connection = server.connect();
    connection.subscribe(&Subscription::new().custom("switchwire::test")).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let connection = &connection;
            scope.spawn(move || {
                for number in 0..50 {
                    let text = format!("{thread}-{number}");
                    assert_eq!(connection.api("echo", &text).unwrap().text(), text);
                    let mut event = Event::custom("switchwire::test");
                    event.add_header("X", &text);
                    assert!(connection.send_event(&event).unwrap().is_ok());
                }
            });
        }
        let mut seen = HashSet::new();
        while seen.len() < 400 {
            let event = connection.recv_event_timeout(PATIENCE).unwrap().expect("an event is lost");
            assert!(seen.insert(event.header("X").unwrap().into_owned()), "an event came twice");
        }
    });
}

#[test]
fn a_killed_server_disconnects_everybody() {
    let server = Server::start();
    let Some(simulator) = server.simulator() else { return };
    let connections: Vec<_> = (0..20).map(|_| server.connect()).collect();
    simulator.disconnect_all(switchwire_sim::End::Reset);
    for connection in connections {
        assert_eq!(connection.recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    }
}
