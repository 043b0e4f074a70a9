//! Background jobs, applications waited for.

mod support;

use std::time::Duration;

use support::{PATIENCE, Peer, background_job, event};
use switchwire::{Connection, ErrorKind, EventFormat};

fn subscribed(peer: &Peer) -> Connection {
    let connection = peer.connect();
    connection.events(EventFormat::Plain, "ALL").unwrap();
    connection
}

/// A peer that has answered the subscription.
fn peer(script: impl FnOnce(&mut support::Line) + Send + 'static) -> Peer {
    Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "event plain ALL");
        line.reply("+OK event listener enabled plain");
        script(line);
    })
}

fn header<'a>(command: &'a str, name: &str) -> &'a str {
    command.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

#[test]
fn a_job_finds_its_event_before_and_after_the_answer() {
    for before in [true, false] {
        let peer = peer(move |line| {
            let command = line.command().unwrap();
            let uuid = header(&command, "Job-UUID").to_owned();
            let job = background_job(&uuid, "+OK done\n");
            let answer = format!(
                "Content-Type: command/reply\nReply-Text: +OK Job-UUID: {uuid}\nJob-UUID: {uuid}\n\n"
            );
            line.event("Event-Name: HEARTBEAT\n");
            line.write(background_job("another-jobs", "x"));
            line.write(if before { job.clone() + &answer } else { answer + &job });
        });
        let connection = subscribed(&peer);
        let job = connection.bgapi("status", "").unwrap();
        assert_eq!(job.wait(PATIENCE).unwrap().body(), Some(&b"+OK done\n"[..]));
        let rest: Vec<_> = connection.iter().map(|event| event.name().into_owned()).collect();
        assert_eq!(rest, ["HEARTBEAT", "BACKGROUND_JOB"], "other events stay queued");
        peer.finish();
    }
}

#[test]
fn a_dropped_jobs_event_is_everybodys() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.write(background_job("mine", "+OK\n"));
        line.reply("+OK Job-UUID: mine");
    });
    let connection = subscribed(&peer);
    let job = connection.bgapi_as("status", "", "mine").unwrap();
    assert_eq!(connection.bgapi_as("status", "", "mine").unwrap_err().kind(), ErrorKind::InvalidArgument);
    drop(job);
    assert_eq!(connection.recv_event().unwrap().header("Job-UUID").unwrap(), "mine");
    peer.finish();
}

#[test]
fn waiting_for_a_job_without_its_events_is_refused() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK Job-UUID: x");
        line.command().unwrap();
        line.reply("-ERR permission denied");
    });
    let connection = peer.connect();
    let job = connection.bgapi("status", "").unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::NotSubscribed);
    let error = connection.bgapi("reload", "x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("permission denied"));
    peer.finish();
}

#[test]
fn a_job_times_out_and_may_be_waited_for_again() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.reply("+OK Job-UUID: slow");
        assert_eq!(line.command().unwrap(), "api go");
        line.api("");
        line.write(background_job("slow", "+OK\n"));
    });
    let connection = subscribed(&peer);
    let job = connection.bgapi_as("status", "", "slow").unwrap();
    assert!(job.wait(Duration::from_millis(10)).unwrap_err().is_timeout());
    assert!(job.try_take().unwrap().is_none());
    connection.api("go", "").unwrap();
    assert!(job.wait(PATIENCE).is_ok());
    peer.finish();
}

#[test]
fn a_job_ends_with_the_connection() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.reply("+OK Job-UUID: x");
    });
    let connection = subscribed(&peer);
    let job = connection.bgapi_as("status", "", "x").unwrap();
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::Disconnected);
    peer.finish();
}

#[test]
fn an_application_is_waited_for_by_its_own_id() {
    let peer = peer(|line| {
        let command = line.command().unwrap();
        assert!(
            command.starts_with("sendmsg chan\ncall-command: execute\nexecute-app-name: playback\n"),
            "{command}"
        );
        let id = header(&command, "event-uuid").to_owned();
        line.reply("+OK");
        line.event("Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: chan\nApplication-UUID: another\n");
        line.write(event(
            &format!("Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: chan\nApplication-UUID: {id}\nApplication-Response: FILE%20PLAYED\n"),
            "",
        ));
    });
    let connection = subscribed(&peer);
    let done = connection.execute_and_wait("playback", "x.wav", Some("chan"), PATIENCE).unwrap();
    assert_eq!(done.response().as_deref(), Some("FILE PLAYED"));
    assert_eq!(connection.recv_event().unwrap().header("Application-UUID").unwrap(), "another");
    peer.finish();
}

#[test]
fn a_hangup_ends_the_wait_for_an_application() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.reply("+OK");
        line.event("Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: someone\n");
        line.event("Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: chan\n");
        line.command();
    });
    let connection = subscribed(&peer);
    let error = connection.execute_and_wait("park", "", Some("chan"), PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hangup);
    assert_eq!(connection.stats().queued, 2, "the events stay queued");
    drop(connection);
    peer.finish();
}

#[test]
fn a_refused_application_is_an_error_with_the_servers_words() {
    let peer = peer(|line| {
        line.command().unwrap();
        line.reply("-ERR invalid session id [chan]");
    });
    let connection = subscribed(&peer);
    let error = connection.execute_and_wait("park", "", Some("chan"), PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("invalid session id"));
    peer.finish();
}
