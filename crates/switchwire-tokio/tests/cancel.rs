//! Dropping a future at every await: whatever the moment, the connection stays in step, and nothing is left behind.

mod support;

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use support::{here_on_each_runtime, simulated};
use switchwire_sim::Simulator;
use switchwire_tokio::dial::{Endpoint, Originate, Target};
use switchwire_tokio::{AnswerState, Connection, Listener, ManagedConnection, Subscription, application};

/// Polls the future so many times and drops it then; whether it ended before.
async fn dropped_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        let polled = future.as_mut().poll(context);
        match polled {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Drops `future` after 0, 1, 2 … polls and after various times, until it comes to its end; after each, `check` must hold.
async fn at_every_await<T>(future: impl AsyncFn() -> switchwire_tokio::Result<T>, check: impl AsyncFn()) {
    let mut ended = 0;
    for polls in 0..1000 {
        if let Some(result) = dropped_after(polls, future()).await {
            result.unwrap();
            ended += 1;
        }
        check().await;
        if ended == 3 {
            break;
        }
    }
    assert_eq!(ended, 3, "it never came to its end");
    // (How often a future is polled says little of when.)
    for microseconds in [1, 10, 30, 60, 100, 200, 400, 800, 1600] {
        let _ = tokio::time::timeout(Duration::from_micros(microseconds), future()).await;
        check().await;
    }
}

/// Every reply still belongs to its command, and no reply is waited for.
async fn in_step(connection: &Connection) {
    for word in ["1", "22", "333"] {
        assert_eq!(connection.api("expr", &format!("{word} + 0")).await.unwrap().text().trim(), word);
    }
    // (What takes something back does not wait for its reply.)
    support::until(|| connection.stats().unanswered == 0).await;
    assert_eq!(connection.stats().unasked_replies, 0);
}

async fn parked(simulator: &Simulator, connection: &Connection) -> String {
    simulator.extension("park", &[("answer", ""), ("park", "")]);
    connection.subscribe(&Subscription::all()).await.unwrap();
    let output = connection.api("originate", "loopback/park/default &park()").await.unwrap();
    output.text().trim().strip_prefix("+OK ").unwrap().to_owned()
}

#[test]
fn commands() {
    here_on_each_runtime(|| async {
        let (_simulator, connection) = simulated().await;
        let connection = &connection;
        let check = async || in_step(connection).await;
        at_every_await(async || connection.api("status", "").await, check).await;
        at_every_await(async || connection.subscribe(&Subscription::all()).await, check).await;
        at_every_await(async || connection.filter("Event-Name", "HEARTBEAT").await, check).await;
        at_every_await(async || connection.send_recv("api version").await, check).await;
    });
}

#[test]
fn jobs_and_executions() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let uuid = parked(&simulator, &connection).await;
        let (connection, uuid) = (&connection, &*uuid);
        let check = async || in_step(connection).await;
        at_every_await(async || connection.bgapi("status", "").await?.output().await, check).await;
        let wait = async || connection.execute_and_wait("set", "a=b", Some(uuid)).await;
        at_every_await(wait, check).await;
        at_every_await(async || connection.variable_of(uuid, "a").await, check).await;
        // What was given up is no one's: each end comes as an event, and no wait is left for it.
        let job = connection.bgapi_as("status", "", "last").await.unwrap();
        assert!(job.output().await.is_ok());
        assert_eq!(connection.stats().dropped_events, 0);
    });
}

#[test]
fn the_verbs_of_calls() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let uuid = parked(&simulator, &connection).await;
        let call = &connection.call(uuid).unwrap();
        let check = async || in_step(call.connection()).await;
        at_every_await(async || call.playback("a.wav").await, check).await;
        at_every_await(async || call.set_all([("a", "1"), ("b", "2")]).await, check).await;
        at_every_await(async || call.refresh().await, check).await;
        at_every_await(async || call.wait_for(AnswerState::Answered).await, check).await;
        at_every_await(async || call.run(application::Named::new("answer")).await, check).await;
        let digits = async || call.wait_for_dtmf(1, Duration::from_millis(1), "#").await;
        at_every_await(digits, check).await;
        assert!(!call.hung_up());
    });
}

#[test]
fn an_originate_that_is_dropped_leaves_no_leg() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        simulator.extension("ring", &[("ring_ready", ""), ("sleep", "50"), ("answer", ""), ("park", "")]);
        connection.subscribe(&Subscription::all()).await.unwrap();
        let to = Originate::new(Endpoint::loopback("ring", "default"), Target::application("park"));
        let (connection, simulator) = (&connection, &simulator);
        let gone = async || {
            support::until(|| simulator.channels() == 0).await;
            in_step(connection).await;
        };
        let call = async || {
            let call = connection.originate_call(&to, support::PATIENCE).await?;
            call.hangup(switchwire_tokio::HangupCause::NormalClearing).await
        };
        for polls in 0..4 {
            dropped_after(polls, call()).await;
            gone().await;
        }
        for milliseconds in [1, 20, 45, 50, 55, 60, 100] {
            let _ = tokio::time::timeout(Duration::from_millis(milliseconds), call()).await;
            gone().await;
        }
        call().await.unwrap();
        gone().await;
        let late = connection.originate_call(&to, Duration::from_millis(10)).await.unwrap_err();
        assert!(late.is_timeout(), "{late}");
        gone().await;
    });
}

#[test]
fn accepting_loses_no_call() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr();
        simulator.extension("out", &[("answer", ""), ("socket", &format!("{address} async full"))]);
        for polls in 0..20 {
            connection.api("originate", "loopback/out/default &park()").await.unwrap();
            let found = dropped_after(polls, listener.accept()).await;
            let call = match found {
                Some(call) => call.unwrap(),
                None => listener.accept().await.unwrap(),
            };
            assert!(call.channel_uuid().is_some());
        }
    });
}

#[test]
fn a_supervised_connection() {
    here_on_each_runtime(|| async {
        let simulator = Simulator::builder().start().unwrap();
        let builder = ManagedConnection::builder("127.0.0.1", simulator.port());
        let connection = &ManagedConnection::start(builder).unwrap();
        connection.wait_up().await.unwrap();
        let check = async || in_step(&connection.connection().unwrap()).await;
        at_every_await(async || connection.api("status", "").await, check).await;
        at_every_await(async || connection.wait_up().await, check).await;
        let lease = async || connection.subscribe(&Subscription::all()).await;
        at_every_await(lease, check).await;
    });
}
