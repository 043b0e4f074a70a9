//! AMQP 0.9.1 (RabbitMQ), with publisher confirms: by default in mod_amqp's exchange, with its routing keys and its JSON.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::uri::AMQPUri;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind};
use serde::Deserialize;

use super::{Delivery, Sink, Stopped};
use crate::config::Secret;
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// AMQP 0.9.1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AmqpConfig {
    /// `amqp://host:5672/vhost`, `amqps://…` for TLS.
    pub url: String,
    /// Logs in as that user.
    pub user: Option<String>,
    /// With that password.
    pub password: Option<Secret>,
    /// The exchange. Default `TAP.Events`, as mod_amqp's.
    #[serde(default = "exchange")]
    pub exchange: String,
    /// Its kind, for declaring it: `topic` (the default), `fanout`, `direct`, `headers`.
    #[serde(default = "kind")]
    pub exchange_kind: String,
    /// Whether it is declared, durable. Default yes.
    #[serde(default = "yes")]
    pub declare: bool,
    /// The routing key. Default `FreeSWITCH.{host}.{Event-Name}.{subclass}.{Unique-ID}`, as mod_amqp's sample configuration has it.
    #[serde(default = "routing_key")]
    pub routing_key: Template,
    /// Whether the broker is to keep messages on disk. Default yes.
    #[serde(default = "yes")]
    pub persistent: bool,
}

fn exchange() -> String {
    "TAP.Events".to_owned()
}

fn kind() -> String {
    "topic".to_owned()
}

fn yes() -> bool {
    true
}

fn routing_key() -> Template {
    // (It is a template.)
    "FreeSWITCH.{host}.{Event-Name}.{subclass}.{Unique-ID}".parse().unwrap_or_default()
}

/// Words of a routing key, as mod_amqp writes them (its `amqp_util_encode`; versions before it had `_` for a dot).
const KEY: Alphabet = Alphabet {
    allows: |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'),
    nothing: "",
    blank: "+",
    kept: &["#", "*"],
};

/// A routing key may be so long; what is beyond is cut off, as mod_amqp does.
const KEY_BYTES: usize = 255;

/// A header of mod_amqp's messages: when it was sent, in microseconds.
const SENT: &str = "x_Liquid_MessageSentTimeStamp";

/// How long the broker has for an answer.
const WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct Amqp {
    config: AmqpConfig,
    open: Option<(Connection, Channel)>,
}

impl Amqp {
    pub(crate) fn new(config: AmqpConfig) -> Self {
        Self { config, open: None }
    }

    async fn open(&self) -> Result<(Connection, Channel), String> {
        let mut uri: AMQPUri = self.config.url.parse()?;
        if let Some(user) = &self.config.user {
            uri.authority.userinfo.username.clone_from(user);
        }
        if let Some(password) = &self.config.password {
            uri.authority.userinfo.password = password.read().map_err(|error| error.to_string())?;
        }
        let text = |error: lapin::Error| error.to_string();
        let properties = ConnectionProperties::default().with_connection_name("switchwire-bridge".into());
        let connection = Connection::connect_uri(uri, properties).await.map_err(text)?;
        let channel = connection.create_channel().await.map_err(text)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(text)?;
        if self.config.declare {
            let kind = match self.config.exchange_kind.as_str() {
                "topic" => ExchangeKind::Topic,
                "fanout" => ExchangeKind::Fanout,
                "direct" => ExchangeKind::Direct,
                "headers" => ExchangeKind::Headers,
                other => ExchangeKind::Custom(other.to_owned()),
            };
            let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
            let name = self.config.exchange.as_str().into();
            channel.exchange_declare(name, kind, durable, FieldTable::default()).await.map_err(text)?;
        }
        Ok((connection, channel))
    }

    fn properties(&self, record: &Record) -> BasicProperties {
        let mut headers = FieldTable::default();
        headers
            .insert("Switchwire-Node".into(), AMQPValue::LongString(LongString::from(record.node.as_str())));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        headers.insert(SENT.into(), AMQPValue::Timestamp(micros));
        BasicProperties::default()
            .with_content_type("text/json".into())
            .with_timestamp(now.as_secs())
            .with_message_id(record.id.as_str().into())
            .with_type(record.event.as_str().into())
            .with_headers(headers)
            .with_delivery_mode(if self.config.persistent { 2 } else { 1 })
    }
}

impl Sink for Amqp {
    fn name(&self) -> &'static str {
        "amqp"
    }

    fn route(&self) -> (Template, Alphabet) {
        (self.config.routing_key.clone(), KEY)
    }

    async fn connect(&mut self) -> Result<(), String> {
        self.open = None;
        let opened = tokio::time::timeout(WITHIN, self.open()).await;
        self.open = Some(opened.map_err(|_| format!("no answer within {WITHIN:?}"))??);
        Ok(())
    }

    async fn deliver(&mut self, records: &[Arc<Record>]) -> Delivery {
        let Some((_, channel)) = &self.open else { return Delivery::away(0, "not connected") };
        let (mut waiting, mut stopped) = (Vec::with_capacity(records.len()), None);
        for record in records {
            let key = record.route.get(..KEY_BYTES).unwrap_or(&record.route);
            let published = channel
                .basic_publish(
                    self.config.exchange.as_str().into(),
                    key.into(),
                    BasicPublishOptions::default(),
                    &record.body,
                    self.properties(record),
                )
                .await;
            match published {
                Ok(confirmed) => waiting.push(confirmed),
                Err(error) => {
                    stopped = Some(Stopped::Away(error.to_string()));
                    break;
                }
            }
        }
        let mut delivered = 0;
        for confirmed in waiting {
            match tokio::time::timeout(WITHIN, confirmed).await {
                Ok(Ok(Confirmation::Ack(_))) => delivered += 1,
                Ok(Ok(_)) => return Delivery::away(delivered, "the broker did not take a message"),
                Ok(Err(error)) => return Delivery::away(delivered, error),
                Err(_) => return Delivery::away(delivered, format!("no answer within {WITHIN:?}")),
            }
        }
        Delivery { delivered, stopped }
    }

    async fn close(&mut self) {
        if let Some((connection, _)) = self.open.take() {
            // (All has been confirmed, or is kept; this only tells the broker.)
            let _ =
                tokio::time::timeout(Duration::from_secs(1), connection.close(200, "stopped".into())).await;
        }
    }
}
