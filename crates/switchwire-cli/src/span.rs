//! Spans of time as people write them: `2s`, `500ms`, `1.5m`, or a bare number in the option's own unit.

use std::time::Duration;

/// Reads one; a bare number counts milliseconds, as `fs_cli`'s time-out does.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    read(text, 0.001)
}

/// Reads one; a bare number counts seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    read(text, 1.0)
}

fn read(text: &str, bare: f64) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => bare,
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        other => return Err(format!("no such unit of time: {other} (ms, s, m or h)")),
    };
    let number: f64 = digits.parse().map_err(|_| "not a span of time: write 500ms, 2s or 1m".to_owned())?;
    Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_bare_numbers_have_the_options_unit() {
        for (text, expected) in [("2s", 2000), ("500ms", 500), ("1.5m", 90_000), ("1h", 3_600_000), ("0", 0)]
        {
            assert_eq!(seconds(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        assert_eq!(milliseconds("250"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("3"), Ok(Duration::from_secs(3)));
        for wrong in ["", "s", "-1", "1d", "1 s", "NaN", "inf"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
