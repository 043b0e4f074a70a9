//! Connecting, commands and their replies, jobs, executions: on both kinds of runtime, against the simulator and a peer
//! that plays a script.

mod support;

use std::time::Duration;

use support::{PATIENCE, Peer, background_job, on_each_runtime, simulated};
use switchwire_sim::{Simulator, User};
use switchwire_tokio::{
    Builder, Call, Command, Connection, ErrorKind, EventFormat, EventType, Login, ManagedConnection, Options,
    Phase, Subscription,
};
use tokio_stream::StreamExt as _;

#[test]
fn a_command_gets_its_reply_and_a_refusal_is_told() {
    on_each_runtime(|| async {
        let (_simulator, connection) = simulated().await;
        assert!(connection.api("status", "").await.unwrap().text().starts_with("UP "));
        assert!(!connection.api("nonsense", "").await.unwrap().is_ok());
        let refused = connection.filter_delete("Unknown", Some("x")).await;
        assert!(refused.is_ok() || refused.unwrap_err().kind() == ErrorKind::Refused);
        assert_eq!(
            connection.execute("answer", "", None).await.unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        let injected = connection.send_recv("api status\n\napi shutdown").await.unwrap_err();
        assert_eq!(injected.kind(), ErrorKind::InvalidArgument);
        connection.exit().await.unwrap();
        assert!(!connection.connected());
        assert_eq!(connection.api("status", "").await.unwrap_err().kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn logins_succeed_or_say_why_not() {
    on_each_runtime(|| async {
        let user = User::new("alice", "example.net", "secret");
        let simulator = Simulator::builder().user(user).start().unwrap();
        let at = |port| Builder::new("localhost", port);
        let wrong = Connection::open(&at(simulator.port()).password("wrong")).await.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::Authentication);
        assert!(!format!("{wrong:?} {wrong}").contains("wrong\""));
        let alice = at(simulator.port()).user("alice@example.net").password("secret");
        assert!(Connection::open(&alice).await.unwrap().connected());
        let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(Connection::open(&at(unused)).await.unwrap_err().kind(), ErrorKind::Connect);
        let silent = Peer::new(|line| assert_eq!(line.command(), None));
        let late = silent.builder().login_timeout(Duration::from_millis(20));
        let error = Connection::open(&late).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Login)));
        silent.finish();
        let socket = std::net::TcpStream::connect(simulator.addr()).unwrap();
        let login = Login::password("ClueCon").unwrap();
        assert!(Connection::log_in(socket, login, Options::inbound()).await.unwrap().connected());
    });
}

#[test]
fn an_attempt_to_connect_ends_with_its_future() {
    on_each_runtime(|| async {
        let (said, heard) = std::sync::mpsc::channel();
        let silent = Peer::new(move |line| {
            said.send(()).unwrap();
            assert_eq!(line.command(), None, "closed by the client");
        });
        let builder = silent.builder();
        let opening = tokio::spawn(async move { Connection::open(&builder).await.map(drop) });
        tokio::task::spawn_blocking(move || heard.recv_timeout(PATIENCE).unwrap()).await.unwrap();
        opening.abort();
        tokio::task::spawn_blocking(move || silent.finish()).await.unwrap();
    });
}

#[test]
fn a_thousand_commands_at_once_get_each_its_own_reply() {
    on_each_runtime(|| async {
        let (_simulator, connection) = simulated().await;
        let tasks: Vec<_> = (0..1000)
            .map(|number| {
                let connection = connection.clone();
                tokio::spawn(async move {
                    let reply = connection.api("expr", &format!("{number} + 0")).await.unwrap();
                    assert_eq!(reply.text().trim(), number.to_string());
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        // From one task, in one go.
        let command = |number: usize| Command::api("expr", &format!("{number} + 0")).unwrap();
        let pending: Vec<_> = (0..1000).map(|number| connection.submit(&command(number)).unwrap()).collect();
        for (number, pending) in pending.into_iter().enumerate().rev() {
            assert_eq!(pending.await.unwrap().text().trim(), number.to_string());
        }
        assert_eq!(connection.stats().unanswered, 0);
    });
}

#[test]
fn commands_in_flight_are_written_together_and_in_order() {
    on_each_runtime(|| async {
        let peer = Peer::logged_in(|line| {
            let commands: Vec<_> = (0..50).map(|_| line.command().unwrap()).collect();
            for command in commands {
                line.api(&command);
            }
        });
        let connection = Connection::open(&peer.builder()).await.unwrap();
        let send =
            |number: u32| connection.submit(&Command::api(&format!("n{number}"), "").unwrap()).unwrap();
        let pending: Vec<_> = (0..50).map(send).collect();
        for (number, pending) in pending.into_iter().enumerate() {
            assert_eq!(pending.await.unwrap().text(), format!("api n{number}"));
        }
        peer.finish();
    });
}

#[test]
fn a_command_larger_than_the_sockets_buffers_is_written_as_there_is_room() {
    on_each_runtime(|| async {
        let long = "x".repeat(8 << 20);
        let expected = format!("api echo {long}").len();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let peer = Peer::logged_in(move |line| {
            wait.recv().unwrap();
            assert_eq!(line.command().unwrap().len(), expected);
            line.api("long");
            assert_eq!(line.command().unwrap(), "api second");
            line.api("second");
        });
        let connection = Connection::open(&peer.builder()).await.unwrap();
        let first = connection.submit(&Command::api("echo", &long).unwrap()).unwrap();
        let second = connection.submit(&Command::api("second", "").unwrap()).unwrap();
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap().text(), "long");
        assert_eq!(second.await.unwrap().text(), "second");
        peer.finish();
    });
}

#[test]
fn a_late_reply_is_dropped_and_goes_to_no_other_command() {
    on_each_runtime(|| async {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let peer = Peer::logged_in(move |line| {
            assert_eq!(line.command().unwrap(), "api slow");
            wait.recv().unwrap();
            line.api("late");
            assert_eq!(line.command().unwrap(), "api next");
            line.api("next");
        });
        let builder = peer.builder().command_timeout(Some(Duration::from_millis(20)));
        let connection = Connection::open(&builder).await.unwrap();
        let error = connection.api("slow", "").await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Reply)));
        go.send(()).unwrap();
        let next = connection.submit(&Command::api("next", "").unwrap()).unwrap();
        assert_eq!(next.await.unwrap().text(), "next");
        assert_eq!(connection.stats().late_replies, 1);
        peer.finish();
    });
}

#[test]
fn a_job_ends_and_its_end_can_be_asked_for_again() {
    on_each_runtime(|| async {
        let (_simulator, connection) = simulated().await;
        let job = connection.bgapi("status", "").await.unwrap();
        assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::NotSubscribed);
        connection.subscribe(&Subscription::new().event(EventType::BackgroundJob)).await.unwrap();
        let job = connection.bgapi_as("status", "", "mine").await.unwrap();
        assert_eq!(job.uuid(), "mine");
        assert!(job.output().await.unwrap().starts_with("UP "));
        assert_eq!(job.try_take().unwrap().unwrap().header("Job-UUID").as_deref(), Some("mine"));
        assert!(job.wait().await.is_ok());
        let job = connection.bgapi("nonsense", "").await.unwrap();
        assert_eq!(job.output().await.unwrap_err().kind(), ErrorKind::Refused);
    });
}

#[test]
fn the_event_of_a_job_that_was_dropped_comes_as_any_other() {
    on_each_runtime(|| async {
        let peer = Peer::logged_in(|line| {
            line.command().unwrap();
            line.reply("+OK");
            line.command().unwrap();
            line.reply("+OK");
            assert_eq!(line.command().unwrap(), "api go");
            line.write(background_job("given-up", "done"));
            line.api("gone");
            line.command().unwrap();
            line.reply("-ERR no");
        });
        let connection = Connection::open(&peer.builder()).await.unwrap();
        connection.events(EventFormat::Plain, "BACKGROUND_JOB").await.unwrap();
        drop(connection.bgapi_as("status", "", "given-up").await.unwrap());
        connection.api("go", "").await.unwrap();
        assert_eq!(connection.recv_event().await.unwrap().header("Job-UUID").as_deref(), Some("given-up"));
        let refused = connection.bgapi("status", "").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Refused);
        peer.finish();
    });
}

#[test]
fn an_execution_ends_with_the_event_of_just_this_run() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        simulator.extension("park", &[("answer", ""), ("park", "")]);
        connection.subscribe(&Subscription::all()).await.unwrap();
        let output = connection.api("originate", "loopback/park/default &park()").await.unwrap();
        let text = output.text();
        let uuid = text.trim().strip_prefix("+OK ").unwrap();
        let ended = connection.execute_and_wait("playback", "welcome.wav", Some(uuid)).await.unwrap();
        assert_eq!(ended.response().as_deref(), Some("FILE PLAYED"));
        connection.execute_and_wait("set", "color=red", Some(uuid)).await.unwrap();
        assert_eq!(connection.variable_of(uuid, "color").await.unwrap().as_deref(), Some("red"));
        assert_eq!(connection.variable_of(uuid, "shape").await.unwrap(), None);
        let playing =
            connection.prepare_execute("playback", "silence_stream://-1", Some(uuid)).event_uuid("mine");
        let playing = connection.start_execute(playing).unwrap();
        assert_eq!(playing.uuid(), "mine");
        connection.hangup_channel(uuid, Some("USER_BUSY")).await.unwrap();
        let error = playing.await.unwrap_err();
        assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("USER_BUSY")));
    });
}

#[test]
fn the_connection_ends_with_its_last_handle_and_waiters_are_told() {
    on_each_runtime(|| async {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let peer = Peer::logged_in(move |line| {
            assert_eq!(line.command().unwrap(), "api slow");
            wait.recv().unwrap();
            line.event("Event-Name: HEARTBEAT\n");
            assert_eq!(line.command(), None, "closed by the client");
        });
        let connection = Connection::open(&peer.builder()).await.unwrap();
        let other = connection.clone();
        drop(connection);
        let pending = other.submit(&Command::api("slow", "").unwrap()).unwrap();
        let mut stream = other.event_stream();
        drop(other);
        go.send(()).unwrap();
        assert_eq!(stream.next().await.unwrap().name(), "HEARTBEAT", "a stream is a handle");
        drop(stream);
        assert_eq!(pending.await.unwrap_err().kind(), ErrorKind::Disconnected);
        tokio::task::spawn_blocking(move || peer.finish()).await.unwrap();
    });
}

#[test]
fn a_connection_does_not_outlive_its_runtime() {
    let simulator = Simulator::builder().start().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let connection = first.block_on(support::connect(&simulator));
    drop(first);
    let error = runtime().block_on(connection.api("status", "")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
}

/// Tasks may move between threads. (That this compiles is the test.)
#[test]
fn the_futures_are_send() {
    async fn all(
        connection: &Connection,
        managed: &ManagedConnection,
        call: &Call,
    ) -> switchwire_tokio::Result<()> {
        connection.bgapi("", "").await?.output().await?;
        connection.recv_event().await?;
        connection.execute_and_wait("", "", None).await?;
        connection.subscribe(&Subscription::all()).await?;
        managed.api("", "").await?;
        managed.bgapi("", "").await?;
        managed.recv().await?;
        call.playback("").await?;
        call.set_all([("", "")]).await
    }
    fn is_send<T: Send>(_: impl FnOnce(Connection, ManagedConnection, Call) -> T) {}
    is_send(|connection, managed, call| async move { all(&connection, &managed, &call).await });
}
