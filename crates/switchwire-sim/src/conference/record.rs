//! Recordings of a conference.

use std::time::{Duration, Instant};

use super::event::About;
use crate::world::{World, clock};

/// A recording that runs.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) path: String,
    since: Instant,
    paused: Option<Instant>,
    /// The time it was paused for, so far.
    left_out: Duration,
}

impl Recording {
    fn length(&self) -> Duration {
        let until = self.paused.unwrap_or_else(clock::now);
        until.saturating_duration_since(self.since).saturating_sub(self.left_out)
    }
}

impl World {
    /// Starts a recording. One to a file of no known kind ends at once.
    pub(crate) fn record_conference(&mut self, name: &str, path: &str) {
        // A recording is a member without a channel.
        self.stores.next_member += 1;
        let known = std::path::Path::new(path).extension().is_some();
        let path = path.to_owned();
        if !known {
            let own =
                [("Path", path.clone()), ("Error", "File could not be opened for recording".to_owned())];
            self.tell_conference(name, "start-recording", About::Conference, &own);
            let others = self.records(name);
            return self.recording_stopped(name, &path, others, Duration::ZERO, false);
        }
        let recording = Recording { path, since: clock::now(), paused: None, left_out: Duration::ZERO };
        let own = [("Path", recording.path.clone())];
        if let Some(of) = self.stores.conferences.get_mut(name) {
            of.recordings.push(recording);
        }
        self.tell_conference(name, "start-recording", About::Conference, &own);
    }

    /// Ends the recording to that file, or all of them; gives their paths.
    pub(crate) fn stop_recording_conference(&mut self, name: &str, path: Option<&str>) -> Vec<String> {
        let Some(of) = self.stores.conferences.get_mut(name) else { return Vec::new() };
        let (ended, kept) = std::mem::take(&mut of.recordings)
            .into_iter()
            .partition::<Vec<_>, _>(|recording| path.is_none_or(|path| recording.path == path));
        of.recordings = kept;
        for recording in &ended {
            let others = self.records(name);
            self.recording_stopped(name, &recording.path, others, recording.length(), true);
        }
        ended.into_iter().map(|recording| recording.path).collect()
    }

    /// Pauses a recording, or goes on with it; false if there is none to that file.
    pub(crate) fn pause_recording_conference(&mut self, name: &str, path: &str, pause: bool) -> bool {
        let Some(of) = self.stores.conferences.get_mut(name) else { return false };
        let Some(recording) = of.recordings.iter_mut().find(|recording| recording.path == path) else {
            return false;
        };
        match recording.paused {
            None if pause => recording.paused = Some(clock::now()),
            Some(since) if !pause => {
                recording.left_out += clock::since(since);
                recording.paused = None;
            }
            _ => {}
        }
        let action = if pause { "pause-recording" } else { "resume-recording" };
        let own = [("Path", path.to_owned()), ("Other-Recordings", "true".to_owned())];
        self.tell_conference(name, action, About::Conference, &own);
        true
    }

    fn records(&self, name: &str) -> bool {
        self.stores.conferences.get(name).is_some_and(|of| !of.recordings.is_empty())
    }

    fn recording_stopped(&mut self, name: &str, path: &str, others: bool, length: Duration, file: bool) {
        let millis = u64::try_from(length.as_millis()).unwrap_or(u64::MAX) / 20 * 20;
        let samples = millis.saturating_mul(8);
        let mut own = vec![
            ("Path", path.to_owned()),
            ("Other-Recordings", others.to_string()),
            ("Samples-Out", samples.to_string()),
            ("Samplerate", "8000".to_owned()),
            ("Milliseconds-Elapsed", millis.to_string()),
        ];
        if file {
            own.push(("Record-File-Size", (WAV_HEADER + samples * 2).to_string()));
        }
        self.tell_conference(name, "stop-recording", About::Conference, &own);
    }
}

/// Bytes of a WAV file without sound.
const WAV_HEADER: u64 = 44;
