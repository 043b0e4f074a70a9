//! Playing files and streams: `playback`, and the prompts of the applications that collect digits.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use switchwire_proto::EventType;

use super::apps::Start;
use super::conference::{ON_ITS_WAY, SPEECH, Sound, tone_sound};
use super::{ChannelId, Kind, Line};
use crate::world::{Timer, World, clock};

/// One file or stream at play, and what is to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Play {
    path: String,
    since: Instant,
    /// How long it lasts; none for one without end.
    length: Option<Duration>,
    rest: VecDeque<String>,
    /// What the files before it lasted: a list's position goes on.
    before: Duration,
    /// Between two files.
    pause: bool,
}

/// `playback`: one file, or several by the separator in `playback_delimiter`.
pub(super) fn playback(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let delimiter = world.channels.get(id).and_then(|channel| channel.variables.get("playback_delimiter"));
    let delimiter = delimiter.and_then(|text| String::from_utf8_lossy(text).chars().next());
    let mut files: VecDeque<String> = match delimiter {
        Some(delimiter) => arg.split(delimiter).map(str::to_owned).collect(),
        None => VecDeque::from([arg.to_owned()]),
    };
    let first = files.pop_front().unwrap_or_default();
    let length = play_time(&first, world.config.playback);
    start(world, id, &first, length, files)
}

/// The same file over and over.
pub(super) fn endless(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    start(world, id, arg, None, VecDeque::new())
}

/// Tones alone: no file is opened, and a number of loops counts those that follow the first.
pub(super) fn gentones(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    world.pre_answer_channel(id);
    world.listen_to_conferences();
    let (tones, loops) = arg.split_once(";loops=").or_else(|| arg.split_once('|')).unwrap_or((arg, "0"));
    let once = play_time(&format!("tone_stream://{tones}"), Duration::ZERO).unwrap_or_default();
    if loops.starts_with('-') {
        return Start::Run(Kind::Time, None);
    }
    let loops = u32::try_from(leading_number(loops)).unwrap_or(u32::MAX).saturating_add(1);
    Start::Run(Kind::Time, Some(once.saturating_mul(loops)))
}

/// `say` and `speak`: without sound files or an engine they say nothing.
pub(super) fn say(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.pre_answer_channel(id);
    if world.config.sound_files { Start::Run(Kind::Time, Some(world.config.playback)) } else { Start::Done }
}

/// No macro is known.
pub(super) fn phrase(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.pre_answer_channel(id);
    world.set_response(id, "UNKNOWN ERROR");
    Start::Done
}

fn start(
    world: &mut World,
    id: ChannelId,
    path: &str,
    length: Option<Duration>,
    rest: VecDeque<String>,
) -> Start {
    world.pre_answer_channel(id);
    world.forget_terminator(id);
    if world.is_missing(path) {
        world.set_response(id, "FILE NOT FOUND");
        return Start::Done;
    }
    let play = Play { rest, ..world.open(id, path, length) };
    Start::Run(Kind::Playback(play), length.map(|time| time.max(Duration::from_millis(1))))
}

impl Play {
    /// How loud it is now.
    pub(super) fn sound(&self) -> Sound {
        if self.pause || self.path.starts_with("silence_stream://") {
            return Sound::default();
        }
        match self.path.strip_prefix("tone_stream://") {
            Some(tones) => tone_sound(tones, self.since),
            None if clock::since(self.since) < ON_ITS_WAY => Sound::SOON,
            None => Sound { level: SPEECH, changes: false },
        }
    }
}

impl World {
    /// Whether a path names a file that the server does not have.
    pub(crate) fn is_missing(&self, path: &str) -> bool {
        !self.config.sound_files && !path.contains("://") && !Path::new(path).exists()
    }

    /// Begins to play one file.
    pub(super) fn open(&mut self, id: ChannelId, path: &str, length: Option<Duration>) -> Play {
        let after = [("Playback-File-Type", file_type(path)), ("Playback-File-Path", path)];
        self.channel_event_with(id, EventType::PlaybackStart, &[], &after);
        let origin = (SOURCE, "switch_ivr_play_file", 1564);
        self.tell(id, Line::Session, origin, |_| "Codec Activated L16@8000hz 1 channels 20ms".to_owned());
        self.listen_to_conferences();
        let since = clock::now();
        Play {
            path: path.to_owned(),
            since,
            length,
            rest: VecDeque::new(),
            before: Duration::ZERO,
            pause: false,
        }
    }

    /// A prompt, if there is one and the server has it: what plays and for how long.
    pub(super) fn open_prompt(&mut self, id: ChannelId, path: &str) -> Option<(Play, Option<Duration>)> {
        if path.is_empty() || self.is_missing(path) {
            return None;
        }
        let length = play_time(path, self.config.playback);
        let play = self.open(id, path, length);
        Some((play, length.map(|time| time.max(Duration::from_millis(1)))))
    }

    /// A file has been played, or was cut off.
    pub(super) fn close_play(&mut self, id: ChannelId, play: &Play, cut: bool) {
        if play.pause {
            return;
        }
        self.listen_to_conferences();
        let played = match play.length.filter(|_| !cut) {
            Some(length) => length,
            None => frames(clock::since(play.since)),
        };
        // Only what stays where it is was broken off: a channel that leaves has done with it.
        let stays =
            |channel: &super::Channel| channel.is_up() && !channel.to_route && channel.taken.is_none();
        let broken = cut && self.channels.get(id).is_some_and(stays);
        if let Some(channel) = self.channels.get_mut(id) {
            let millis = played.as_millis();
            let samples = (millis * 8).to_string();
            let position = (play.before.as_millis() + millis) * 8;
            channel.variables.set("playback_last_offset_pos", position.to_string());
            channel.variables.set("playback_seconds", (millis / 1000).to_string());
            channel.variables.set("playback_ms", millis.to_string());
            channel.variables.set("playback_samples", &samples);
        }
        let origin = (SOURCE, "switch_ivr_play_file", 2013);
        self.tell(id, Line::Session, origin, |_| format!("done playing file {}", play.path));
        let after = [
            ("Playback-File-Type", file_type(&play.path)),
            ("Playback-File-Path", &play.path),
            ("Playback-Status", if broken { "break" } else { "done" }),
        ];
        self.channel_event_with(id, EventType::PlaybackStop, &[], &after);
    }

    /// The time of a file is over: `playback` waits a moment, and plays the next one.
    pub(super) fn plays_next(&mut self, id: ChannelId) -> bool {
        let top = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut());
        let Some(top) = top.filter(|top| top.ran_its_time()) else { return false };
        let Kind::Playback(play) = &mut top.kind else { return false };
        if play.rest.is_empty() && !play.pause {
            return false;
        }
        let played = play.clone();
        let time = if played.pause {
            let mut rest = played.rest;
            let next = rest.pop_front().unwrap_or_default();
            let length = play_time(&next, self.config.playback);
            let opened = self.open(id, &next, length);
            self.replay(id, Kind::Playback(Play { rest, before: played.before, ..opened }));
            length
        } else {
            self.close_play(id, &played, false);
            let before = played.before + played.length.unwrap_or_default();
            self.replay(id, Kind::Playback(Play { pause: true, before, ..played }));
            Some(BETWEEN_FILES)
        };
        self.runs_on(id, time);
        true
    }

    pub(super) fn replay(&mut self, id: ChannelId, kind: Kind) {
        if let Some(top) = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut()) {
            top.kind = kind;
        }
    }

    /// The innermost application goes on for that long.
    pub(super) fn runs_on(&mut self, id: ChannelId, time: Option<Duration>) {
        let Some(top) = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut()) else {
            return;
        };
        top.over = false;
        top.ends = time.and_then(|time| clock::now().checked_add(time));
        if let Some(ends) = top.ends {
            let serial = top.serial;
            self.timers.at(ends, Timer::AppDone(id, serial));
        }
    }
}

/// Media go in frames of 20 ms; the first is half a frame away on average when a command comes.
fn frames(time: Duration) -> Duration {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis.saturating_add(FRAME / 2) / FRAME * FRAME)
}

/// How long a file plays: what the stream's name says, else `file`. `None`: no end.
pub(crate) fn play_time(path: &str, file: Duration) -> Option<Duration> {
    if let Some(rest) = path.strip_prefix("silence_stream://") {
        return (!rest.starts_with('-')).then(|| Duration::from_millis(leading_number(rest)));
    }
    if path.starts_with("local_stream://") || path.starts_with("endless://") {
        return None;
    }
    let Some(tone) = path.strip_prefix("tone_stream://") else { return Some(file) };
    if tone.contains("loops=-1") {
        return None;
    }
    let loops = tone.split("loops=").nth(1).map_or(1, leading_number).max(1);
    let tones = tone.split("%(").skip(1).map(|one| {
        let mut numbers = one.split(',').map(leading_number);
        numbers.next().unwrap_or_default().saturating_add(numbers.next().unwrap_or_default())
    });
    Some(Duration::from_millis(tones.fold(0, u64::saturating_add).saturating_mul(loops)))
}

fn file_type(path: &str) -> &str {
    match path.split_once("://") {
        // Events do not say that a source is silence.
        Some(("silence_stream", _)) => "",
        Some((kind, _)) => kind,
        None => "file",
    }
}

pub(super) fn leading_number(text: &str) -> u64 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or_default()
}

/// Milliseconds of a frame.
pub(super) const FRAME: u64 = 20;
const SOURCE: &str = "switch_ivr_play_say.c";
/// What `playback` waits between two files.
const BETWEEN_FILES: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_last_as_long_as_they_say() {
        let file = Duration::from_millis(20);
        for (path, millis) in [
            ("silence_stream://1500", Some(1500)),
            ("silence_stream://-1", None),
            ("silence_stream://100,1400", Some(100)),
            ("tone_stream://%(300,20,440);loops=2", Some(640)),
            ("tone_stream://%(100,20,440)", Some(120)),
            ("tone_stream://%(100,20,440);loops=-1", None),
            ("local_stream://moh", None),
            ("/some/file.wav", Some(20)),
        ] {
            assert_eq!(play_time(path, file), millis.map(Duration::from_millis), "{path}");
        }
    }

    #[test]
    fn what_was_played_is_told_in_frames() {
        for (millis, played) in [(0, 0), (501, 500), (302, 300), (391, 400)] {
            assert_eq!(frames(Duration::from_millis(millis)), Duration::from_millis(played));
        }
    }
}
