//! `record`, and the keys that end it and `playback`.

use std::time::{Duration, Instant};

use switchwire_proto::EventType;

use super::apps::Start;
use super::digits::words;
use super::{ChannelId, Kind};
use crate::world::World;

/// `path [limit [threshold [hits]]]`: callers are never silent here.
pub(super) fn record(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let path = words.first().cloned().unwrap_or_default();
    let limit = words.get(1).and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
    world.pre_answer_channel(id);
    world.forget_terminator(id);
    world.channel_event_with(id, EventType::RecordStart, &[], &[("Record-File-Path", &path)]);
    Start::Run(Kind::Record { path }, limit.map(Duration::from_secs))
}

impl World {
    pub(super) fn close_record(&mut self, id: ChannelId, path: &str, started: Instant) {
        if let Some(channel) = self.channels.get_mut(id) {
            let millis = crate::world::clock::since(started).as_millis();
            let variables = &mut channel.variables;
            variables.set("record_seconds", (millis / 1000).to_string());
            variables.set("record_ms", millis.to_string());
            variables.set("record_samples", (millis * 8).to_string());
            variables.set("silence_hits_exhausted", "false");
        }
        self.channel_event_with(id, EventType::RecordStop, &[], &[("Record-File-Path", path)]);
    }

    /// What plays or records begins: no key has ended it.
    pub(super) fn forget_terminator(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set(TERMINATOR, "");
        }
    }

    /// A digit while something plays or records: a terminator ends it.
    pub(super) fn terminate(&mut self, id: ChannelId, digit: char) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(top) = channel.stack.last_mut() else { return };
        if !matches!(top.kind, Kind::Playback { .. } | Kind::Record { .. }) {
            return;
        }
        let keys = channel.variables.get("playback_terminators").unwrap_or(b"*");
        let ends = match keys {
            b"none" => false,
            b"any" => true,
            keys => keys.contains(&u8::try_from(digit).unwrap_or_default()),
        };
        if ends {
            top.over = true;
            channel.variables.set(TERMINATOR, digit.to_string());
        }
    }
}

pub(super) const TERMINATOR: &str = "playback_terminator_used";
