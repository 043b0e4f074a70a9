//! What must not reach a terminal as it is: the one rule of every view.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Control characters, and the marks and embeddings that turn the direction of writing: with them a value could be
/// shown as another one.
pub(crate) fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text of several lines for this terminal: harmless ([`lines`]), and in ASCII where it has no UTF-8: a terminal of another
/// character set takes bytes inside of UTF-8 characters for control characters.
pub(crate) fn on_terminal(text: &str) -> Cow<'_, str> {
    let text = lines(text);
    if is_utf8() || text.is_ascii() { text } else { Cow::Owned(ascii(&text)) }
}

/// Text of several lines for a terminal: line breaks (also `\r\n`) and tabs stay, what is harmful is escaped.
fn lines(text: &str) -> Cow<'_, str> {
    let stays = |char| char == '\n' || char == '\t';
    if !text.chars().any(|char| is_harmful(char) && !stays(char)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' if chars.peek() == Some(&'\n') => {}
            _ if is_harmful(char) && !stays(char) => out.extend(char.escape_default()),
            _ => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// The text with the harmful characters escaped.
pub(crate) fn escape(text: &str, harmful: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match harmful(char) {
            true => out.extend(char.escape_default()),
            false => out.push(char),
        }
    }
    out
}

/// The text as one line, harmless, at most that many columns wide; what is cut off ends in `…`. A value of any size costs
/// no more than what is shown of it.
pub(crate) fn cell(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    // As long as it could still be followed by the mark.
    let mut kept = 0;
    for char in text.chars() {
        let (piece, wide) = match is_harmful(char) {
            true => {
                let piece: String = char.escape_default().collect();
                let wide = piece.len();
                (piece, wide)
            }
            false => (char.to_string(), char.width().unwrap_or(0)),
        };
        if width + wide > columns {
            out.truncate(kept);
            if columns > 0 {
                out.push('…');
            }
            return out;
        }
        out.push_str(&piece);
        width += wide;
        if width < columns {
            kept = out.len();
        }
    }
    out
}

/// A JSON text with the harmful characters written as `\uXXXX`: the same values to a program, harmless on a terminal.
pub(crate) fn json(text: String) -> String {
    // What JSON does not escape by itself.
    if !text.chars().any(is_harmful) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match is_harmful(char) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            false => out.push(char),
        }
    }
    out
}

/// Whether the terminal's character set is UTF-8, as the environment says; one that says nothing is taken to be.
pub(crate) fn is_utf8() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The text for a terminal that has ASCII alone.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().flat_map(|char| std::iter::repeat_n(to_ascii(char), char.width().unwrap_or(1))).collect()
}

fn to_ascii(char: char) -> char {
    match char {
        ' '..='~' | '\n' | '\t' => char,
        '…' => '~',
        '─' | '━' | '–' => '-',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╯' | '╰' => {
            '+'
        }
        '→' | '▶' => '>',
        '●' | '█' => '#',
        '·' | '▁' | '▂' => '.',
        '▃' | '▄' | '▅' => ':',
        '▆' | '▇' => '|',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_cut_by_its_width_and_harmless() {
        assert_eq!(cell("hello", 5), "hello");
        assert_eq!(cell("hello!", 5), "hell…");
        assert_eq!(cell("日本語", 5), "日本…");
        assert_eq!(cell("日本語", 4), "日…");
        assert_eq!(cell("a\u{1b}[2J", 20), "a\\u{1b}[2J");
        assert_eq!(cell("a\u{1b}[2J", 4), "a…");
        assert_eq!(cell("x\0\u{202e}", 20), "x\\u{0}\\u{202e}");
        assert_eq!(cell("xyz", 0), "");
        assert_eq!(cell(&"y".repeat(1 << 20), 3), "yy…");
    }

    #[test]
    fn lines_keep_their_breaks() {
        assert_eq!(lines("a\n\tb\n"), "a\n\tb\n");
        assert_eq!(lines("a\r\nb\rc\u{1b}[2J\u{202e}\0\n"), "a\nb\\rc\\u{1b}[2J\\u{202e}\\u{0}\n");
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "a": "x\u{202e}\u{9b}\u{1b}é" });
        let text = json(value.to_string());
        assert_eq!(text, "{\"a\":\"x\\u202e\\u009b\\u001bé\"}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn ascii_keeps_the_width() {
        assert_eq!(ascii("├─ 日本 …é"), "+- ???? ~?");
        assert_eq!(ascii("é\n\té"), "?\n\t?");
    }
}
