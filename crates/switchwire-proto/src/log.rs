use std::fmt;
use std::str::FromStr;

use crate::line::leading_number;
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

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A log line (`log/data`), as a connection gets them after `log LEVEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The line itself, with its line feed.
    pub text: String,
}

impl LogRecord {
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
