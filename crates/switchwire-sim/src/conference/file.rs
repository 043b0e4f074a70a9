//! Files that are played to a conference or to one of its members: one after the other, and one beside them (`async`).

use std::time::{Duration, Instant};

use super::event::About;
use super::sound::FRAME;
use crate::channel::play_time;
use crate::world::{Timer, World, clock};

/// A file at play, or that waits for the one before it.
#[derive(Debug)]
pub(super) struct File {
    serial: u64,
    path: String,
    beside: bool,
    member: Option<u64>,
    since: Option<Instant>,
}

/// The end of a file's time.
#[derive(Debug)]
pub(crate) struct FileEnds {
    conference: String,
    serial: u64,
}

/// What `stop` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Current,
    All,
    Beside,
    Last,
}

impl World {
    /// Plays a file; false if there is none of that name, which an event tells.
    pub(crate) fn play_to_conference(
        &mut self,
        name: &str,
        path: &str,
        beside: bool,
        member: Option<u64>,
    ) -> bool {
        let mut own = vec![("File", path.to_owned())];
        if member.is_none() {
            own.push(("Async", beside.to_string()));
        }
        if self.is_missing(path) {
            let sounds = self.globals.get("sounds_dir").cloned().unwrap_or_default();
            own[0].1 = if path.starts_with('/') { path.to_owned() } else { format!("{sounds}/{path}") };
            own.push(("Error", "File could not be played".to_owned()));
            let origin = ("conference_file.c", "conference_file_play", 268);
            self.tell_conference_from(origin, name, "play-file", About::Conference, &own);
            return false;
        }
        self.stores.next_file += 1;
        let serial = self.stores.next_file;
        let file = File { serial, path: path.to_owned(), beside, member, since: None };
        let Some(of) = self.stores.conferences.get_mut(name) else { return false };
        of.files.push(file);
        match member {
            Some(id) => self.tell_conference(name, "play-file-member", About::Member(id), &own),
            None => self.tell_conference(name, "play-file", About::Conference, &own),
        }
        self.start_files(name);
        true
    }

    /// Starts what waits for nothing any more: the first of those in a row, of each member and of all.
    fn start_files(&mut self, name: &str) {
        let file = self.config.playback;
        let Some(of) = self.stores.conferences.get_mut(name) else { return };
        let mut rows = Vec::new();
        for playing in &mut of.files {
            let row = (playing.member, playing.beside);
            if rows.contains(&row) {
                continue;
            }
            rows.push(row);
            if playing.since.is_some() {
                continue;
            }
            playing.since = Some(clock::now());
            if let Some(time) = play_time(&playing.path, file) {
                let ends = FileEnds { conference: name.to_owned(), serial: playing.serial };
                self.timers.after(time.max(FRAME) + FRAME, Timer::ConferenceFile(ends));
            }
        }
    }

    /// A file's time is over.
    pub(crate) fn conference_file_ends(&mut self, ends: &FileEnds) {
        let FileEnds { conference, serial } = ends;
        if self.close_file(conference, *serial) {
            self.start_files(conference);
        }
    }

    /// Ends files; gives how many.
    pub(crate) fn stop_conference_files(&mut self, name: &str, what: Stop, member: Option<u64>) -> usize {
        let Some(of) = self.stores.conferences.get(name) else { return 0 };
        let own = of.files.iter().filter(|file| file.member == member);
        let found: Vec<u64> = match what {
            Stop::All => own.map(|file| file.serial).collect(),
            Stop::Beside => own.filter(|file| file.beside).map(|file| file.serial).collect(),
            Stop::Current => own.filter(|file| !file.beside).map(|file| file.serial).take(1).collect(),
            Stop::Last => {
                own.filter(|file| !file.beside).map(|file| file.serial).next_back().into_iter().collect()
            }
        };
        let count = found.len();
        for serial in found {
            self.close_file(name, serial);
        }
        self.start_files(name);
        count
    }

    /// Ends all that is played when a conference does.
    pub(super) fn close_conference_files(&mut self, name: &str) {
        let Some(of) = self.stores.conferences.get(name) else { return };
        let all: Vec<_> = of.files.iter().map(|file| file.serial).collect();
        all.into_iter().for_each(|serial| {
            self.close_file(name, serial);
        });
    }

    fn close_file(&mut self, name: &str, serial: u64) -> bool {
        let Some(of) = self.stores.conferences.get_mut(name) else { return false };
        let Some(at) = of.files.iter().position(|file| file.serial == serial) else { return false };
        let file = of.files.remove(at);
        let played = file.since.map_or(Duration::ZERO, clock::since);
        let millis = u64::try_from(played.as_millis()).unwrap_or(u64::MAX) / 20 * 20;
        let whole = play_time(&file.path, self.config.playback).unwrap_or(played);
        let millis = millis.min(u64::try_from(whole.as_millis()).unwrap_or(u64::MAX));
        // Its counter counts bytes where it says samples.
        let samples = millis.saturating_mul(16);
        let mut own = vec![
            ("seconds", (samples / 8000).to_string()),
            ("milliseconds", (samples / 8).to_string()),
            ("samples", samples.to_string()),
            ("File", file.path),
        ];
        if file.beside {
            own.push(("Async", "true".to_owned()));
        }
        match file.member {
            Some(id) => self.tell_conference(name, "play-file-member-done", About::Member(id), &own),
            None => self.tell_conference(name, "play-file-done", About::Conference, &own),
        }
        true
    }
}
