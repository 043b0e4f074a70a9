//! Durations on the command line: `2s`, `500ms`, `1.5m`, `1m 30s`, or a bare number in the option's own unit.

use std::time::Duration;

use jiff::SignedDuration;

/// Reads one; a bare number counts milliseconds, as `fs_cli`'s timeout does.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    read(text, 0.001)
}

/// Reads one; a bare number counts seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    read(text, 1.0)
}

fn read(text: &str, unit: f64) -> Result<Duration, String> {
    if let Ok(number) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string());
    }
    let duration: Option<SignedDuration> = text.parse().ok();
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| "not a duration: write 500ms, 2s or 1m 30s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_bare_numbers_have_the_options_unit() {
        for (text, expected) in
            [("2s", 2000), ("500ms", 500), ("1.5m", 90_000), ("1m 30s", 90_000), ("1h", 3_600_000), ("0", 0)]
        {
            assert_eq!(seconds(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        assert_eq!(milliseconds("250"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("3"), Ok(Duration::from_secs(3)));
        for wrong in ["", "s", "-1", "-1s", "1d", "1w", "2 s 1", "NaN", "inf"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
