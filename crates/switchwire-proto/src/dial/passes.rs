//! How the server takes texts apart: one function for each pass of its, and one that writes a text so that the pass
//! gives it back.
//!
//! A dial string goes through up to six of them, each of which takes quotes and backslashes away: the arguments of
//! `originate` (blanks), the groups (`|`), the legs (`,`), the pairs of a block, the name and the value of a pair. What
//! is written here escapes for one pass after the other, from the innermost, so it is right whatever a value holds.

/// What a blank reads as after a backslash; the other letters are `n`, `r` and `t`.
const BLANK_LETTER: char = 's';

/// Splits as `switch_separate_string` does with any delimiter but a blank, and cleans each piece. Quotes keep the
/// delimiter, a backslash too; a delimiter at the end makes no piece.
pub(crate) fn separate(text: &str, delimiter: char, limit: usize) -> Vec<String> {
    let (delimiter, text) = picked(text).unwrap_or((delimiter, text));
    if delimiter == ' ' {
        return separate_blanks(text);
    }
    let text: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut at) = (0, false, 0);
    while at < text.len() {
        if pieces.len() + 1 >= limit {
            break;
        }
        match text[at] {
            '\\' => at += 1,
            '\'' if quoted || text[at + 1..].contains(&'\'') => quoted = !quoted,
            character if character == delimiter && !quoted => {
                pieces.push(clean(&text[start..at], Some(delimiter)));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if start < text.len() {
        pieces.push(clean(&text[start..], Some(delimiter)));
    }
    pieces
}

/// Splits at blanks as `switch_separate_string` does, and cleans each piece: runs of blanks are one.
fn separate_blanks(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] == ' ' {
            at += 1;
            continue;
        }
        let (start, mut quoted) = (at, false);
        while at < text.len() && (quoted || text[at] != ' ') {
            match text[at] {
                '\\' => at += 1,
                '\'' => quoted = !quoted,
                _ => {}
            }
            at += 1;
        }
        pieces.push(clean(&text[start..at.min(text.len())], None));
    }
    pieces
}

/// The delimiter that a text names for itself (`^^:a=1:b=2`), and what it begins with then.
fn picked(text: &str) -> Option<(char, &str)> {
    let rest = text.strip_prefix("^^")?;
    let delimiter = rest.chars().next()?;
    let rest = &rest[delimiter.len_utf8()..];
    (!rest.is_empty()).then_some((delimiter, rest))
}

/// Takes quotes, backslashes and outer blanks away, as `cleanup_separated_string` does.
fn clean(text: &[char], delimiter: Option<char>) -> String {
    let leading = text.iter().take_while(|character| **character == ' ').count();
    let text = &text[leading..];
    let mut out = String::new();
    let (mut end, mut quoted, mut at) = (0, false, 0);
    while at < text.len() {
        let escaped =
            (text[at] == '\\').then(|| text.get(at + 1).and_then(|next| unescaped(*next, delimiter)));
        if let Some(Some(character)) = escaped {
            out.push(character);
            end = out.len();
            at += 2;
            continue;
        }
        if text[at] == '\'' && (quoted || text[at + 1..].contains(&'\'')) {
            quoted = !quoted;
            if quoted {
                end = out.len();
            }
        } else {
            out.push(text[at]);
            if text[at] != ' ' || quoted {
                end = out.len();
            }
        }
        at += 1;
    }
    out.truncate(end);
    out
}

/// What a character after a backslash stands for; `None` when the backslash stays.
fn unescaped(character: char, delimiter: Option<char>) -> Option<char> {
    match character {
        '\'' | '"' | '\\' => Some(character),
        _ if Some(character) == delimiter => Some(character),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        BLANK_LETTER => Some(' '),
        _ => None,
    }
}

/// Writes a text so that one pass with that delimiter gives it back.
pub(crate) fn escape(text: &str, delimiter: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '\'') || Some(character) == delimiter {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// As [`escape`], for the innermost pass: line breaks, tabs and outer blanks become letters, so that no pass cuts them.
pub(crate) fn escape_innermost(text: &str) -> String {
    let inner = text.trim_matches(' ');
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = if inner.is_empty() { 0 } else { text.len() - text.trim_end_matches(' ').len() };
    let blanks = |count| "\\s".repeat(count);
    let inner = escape(inner, None).replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    format!("{}{inner}{}", blanks(before), blanks(after))
}

/// Writes a text as one argument of an api command: in quotes when it holds a blank, or is empty.
pub(crate) fn argument(text: &str) -> String {
    let escaped = escape(text, None).replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    let begins_a_line = text.starts_with("^^");
    if text.is_empty() || text.contains(' ') || begins_a_line { format!("'{escaped}'") } else { escaped }
}

/// The words of an api command's argument, or of an application's that takes words.
pub(crate) fn words(text: &str) -> Vec<String> {
    separate(text, ' ', usize::MAX)
}

/// Writes a text so that the expansion of variables in an application's argument gives it back. (`${` and `$$` have no
/// such form.)
pub(crate) fn escape_expansion(text: &str) -> String {
    text.replace('\\', "\\\\")
}

/// What the expansion of variables makes of an application's argument without any `$`.
pub(crate) fn expand(text: &str) -> String {
    let acts = |pair: &[u8]| pair[0] == b'\\' && matches!(pair[1], b'\\' | b'n' | b's' | b't' | b'\'');
    if text.as_bytes().windows(2).any(acts) { expand_always(text) } else { text.to_owned() }
}

/// The same when something else in the argument calls for an expansion.
pub(crate) fn expand_always(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some('\\')) => {
                characters.next();
                out.push('\\');
            }
            ('\\', Some('\'')) => {
                characters.next();
            }
            _ => out.push(character),
        }
    }
    out
}

/// Whether the server takes a text for one with variables in it: a `$`, perhaps backslashes, and a `{`.
pub(crate) fn refers_to_variable(text: &str) -> bool {
    text.split('$').skip(1).any(|rest| rest.trim_start_matches('\\').starts_with('{'))
}

/// Where the block that begins the text ends, as `switch_find_end_paren` counts: brackets alone, whatever is quoted.
pub(crate) fn end_of_block(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Whether brackets pair up.
pub(crate) fn balanced(text: &str, open: char, close: char) -> bool {
    let mut depth = 0;
    for character in text.chars() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth < 0 {
                return false;
            }
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_gives_back_what_was_escaped_for_it() {
        for text in ["a", "it's", "a\\b", "\\", "'", "''", "a,b", "x\\'y\\,", "\\\\n", "\"q\"", "zażółć"]
        {
            assert_eq!(separate(&escape(text, Some(',')), ',', 128), [text], "{text:?}");
            let two = format!("{},{}", escape(text, Some(',')), escape(text, Some(',')));
            assert_eq!(separate(&two, ',', 128), [text, text], "{two:?}");
            assert_eq!(words(&format!("x {} y", argument(text))), ["x", text, "y"], "{text:?}");
            assert_eq!(expand(&escape_expansion(text)), text, "{text:?}");
        }
        for text in [" a ", "  ", "a b", "\n", "tab\t", "a\r\nb", "", "^^:x"] {
            assert_eq!(words(&format!("x {} y", argument(text))), ["x", text, "y"], "{text:?}");
        }
        for text in [" a ", "  ", " ", "a b", "\na", "tab\t", "it's ", "\\ "] {
            assert_eq!(separate(&escape_innermost(text), ',', 128), [text], "{text:?}");
        }
    }

    #[test]
    fn pieces_are_cut_as_the_server_cuts_them() {
        assert_eq!(separate("a,,b,", ',', 128), ["a", "", "b"]);
        assert_eq!(separate("'a,b',c", ',', 128), ["a,b", "c"]);
        assert_eq!(separate("it's,b", ',', 128), ["it's", "b"]);
        assert_eq!(separate("a=b=c", '=', 2), ["a", "b=c"]);
        assert_eq!(separate("a=", '=', 2), ["a"]);
        assert_eq!(separate("^^:a=1,2:b", ',', 128), ["a=1,2", "b"]);
        assert_eq!(separate(" a , b ", ',', 128), ["a", "b"]);
        assert_eq!(words("a  'b c'd \\s"), ["a", "b cd", " "]);
    }
}
