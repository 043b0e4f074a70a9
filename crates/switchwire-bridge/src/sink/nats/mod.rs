//! NATS JetStream. `connection` makes one that never comes back by itself; requests are served by the bridge's `commands`.

mod config;
mod connection;
mod publisher;

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, stream};

pub use config::{CommandsConfig, NatsConfig, StreamConfig};

use self::publisher::Publisher;
use super::{Delivery, Sink, Stopped};
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// What a token of a subject may hold. (A dot would begin another token, `*` and `>` are patterns.)
pub(crate) const SUBJECT: Alphabet = Alphabet {
    allows: |byte| byte.is_ascii_graphic() && !matches!(byte, b'.' | b'*' | b'>'),
    nothing: "-",
    blank: "%20",
    kept: &[],
};

/// As many may be out before acknowledgements are waited for.
const OUT: usize = 1024;

pub(crate) struct Nats {
    config: NatsConfig,
    open: Option<Open>,
    /// Is given each new connection.
    connected: Box<dyn Fn(async_nats::Client) + Send + Sync>,
}

struct Open {
    client: async_nats::Client,
    publisher: Publisher,
}

impl Nats {
    pub(crate) fn new(
        config: NatsConfig,
        connected: impl Fn(async_nats::Client) + Send + Sync + 'static,
    ) -> Self {
        Self { config, open: None, connected: Box::new(connected) }
    }

    async fn open(&self) -> Result<Open, String> {
        let client = connection::connect(&self.config).await?;
        let context = jetstream::new(client.clone());
        if let Some(wanted) = &self.config.stream {
            let made = context.get_or_create_stream(stream_config(wanted, &self.config.subject)).await;
            made.map_err(|error| format!("the stream {:?}: {error}", wanted.name))?;
        }
        let publisher = Publisher::new(client.clone()).await?;
        Ok(Open { client, publisher })
    }
}

fn stream_config(wanted: &StreamConfig, subject: &Template) -> stream::Config {
    let subjects = wanted.subjects.clone().unwrap_or_else(|| vec![subject.wildcards()]);
    stream::Config {
        name: wanted.name.clone(),
        subjects,
        max_age: wanted.max_age.map_or(Duration::ZERO, |span| span.0),
        max_bytes: wanted.max_bytes.and_then(|bytes| i64::try_from(bytes.0).ok()).unwrap_or(-1),
        duplicate_window: wanted.duplicates.0,
        storage: if wanted.in_memory { stream::StorageType::Memory } else { stream::StorageType::File },
        num_replicas: wanted.replicas,
        ..stream::Config::default()
    }
}

impl Sink for Nats {
    fn name(&self) -> &'static str {
        "nats"
    }

    fn route(&self) -> (Template, Alphabet) {
        (self.config.subject.clone(), SUBJECT)
    }

    async fn connect(&mut self) -> Result<(), String> {
        self.open = None;
        let open = self.open().await?;
        (self.connected)(open.client.clone());
        self.open = Some(open);
        Ok(())
    }

    async fn deliver(&mut self, records: &[Arc<Record>]) -> Delivery {
        let Some(Open { publisher, .. }) = &mut self.open else { return Delivery::away(0, "not connected") };
        let mut delivered = 0;
        for record in records {
            if let Err(why) = publisher.takes(record) {
                // What is out before it comes first.
                while publisher.out() > 0 {
                    match publisher.acknowledged().await {
                        Ok(some) => delivered += some,
                        Err(why) => return Delivery::away(delivered, why),
                    }
                }
                return Delivery { delivered, stopped: Some(Stopped::Refused(why)) };
            }
            if let Err(why) = publisher.send(record).await {
                return Delivery::away(delivered, why);
            }
        }
        let wait = records.is_empty() || publisher.out() > OUT;
        let taken = if wait { publisher.acknowledged().await } else { publisher.take_acknowledged() };
        match taken {
            Ok(some) => Delivery { delivered: delivered + some, stopped: None },
            Err(why) => Delivery::away(delivered, why),
        }
    }

    async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            // (All has been acknowledged, or is kept; this only tells the server.)
            let _ = tokio::time::timeout(Duration::from_secs(1), open.client.drain()).await;
        }
    }
}
