//! Log lines and the connections that get them.

use std::sync::Arc;

use switchwire_proto::LogLevel;

use super::clock::Moment;
use super::origin::Origin;
use crate::channel::Line;
use crate::wire::frame::{self, LogLine};
use crate::world::World;

impl World {
    /// A log line about nothing in particular.
    pub(crate) fn log_text(&mut self, level: LogLevel, text: &str) {
        self.log_line(level, ("switchwire.c", "log", 1), Line::Channel, String::new(), text);
    }

    /// A line of a session that no channel is known of yet.
    pub(crate) fn log_session(&mut self, origin: Origin, text: &str) {
        self.log_line(LogLevel::Debug, origin, Line::Session, String::new(), text);
    }

    pub(crate) fn log_line(
        &mut self,
        level: LogLevel,
        (file, function, line): Origin,
        kind: Line,
        user_data: String,
        text: &str,
    ) {
        if !self.is_logged(level as u8) {
            return;
        }
        let text = if kind == Line::Clean {
            format!("{text}\n")
        } else {
            let now = Moment::now().log();
            format!("{now} 98.70% [{}] {file}:{line} {text}\n", level.name())
        };
        let (level, channel) = (level as u8, kind as u8);
        self.log(&LogLine { level, channel, file, function, line, user_data, text });
    }

    /// Whether any connection listens to lines of that level.
    pub(crate) fn is_logged(&self, level: u8) -> bool {
        self.conns.values().any(|conn| conn.log_level.is_some_and(|wanted| level <= wanted))
    }

    /// Queues a log line on every connection that listens to its level.
    fn log(&mut self, line: &LogLine) {
        let mut written: Option<Arc<[u8]>> = None;
        let bound = self.config.queue_bound;
        for conn in self.conns.values_mut() {
            if conn.log_level.is_some_and(|level| line.level <= level) && conn.logs.len() < bound {
                let frame = written.get_or_insert_with(|| frame::log(line).into());
                conn.logs.push_back(frame.clone());
                self.dirty.push(conn.id);
            }
        }
    }
}
