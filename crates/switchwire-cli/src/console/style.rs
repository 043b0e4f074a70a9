//! Colours: `fs_cli`'s, by name and by level of a log line.

use anstyle::{AnsiColor, Style};
use switchwire::LogLevel;

/// A colour that a profile names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(Style);

impl Colour {
    /// `red`, `bold-red`, …; an unknown name is no colour.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (bold, name) = match name.strip_prefix("bold-") {
            Some(name) => (true, name),
            None => (false, name.as_str()),
        };
        let colour = match name {
            "black" => AnsiColor::Black,
            "red" => AnsiColor::Red,
            "green" => AnsiColor::Green,
            "yellow" => AnsiColor::Yellow,
            "blue" => AnsiColor::Blue,
            "magenta" => AnsiColor::Magenta,
            "cyan" => AnsiColor::Cyan,
            "white" => AnsiColor::White,
            _ => return None,
        };
        let style = colour.on_default();
        Some(Self(if bold { style.bold() } else { style }))
    }

    /// The colour of a log line.
    pub(crate) fn of_level(level: LogLevel) -> Option<Self> {
        let name = match level {
            LogLevel::Alert | LogLevel::Crit | LogLevel::Err => "red",
            LogLevel::Warning => "magenta",
            LogLevel::Notice => "cyan",
            LogLevel::Info => "green",
            LogLevel::Debug => "yellow",
            LogLevel::Console => return None,
        };
        Self::named(name)
    }

    /// The text in that colour.
    pub(crate) fn paint(self, text: &str) -> String {
        format!("{}{text}{}", self.0.render(), self.0.render_reset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_names() {
        assert_eq!(Colour::named("Red").unwrap().paint("x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(Colour::named("bold-cyan").unwrap().paint("x"), "\u{1b}[1m\u{1b}[36mx\u{1b}[0m");
        assert_eq!(Colour::named("pink"), None);
        assert_eq!(Colour::of_level(LogLevel::Err), Colour::named("red"));
        assert_eq!(Colour::of_level(LogLevel::Console), None);
    }
}
