//! JSON lines, to a file or standard output.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use super::{Delivery, Sink};
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// A line a record: `{"id":…,"node":…,"event":…,"body":{…}}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LinesConfig {
    /// The file, which is appended to; `-` is standard output. A file that was moved away is made anew.
    pub path: PathBuf,
    /// What each line begins with, before a tab: a key for `kcat -K '\t'`. Default: nothing, and no tab.
    pub key: Option<Template>,
}

#[derive(Debug)]
pub(crate) struct Lines {
    config: LinesConfig,
    file: Option<File>,
}

impl Lines {
    pub(crate) fn new(config: LinesConfig) -> Self {
        Self { config, file: None }
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        match &mut self.file {
            None => {
                let mut out = io::stdout().lock();
                out.write_all(text)?;
                out.flush()
            }
            Some(file) => {
                use std::os::unix::fs::MetadataExt as _;
                let there = std::fs::metadata(&self.config.path).map(|there| there.ino()).ok();
                if there != Some(file.metadata()?.ino()) {
                    *file = open(&self.config.path)?;
                }
                file.write_all(text)
            }
        }
    }
}

fn open(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// One line.
pub(super) fn line(record: &Record, out: &mut Vec<u8>) {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(quoted(&record.id).as_bytes());
    out.extend_from_slice(b",\"node\":");
    out.extend_from_slice(quoted(&record.node).as_bytes());
    out.extend_from_slice(b",\"event\":");
    out.extend_from_slice(quoted(&record.event).as_bytes());
    out.extend_from_slice(b",\"body\":");
    out.extend_from_slice(&record.body);
    out.extend_from_slice(b"}\n");
}

impl Sink for Lines {
    fn name(&self) -> &'static str {
        "json-lines"
    }

    fn route(&self) -> (Template, Alphabet) {
        (self.config.key.clone().unwrap_or_default(), Alphabet::ANY)
    }

    async fn connect(&mut self) -> Result<(), String> {
        if self.config.path.as_os_str() != "-" {
            let opened = open(&self.config.path);
            self.file = Some(opened.map_err(|error| format!("{}: {error}", self.config.path.display()))?);
        }
        Ok(())
    }

    async fn deliver(&mut self, records: &[Arc<Record>]) -> Delivery {
        let mut text = Vec::new();
        for record in records {
            if self.config.key.is_some() {
                text.extend_from_slice(record.route.as_bytes());
                text.push(b'\t');
            }
            line(record, &mut text);
        }
        match self.write(&text) {
            Ok(()) => Delivery::all(records),
            Err(error) => Delivery::away(0, error),
        }
    }

    async fn close(&mut self) {
        self.file = None;
    }
}
