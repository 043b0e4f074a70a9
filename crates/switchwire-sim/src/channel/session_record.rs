//! `record_session` and `uuid_record`: a recording beside what a channel does.

use std::time::{Duration, Instant};

use switchwire_proto::EventType;

use super::ChannelId;
use super::apps::Start;
use super::record::WAV_HEADER;
use crate::event::origin::Origin;
use crate::world::{Timer, World, clock};

/// A recording at work.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    path: String,
    since: Instant,
    serial: u64,
}

/// `path [+limit]`
pub(super) fn record_session(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let (path, limit) = arg.split_once('+').map_or((arg, ""), |(path, limit)| (path, limit));
    world.start_recording(id, path.trim(), limit.trim().parse().unwrap_or(0));
    Start::Done
}

pub(super) fn stop_record_session(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    world.stop_recording(id, arg.trim());
    Start::Done
}

impl World {
    /// Begins a recording, which ends after so many seconds unless that is 0.
    pub(crate) fn start_recording(&mut self, id: ChannelId, path: &str, limit: u64) {
        self.take_labels(id);
        let serial = self.channels.next_serial();
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.recordings.push(Recording { path: path.to_owned(), since: clock::now(), serial });
        self.record_event(id, true, START, path, None);
        self.media_bug(id, true, "session_record", path);
        if limit > 0 {
            self.timers.after(Duration::from_secs(limit), Timer::RecordingEnds(id, serial));
        }
    }

    /// Ends the recording into that file, or `all`: whether there was one.
    pub(crate) fn stop_recording(&mut self, id: ChannelId, path: &str) -> bool {
        let Some(channel) = self.channels.get(id) else { return false };
        let wanted = |recording: &&Recording| path == "all" || recording.path == path;
        let ended: Vec<u64> = channel.recordings.iter().filter(wanted).map(|r| r.serial).collect();
        for serial in &ended {
            self.recording_ends(id, *serial);
        }
        !ended.is_empty()
    }

    /// One recording ends.
    pub(crate) fn recording_ends(&mut self, id: ChannelId, serial: u64) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(at) = channel.recordings.iter().position(|r| r.serial == serial) else { return };
        let recording = channel.recordings.remove(at);
        let millis = u64::try_from(clock::since(recording.since).as_millis()).unwrap_or(u64::MAX) / 20 * 20;
        let samples = millis * 8;
        let cause = match () {
            () if samples == 0 => "empty-file",
            () if channel.hangup.is_some() => "success-silence",
            () => "success-maxtime",
        };
        let variables = &mut channel.variables;
        variables.set("record_file_size", (WAV_HEADER + samples * 2).to_string());
        if samples == 0 {
            variables.set("RECORD_DISCARDED", "true");
        }
        variables.set("record_samples", samples.to_string());
        variables.set("record_seconds", (millis / 1000).to_string());
        variables.set("record_ms", millis.to_string());
        variables.set("record_completion_cause", cause);
        self.record_event(id, false, STOP, &recording.path, Some(cause));
        self.media_bug(id, false, "session_record", &recording.path);
    }

    /// RECORD_START or RECORD_STOP.
    pub(super) fn record_event(
        &mut self,
        id: ChannelId,
        starts: bool,
        origin: Origin,
        path: &str,
        cause: Option<&str>,
    ) {
        let kind = if starts { EventType::RecordStart } else { EventType::RecordStop };
        let after = [("Record-File-Path", path), ("Record-Completion-Cause", cause.unwrap_or_default())];
        self.channel_event_from(id, kind, origin, &[], &after);
    }

    /// MEDIA_BUG_START or MEDIA_BUG_STOP: something begins to listen to a channel's media, or ends.
    pub(crate) fn media_bug(&mut self, id: ChannelId, starts: bool, function: &str, target: &str) {
        let (kind, origin) = if starts {
            (EventType::MediaBugStart, ("switch_core_media_bug.c", "switch_core_media_bug_add", 1014))
        } else {
            (EventType::MediaBugStop, ("switch_core_media_bug.c", "switch_core_media_bug_destroy", 84))
        };
        let Some(channel) = self.channels.get_mut(id) else { return };
        let bug = (function.to_owned(), target.to_owned());
        if starts {
            channel.bugs.push(bug);
        } else {
            channel.bugs.retain(|known| *known != bug);
        }
        let before = [("Media-Bug-Function", function), ("Media-Bug-Target", target)];
        self.channel_event_from(id, kind, origin, &before, &[]);
    }
}

const START: Origin = ("switch_ivr_async.c", "record_callback", 1482);
const STOP: Origin = ("switch_ivr_async.c", "send_record_stop_event", 1241);
