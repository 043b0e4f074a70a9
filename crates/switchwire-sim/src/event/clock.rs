//! Dates as the server writes them. The simulator's local time is UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, cut into calendar fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    micros: u64,
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    yearday: i64,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self::at(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    pub(crate) fn from_epoch_seconds(seconds: u64) -> Self {
        Self::at(Duration::from_secs(seconds))
    }

    fn at(since_epoch: Duration) -> Self {
        let micros = u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX);
        let days = i64::try_from(micros / MICROS_A_DAY).unwrap_or_default();
        // The proleptic Gregorian calendar in eras of 400 years, counted from 1 March.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let month = usize::try_from(month).unwrap_or(1);
        let yearday = before[month - 1] + day + i64::from(leap && month > 2);
        let weekday = usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default();
        Self { micros, year, month, day, weekday, yearday }
    }

    /// Microseconds since 1970.
    pub(crate) fn micros(self) -> u64 {
        self.micros
    }

    pub(crate) fn seconds(self) -> u64 {
        self.micros / 1_000_000
    }

    fn time(self) -> (u64, u64, u64) {
        let seconds = self.seconds() % 86_400;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// `2026-11-20 16:43:15`
    pub(crate) fn local(self) -> String {
        let (h, m, s) = self.time();
        format!("{:04}-{:02}-{:02} {h:02}:{m:02}:{s:02}", self.year, self.month, self.day)
    }

    /// `Fri, 20 Nov 2026 16:43:15 GMT`
    pub(crate) fn gmt(self) -> String {
        let (h, m, s) = self.time();
        let (weekday, month) = (DAYS[self.weekday], MONTHS[self.month - 1]);
        format!("{weekday}, {:02} {month} {:04} {h:02}:{m:02}:{s:02} GMT", self.day, self.year)
    }

    /// The date of a log line: `2026-11-20 16:45:15.016705`.
    pub(crate) fn log(self) -> String {
        format!("{}.{:06}", self.local(), self.micros % 1_000_000)
    }

    /// The usual conversions of strftime; an unknown one is left as it is.
    pub(crate) fn strftime(self, format: &str) -> String {
        let (h, m, s) = self.time();
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('Y') => out.push_str(&format!("{:04}", self.year)),
                Some('y') => out.push_str(&format!("{:02}", self.year % 100)),
                Some('m') => out.push_str(&format!("{:02}", self.month)),
                Some('d') => out.push_str(&format!("{:02}", self.day)),
                Some('e') => out.push_str(&format!("{:2}", self.day)),
                Some('H') => out.push_str(&format!("{h:02}")),
                Some('M') => out.push_str(&format!("{m:02}")),
                Some('S') => out.push_str(&format!("{s:02}")),
                Some('j') => out.push_str(&format!("{:03}", self.yearday)),
                Some('s') => out.push_str(&self.seconds().to_string()),
                Some('a') => out.push_str(DAYS[self.weekday]),
                Some('b') => out.push_str(MONTHS[self.month - 1]),
                Some('F') => out.push_str(&self.local()[..10]),
                Some('T') => out.push_str(&self.local()[11..]),
                Some('z') => out.push_str("+0000"),
                Some('Z') => out.push_str("UTC"),
                Some('%') => out.push('%'),
                Some(other) => out.extend(['%', other]),
                None => out.push('%'),
            }
        }
        out
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

const MICROS_A_DAY: u64 = 86_400_000_000;
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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
        assert_eq!(Moment::from_epoch_seconds(1_795_192_995).strftime("%Y/%T%%%q"), "2026/16:43:15%%q");
    }

    #[test]
    fn uptime_says_one_second_and_two_seconds() {
        let text = uptime(Duration::from_micros(61_002_001));
        assert_eq!(text, "0 years, 0 days, 0 hours, 1 minute, 1 second, 2 milliseconds, 1 microsecond");
    }
}
