//! Applications that collect digits: `play_and_get_digits` and `read`.

use std::time::Duration;

use regex::Regex;

use super::apps::Start;
use super::play::Play;
use super::{ChannelId, Kind, Variables};
use crate::world::World;

/// What is collected, and how often it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    variable: String,
    min: usize,
    max: usize,
    /// Tries that are left, this one included.
    tries: u64,
    timeout: Duration,
    /// The time for each digit after the first.
    digit_timeout: Duration,
    terminators: String,
    pattern: Option<String>,
    prompt: String,
    /// Played after a wrong input; none for `read`, which does not judge.
    wrong: Option<String>,
    phase: Phase,
    /// The terminator that ended this try.
    terminator: Option<char>,
}

/// Where a try is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Prompt(Play),
    Collect,
    /// All digits are there.
    Complete,
    /// What came has been told in the channel's variables.
    Judged,
    Wrong(Play),
}

/// `min max tries timeout terminators file invalid_file variable pattern digit_timeout`
pub(super) fn play_and_get_digits(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let word = |at: usize| words.get(at).map(String::as_str);
    let pattern = word(8).filter(|pattern| !pattern.is_empty()).map(str::to_owned);
    let mut ask = Ask::new([word(0), word(1), word(3), word(2), word(9)], word(4), word(7), pattern);
    ask.prompt = word(5).unwrap_or_default().to_owned();
    ask.wrong = Some(word(6).unwrap_or_default().to_owned());
    if let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set(&ask.invalid(), "");
    }
    world.ask(id, ask)
}

/// `min max file variable timeout terminators`
pub(super) fn read(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let word = |at: usize| words.get(at).map(String::as_str);
    let mut ask = Ask::new([word(0), word(1), word(4), None, None], word(5), word(3), None);
    ask.prompt = word(2).unwrap_or_default().to_owned();
    world.ask(id, ask)
}

impl World {
    fn ask(&mut self, id: ChannelId, mut ask: Ask) -> Start {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set(&ask.variable, "");
        }
        let time = self.begin_try(id, &mut ask);
        Start::Run(Kind::Digits(Box::new(ask)), time)
    }

    /// Plays the prompt, if there is one: how long that, or the wait for digits, takes.
    fn begin_try(&mut self, id: ChannelId, ask: &mut Ask) -> Option<Duration> {
        self.pre_answer_channel(id);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.digits.clear();
        }
        ask.terminator = None;
        if let Some((play, time)) = self.open_prompt(id, &ask.prompt) {
            ask.phase = Phase::Prompt(play);
            return time;
        }
        ask.phase = Phase::Collect;
        Some(ask.timeout)
    }

    /// Whether digits are taken as fast as they come: nothing plays meanwhile.
    pub(super) fn is_collecting(&self, id: ChannelId) -> bool {
        let top = self.channels.get(id).and_then(|channel| channel.stack.last());
        top.is_some_and(|top| matches!(&top.kind, Kind::Digits(ask) if ask.phase == Phase::Collect))
    }

    /// Whether digits stay where they are: it has got what it wanted, or plays the file for a wrong input.
    pub(super) fn is_deaf(&self, id: ChannelId) -> bool {
        let top = self.channels.get(id).and_then(|channel| channel.stack.last());
        let hears = |ask: &Ask| matches!(ask.phase, Phase::Prompt(_) | Phase::Collect);
        top.is_some_and(|top| matches!(&top.kind, Kind::Digits(ask) if !hears(ask)))
    }

    /// A digit for the application that collects them; the first one ends the prompt.
    pub(super) fn collect_digit(&mut self, id: ChannelId, digit: char) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(top) = channel.stack.last_mut() else { return };
        let Kind::Digits(ask) = &mut top.kind else { return };
        let prompt = match &ask.phase {
            Phase::Prompt(play) => Some(play.clone()),
            Phase::Collect => None,
            Phase::Complete | Phase::Judged | Phase::Wrong(_) => return,
        };
        if ask.terminators.contains(digit) {
            ask.terminator = Some(digit);
        } else {
            channel.digits.push(digit);
        }
        let complete = ask.terminator.is_some() || channel.digits.len() >= ask.max;
        ask.phase = if complete { Phase::Complete } else { Phase::Collect };
        let time = ask.digit_timeout;
        if let Some(play) = prompt {
            self.close_play(id, &play, true);
        }
        self.runs_on(id, Some(time));
        if complete && let Some(top) = self.channels.get_mut(id).and_then(|c| c.stack.last_mut()) {
            top.over = true;
        }
    }

    /// The innermost application is over. One that collects digits may go on: after its prompt, or because it did not get
    /// good ones and has tries left.
    pub(super) fn asks_on(&mut self, id: ChannelId) -> bool {
        let Some(channel) = self.channels.get_mut(id) else { return false };
        let Some(top) = channel.stack.last_mut() else { return false };
        let natural = top.ran_its_time();
        let Kind::Digits(ask) = &mut top.kind else { return false };
        let mut ask = ask.clone();
        let time = match &ask.phase {
            Phase::Prompt(play) => {
                self.close_play(id, play, !natural);
                ask.phase = Phase::Collect;
                Some(ask.timeout)
            }
            Phase::Collect | Phase::Complete => {
                if !natural && ask.phase == Phase::Collect {
                    return false;
                }
                let digits = channel.digits.clone();
                ask.judge(&mut channel.variables, &digits, false);
                ask.phase = Phase::Judged;
                let wrong = ask.wrong.clone().filter(|_| !ask.takes(&digits));
                let Some(wrong) = wrong else {
                    self.replay(id, Kind::Digits(ask));
                    return false;
                };
                if !digits.is_empty() {
                    channel.variables.set(&ask.invalid(), digits);
                }
                match self.open_prompt(id, &wrong) {
                    Some((play, time)) => {
                        ask.phase = Phase::Wrong(play);
                        time
                    }
                    None if ask.tries <= 1 => {
                        self.replay(id, Kind::Digits(ask));
                        return false;
                    }
                    None => {
                        ask.tries -= 1;
                        self.begin_try(id, &mut ask)
                    }
                }
            }
            Phase::Judged => return false,
            Phase::Wrong(play) => {
                self.close_play(id, play, !natural);
                if ask.tries <= 1 {
                    ask.phase = Phase::Judged;
                    self.replay(id, Kind::Digits(ask));
                    return false;
                }
                ask.tries -= 1;
                self.begin_try(id, &mut ask)
            }
        };
        self.replay(id, Kind::Digits(ask));
        self.runs_on(id, time);
        self.listen_again(id);
        true
    }

    /// Leaves the result in the channel's variables.
    pub(super) fn close_digits(&mut self, id: ChannelId, ask: &Ask, interrupted: bool) {
        if let Phase::Prompt(play) | Phase::Wrong(play) = &ask.phase {
            self.close_play(id, play, true);
        }
        let Some(channel) = self.channels.get_mut(id) else { return };
        let digits = std::mem::take(&mut channel.digits);
        if ask.phase != Phase::Judged {
            ask.judge(&mut channel.variables, &digits, interrupted);
        }
        if ask.takes(&digits) || interrupted {
            channel.variables.set(&ask.variable, digits);
        }
    }
}

impl Ask {
    /// `numbers`: least and most digits, timeout, tries, timeout between digits.
    fn new(
        numbers: [Option<&str>; 5],
        terminators: Option<&str>,
        variable: Option<&str>,
        pattern: Option<String>,
    ) -> Self {
        let number = |at: usize, missing: u64| {
            numbers[at].map_or(missing, |word| word.parse().unwrap_or_default()).max(missing.min(1))
        };
        let count = |at: usize, missing| usize::try_from(number(at, missing)).unwrap_or(1);
        let timeout = number(2, 5000);
        let between = numbers[4].and_then(|word| word.parse().ok()).filter(|time| *time > 0);
        let terminators = terminators.unwrap_or("#");
        Self {
            variable: variable.unwrap_or("digits").to_owned(),
            min: count(0, 0),
            max: count(1, 1),
            tries: number(3, 1),
            timeout: Duration::from_millis(timeout),
            digit_timeout: Duration::from_millis(between.unwrap_or(timeout)),
            terminators: if terminators == "none" { String::new() } else { terminators.to_owned() },
            pattern,
            prompt: String::new(),
            wrong: None,
            phase: Phase::Collect,
            terminator: None,
        }
    }

    /// Tells how a try ended.
    fn judge(&self, variables: &mut Variables, digits: &str, interrupted: bool) {
        let complete = digits.len() >= self.max || self.terminator.is_some() || interrupted;
        let result = match (digits.len() >= self.min, complete) {
            (true, true) => "success",
            (true, false) if !digits.is_empty() => "timeout",
            _ => "failure",
        };
        if let Some(terminator) = self.terminator {
            variables.set("read_terminator_used", terminator.to_string());
        }
        variables.set("read_result", result);
    }

    fn takes(&self, digits: &str) -> bool {
        let matches = |pattern: &String| Regex::new(pattern).is_ok_and(|regex| regex.is_match(digits));
        digits.len() >= self.min && self.pattern.as_ref().is_none_or(matches)
    }

    fn invalid(&self) -> String {
        format!("{}_invalid", self.variable)
    }
}

/// The words of an argument: quotes keep blanks.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (None::<String>, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            '\\' if matches!(characters.peek(), Some('\\' | '\'')) => {
                word.get_or_insert_default().extend(characters.next());
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_blanks_and_empty_words() {
        assert_eq!(words(r"4 'a b.wav' '' pin \d+"), ["4", "a b.wav", "", "pin", r"\d+"]);
        assert!(words(" ").is_empty());
    }
}
