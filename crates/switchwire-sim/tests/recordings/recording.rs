//! Recordings of a real server: `tests/captures`, one folder each, those of calls in one archive.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

/// One recorded connection.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    pub name: String,
    pub client: Vec<u8>,
    pub server: Vec<u8>,
    /// What the client sent: when (milliseconds since the connection began), and where it ends in `client`.
    pub sent: Vec<(f64, usize)>,
    /// What the server sent: the same in `server`.
    pub received: Vec<(f64, usize)>,
}

/// Every recording of the repository and of the folders that `SWITCHWIRE_EXTRA_CAPTURES` names.
pub fn all() -> BTreeMap<String, Recording> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures");
    let mut found = archived(&captures.join("calls-1.11.2.tar.gz"));
    let extra = std::env::var("SWITCHWIRE_EXTRA_CAPTURES").unwrap_or_default();
    let folders = extra.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from);
    for folder in std::iter::once(captures).chain(folders) {
        for entry in fs::read_dir(&folder).unwrap() {
            if let Some(recording) = folder_of(&entry.unwrap().path()) {
                found.insert(recording.name.clone(), recording);
            }
        }
    }
    found
}

/// A recording in a folder of its own, if there is a whole one.
pub fn folder_of(path: &Path) -> Option<Recording> {
    let read = |name: &str| fs::read(path.join(name)).ok();
    let name = path.file_name()?.to_string_lossy().into_owned();
    let mut recording = Recording { name, client: read("client.bin")?, ..Recording::default() };
    recording.server = read("server.bin")?;
    recording.time(&read("timeline.jsonl").unwrap_or_default());
    Some(recording)
}

fn archived(path: &Path) -> BTreeMap<String, Recording> {
    let mut found: BTreeMap<String, Recording> = BTreeMap::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let [.., folder, file] = parts.as_slice() else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let recording = found.entry(folder.clone()).or_default();
        recording.name.clone_from(folder);
        match file.as_str() {
            "client.bin" => recording.client = bytes,
            "server.bin" => recording.server = bytes,
            "timeline.jsonl" => recording.time(&bytes),
            _ => {}
        }
    }
    found.retain(|_, recording| !recording.server.is_empty());
    found
}

impl Recording {
    /// Whether the server sent anything between two moments.
    pub fn heard_between(&self, from: Duration, until: Duration) -> bool {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        self.received.iter().any(|(at, _)| *at > millis(from) && *at <= millis(until))
    }

    /// When the server sent what `text` is found in first.
    pub fn time_of(&self, text: &str) -> Option<Duration> {
        let at = self.server.windows(text.len()).position(|window| window == text.as_bytes())?;
        let (millis, _) = self.received.iter().find(|(_, end)| *end > at)?;
        Some(Duration::from_secs_f64(millis.max(0.0) / 1000.0))
    }

    fn time(&mut self, timeline: &[u8]) {
        for line in timeline.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let line: Value = serde_json::from_slice(line).unwrap();
            let (Some(offset), Some(length)) = (line["offset"].as_u64(), line["len"].as_u64()) else {
                continue;
            };
            let entry = (line["t_ms"].as_f64().unwrap(), usize::try_from(offset + length).unwrap());
            match line["dir"].as_str() {
                Some("c2s") => self.sent.push(entry),
                Some("s2c") => self.received.push(entry),
                _ => {}
            }
        }
        if self.sent.is_empty() {
            self.sent.push((1.0, self.client.len()));
        }
    }
}
