//! What must not reach a terminal as it is.

/// Control characters, and the marks and embeddings that turn the direction of writing: with them a value could be
/// shown as another one.
pub(crate) fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
