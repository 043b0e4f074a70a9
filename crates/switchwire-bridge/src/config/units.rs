//! Sizes and times as people write them: `64 MiB`, `1.5s`.

use std::time::Duration;

use serde::Deserialize;

/// A number of bytes: `1000`, `64 KiB`, `1 GiB`, `10 MB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NumberOrText")]
pub struct Bytes(pub u64);

/// A time: `250ms`, `10s`, `5min`, `1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl TryFrom<NumberOrText> for Bytes {
    type Error = String;

    fn try_from(value: NumberOrText) -> Result<Self, String> {
        let text = match value {
            NumberOrText::Number(number) => return Ok(Self(number)),
            NumberOrText::Text(text) => text,
        };
        let wrong = || format!("{text:?} is no size: write 1000, \"64 MiB\" or \"1 GiB\"");
        let (number, unit) = split(&text);
        let unit: u64 = match unit {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            "kB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(unit).map(Self).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time: write \"250ms\", \"10s\", \"5min\" or \"1h\"");
        let (number, unit) = split(&text);
        let unit = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        Duration::try_from_secs_f64(number * unit).map(Self).map_err(|_| wrong())
    }
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_or_named() {
        let bytes = |text: &str| Bytes::try_from(NumberOrText::Text(text.to_owned()));
        assert_eq!(bytes("64 MiB"), Ok(Bytes(64 << 20)));
        assert_eq!(bytes("10MB"), Ok(Bytes(10_000_000)));
        assert!(bytes("much").is_err() && bytes("1 XB").is_err() && bytes("99999999999 GiB").is_err());
        let span = |text: &str| Span::try_from(text.to_owned());
        assert_eq!(span("1.5s"), Ok(Span(Duration::from_millis(1500))));
        assert_eq!(span("5 min"), Ok(Span(Duration::from_secs(300))));
        assert!(span("5").is_err() && span("-5s").is_err() && span("").is_err());
    }
}
