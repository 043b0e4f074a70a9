//! The configuration: a TOML file, or what a command line says for one switch and one sink.

mod nodes;
mod secret;
mod units;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use nodes::{Node, Wanted};
pub use secret::Secret;
pub use units::{Bytes, Span};

use crate::spool::{Fsync, Plan};

/// Everything that a bridge is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// This bridge's name, in its markers. Default: a random one.
    #[serde(default = "random_name")]
    pub name: String,
    /// The switches.
    #[serde(default, rename = "node")]
    pub nodes: Vec<Node>,
    /// What is asked of every switch that says nothing of its own.
    #[serde(default)]
    pub events: Wanted,
    /// What is kept in memory for each sink.
    #[serde(default = "memory")]
    pub memory: Bytes,
    /// What is kept on disk while a sink is away. Without it, only what fits into memory is kept.
    pub spool: Option<SpoolConfig>,
    /// `/healthz` and `/metrics`.
    pub http: Option<HttpConfig>,
    /// How long a graceful stop may take to deliver what waits; what is left goes to the spool. Default 10 s.
    #[serde(default = "stop_within")]
    pub stop_within: Span,
    /// JSON lines to a file or standard output.
    pub json_lines: Option<crate::sink::lines::LinesConfig>,
    /// Compressed files.
    pub segments: Option<crate::sink::segments::SegmentsConfig>,
    /// NATS JetStream.
    #[cfg(feature = "nats")]
    pub nats: Option<crate::sink::nats::NatsConfig>,
    /// AMQP 0.9.1.
    #[cfg(feature = "amqp")]
    pub amqp: Option<crate::sink::amqp::AmqpConfig>,
    /// Redis Streams.
    #[cfg(feature = "redis")]
    pub redis: Option<crate::sink::redis::RedisConfig>,
}

/// The spool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpoolConfig {
    /// Its folder; each sink has one of its own below.
    pub folder: PathBuf,
    /// Bytes for each sink. Default 1 GiB.
    #[serde(default = "spool_bytes")]
    pub bytes: Bytes,
    /// When what was spooled outlasts a failure of the machine: `always` (before it counts), `never` (when the system does so), or
    /// a time. Default `1s`.
    #[serde(default)]
    pub fsync: FsyncConfig,
}

/// `always`, `never`, or a time.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct FsyncConfig(pub Fsync);

/// The page for monitors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpConfig {
    /// Where it listens.
    pub listen: SocketAddr,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no TOML, or does not say what it must.
    #[error("{path}: {error}")]
    Text {
        /// The file.
        path: PathBuf,
        /// What, and where.
        error: Box<toml::de::Error>,
    },
    /// Something that the file says makes no sense.
    #[error("{0}")]
    Wrong(String),
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::File { path: path.to_owned(), error })?;
        let config = Self::parse(&text).map_err(|error| match error {
            ConfigError::Text { error, .. } => ConfigError::Text { path: path.to_owned(), error },
            other => other,
        })?;
        Ok(config)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::Text {
            path: PathBuf::from("the configuration"),
            error: Box::new(error),
        })?;
        config.check()?;
        Ok(config)
    }

    /// What no type can say.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError::Wrong(text));
        if self.nodes.is_empty() {
            return wrong("no [[node]]: which switch is to be bridged?".to_owned());
        }
        for (at, node) in self.nodes.iter().enumerate() {
            if node.name.is_empty() {
                return wrong("a [[node]] has an empty name".to_owned());
            }
            if self.nodes[..at].iter().any(|other| other.name == node.name) {
                return wrong(format!("two nodes are called {:?}", node.name));
            }
            node.subscription(&self.events)?;
        }
        Ok(())
    }
}

impl SpoolConfig {
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            most: self.bytes.0,
            segment: (self.bytes.0 / 16).clamp(64 << 10, 64 << 20),
            fsync: self.fsync.0,
        }
    }
}

impl Default for FsyncConfig {
    fn default() -> Self {
        Self(Fsync::Every(Duration::from_secs(1)))
    }
}

impl TryFrom<String> for FsyncConfig {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "always" => Ok(Self(Fsync::Always)),
            "never" => Ok(Self(Fsync::Never)),
            time => Span::try_from(time.to_owned()).map(|span| Self(Fsync::Every(span.0))),
        }
    }
}

fn random_name() -> String {
    format!("bridge-{}", uuid::Uuid::new_v4().simple())
}

fn memory() -> Bytes {
    Bytes(64 << 20)
}

fn spool_bytes() -> Bytes {
    Bytes(1 << 30)
}

fn stop_within() -> Span {
    Span(Duration::from_secs(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| Config::parse(text).expect_err(text).to_string();
        assert!(error("").contains("no [[node]]"));
        let node = "[[node]]\nname = \"a\"\naddress = \"h:8021\"\n";
        assert!(error(&format!("{node}{node}")).contains("two nodes are called \"a\""));
        assert!(error(&format!("{node}pasword = \"x\"")).contains("pasword"));
        assert!(error(&format!("{node}[events]\nnames = [\"CHANNEL_ANSWERED\"]")).contains("CHANNEL_ANSWER"));
        assert!(error(&format!("{node}[spool]\nfolder = \"f\"\nfsync = \"maybe\"")).contains("maybe"));
        assert!(error("[[node]]\nname = \"a\"\naddress = \"h\"").contains("port"));
    }

    #[test]
    fn a_small_file_is_enough() {
        let config = Config::parse("[[node]]\nname = \"a\"\naddress = \"10.0.0.1:8021\"").expect("enough");
        assert_eq!(config.memory.0, 64 << 20);
        assert!(config.spool.is_none() && config.name.starts_with("bridge-"));
        let spool = "spool = { folder = \"/tmp/x\", bytes = \"2 GiB\", fsync = \"250ms\" }\n";
        let config = Config::parse(&format!("{spool}[[node]]\nname = \"a\"\naddress = \"[::1]:8021\""))
            .expect("spool");
        let plan = config.spool.expect("a spool").plan();
        assert_eq!((plan.most, plan.fsync), (2 << 30, Fsync::Every(Duration::from_millis(250))));
    }
}
