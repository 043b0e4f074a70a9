//! NATS JetStream. `connection` makes one that never comes back by itself; requests are served by the bridge's `commands`.

mod config;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream;

pub use config::{CommandsConfig, NatsConfig, StreamConfig};

use super::{Delivery, Sink, Stopped};
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// What a token of a subject may hold. (A dot would begin another token, `*` and `>` are patterns.)
pub(crate) const SUBJECT: Alphabet =
    Alphabet { allows: |byte| byte.is_ascii_graphic() && !matches!(byte, b'.' | b'*' | b'>'), nothing: "-" };

/// How long the broker has for acknowledging.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(5);

pub(crate) struct Nats {
    config: NatsConfig,
    open: Option<Open>,
    /// Is given each new connection.
    connected: Box<dyn Fn(async_nats::Client) + Send + Sync>,
}

struct Open {
    client: async_nats::Client,
    context: Context,
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
        let context = ContextBuilder::new()
            .timeout(ACKNOWLEDGED_WITHIN)
            .max_ack_inflight(100_000)
            .build(client.clone());
        if let Some(wanted) = &self.config.stream {
            let made = context.get_or_create_stream(stream_config(wanted, &self.config.subject)).await;
            made.map_err(|error| format!("the stream {:?}: {error}", wanted.name))?;
        }
        Ok(Open { client, context })
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

impl Open {
    async fn send(&self, record: &Record) -> Result<PublishAckFuture, String> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", record.id.as_str());
        headers.insert("Switchwire-Node", record.node.as_str());
        let message = PublishMessage::build().payload(record.body.clone()).headers(headers);
        self.context.send_publish(record.route.clone(), message).await.map_err(|error| error.to_string())
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
        let Some(open) = &self.open else { return Delivery::away(0, "not connected") };
        let most = open.client.max_payload();
        let mut waiting = Vec::with_capacity(records.len());
        let mut stopped = None;
        for record in records {
            // (The headers count, too.)
            if record.body.len() + record.id.len() + record.node.len() + 256 > most {
                let detail = format!("{} bytes are more than the broker takes ({most})", record.body.len());
                stopped = Some(Stopped::Refused(detail));
                break;
            }
            match open.send(record).await {
                Ok(acknowledged) => waiting.push(acknowledged),
                Err(error) => {
                    stopped = Some(Stopped::Away(error));
                    break;
                }
            }
        }
        let mut delivered = 0;
        for acknowledged in waiting {
            if let Err(error) = acknowledged.await {
                return Delivery::away(delivered, error);
            }
            delivered += 1;
        }
        Delivery { delivered, stopped }
    }

    async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            // (All has been acknowledged, or is kept; this only tells the server.)
            let _ = tokio::time::timeout(Duration::from_secs(1), open.client.drain()).await;
        }
    }
}
