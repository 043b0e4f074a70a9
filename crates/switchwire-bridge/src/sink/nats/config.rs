//! What the configuration says about NATS.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::config::{Bytes, Secret, Span};
use crate::template::Template;

/// NATS JetStream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NatsConfig {
    /// The servers, separated by commas: `nats://nats1:4222,nats://nats2:4222`; `tls://` for TLS.
    pub url: String,
    /// The subject of each record. Default `fs.{node}.{event}.{uuid}`.
    #[serde(default = "subject")]
    pub subject: Template,
    /// The stream, which is made if it is not there. Without this it must be there.
    pub stream: Option<StreamConfig>,
    /// Logs in as that user.
    pub user: Option<String>,
    /// With that password.
    pub password: Option<Secret>,
    /// Logs in with that token.
    pub token: Option<Secret>,
    /// Logs in with that file of credentials (`.creds`).
    pub credentials: Option<PathBuf>,
    /// Certificates of authorities that sign the servers' own.
    pub ca: Option<PathBuf>,
    /// Requests that are run on the switches.
    pub commands: Option<CommandsConfig>,
    /// A bucket with the calls that are up. The events that it needs are asked of every switch, and bridged, too.
    pub calls: Option<crate::calls::CallsConfig>,
}

/// A stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StreamConfig {
    /// Its name.
    pub name: String,
    /// The subjects that it holds. Default: those that `subject` can give.
    pub subjects: Option<Vec<String>>,
    /// Records go after that time.
    pub max_age: Option<Span>,
    /// The oldest go beyond that size.
    pub max_bytes: Option<Bytes>,
    /// For how long the broker knows what it has stored already. It must be longer than an absence of the broker and of a bridge,
    /// for records that were stored and not acknowledged. Default 2 min, as the broker's own.
    #[serde(default = "duplicates")]
    pub duplicates: Span,
    /// Kept in memory instead of files.
    #[serde(default)]
    pub in_memory: bool,
    /// How many servers of a cluster keep it.
    #[serde(default = "one")]
    pub replicas: usize,
}

/// Requests: the text of an api command, on a subject for each switch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandsConfig {
    /// The subject; `*` stands for the switch's name. Default `fs.*.api`.
    #[serde(default = "commands")]
    pub subject: String,
    /// The api commands that may be run, by their first word.
    pub allow: Vec<String>,
    /// How long one may take. Default 5 s.
    #[serde(default = "command_within")]
    pub within: Span,
}

fn subject() -> Template {
    // (It is a template.)
    "fs.{node}.{event}.{uuid}".parse().unwrap_or_default()
}

fn duplicates() -> Span {
    Span(Duration::from_secs(120))
}

fn one() -> usize {
    1
}

fn commands() -> String {
    "fs.*.api".to_owned()
}

fn command_within() -> Span {
    Span(Duration::from_secs(5))
}
