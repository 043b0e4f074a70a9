//! The list of a conference and its members, as `json_list` replies it.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// A conference and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConferenceInfo {
    /// Its name.
    pub name: String,
    /// Its uuid: another one each time a conference of that name begins.
    pub uuid: String,
    /// How long it has been there.
    pub run_time: Duration,
    /// Whether no other member may join.
    pub locked: bool,
    /// Whether it is being recorded.
    pub recording: bool,
    /// Its members, the one that joined last first.
    pub members: Vec<Member>,
}

/// A member of a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its id: unique among all conferences of the server.
    pub id: u32,
    /// The channel's uuid.
    pub uuid: String,
    /// The caller's name.
    pub caller_id_name: String,
    /// The caller's number.
    pub caller_id_number: String,
    /// Whether it hears the others: not deaf.
    pub hears: bool,
    /// Whether it is heard: not muted.
    pub speaks: bool,
    /// Whether it talks now.
    pub talking: bool,
    /// Whether it has the floor.
    pub has_floor: bool,
    /// Whether it is on hold.
    pub on_hold: bool,
    /// Whether it is a moderator.
    pub moderator: bool,
    /// How long ago it joined.
    pub joined: Duration,
    /// From which level on it counts as talking.
    pub energy: i64,
    /// How loud it is heard.
    pub volume_in: i64,
    /// How loud it hears.
    pub volume_out: i64,
}

/// A text that is no list of conferences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoError {
    detail: String,
}

impl ConferenceInfo {
    /// Reads what `conference NAME json_list` or `conference json_list` replied. No conference, no list: a name that is
    /// not there, a server without conferences.
    ///
    /// # Errors
    /// [`InfoError`] for anything else.
    pub fn read(text: &str) -> Result<Vec<Self>, InfoError> {
        let text = text.trim();
        if text.starts_with("+OK No active conferences")
            || text.starts_with("-ERR Conference ") && text.ends_with(" not found")
        {
            return Ok(Vec::new());
        }
        let list: Value = serde_json::from_str(text).map_err(|error| {
            let begin: String = text.chars().take(80).collect();
            InfoError { detail: format!("{error} in {begin:?}") }
        })?;
        let list = list.as_array().ok_or_else(|| InfoError { detail: "it is no list".to_owned() })?;
        Ok(list.iter().map(conference).collect())
    }
}

fn conference(value: &Value) -> ConferenceInfo {
    let members = value["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    ConferenceInfo {
        name: text(value, "conference_name"),
        uuid: text(value, "conference_uuid"),
        run_time: seconds(value, "run_time"),
        locked: flag(value, "locked"),
        recording: flag(value, "recording"),
        // A recording is listed as a member without an id.
        members: members.iter().filter_map(member).collect(),
    }
}

fn member(value: &Value) -> Option<Member> {
    let flags = &value["flags"];
    let number = |name: &str| value[name].as_i64().unwrap_or_default();
    Some(Member {
        id: value["id"].as_u64()?.try_into().ok()?,
        uuid: text(value, "uuid"),
        caller_id_name: text(value, "caller_id_name"),
        caller_id_number: text(value, "caller_id_number"),
        hears: flag(flags, "can_hear"),
        speaks: flag(flags, "can_speak"),
        talking: flag(flags, "talking"),
        has_floor: flag(flags, "has_floor"),
        on_hold: flag(flags, "hold"),
        moderator: flag(flags, "is_moderator"),
        joined: seconds(value, "join_time"),
        energy: number("energy"),
        volume_in: number("volume_in"),
        volume_out: number("volume_out"),
    })
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn flag(value: &Value, name: &str) -> bool {
    value[name].as_bool().unwrap_or_default()
}

fn seconds(value: &Value, name: &str) -> Duration {
    Duration::from_secs(value[name].as_u64().unwrap_or_default())
}

impl fmt::Display for InfoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a list of conferences: {}", self.detail)
    }
}

impl std::error::Error for InfoError {}
