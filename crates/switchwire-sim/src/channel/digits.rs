//! Applications that collect digits: `play_and_get_digits` and `read`.

use std::time::Duration;

use regex::Regex;

use super::apps::Start;
use super::{ChannelId, Kind};
use crate::world::{Timer, World};

/// What is collected, and how often it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    variable: String,
    min: usize,
    max: usize,
    /// Tries that are left, this one included.
    tries: u64,
    timeout: Duration,
    terminators: String,
    pattern: Option<String>,
    /// The terminator that ended this try.
    terminator: Option<char>,
}

/// `min max tries timeout terminators file invalid_file variable pattern`: prompts take no time here, the timeout does.
pub(super) fn play_and_get_digits(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let word = |at: usize| words.get(at).map(String::as_str);
    let pattern = word(8).filter(|pattern| !pattern.is_empty()).map(str::to_owned);
    world.ask(id, [word(0), word(1), word(3), word(2)], word(4), word(7), pattern)
}

/// `min max file variable timeout terminators`
pub(super) fn read(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let word = |at: usize| words.get(at).map(String::as_str);
    world.ask(id, [word(0), word(1), word(4), None], word(5), word(3), None)
}

impl World {
    fn ask(
        &mut self,
        id: ChannelId,
        numbers: [Option<&str>; 4],
        terminators: Option<&str>,
        variable: Option<&str>,
        pattern: Option<String>,
    ) -> Start {
        let number = |at: usize, missing: u64| {
            numbers[at].map_or(missing, |word| word.parse().unwrap_or_default()).max(missing.min(1))
        };
        let count = |at: usize, missing| usize::try_from(number(at, missing)).unwrap_or(1);
        let terminators = terminators.unwrap_or("#");
        let ask = Ask {
            variable: variable.unwrap_or("digits").to_owned(),
            min: count(0, 0),
            max: count(1, 1),
            tries: number(3, 1),
            timeout: Duration::from_millis(number(2, 5000)),
            terminators: if terminators == "none" { String::new() } else { terminators.to_owned() },
            pattern,
            terminator: None,
        };
        if let Some(channel) = self.channels.get_mut(id) {
            channel.digits.clear();
            channel.variables.set(&ask.variable, "");
        }
        let timeout = ask.timeout;
        Start::Run(Kind::Digits(ask), Some(timeout))
    }

    /// A digit for the application that collects them.
    pub(super) fn collect_digit(&mut self, id: ChannelId, digit: char) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(top) = channel.stack.last_mut() else { return };
        let Kind::Digits(ask) = &mut top.kind else { return };
        if ask.terminators.contains(digit) {
            ask.terminator = Some(digit);
            top.over = true;
        } else {
            channel.digits.push(digit);
            top.over = channel.digits.len() >= ask.max;
        }
    }

    /// The innermost application is over. When it collects digits, did not get good ones and has tries left, it goes on.
    pub(super) fn tries_again(&mut self, id: ChannelId) -> bool {
        let Some(channel) = self.channels.get_mut(id) else { return false };
        let Some(top) = channel.stack.last_mut() else { return false };
        let Kind::Digits(ask) = &mut top.kind else { return false };
        if ask.tries <= 1 || ask.takes(&channel.digits) {
            return false;
        }
        ask.tries -= 1;
        ask.terminator = None;
        let (wrong, invalid) = (std::mem::take(&mut channel.digits), ask.invalid());
        let ends = crate::world::clock::now() + ask.timeout;
        (top.over, top.ends) = (false, Some(ends));
        let serial = top.serial;
        if !wrong.is_empty() {
            channel.variables.set(&invalid, wrong);
        }
        self.timers.at(ends, Timer::AppDone(id, serial));
        true
    }

    /// Leaves the result in the channel's variables.
    pub(super) fn close_digits(&mut self, id: ChannelId, ask: &Ask, interrupted: bool) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let digits = std::mem::take(&mut channel.digits);
        let complete = digits.len() >= ask.max || ask.terminator.is_some() || interrupted;
        let result = match (digits.len() >= ask.min, complete) {
            (true, true) => "success",
            (true, false) if !digits.is_empty() => "timeout",
            _ => "failure",
        };
        let variables = &mut channel.variables;
        variables.set("read_result", result);
        if let Some(terminator) = ask.terminator {
            variables.set("read_terminator_used", terminator.to_string());
        }
        match ask.takes(&digits) || interrupted {
            true => variables.set(&ask.variable, digits),
            false if digits.len() >= ask.min => variables.set(&ask.invalid(), digits),
            false => {}
        }
    }
}

impl Ask {
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
