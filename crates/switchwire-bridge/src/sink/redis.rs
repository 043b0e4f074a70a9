//! Redis Streams.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo as _};
use serde::Deserialize;

use super::{Delivery, Sink};
use crate::config::{Secret, Span};
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// Redis Streams: an entry a record, with the fields `id`, `node`, `event`, `body`. Redis gives each entry a number of its own, so
/// what two bridges deliver, and what is delivered again after a failure, is there twice: `id` tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RedisConfig {
    /// `redis://host:6379/0`, `rediss://…` for TLS.
    pub url: String,
    /// Logs in as that user.
    pub user: Option<String>,
    /// With that password.
    pub password: Option<Secret>,
    /// The stream of each record. Default `fs:{node}`.
    #[serde(default = "stream")]
    pub stream: Template,
    /// Each stream keeps about so many entries. Default 1,000,000.
    #[serde(default = "entries")]
    pub entries: usize,
    /// How long an answer may take. Default 5 s.
    #[serde(default = "within")]
    pub within: Span,
}

fn stream() -> Template {
    // (It is a template.)
    "fs:{node}".parse().unwrap_or_default()
}

fn entries() -> usize {
    1_000_000
}

fn within() -> Span {
    Span(std::time::Duration::from_secs(5))
}

pub(crate) struct Redis {
    config: RedisConfig,
    open: Option<MultiplexedConnection>,
}

impl Redis {
    pub(crate) fn new(config: RedisConfig) -> Self {
        Self { config, open: None }
    }

    async fn open(&self) -> Result<MultiplexedConnection, String> {
        let read = |secret: &Secret| secret.read().map_err(|error| error.to_string());
        let info = self.config.url.as_str().into_connection_info().map_err(|error| error.to_string())?;
        let mut who = info.redis_settings().clone();
        if let Some(user) = &self.config.user {
            who = who.set_username(user);
        }
        if let Some(password) = &self.config.password {
            who = who.set_password(read(password)?);
        }
        let client = Client::open(info.set_redis_settings(who)).map_err(|error| error.to_string())?;
        let times = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.within.0))
            .set_response_timeout(Some(self.config.within.0));
        let opened = client.get_multiplexed_async_connection_with_config(&times).await;
        opened.map_err(|error| error.to_string())
    }
}

impl Sink for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn route(&self) -> (Template, Alphabet) {
        (self.config.stream.clone(), Alphabet::ANY)
    }

    async fn connect(&mut self) -> Result<(), String> {
        self.open = None;
        self.open = Some(self.open().await?);
        Ok(())
    }

    async fn deliver(&mut self, records: &[Arc<Record>]) -> Delivery {
        let Some(connection) = &mut self.open else { return Delivery::away(0, "not connected") };
        let mut commands = redis::pipe();
        for record in records {
            let command =
                commands.cmd("XADD").arg(&record.route).arg("MAXLEN").arg("~").arg(self.config.entries);
            command.arg("*").arg("id").arg(&record.id).arg("node").arg(&record.node);
            command.arg("event").arg(&record.event).arg("body").arg(&record.body[..]).ignore();
        }
        match commands.query_async::<()>(connection).await {
            Ok(()) => Delivery::all(records),
            // (Which of them are there is unknown: all are delivered again.)
            Err(error) => Delivery::away(0, error),
        }
    }

    async fn close(&mut self) {
        self.open = None;
    }
}
