//! Compressed files (zstd) of JSON lines in a folder, a new one by size or age.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use zstd::stream::write::Encoder;

use super::{Delivery, Sink};
use crate::config::{Bytes, Span};
use crate::record::Record;
use crate::template::{Alphabet, Template};

/// A folder of files such as `20260131T120000.000000Z.jsonl.zst`, each named by the time of its beginning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SegmentsConfig {
    /// The folder.
    pub folder: PathBuf,
    /// A new file is begun after so many bytes of text. Default 256 MiB.
    #[serde(default = "bytes")]
    pub bytes: Bytes,
    /// A new file is begun after that time. Default 1 h.
    #[serde(default = "age")]
    pub age: Span,
    /// zstd's level. Default 3.
    #[serde(default = "level")]
    pub level: i32,
}

fn bytes() -> Bytes {
    Bytes(256 << 20)
}

fn age() -> Span {
    Span(Duration::from_secs(3600))
}

fn level() -> i32 {
    3
}

pub(crate) struct Segments {
    config: SegmentsConfig,
    open: Option<Open>,
}

struct Open {
    /// One frame a batch: what was acknowledged is whole on the disk.
    file: File,
    written: u64,
    since: Instant,
}

impl Segments {
    pub(crate) fn new(config: SegmentsConfig) -> Self {
        Self { config, open: None }
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let done =
            |open: &Open| open.written >= self.config.bytes.0 || open.since.elapsed() >= self.config.age.0;
        if self.open.as_ref().is_none_or(done) {
            let file = begin(&self.config.folder)?;
            self.open = Some(Open { file, written: 0, since: Instant::now() });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let mut frame = Encoder::new(Vec::new(), self.config.level)?;
        frame.write_all(text)?;
        open.file.write_all(&frame.finish()?)?;
        open.file.sync_data()?;
        open.written += text.len() as u64;
        Ok(())
    }
}

fn begin(folder: &Path) -> io::Result<File> {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S.%6fZ");
    File::options().write(true).create_new(true).open(folder.join(format!("{now}.jsonl.zst")))
}

impl Sink for Segments {
    fn name(&self) -> &'static str {
        "segments"
    }

    fn route(&self) -> (Template, Alphabet) {
        (Template::default(), Alphabet::ANY)
    }

    async fn connect(&mut self) -> Result<(), String> {
        let made = std::fs::create_dir_all(&self.config.folder);
        // (A file that could not be written to its end is not written to again.)
        self.open = None;
        made.map_err(|error| format!("{}: {error}", self.config.folder.display()))
    }

    async fn deliver(&mut self, records: &[Arc<Record>]) -> Delivery {
        let mut text = Vec::new();
        records.iter().for_each(|record| super::lines::line(record, &mut text));
        match self.write(&text) {
            Ok(()) => Delivery::all(records),
            Err(error) => Delivery::away(0, error),
        }
    }

    async fn close(&mut self) {
        self.open = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_acknowledged_is_whole_in_files_of_the_size_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = SegmentsConfig {
            folder: folder.path().to_owned(),
            bytes: Bytes(300),
            age: age(),
            level: level(),
        };
        let mut sink = Segments::new(config);
        sink.connect().await.expect("a folder");
        for number in 0..8 {
            let record = Record {
                id: format!("c:{number}"),
                node: "fs1".into(),
                event: "HEARTBEAT".into(),
                route: String::new(),
                body: r#"{"Event-Name":"HEARTBEAT"}"#.into(),
            };
            assert!(sink.deliver(&[Arc::new(record)]).await.stopped.is_none());
        }
        let mut files: Vec<_> =
            std::fs::read_dir(folder.path()).expect("files").map(|one| one.expect("one").path()).collect();
        files.sort();
        assert!(files.len() > 1, "{files:?}");
        let mut text = String::new();
        for file in files {
            let bytes = zstd::decode_all(File::open(file).expect("a file")).expect("whole");
            text.push_str(&String::from_utf8(bytes).expect("text"));
        }
        let ids: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].to_string())
            .collect();
        assert_eq!(ids, (0..8).map(|number| format!("\"c:{number}\"")).collect::<Vec<_>>());
    }
}
