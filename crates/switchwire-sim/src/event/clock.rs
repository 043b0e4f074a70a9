//! Dates as the server writes them. The simulator's local time is UTC.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime::{BrokenDownTime, Config};

/// A moment, to the microsecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Timestamp);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(crate::world::clock::timestamp())
    }

    /// The moment so many seconds after 1970 began, or the last one that has a date.
    pub(crate) fn from_epoch_seconds(seconds: u64) -> Self {
        let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        Self(moment.unwrap_or(Timestamp::MAX))
    }

    /// Microseconds since 1970.
    pub(crate) fn micros(self) -> u64 {
        u64::try_from(self.0.as_microsecond()).unwrap_or_default()
    }

    pub(crate) fn seconds(self) -> u64 {
        self.micros() / 1_000_000
    }

    /// `2026-11-20 16:43:15`
    pub(crate) fn local(self) -> String {
        self.strftime("%F %T")
    }

    /// `Fri, 20 Nov 2026 16:43:15 GMT`
    pub(crate) fn gmt(self) -> String {
        self.strftime("%a, %d %b %Y %T GMT")
    }

    /// The date of a log line: `2026-11-20 16:45:15.016705`.
    pub(crate) fn log(self) -> String {
        self.strftime("%F %T.%6f")
    }

    /// The conversions of strftime; an unknown one is left as it is.
    pub(crate) fn strftime(self, format: &str) -> String {
        let fields = BrokenDownTime::from(self.0);
        let mut text = String::new();
        // Lenient: it fails for no format.
        let _ = fields.format_with_config(&Config::new().lenient(true), format, &mut text);
        text
    }
}

/// `0 years, 0 days, 0 hours, 7 minutes, 36 seconds, 875 milliseconds, 552 microseconds`
pub(crate) fn uptime(up: Duration) -> String {
    let plural = |n: u64, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let s = up.as_secs();
    [
        plural(s / 31_536_000, "year"),
        plural(s / 86_400 % 365, "day"),
        plural(s / 3600 % 24, "hour"),
        plural(s / 60 % 60, "minute"),
        plural(s % 60, "second"),
        plural(u64::from(up.subsec_millis()), "millisecond"),
        plural(u64::from(up.subsec_micros() % 1000), "microsecond"),
    ]
    .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_match_known_moments() {
        for (seconds, local, gmt, yearday) in [
            (0, "1970-01-01 00:00:00", "Thu, 01 Jan 1970 00:00:00 GMT", "001"),
            (951_782_400, "2000-02-29 00:00:00", "Tue, 29 Feb 2000 00:00:00 GMT", "060"),
            (1_795_192_995, "2026-11-20 16:43:15", "Fri, 20 Nov 2026 16:43:15 GMT", "324"),
        ] {
            let moment = Moment::from_epoch_seconds(seconds);
            assert_eq!(moment.local(), local);
            assert_eq!(moment.gmt(), gmt);
            assert_eq!(moment.strftime("%j"), yearday);
        }
        assert_eq!(Moment::from_epoch_seconds(1_795_192_995).strftime("%Y/%T%%%!"), "2026/16:43:15%%!");
        assert_eq!(Moment::from_epoch_seconds(u64::MAX).strftime("%z %Z %Y"), "+0000 UTC 9999");
    }

    #[test]
    fn uptime_says_one_second_and_two_seconds() {
        let text = uptime(Duration::from_micros(61_002_001));
        assert_eq!(text, "0 years, 0 days, 0 hours, 1 minute, 1 second, 2 milliseconds, 1 microsecond");
    }
}
