//! Prints the events of calls, and asks for the status every ten seconds, on one connection.

use std::time::Duration;

use switchwire_tokio::{Connection, Event, EventType, Result, Subscription};
use tokio_stream::StreamExt as _;

fn line(event: &Event) -> String {
    let value = |name| event.header(name).unwrap_or_default().into_owned();
    format!("{} {} {}", value("Event-Name"), value("Unique-ID"), value("Hangup-Cause"))
}

/// Gives a line for each event, and for the status every so often, until the connection ends or `print` has had enough.
pub(crate) async fn watch(
    connection: &Connection,
    every: Duration,
    mut print: impl FnMut(String) -> bool,
) -> Result<()> {
    let calls = [EventType::ChannelCreate, EventType::ChannelAnswer, EventType::ChannelHangupComplete];
    connection.subscribe(&Subscription::new().events(calls)).await?;
    let mut events = connection.event_stream();
    let mut ticks = tokio::time::interval(every);
    loop {
        // What is not chosen is not lost: both may be dropped at any await.
        let line = tokio::select! {
            event = events.next() => match event {
                Some(event) => line(&event),
                None => return connection.disconnect_reason().map_or(Ok(()), Err),
            },
            _ = ticks.tick() => connection.api("show", "calls count").await?.text().trim().to_owned(),
        };
        if !print(line) {
            return Ok(());
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let connection = Connection::connect("127.0.0.1", 8021, "ClueCon").await?;
    let print = |line| {
        println!("{line}");
        true
    };
    watch(&connection, Duration::from_secs(10), print).await
}
