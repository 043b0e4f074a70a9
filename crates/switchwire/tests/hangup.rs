//! A call that ends: before an application that is waited for, during it, after it; what the connection knows of it.

mod support;

use std::net::TcpStream;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use support::{Line, PATIENCE, Peer};
use switchwire::{Connection, ErrorKind, EventFormat, Executed, Listener, Result};

const LINGERS: &str = "Content-Type: text/disconnect-notice\nControlled-Session-UUID: own\n\
                       Content-Disposition: linger\nLinger-Time: -1\nContent-Length: 0\n\n";
const ENDS: &str = "Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: own\nHangup-Cause: USER_BUSY\n";

/// A call on such a socket; `script` is the server's side after the handshake.
fn call(mode: &str, script: impl FnOnce(&mut Line) + Send + 'static) -> (Connection, JoinHandle<()>) {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let mode = mode.to_owned();
    let server = std::thread::spawn(move || {
        let mut line = Line::new(TcpStream::connect(address).unwrap());
        assert_eq!(line.command().unwrap(), "connect");
        line.write(format!(
            "Event-Name: CHANNEL_DATA\nUnique-ID: own\nAnswer-State: answered\nContent-Type: command/reply\n\
             Reply-Text: %2BOK%0A\nSocket-Mode: {mode}\nControl: full\n\n"
        ));
        script(&mut line);
    });
    (listener.accept().unwrap(), server)
}

/// Takes `myevents`, then says the words in reply to `api` (so that they have been read).
fn with_events(line: &mut Line, words: &str) {
    assert_eq!(line.command().unwrap(), "myevents");
    line.reply("+OK Events Enabled");
    assert!(line.command().unwrap().starts_with("api "));
    line.write(words);
    line.api("read");
}

fn end_notice(text: &str) -> String {
    format!(
        "Content-Type: text/disconnect-notice\nControlled-Session-UUID: own\nContent-Disposition: disconnect\n\
         Content-Length: {}\n\n{text}",
        text.len()
    )
}

/// The id of the application that a `sendmsg` runs.
fn id(command: &str) -> String {
    let line = command.lines().find_map(|line| line.strip_prefix("event-uuid: "));
    line.unwrap_or_else(|| panic!("no event-uuid: {command}")).to_owned()
}

fn complete(id: &str, more: &str) -> String {
    format!("Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: own\nApplication-UUID: {id}\n{more}")
}

/// The outcome of an application that is waited for by a callback.
fn called(connection: &Connection, application: &str, uuid: Option<&str>) -> Result<Executed> {
    let (tell, told) = mpsc::channel();
    let execution = connection.prepare_execute(application, "", uuid);
    connection.event_loop().execute_and_wait_with(execution, move |done| tell.send(done).unwrap())?;
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let _ = connection.event_loop().pump();
        if let Ok(done) = told.try_recv() {
            return done;
        }
        assert!(std::time::Instant::now() < until, "no callback ran");
        std::thread::yield_now();
    }
}

#[test]
fn a_wait_that_begins_after_the_end_fails_at_once() {
    let hangup = "Event-Name: CHANNEL_HANGUP\nUnique-ID: own\nHangup-Cause: USER_BUSY\n";
    for (words, cause) in [
        (LINGERS.to_owned(), None),
        (support::event(ENDS, ""), Some("USER_BUSY")),
        (support::event(hangup, ""), Some("USER_BUSY")),
        (LINGERS.to_owned() + &support::event(ENDS, ""), Some("USER_BUSY")),
    ] {
        let (call, server) = call("async", move |line| {
            with_events(line, &words);
            // Neither wait sends anything.
            assert_eq!(line.command(), None);
        });
        call.myevents(None).unwrap();
        assert!(!call.hung_up());
        call.api("status", "").unwrap();
        let errors = [
            call.execute_and_wait("playback", "x", None, PATIENCE).unwrap_err(),
            call.execute_and_wait("playback", "x", Some("own"), PATIENCE).unwrap_err(),
            called(&call, "playback", None).unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, cause), "{error}");
            assert!(error.event().is_none() && !error.is_disconnected());
        }
        assert!(call.hung_up());
        assert_eq!(call.hangup_cause().as_deref(), cause);
        drop(call);
        server.join().unwrap();
    }
}

#[test]
fn an_end_that_is_still_unread_ends_the_wait() {
    let (call, server) = call("async", |line| {
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        line.write(LINGERS);
        // The notice may have been read together with the reply: then nothing is sent.
        while line.command().is_some() {
            line.reply("+OK");
        }
    });
    call.myevents(None).unwrap();
    let error = call.execute_and_wait("playback", "x", None, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    drop(call);
    server.join().unwrap();
}

#[test]
fn an_application_that_the_hangup_ends_is_a_hangup_with_its_event() {
    for uuid in [None, Some("own")] {
        let (call, server) = call("async", |line| {
            assert_eq!(line.command().unwrap(), "myevents");
            line.reply("+OK Events Enabled");
            for _ in 0..2 {
                let id = id(&line.command().unwrap());
                line.reply("+OK");
                line.event(&complete(&id, "Application-Response: _none_\nAnswer-State: answered\n"));
            }
            let id = id(&line.command().unwrap());
            line.reply("+OK");
            line.event(&complete(
                &id,
                "Answer-State: hangup\nHangup-Cause: ORIGINATOR_CANCEL\nvariable_originate_disposition: SUCCESS\n",
            ));
            assert_eq!(line.command(), None);
        });
        call.myevents(None).unwrap();
        let done = call.execute_and_wait("answer", "", uuid, PATIENCE).unwrap();
        assert_eq!(done.response().as_deref(), Some("_none_"));
        assert!(called(&call, "answer", uuid).is_ok());
        let error = match uuid {
            None => call.execute_and_wait("bridge", "user/1000", None, PATIENCE).unwrap_err(),
            uuid => called(&call, "bridge", uuid).unwrap_err(),
        };
        assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("ORIGINATOR_CANCEL")));
        let disposition = error.event().unwrap().header("variable_originate_disposition").unwrap();
        assert_eq!(disposition, "SUCCESS");
        assert!(error.to_string().contains("ORIGINATOR_CANCEL"), "{error}");
        assert!(call.hung_up(), "the event told so");
        drop(call);
        server.join().unwrap();
    }
}

#[test]
fn a_connection_that_ends_with_its_call_ends_the_wait_as_a_hangup() {
    let (call, server) = call("async", |line| {
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        assert!(line.command().unwrap().contains("park"));
        line.reply("+OK");
        line.write(end_notice("Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"));
    });
    call.myevents(None).unwrap();
    let error = call.execute_and_wait("park", "", None, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    assert!(error.is_disconnected(), "and the connection is over");
    let again = call.execute_and_wait("park", "", None, PATIENCE).unwrap_err();
    assert_eq!((again.kind(), again.is_disconnected()), (ErrorKind::Hangup, true));
    assert_eq!(called(&call, "park", None).unwrap_err().kind(), ErrorKind::Hangup);
    assert!(call.hung_up() && !call.connected());
    assert_eq!(call.api("status", "").unwrap_err().kind(), ErrorKind::Disconnected);
    server.join().unwrap();
}

#[test]
fn a_connection_that_ends_for_another_reason_is_no_hangup() {
    for text in ["The system is being shut down.\n", "killed listener because of lost events\n", ""] {
        let (call, server) = call("async", move |line| {
            assert_eq!(line.command().unwrap(), "myevents");
            line.reply("+OK Events Enabled");
            assert!(line.command().unwrap().contains("park"));
            line.reply("+OK");
            if !text.is_empty() {
                line.write(end_notice(text));
            }
        });
        call.myevents(None).unwrap();
        let error = call.execute_and_wait("park", "", None, PATIENCE).unwrap_err();
        assert_eq!((error.kind(), call.hung_up()), (ErrorKind::Disconnected, false), "{text}");
        server.join().unwrap();
    }
    let (call, server) = call("async", |line| {
        assert_eq!(line.command().unwrap(), "exit");
        line.reply("+OK bye");
        line.write(end_notice("Disconnected, goodbye.\n"));
    });
    assert!(call.send_recv("exit").unwrap().is_ok());
    assert_eq!(call.recv_event().unwrap_err().kind(), ErrorKind::Disconnected);
    assert!(!call.hung_up(), "the call goes on after exit");
    server.join().unwrap();
}

#[test]
fn a_look_at_the_connection_sees_what_is_still_unread() {
    let (tell, told) = mpsc::channel();
    let (call, server) = call("async", move |line| {
        line.event("Event-Name: HEARTBEAT\n");
        line.event(ENDS);
        tell.send(()).unwrap();
        assert_eq!(line.command().as_deref(), Some("go on"));
        line.write(end_notice("Disconnected, goodbye.\n"));
    });
    assert!(call.connected());
    told.recv().unwrap();
    while !call.hung_up() {
        std::thread::yield_now();
    }
    assert_eq!(call.hangup_cause().as_deref(), Some("USER_BUSY"));
    assert!(call.connected());
    call.send("go on").unwrap();
    server.join().unwrap();
    while call.connected() {
        std::thread::yield_now();
    }
    assert_eq!(call.disconnect_reason().unwrap().kind(), ErrorKind::Disconnected);
    // What came before the end is still there.
    assert_eq!(call.recv_event().unwrap().name(), "HEARTBEAT");
    assert_eq!(call.recv_event().unwrap().name(), "CHANNEL_HANGUP_COMPLETE");
    assert!(call.recv_event().is_err());
}

#[test]
fn the_end_of_a_channel_is_remembered_inbound() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK event listener enabled plain");
        let first = id(&line.command().unwrap());
        line.reply("+OK");
        line.event(&complete(&first, "Answer-State: answered\n"));
        assert_eq!(line.command().unwrap(), "api look");
        line.event("Event-Name: CHANNEL_DESTROY\nUnique-ID: else\n");
        line.event("Event-Name: CHANNEL_DESTROY\nUnique-ID: chan\nHangup-Cause: NO_ANSWER\n");
        line.api("read");
        let other = id(&line.command().unwrap());
        line.reply("+OK");
        line.event(&complete(&other, "Answer-State: answered\n"));
        // A channel that something ran on was there: that it is not any more is its end.
        assert!(line.command().unwrap().starts_with("sendmsg other"));
        line.reply("-ERR invalid session id [other]");
        assert!(line.command().unwrap().starts_with("sendmsg no-such-channel"));
        line.reply("-ERR invalid session id [no-such-channel]");
        assert_eq!(line.command(), None);
    });
    let connection = peer.connect();
    connection.events(EventFormat::Plain, "CHANNEL_EXECUTE_COMPLETE CHANNEL_DESTROY").unwrap();
    connection.execute_and_wait("playback", "x", Some("chan"), PATIENCE).unwrap();
    connection.api("look", "").unwrap();
    let error = connection.execute_and_wait("playback", "x", Some("chan"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("NO_ANSWER")));
    assert_eq!(called(&connection, "park", Some("chan")).unwrap_err().kind(), ErrorKind::Hangup);
    connection.execute_and_wait("playback", "x", Some("other"), PATIENCE).unwrap();
    let error = connection.execute_and_wait("playback", "x", Some("other"), PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    let error = connection.execute_and_wait("playback", "x", Some("no-such-channel"), PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "the server refused execute playback: -ERR invalid session id [no-such-channel]"
    );
    assert!(!connection.hung_up(), "it has no call of its own");
    drop(connection);
    peer.finish();
}

#[test]
fn one_hangup_ends_every_wait_on_its_channel_and_no_other() {
    for (names, ends) in [
        ("CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE", "CHANNEL_HANGUP_COMPLETE"),
        ("CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP", "CHANNEL_HANGUP"),
        ("ALL", "CHANNEL_DESTROY"),
    ] {
        let peer = Peer::logged_in(move |line| {
            line.command().unwrap();
            line.reply("+OK event listener enabled plain");
            let ids: Vec<_> = (0..5)
                .map(|_| {
                    let id = id(&line.command().unwrap());
                    line.reply("+OK");
                    id
                })
                .collect();
            line.event(&format!("Event-Name: {ends}\nUnique-ID: chan\n"));
            line.event(&complete(&ids[4], "Unique-ID: else\n"));
            line.command();
        });
        let connection = peer.connect();
        connection.events(EventFormat::Plain, names).unwrap();
        let start = |uuid| {
            connection
                .event_loop()
                .start_execute(connection.prepare_execute("playback", "x", Some(uuid)))
                .unwrap()
        };
        let (tell, told) = mpsc::channel();
        let by_callback = connection.prepare_execute("playback", "x", Some("chan"));
        let waits = [start("chan"), start("chan"), start("chan")];
        connection
            .event_loop()
            .execute_and_wait_with(by_callback, move |done| tell.send(done).unwrap())
            .unwrap();
        let other = start("else");
        for wait in waits {
            assert_eq!(wait.wait(PATIENCE).unwrap_err().kind(), ErrorKind::Hangup);
            // It stays so.
            assert_eq!(wait.try_take().unwrap_err().kind(), ErrorKind::Hangup);
        }
        assert_eq!(told.recv_timeout(PATIENCE).unwrap().unwrap_err().kind(), ErrorKind::Hangup);
        assert!(other.wait(PATIENCE).is_ok(), "{names}");
        drop(connection);
        peer.finish();
    }
}

#[test]
fn the_completion_that_follows_the_hangup_is_in_the_error_where_more_is_to_come() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK event listener enabled plain");
        let id = id(&line.command().unwrap());
        line.reply("+OK");
        line.event("Event-Name: CHANNEL_HANGUP\nUnique-ID: own\nHangup-Cause: USER_BUSY\n");
        line.event(&complete(&id, "Answer-State: hangup\nHangup-Cause: USER_BUSY\n"));
        line.event(ENDS);
        line.command();
    });
    let connection = peer.connect();
    connection.events(EventFormat::Plain, "ALL").unwrap();
    let error = connection.execute_and_wait("playback", "x", Some("own"), PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    assert_eq!(error.event().unwrap().name(), "CHANNEL_EXECUTE_COMPLETE");
    drop(connection);
    peer.finish();
}

#[test]
fn a_sync_socket_gives_the_event_exactly_when_it_is_subscribed() {
    let (call, server) = call("static", |line| {
        assert!(line.command().unwrap().contains("answer"));
        line.reply("+OK");
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        for _ in 0..2 {
            let id = id(&line.command().unwrap());
            line.reply("+OK");
            // The event comes when the server gets round to it.
            assert_eq!(line.command().unwrap(), "api between");
            line.api("");
            line.event(&complete(&id, "Answer-State: answered\nApplication-Response: FILE%20PLAYED\n"));
        }
        assert!(line.command().unwrap().contains("playback"));
        line.reply("+OK");
        line.write(LINGERS);
        assert_eq!(line.command(), None);
    });
    assert!(call.execute_and_wait("answer", "", None, PATIENCE).unwrap().complete.is_none());
    call.myevents(None).unwrap();
    for _ in 0..2 {
        let execution = call.event_loop().start_execute(call.prepare_execute("playback", "x", None)).unwrap();
        call.api("between", "").unwrap();
        assert_eq!(execution.wait(PATIENCE).unwrap().response().as_deref(), Some("FILE PLAYED"));
    }
    let error = call.execute_and_wait("playback", "x", None, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    drop(call);
    server.join().unwrap();
}

#[test]
fn an_asynchronous_application_cannot_be_waited_for_on_a_sync_socket() {
    let (call, server) = call("static", |line| {
        assert!(line.command().unwrap().contains("async: true"));
        line.reply("+OK");
        assert_eq!(line.command(), None);
    });
    let execution = call.prepare_execute("playback", "x", None).asynchronous(true);
    let error = call.event_loop().start_execute(execution.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().starts_with("execute playback: "), "{error}");
    assert!(call.execute_request(&execution).unwrap().is_ok(), "without waiting it may be sent");
    call.set_async_execute(true);
    let error = call.execute_and_wait("playback", "x", None, Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(called(&call, "playback", None).unwrap_err().kind(), ErrorKind::InvalidArgument);
    drop(call);
    server.join().unwrap();
}
