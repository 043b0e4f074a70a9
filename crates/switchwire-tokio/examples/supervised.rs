//! Counts the calls of a server that is restarted now and then: connects again by itself, and knows what it has missed.

use switchwire_tokio::{EventType, ManagedBuilder, ManagedConnection, Result, StreamItem, Subscription};

/// Gives a line for whatever concerns the number of calls, until the stream ends or `print` has had enough.
pub(crate) async fn count(builder: ManagedBuilder, mut print: impl FnMut(String) -> bool) -> Result<()> {
    let calls = [EventType::ChannelCreate, EventType::ChannelDestroy];
    let builder = builder.subscription(Subscription::new().events(calls)).snapshot(true);
    let connection = ManagedConnection::start(builder)?;
    loop {
        let line = match connection.recv().await? {
            StreamItem::Connected(server) => format!("connected to {}", server.address),
            StreamItem::Event(event) => event.name().into_owned(),
            StreamItem::Lost(lost) => format!("lost: {}", lost.reason),
            // What began or ended meanwhile is in the snapshot: `show channels as json`.
            StreamItem::Restored(back) => format!(
                "back, {} run, channels: {}",
                back.run.name(),
                back.server.snapshot.unwrap_or_default().replace('\n', " ")
            ),
            _ => continue,
        };
        if !print(line) {
            return Ok(());
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let builder = ManagedConnection::builder("127.0.0.1", 8021).password("ClueCon");
    let print = |line| {
        println!("{line}");
        true
    };
    count(builder, print).await
}
