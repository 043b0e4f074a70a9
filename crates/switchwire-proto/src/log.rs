use std::fmt;
use std::str::FromStr;

use crate::lines::leading_number;
use crate::{BuildError, Message};

/// FreeSWITCH's log levels, as `log LEVEL` takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum LogLevel {
    /// 0: the console's own output.
    Console = 0,
    /// 1
    Alert = 1,
    /// 2
    Crit = 2,
    /// 3
    Err = 3,
    /// 4
    Warning = 4,
    /// 5
    Notice = 5,
    /// 6
    Info = 6,
    /// 7
    Debug = 7,
}

impl LogLevel {
    /// Every level, from `Console` to `Debug`.
    pub const ALL: [Self; 8] = [
        Self::Console,
        Self::Alert,
        Self::Crit,
        Self::Err,
        Self::Warning,
        Self::Notice,
        Self::Info,
        Self::Debug,
    ];

    /// The level with this number; numbers above 7 (FreeSWITCH's debug1 to debug10) count as `Debug`.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Debug)
    }

    /// FreeSWITCH's name for it, e.g. `WARNING`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Console => "CONSOLE",
            Self::Alert => "ALERT",
            Self::Crit => "CRIT",
            Self::Err => "ERR",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// The one rule for levels that people write: FreeSWITCH's names in any letter case, `warn` and `error`, and the numbers
/// 0 to 7. Anything else is [`BuildError::LogLevel`], which names the accepted words.
impl FromStr for LogLevel {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, BuildError> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        let named =
            Self::ALL.into_iter().find(|level| is(level.name()) || *text == (*level as u8).to_string());
        match named {
            Some(level) => Ok(level),
            None if is("warn") => Ok(Self::Warning),
            None if is("error") => Ok(Self::Err),
            None => Err(BuildError::LogLevel { text: text.to_owned() }),
        }
    }
}

/// 0 to 7; [`from_number`](LogLevel::from_number) is the reading of a number that the server sent.
impl TryFrom<u32> for LogLevel {
    type Error = BuildError;

    fn try_from(number: u32) -> Result<Self, BuildError> {
        let level = usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied());
        level.ok_or_else(|| BuildError::LogLevel { text: number.to_string() })
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A log line (`log/data`), as a connection gets them after `log LEVEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// `Log-Level`.
    pub level: LogLevel,
    /// `Log-File`: the server's source file.
    pub file: String,
    /// `Log-Func`: the function in it.
    pub function: String,
    /// `Log-Line`: the line in it.
    pub line: u32,
    /// `Text-Channel`: the kind of log text, as a number (0: log, 1: log for the console only …).
    pub text_channel: u32,
    /// `User-Data`: the uuid of the channel that the line is about.
    pub channel_uuid: Option<String>,
    /// The line as the server sent it, with its own prefix (see [`message`](Self::message)) and its line feed.
    pub text: String,
}

impl LogRecord {
    /// What the line says: [`text`](Self::text) without the prefix that the server puts before most lines
    /// (`2026-11-20 16:45:15.016705 1.77% [DEBUG] switch_channel.c:1143 `), which repeats the fields of this record, and
    /// without the line feed. A line that has no such prefix is given whole.
    #[must_use]
    pub fn message(&self) -> &str {
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        self.without_prefix(text).unwrap_or(text)
    }

    /// When the server wrote the line, by its own clock: `2026-11-20 16:45:15.016705`. `None` when it has no prefix.
    #[must_use]
    pub fn time(&self) -> Option<&str> {
        let message = self.without_prefix(&self.text)?;
        let prefix = &self.text[..self.text.len() - message.len()];
        let from = date_and_time(prefix)?;
        prefix.get(from..from + DATE_AND_TIME.len())
    }

    /// What follows the prefix: `[UUID ]DATE TIME [IDLE% ][LEVEL] FILE:LINE `, where file and line are this record's. (The
    /// share of idle CPU time is missing on older servers, the uuid comes with `log-uuid`.)
    fn without_prefix<'a>(&self, text: &'a str) -> Option<&'a str> {
        let after_time = text.get(date_and_time(text)? + DATE_AND_TIME.len()..)?.strip_prefix(' ')?;
        let (before_level, after) = after_time.split_once('[')?;
        let idle = before_level.trim_end();
        let is_idle =
            idle.is_empty() || idle.strip_suffix('%').is_some_and(|share| share.parse::<f64>().is_ok());
        let (level, rest) = after.split_once("] ")?;
        let is_level = level.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let place = rest.strip_prefix(&*self.file)?.strip_prefix(':')?;
        let message = place.strip_prefix(&*self.line.to_string())?;
        let message = if message.is_empty() { message } else { message.strip_prefix(' ')? };
        (is_idle && is_level).then_some(message)
    }

    pub(crate) fn from_message(message: &Message) -> Self {
        let text =
            |name| message.header(name).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned);
        let number =
            |name| message.raw_header(name).map_or(0, |value| leading_number(value).clamp(0, 1 << 30));
        Self {
            level: LogLevel::from_number(u8::try_from(number("Log-Level")).unwrap_or(u8::MAX)),
            file: text("Log-File").unwrap_or_default(),
            function: text("Log-Func").unwrap_or_default(),
            line: u32::try_from(number("Log-Line")).unwrap_or_default(),
            text_channel: u32::try_from(number("Text-Channel")).unwrap_or_default(),
            channel_uuid: text("User-Data"),
            text: String::from_utf8_lossy(message.body().unwrap_or_default()).into_owned(),
        }
    }
}

/// Where the date of a line begins: at its beginning, or after a channel's uuid.
fn date_and_time(text: &str) -> Option<usize> {
    const UUID: usize = "9857d803-bf6f-4565-920f-d6c677df1382 ".len();
    let is_at = |at: usize| {
        let found = text.as_bytes().get(at..at + DATE_AND_TIME.len())?;
        let alike = found.iter().zip(DATE_AND_TIME).all(|(byte, pattern)| match pattern {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
        alike.then_some(at)
    };
    is_at(0).or_else(|| is_at(UUID))
}

/// The form of date and time: digits where there is a 0.
const DATE_AND_TIME: &[u8] = b"0000-00-00 00:00:00.000000";

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> LogRecord {
        LogRecord {
            level: LogLevel::Debug,
            file: "switch_core.c".into(),
            function: "f".into(),
            line: 12,
            text_channel: 3,
            channel_uuid: None,
            text: text.into(),
        }
    }

    #[test]
    fn the_servers_prefix_is_split_off() {
        const TIME: &str = "2026-11-20 16:45:15.016705";
        for (text, time, message) in [
            (
                "2026-11-20 16:45:15.016705 1.77% [DEBUG] switch_core.c:12 hello [x] y\n",
                Some(TIME),
                "hello [x] y",
            ),
            ("2026-11-20 16:45:15.016705 98.70% [NOTICE] switch_core.c:12 a\nb\n", Some(TIME), "a\nb"),
            ("2026-11-20 16:45:15.016705 [ERR] switch_core.c:12 old\n", Some(TIME), "old"),
            (
                "9857d803-bf6f-4565-920f-d6c677df1382 2026-11-20 16:45:15.016705 1.77% [DEBUG] switch_core.c:12 hello\n",
                Some(TIME),
                "hello",
            ),
            ("2026-11-20 16:45:15.016705 1.77% [DEBUG] switch_core.c:12 \n", Some(TIME), ""),
            // Another file's line is no prefix of this record's, nor is what merely begins like one.
            ("2026-11-20 16:45:15.016705 1.77% [DEBUG] other.c:12 hello\n", None, ""),
            ("2026-11-20 16:45:15.016705 1.77% [DEBUG] switch_core.c:123 hello\n", None, ""),
            ("2026-11-20 16:45:15.016705 x [DEBUG] switch_core.c:12 hello\n", None, ""),
            ("EXECUTE [depth=0] loopback/9020 answer()\n", None, ""),
            ("2026-11-20 16:45:15.01670\u{e9} [DEBUG] switch_core.c:12 x", None, ""),
            ("", None, ""),
        ] {
            let record = record(text);
            let whole = text.strip_suffix('\n').unwrap_or(text);
            assert_eq!(record.message(), if time.is_some() { message } else { whole }, "{text}");
            assert_eq!(record.time(), time, "{text}");
            assert_eq!(record.text, text);
        }
    }
}
