//! Events as a stream: order, ends, several receivers, a queue with bounds.

mod support;

use std::time::Duration;

use support::{on_each_runtime, simulated, until};
use switchwire_sim::{End, Simulator};
use switchwire_tokio::{
    Builder, Connection, ErrorKind, Event, EventType, Incoming, LogLevel, Overflow, QueueLimits, Subscription,
};
use tokio_stream::StreamExt as _;

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

fn number(event: &Event) -> u32 {
    event.header("N").unwrap().parse().unwrap()
}

async fn subscribed(connection: &Connection) {
    connection.subscribe(&Subscription::new().event(EventType::Dtmf)).await.unwrap();
}

#[test]
fn a_stream_gives_every_event_in_order_and_ends_with_the_connection() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        let counted = connection.clone();
        let sender = std::thread::spawn(move || {
            (0..5000).for_each(|number| simulator.fire(numbered(number)));
            while counted.stats().received < 5000 {
                std::thread::sleep(Duration::from_millis(1));
            }
            simulator.disconnect_all(End::Close);
            simulator
        });
        let received: Vec<_> = connection.event_stream().map(|event| number(&event)).collect().await;
        assert!(received.iter().copied().eq(0..5000), "{} events", received.len());
        assert_eq!(connection.disconnect_reason().unwrap().kind(), ErrorKind::Disconnected);
        assert_eq!(connection.recv_event().await.unwrap_err().kind(), ErrorKind::Disconnected);
        sender.join().unwrap();
    });
}

#[test]
fn what_came_while_no_task_received_is_not_lost() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        (0..100).for_each(|number| simulator.fire(numbered(number)));
        until(|| connection.stats().queued == 100).await;
        assert_eq!(number(&connection.try_recv_event().unwrap().unwrap()), 0);
        for expected in 1..100 {
            assert_eq!(number(&connection.recv_event().await.unwrap()), expected);
        }
        assert!(connection.try_recv_event().unwrap().is_none());
    });
}

#[test]
fn a_flood_does_not_run_away_from_the_task_that_receives_it() {
    const EVENTS: usize = 300_000;
    // The task that `block_on` runs has its turn after many of the others': the one that reads could fill the queue meanwhile.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        let one = "Content-Length: 17\nContent-Type: text/event-plain\n\nEvent-Name: DTMF\n";
        simulator.send_raw(one.repeat(EVENTS));
        for received in 0..EVENTS {
            let event = tokio::time::timeout(support::PATIENCE, connection.recv_event()).await;
            assert!(event.is_ok(), "{received} of {EVENTS} events, then none: {:?}", connection.stats());
        }
        assert_eq!(connection.stats().dropped_events, 0);
    });
}

#[test]
fn a_waiting_task_that_is_dropped_takes_no_event_along() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        let mut received = 0;
        for sent in 0..200 {
            simulator.fire(numbered(sent));
            // At any moment: before it has come, as it comes, after it.
            let wait = Duration::from_micros(u64::from(sent) * 7);
            if let Ok(event) = tokio::time::timeout(wait, connection.recv_event()).await {
                assert_eq!(number(&event.unwrap()), received);
                received += 1;
            }
        }
        while received < 200 {
            assert_eq!(number(&connection.recv_event().await.unwrap()), received);
            received += 1;
        }
    });
}

#[test]
fn each_event_comes_to_one_of_several_receivers() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        let receivers: Vec<_> = (0..4)
            .map(|_| tokio::spawn(connection.event_stream().map(|event| number(&event)).collect::<Vec<_>>()))
            .collect();
        (0..1000).for_each(|number| simulator.fire(numbered(number)));
        until(|| connection.stats().received == 1000 && connection.stats().queued == 0).await;
        connection.disconnect();
        let mut all = Vec::new();
        for receiver in receivers {
            let some = receiver.await.unwrap();
            assert!(some.is_sorted());
            all.extend(some);
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1000));
    });
}

#[test]
fn log_lines_come_typed() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        connection.log(LogLevel::Warning).await.unwrap();
        simulator.log(LogLevel::Err, "on fire");
        let Incoming::Log(record) = connection.recv().await.unwrap() else { panic!("a log line") };
        assert!(format!("{record:?}").contains("on fire"));
        connection.nolog().await.unwrap();
        let mut stream = connection.incoming_stream();
        subscribed(&connection).await;
        simulator.fire(numbered(7));
        assert!(matches!(stream.next().await, Some(Incoming::Event(event)) if number(&event) == 7));
    });
}

async fn bounded(simulator: &Simulator, overflow: Overflow) -> Connection {
    let queue = QueueLimits::new(10, 1 << 20, overflow);
    let builder = Builder::new("127.0.0.1", simulator.port()).queue(queue);
    let connection = Connection::open(&builder).await.unwrap();
    subscribed(&connection).await;
    connection
}

#[test]
fn a_full_queue_drops_and_counts_or_ends_the_connection() {
    on_each_runtime(|| async {
        let simulator = Simulator::builder().start().unwrap();
        let drops = bounded(&simulator, Overflow::DropNewest).await;
        let fails = bounded(&simulator, Overflow::Fail).await;
        (0..100).for_each(|number| simulator.fire(numbered(number)));
        until(|| drops.stats().received == 100).await;
        assert_eq!((drops.stats().queued, drops.stats().dropped_events), (10, 90));
        assert_eq!(number(&drops.recv_event().await.unwrap()), 0);
        until(|| !fails.connected()).await;
        assert_eq!(fails.disconnect_reason().unwrap().kind(), ErrorKind::LimitExceeded);
    });
}

#[test]
fn a_full_queue_that_blocks_loses_nothing_and_commands_still_get_their_replies() {
    on_each_runtime(|| async {
        let simulator = Simulator::builder().start().unwrap();
        let connection = bounded(&simulator, Overflow::Block).await;
        (0..2000).for_each(|number| simulator.fire(numbered(number)));
        until(|| connection.stats().queued >= 10).await;
        for expected in 0..2000 {
            assert_eq!(number(&connection.recv_event().await.unwrap()), expected);
            if expected % 100 == 0 {
                assert!(connection.api("status", "").await.unwrap().is_ok());
            }
        }
        assert_eq!(connection.stats().dropped_events, 0);
    });
}

#[test]
fn a_stream_that_never_runs_dry_lets_other_tasks_run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (simulator, connection) = simulated().await;
        subscribed(&connection).await;
        (0..5000).for_each(|number| simulator.fire(numbered(number)));
        until(|| connection.stats().queued == 5000).await;
        let (ran, mut has_run) = tokio::sync::oneshot::channel();
        tokio::spawn(async { ran.send(()).unwrap() });
        for _ in 0..5000 {
            connection.recv_event().await.unwrap();
        }
        assert!(has_run.try_recv().is_ok(), "the other task has waited for the whole queue");
    });
}
