//! Log lines and the connections that get them.

use std::sync::Arc;

use switchwire_proto::LogLevel;

use super::clock::Moment;
use super::origin::Origin;
use crate::channel::ChannelId;
use crate::wire::frame::{self, LogLine};
use crate::world::World;

impl World {
    /// A log line about nothing in particular.
    pub(crate) fn log_text(&mut self, level: LogLevel, text: &str) {
        self.log_line(level, ("switchwire.c", "log", 1), 0, String::new(), text);
    }

    /// A log line about a channel.
    pub(crate) fn channel_log(&mut self, id: ChannelId, level: LogLevel, origin: Origin, text: &str) {
        if self.is_logged(level as u8) {
            let uuid = self.channels.get(id).map(|channel| channel.uuid.clone()).unwrap_or_default();
            self.log_line(level, origin, 3, uuid, text);
        }
    }

    fn log_line(
        &mut self,
        level: LogLevel,
        (file, function, line): Origin,
        channel: u8,
        user_data: String,
        text: &str,
    ) {
        let now = Moment::now().log();
        let text = format!("{now} 98.70% [{}] {file}:{line} {text}\n", level.name());
        self.log(&LogLine { level: level as u8, channel, file, function, line, user_data, text });
    }

    fn is_logged(&self, level: u8) -> bool {
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
