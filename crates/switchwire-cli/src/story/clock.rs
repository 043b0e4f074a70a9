//! The server's clock: log lines have its local time alone, events have both.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use switchwire::{Event, LogRecord};

use super::entry::micros;

/// What is known of it.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ServerClock {
    /// Microseconds from universal to local time.
    offset: Option<i64>,
    /// The time of the last event.
    last: u64,
}

impl ServerClock {
    /// Learns from an event.
    pub(crate) fn note(&mut self, event: &Event) {
        let Some(at) = event.time().map(micros) else { return };
        self.last = self.last.max(at);
        if self.offset.is_none()
            && let Some(local) = event.header("Event-Date-Local").and_then(|text| local(&text))
        {
            let difference = local - signed(at);
            // Time zones differ by quarters of an hour; the local time has whole seconds alone.
            self.offset = Some((difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER);
        }
    }

    /// When a log line was written: by its own text where that has a time, else the time of the last event.
    pub(crate) fn time(&self, record: &LogRecord) -> u64 {
        let written = record.time().and_then(local).zip(self.offset);
        let at = written.and_then(|(local, offset)| u64::try_from(local - offset).ok());
        at.unwrap_or(self.last)
    }
}

/// A local time as if it were universal, in microseconds since 1970.
fn local(text: &str) -> Option<i64> {
    let time: DateTime = text.trim().parse().ok()?;
    let zoned = TimeZone::UTC.to_timestamp(time).ok()?;
    Some(zoned.as_microsecond())
}

fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// A quarter of an hour.
const QUARTER: i64 = 900 * 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use switchwire::EventType;

    #[test]
    fn a_log_line_has_its_time_by_the_events() {
        let mut clock = ServerClock::default();
        let mut event = Event::new(EventType::Heartbeat);
        // 2026-11-20 16:45:15 in a zone two hours ahead.
        event
            .add_header("Event-Date-Local", "2026-11-20 16:45:15")
            .add_header("Event-Date-Timestamp", "1795185915100000");
        clock.note(&event);
        let record = record("2026-11-20 16:45:15.016705 [DEBUG] switch.c:7 hello\n");
        assert_eq!(clock.time(&record), 1_795_185_915_016_705);
        assert_eq!(clock.time(&self::record("no time\n")), 1_795_185_915_100_000);
    }

    fn record(text: &str) -> LogRecord {
        let head = format!(
            "Content-Type: log/data\nContent-Length: {}\nLog-Level: 7\nText-Channel: 0\nLog-File: switch.c\nLog-Func: f\nLog-Line: 7\nUser-Data: u\n\n",
            text.len()
        );
        let mut decoder = switchwire::proto::Decoder::default();
        decoder.feed(head.as_bytes());
        decoder.feed(text.as_bytes());
        let message = decoder.next_message().unwrap().unwrap();
        match switchwire::Incoming::from(message) {
            switchwire::Incoming::Log(record) => record,
            other => panic!("{other:?}"),
        }
    }
}
