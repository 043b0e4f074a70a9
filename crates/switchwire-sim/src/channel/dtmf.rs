//! Digits that a channel receives: they wait until they are read, one a frame; what collects digits takes all at once.

use std::time::{Duration, Instant};

use switchwire_proto::EventType;

use super::play::FRAME;
use super::{ChannelId, Kind};
use crate::world::{Timer, Work, World, clock};

/// Where digits come from, as `DTMF-Source` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DigitSource {
    /// The far end pressed a key.
    Far,
    /// A command or an application put it there.
    App,
}

impl World {
    /// A channel receives a digit, which fires DTMF when it is read.
    pub(crate) fn receive_digit(&mut self, id: ChannelId, digit: char, source: DigitSource) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.is_up()) else { return };
        channel.received.push_back((digit, source));
        match channel.next_digit {
            Some(next) if next > clock::now() => self.timers.at(next, Timer::Digit(id)),
            _ => self.read_digits(id),
        }
    }

    /// Digits that had to wait are read from now on.
    pub(super) fn listen_again(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id).filter(|channel| !channel.received.is_empty()) else {
            return;
        };
        let now = clock::now();
        let at = channel.next_digit.map_or(now, |next| next.max(now));
        self.timers.at(at, Timer::Digit(id));
    }

    /// Reads what may be read now.
    pub(crate) fn read_digits(&mut self, id: ChannelId) {
        let early = |next: Option<Instant>| next.is_some_and(|next| next > clock::now());
        while !self.is_deaf(id) {
            let Some(channel) = self.channels.get_mut(id).filter(|c| !early(c.next_digit)) else { return };
            let Some((digit, source)) = channel.received.pop_front() else { return };
            self.read_digit(id, digit, source);
            if self.is_collecting(id) {
                continue;
            }
            let Some(channel) = self.channels.get_mut(id) else { return };
            let next = clock::now() + Duration::from_millis(FRAME);
            channel.next_digit = Some(next);
            if !channel.received.is_empty() {
                self.timers.at(next, Timer::Digit(id));
            }
            return;
        }
    }

    fn read_digit(&mut self, id: ChannelId, digit: char, source: DigitSource) {
        let text = digit.to_string();
        let source = match source {
            DigitSource::Far => "UNKNOWN",
            DigitSource::App => "APP",
        };
        let after = [("DTMF-Digit", text.as_str()), ("DTMF-Duration", "2000"), ("DTMF-Source", source)];
        self.channel_event_with(id, EventType::Dtmf, &[], &after);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.dialed.push(digit);
        }
        self.collect_digit(id, digit);
        self.terminate(id, digit);
        self.key_in_conference(id, digit);
        self.work.push_back(Work::Step(id));
    }

    /// A digit while something plays or records: a terminator ends it.
    fn terminate(&mut self, id: ChannelId, digit: char) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(top) = channel.stack.last_mut() else { return };
        if !matches!(top.kind, Kind::Playback(_) | Kind::Record { .. }) {
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
            top.ends = None;
            channel.variables.set(super::record::TERMINATOR, digit.to_string());
        }
    }
}
