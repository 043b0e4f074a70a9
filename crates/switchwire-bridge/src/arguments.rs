//! The command line: a file, or one switch and one sink.

use std::path::PathBuf;

use clap::Parser;
use switchwire_bridge::{Config, ConfigError};

/// Carries FreeSWITCH's events to NATS JetStream or to files: at least once from here on, in the order of each call, every break told.
#[derive(Debug, Parser)]
#[command(name = "switchwire-bridge", version)]
pub(crate) struct Arguments {
    /// The configuration (TOML)
    #[arg(long, short, value_name = "FILE", conflicts_with = "switch")]
    config: Option<PathBuf>,
    /// One switch, instead of a configuration
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "config")]
    switch: Option<String>,
    /// A file whose first line is the event socket's password; default: $SWITCHWIRE_PASSWORD, else ClueCon
    #[arg(long, value_name = "FILE", requires = "switch")]
    password_file: Option<PathBuf>,
    /// The switch's name in subjects and markers
    #[arg(long, value_name = "NAME", default_value = "fs", requires = "switch")]
    node: String,
    /// Delivers to a stream FREESWITCH of these NATS servers, which is made if it is not there
    #[arg(long, value_name = "URL", requires = "switch")]
    nats: Option<String>,
    /// Writes JSON lines to that file (`-`: standard output); the default
    #[arg(long, value_name = "FILE", requires = "switch")]
    json_lines: Option<PathBuf>,
    /// Keeps there what the sink does not take
    #[arg(long, value_name = "FOLDER", requires = "switch")]
    spool: Option<PathBuf>,
    /// Serves /healthz and /metrics there
    #[arg(long, value_name = "ADDRESS:PORT", requires = "switch")]
    http: Option<String>,
    /// Reads the configuration, shows it and ends
    #[arg(long)]
    pub(crate) check: bool,
}

impl Arguments {
    /// What they say.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        match &self.config {
            Some(path) => Config::read(path),
            None => Config::parse(&self.as_toml().to_string()),
        }
    }

    /// One way to say it: the same as a file would.
    fn as_toml(&self) -> toml::Table {
        use toml::Value;
        let table = |pairs: Vec<(&str, Value)>| {
            Value::Table(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        };
        let path = |path: &PathBuf| Value::from(path.to_string_lossy().into_owned());
        let password = match &self.password_file {
            Some(file) => Some(table(vec![("file", path(file))])),
            None => std::env::var_os("SWITCHWIRE_PASSWORD")
                .map(|_| table(vec![("env", Value::from("SWITCHWIRE_PASSWORD"))])),
        };
        let mut node = vec![
            ("name", Value::from(self.node.clone())),
            ("address", Value::from(self.switch.clone().unwrap_or_default())),
        ];
        node.extend(password.map(|password| ("password", password)));
        let mut all = toml::Table::new();
        all.insert("node".to_owned(), Value::Array(vec![table(node)]));
        if let Some(url) = &self.nats {
            let stream = table(vec![("name", Value::from("FREESWITCH"))]);
            all.insert("nats".to_owned(), table(vec![("url", Value::from(url.clone())), ("stream", stream)]));
        }
        if self.json_lines.is_some() || self.nats.is_none() {
            let to = self.json_lines.as_ref().map_or_else(|| Value::from("-"), path);
            all.insert("json-lines".to_owned(), table(vec![("path", to)]));
        }
        if let Some(folder) = &self.spool {
            all.insert("spool".to_owned(), table(vec![("folder", path(folder))]));
        }
        if let Some(listen) = &self.http {
            all.insert("http".to_owned(), table(vec![("listen", Value::from(listen.clone()))]));
        }
        all
    }
}
