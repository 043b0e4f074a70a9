//! The log pane: the last lines, by level and text.

use std::collections::VecDeque;

use switchwire::{LogLevel, LogRecord};

use crate::printable;

/// The lines that are kept, and which of them are shown.
#[derive(Debug)]
pub(crate) struct LogPane {
    lines: VecDeque<LogLine>,
    /// How many have come in all.
    pub(crate) total: u64,
    pub(crate) level: LogLevel,
    pub(crate) text: String,
}

/// A log line, harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) level: LogLevel,
    pub(crate) text: String,
}

impl LogPane {
    pub(crate) fn new() -> Self {
        Self { lines: VecDeque::new(), total: 0, level: LogLevel::Debug, text: String::new() }
    }

    /// Takes a line; the oldest one goes when there are many.
    pub(crate) fn push(&mut self, server: Option<&str>, record: &LogRecord) {
        self.total += 1;
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        // The time of day alone.
        let time = record.time().and_then(|time| time.split(' ').nth(1)).unwrap_or_default();
        let time = time.get(..8).unwrap_or(time);
        let server = server.map(|server| format!("{server} ")).unwrap_or_default();
        let text = printable::cell(&format!("{time} {server}{}", record.message()), LONGEST);
        self.lines.push_back(LogLine { level: record.level, text: text.trim_start().to_owned() });
    }

    /// The last `count` lines of those that are wanted.
    pub(crate) fn last(&self, count: usize) -> Vec<&LogLine> {
        let wanted = |line: &&LogLine| {
            line.level <= self.level && (self.text.is_empty() || line.text.contains(&self.text))
        };
        let mut lines: Vec<_> = self.lines.iter().rev().filter(wanted).take(count).collect();
        lines.reverse();
        lines
    }

    /// The next level: fewer lines, and all again after the last.
    pub(crate) fn next_level(&mut self) {
        let levels = [LogLevel::Debug, LogLevel::Info, LogLevel::Notice, LogLevel::Warning, LogLevel::Err];
        let at = levels.iter().position(|level| *level == self.level).unwrap_or_default();
        self.level = levels[(at + 1) % levels.len()];
    }
}

/// Lines kept, and characters of each.
const KEPT: usize = 1000;
const LONGEST: usize = 300;
