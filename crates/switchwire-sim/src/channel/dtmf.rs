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

/// A digit that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digit {
    pub(crate) key: char,
    pub(crate) source: DigitSource,
    /// How long the key is pressed, in samples of 1/8 ms.
    pub(crate) samples: u32,
}

impl Digit {
    /// The digits of a text like `12@160+w3`: parts with a duration of their own in milliseconds; one of 50 ms or less
    /// is not taken. `w` and `W` are pauses.
    pub(crate) fn parse(text: &str, source: DigitSource) -> Vec<Self> {
        let part = |part: &str| {
            let (keys, millis) = part.split_once('@').unwrap_or((part, ""));
            let millis = millis.trim().parse::<u32>().unwrap_or(0);
            let samples = if millis > SHORTEST { millis.saturating_mul(8).min(LONGEST) } else { USUAL };
            keys.chars().map(|key| Self { key, source, samples }).collect::<Vec<_>>()
        };
        text.split('+').flat_map(part).collect()
    }

    /// What `last_dtmf_duration` says once these were sent: milliseconds, a pause of 250 ms after each.
    pub(crate) fn sent_for(digits: &[Self]) -> u32 {
        digits.iter().map(|digit| (digit.samples + USUAL) / 8).fold(0, u32::saturating_add)
    }

    fn is_pause(self) -> bool {
        matches!(self.key, 'w' | 'W')
    }
}

impl World {
    /// A channel sends digits to the one it talks to.
    pub(crate) fn send_digits(&mut self, id: ChannelId, text: &str) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let far = channel.other_leg.or(channel.bridged);
        let digits = Digit::parse(text, DigitSource::Far);
        channel.variables.set("last_dtmf_duration", Digit::sent_for(&digits).to_string());
        if let Some(far) = far {
            digits.into_iter().for_each(|digit| self.receive_digit(far, digit));
        }
    }

    /// A channel receives a digit, which fires DTMF when it is read.
    pub(crate) fn receive_digit(&mut self, id: ChannelId, digit: Digit) {
        let channel = self.channels.get_mut(id).filter(|channel| channel.is_up() && !digit.is_pause());
        let Some(channel) = channel else { return };
        channel.received.push_back(digit);
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
            let Some(digit) = channel.received.pop_front() else { return };
            self.read_digit(id, digit);
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

    fn read_digit(&mut self, id: ChannelId, digit: Digit) {
        let Digit { key: digit, source, samples } = digit;
        let (text, samples) = (digit.to_string(), samples.to_string());
        let source = match source {
            DigitSource::Far => "UNKNOWN",
            DigitSource::App => "APP",
        };
        let after = [("DTMF-Digit", text.as_str()), ("DTMF-Duration", &samples), ("DTMF-Source", source)];
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

/// The server's settings `default_dtmf_duration` and `max_dtmf_duration` in samples, `min_dtmf_duration` in milliseconds.
const USUAL: u32 = 2000;
const LONGEST: u32 = 192_000;
const SHORTEST: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_the_durations_that_the_recorded_server_gave_them() {
        let sent_for = |text: &str| Digit::sent_for(&Digit::parse(text, DigitSource::Far));
        assert_eq!([sent_for("1234#"), sent_for("w1W2@100"), sent_for("12")], [2500, 1400, 1000]);
        let samples: Vec<u32> =
            Digit::parse("9@160+8@20", DigitSource::App).iter().map(|digit| digit.samples).collect();
        assert_eq!(samples, [1280, 2000]);
    }
}
