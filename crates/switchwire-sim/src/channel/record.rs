//! `record`: what the caller says, into a file, until a key or a time ends it.

use std::time::{Duration, Instant};

use super::apps::Start;
use super::digits::words;
use super::{ChannelId, Kind};
use crate::world::{World, clock};

/// `path [limit [threshold [hits]]]`: callers are never silent here.
pub(super) fn record(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let path = words.first().cloned().unwrap_or_default();
    let limit = words.get(1).and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
    world.pre_answer_channel(id);
    world.forget_terminator(id);
    world.take_labels(id);
    if let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set("silence_hits_exhausted", "false");
    }
    world.read_codec_again(id);
    world.record_event(id, true, RECORD_FILE, &path, None);
    Start::Run(Kind::Record { path }, limit.map(Duration::from_secs))
}

impl World {
    pub(super) fn close_record(&mut self, id: ChannelId, path: &str, started: Instant) {
        let millis = self.heard(id, clock::since(started));
        if let Some(channel) = self.channels.get_mut(id) {
            let (samples, variables) = (millis * 8, &mut channel.variables);
            // The name of the second is made of that of the first.
            for name in ["record_record_file_size", "record_file_size"] {
                variables.set(name, (WAV_HEADER + samples * 2).to_string());
            }
            variables.set("record_seconds", (millis / 1000).to_string());
            variables.set("record_ms", millis.to_string());
            variables.set("record_samples", samples.to_string());
        }
        self.record_event(id, false, RECORD_FILE, path, None);
        self.read_codec_again(id);
    }

    /// How much of that time, in milliseconds, a channel heard something: a far end that is parked sends nothing.
    pub(super) fn heard(&self, id: ChannelId, time: Duration) -> u64 {
        let far = self.channels.get(id).and_then(|channel| channel.other_leg);
        let far = far.and_then(|far| self.channels.get(far));
        let silent = far.is_some_and(|far| {
            far.stack.last().is_none_or(|top| matches!(top.kind, Kind::Park | Kind::Time))
        });
        if silent { 0 } else { u64::try_from(time.as_millis()).unwrap_or(u64::MAX) / 20 * 20 }
    }

    /// What a file is labelled with is taken from the channel once.
    pub(super) fn take_labels(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        for label in ["TITLE", "COPYRIGHT", "SOFTWARE", "ARTIST", "COMMENT", "DATE"] {
            channel.variables.set(&format!("RECORD_{label}"), "");
        }
    }

    /// What plays or records begins: no key has ended it.
    pub(super) fn forget_terminator(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set(TERMINATOR, "");
        }
    }
}

pub(super) const TERMINATOR: &str = "playback_terminator_used";
/// Bytes of a WAV file without sound.
pub(super) const WAV_HEADER: u64 = 44;
const RECORD_FILE: (&str, &str, u32) = ("switch_ivr_play_say.c", "switch_ivr_record_file_event", 770);
