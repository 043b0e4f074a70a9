//! What the api command `show` lists, as JSON.
#![allow(clippy::disallowed_types, reason = "a point in time as a value: no clock is read")]

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// The channels of a server at one moment: the outputs of `show channels as json` and `show calls as json`.
///
/// The server writes both from a table that lags a little behind (it is filled by a thread of its own): a channel may be
/// missing that events have reported already, or be there although it is gone. [`Tracker`](super::Tracker) knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) rows: Vec<Row>,
    pub(super) bridges: Vec<(String, String, Option<SystemTime>)>,
}

/// An output that is no list of channels, e.g. `-ERR permission denied`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotError {
    detail: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) direction: String,
    pub(super) state: String,
    pub(super) callstate: String,
    pub(super) cid_name: String,
    pub(super) cid_num: String,
    pub(super) callee_name: String,
    pub(super) callee_num: String,
    pub(super) dest: String,
    pub(super) context: String,
    pub(super) call_uuid: String,
    pub(super) created: Option<SystemTime>,
}

impl Snapshot {
    /// Reads both outputs.
    ///
    /// # Errors
    /// [`SnapshotError`] when one of them is no list in JSON.
    pub fn read(channels: &[u8], calls: &[u8]) -> Result<Self, SnapshotError> {
        let rows = list(channels)?.iter().map(row).filter(|row| !row.uuid.is_empty()).collect();
        let bridge = |row: &Value| {
            let (a, b) = (text(row, "uuid"), text(row, "b_uuid"));
            (!a.is_empty() && !b.is_empty()).then(|| (a, b, seconds(row, "call_created_epoch")))
        };
        Ok(Self { rows, bridges: list(calls)?.iter().filter_map(bridge).collect() })
    }
}

fn row(row: &Value) -> Row {
    Row {
        uuid: text(row, "uuid"),
        name: text(row, "name"),
        direction: text(row, "direction"),
        state: text(row, "state"),
        callstate: text(row, "callstate"),
        cid_name: text(row, "cid_name"),
        cid_num: text(row, "cid_num"),
        callee_name: text(row, "callee_name"),
        callee_num: text(row, "callee_num"),
        dest: text(row, "dest"),
        context: text(row, "context"),
        call_uuid: text(row, "call_uuid"),
        created: seconds(row, "created_epoch"),
    }
}

/// The server's values may be in any character set: what is not UTF-8 comes as U+FFFD.
fn list(output: &[u8]) -> Result<Vec<Value>, SnapshotError> {
    let text = String::from_utf8_lossy(output);
    let fail = |detail: String| SnapshotError { detail };
    let mut read: Value = serde_json::from_str(text.trim()).map_err(|error| {
        let begin: String = text.trim().chars().take(SHOWN).collect();
        fail(format!("{error} in {begin:?}"))
    })?;
    match read.get_mut("rows").map(Value::take) {
        Some(Value::Array(rows)) => Ok(rows),
        // Without channels there are no rows.
        None if read.get("row_count").is_some() => Ok(Vec::new()),
        _ => Err(fail("it has no rows".to_owned())),
    }
}

fn text(row: &Value, name: &str) -> String {
    match row.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn seconds(row: &Value, name: &str) -> Option<SystemTime> {
    let seconds = text(row, name).parse().ok().filter(|seconds| *seconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a list of channels: {}", self.detail)
    }
}

impl std::error::Error for SnapshotError {}

/// How much of an unreadable output an error shows.
const SHOWN: usize = 80;
