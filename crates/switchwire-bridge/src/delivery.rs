//! From an outbox to its sink: connects, delivers, and tries again for as long as it takes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchwire::Backoff;
use tokio::sync::watch;

use crate::outbox::Outbox;
use crate::sink::{Sink, Stopped};

/// How many records, and about how many bytes of them, are out at most.
const AT_ONCE: (usize, usize) = (2048, 4 << 20);

/// How a sink stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct SinkStatus {
    pub(crate) up: bool,
    /// Why it was not, last.
    pub(crate) last_error: Option<String>,
}

pub(crate) struct Delivery<S> {
    pub(crate) sink: S,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) status: Arc<Mutex<SinkStatus>>,
    /// True once what is left may go to the spool.
    pub(crate) hurry: watch::Receiver<bool>,
}

impl<S: Sink> Delivery<S> {
    /// Delivers until the outbox is closed and empty, or until it is to hurry.
    pub(crate) async fn run(mut self) {
        let backoff = Backoff::between(Duration::from_millis(100), Duration::from_secs(10));
        let mut failures = 0;
        let mut hurry = self.hurry.clone();
        loop {
            let connected = tokio::select! {
                connected = self.sink.connect() => connected,
                () = hurried(&mut hurry) => break,
            };
            let why = match connected {
                Ok(()) => {
                    tracing::info!(sink = self.sink.name(), "connected");
                    failures = 0;
                    *self.status.lock() = SinkStatus { up: true, last_error: None };
                    self.outbox.back();
                    match self.deliver(&mut hurry).await {
                        Some(why) => why,
                        None => break,
                    }
                }
                Err(why) => why,
            };
            failures += 1;
            tracing::warn!(sink = self.sink.name(), %why, failures, "the sink is away");
            *self.status.lock() = SinkStatus { up: false, last_error: Some(why) };
            metrics::counter!("switchwire_bridge_sink_failures_total", "sink" => self.sink.name())
                .increment(1);
            self.away();
            let chance = f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0;
            tokio::select! {
                () = tokio::time::sleep(backoff.wait(failures, chance)) => {}
                () = hurried(&mut hurry) => break,
            }
        }
        // What is out or in memory outlasts the process, where there is a spool.
        self.away();
        self.sink.close().await;
    }

    fn away(&self) {
        if let Err(error) = self.outbox.away() {
            tracing::error!(sink = self.sink.name(), %error, "the spool cannot be written: what waits stays in memory");
        }
    }

    /// Delivers until the sink is away; returns why. `None`: there is nothing more to deliver.
    async fn deliver(&mut self, hurry: &mut watch::Receiver<bool>) -> Option<String> {
        loop {
            // While some are out, what has come meanwhile follows them; else this waits for the next.
            let out = self.outbox.out();
            let room = (AT_ONCE.0.saturating_sub(out.records), AT_ONCE.1.saturating_sub(out.bytes));
            let records = if out.records > 0 {
                self.outbox.try_take(room.0, room.1)
            } else {
                tokio::select! {
                    records = self.outbox.take(room.0, room.1) => records?,
                    () = hurried(hurry) => return None,
                }
            };
            let delivery = tokio::select! {
                delivery = self.sink.deliver(&records) => delivery,
                // (Unknown is what was stored: it is kept, and delivered again.)
                () = hurried(hurry) => return None,
            };
            self.kept(self.outbox.delivered(delivery.delivered));
            match delivery.stopped {
                None => {}
                Some(Stopped::Refused(why)) => {
                    let id = self.outbox.oldest().unwrap_or_default();
                    tracing::error!(sink = self.sink.name(), id, %why, "the sink refuses a record: it is dropped");
                    self.kept(self.outbox.refused());
                    // What was out behind it is delivered again.
                    self.outbox.again();
                }
                Some(Stopped::Away(why)) => return Some(why),
            }
        }
    }

    fn kept(&self, acknowledged: std::io::Result<()>) {
        if let Err(error) = acknowledged {
            tracing::error!(sink = self.sink.name(), %error, "the spool's cursor cannot be written");
        }
    }
}

async fn hurried(hurry: &mut watch::Receiver<bool>) {
    // (The sender lives as long as the program.)
    let _ = hurry.wait_for(|hurry| *hurry).await;
}
