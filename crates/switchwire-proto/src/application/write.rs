//! How words and files are written for an application.

use crate::HangupCause;
use crate::dial::DialError;
use crate::dial::passes::{argument, escape_expansion, expand_always, refers_to_variable, words};

/// A text that may be said at all: one line, and nothing in it that is replaced by a variable's value.
pub(crate) fn check(what: &'static str, text: &str) -> Result<(), DialError> {
    if text.is_empty() {
        return Err(DialError::Empty { what });
    }
    if let Some(character) = text.chars().find(|character| character.is_control()) {
        return Err(DialError::Character { what, character });
    }
    if refers_to_variable(text) {
        return Err(DialError::Sequence { what, sequence: "${" });
    }
    if text.contains("$$") {
        return Err(DialError::Sequence { what, sequence: "$$" });
    }
    Ok(())
}

/// A text that is all of the argument, or its end.
pub(super) fn rest(what: &'static str, text: &str) -> Result<String, DialError> {
    check(what, text)?;
    Ok(expandable(text))
}

/// One of the words that the application tells apart at blanks.
pub(super) fn word(what: &'static str, text: &str) -> Result<String, DialError> {
    check(what, text)?;
    // As it stands when no pass changes it, whatever stands beside it: `\d+` needs no backslashes.
    let plain =
        !text.contains('\'') && !text.ends_with('\\') && !text.starts_with("^^") && words(text) == [text];
    Ok(expandable(&if plain { text.to_owned() } else { argument(text) }))
}

/// A word of letters, digits, `_`, `-` and `.`: names of variables, profiles, flags.
pub(crate) fn name<'a>(what: &'static str, text: &'a str) -> Result<&'a str, DialError> {
    let good = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    match text.chars().find(|character| !good(*character)) {
        Some(character) => Err(DialError::Character { what, character }),
        None if text.is_empty() => Err(DialError::Empty { what }),
        None => Ok(text),
    }
}

/// A file or another source that is played or recorded to: a text that is one file wherever it is put.
pub(crate) fn file(text: &str) -> Result<&str, DialError> {
    let what = "file";
    check(what, text)?;
    // `!` stands between files (playback_delimiter, file_string), `{` begins settings, outer blanks are cut off.
    let edges = [text.chars().next(), text.chars().next_back().filter(|last| *last == ' ')];
    let edge = edges.into_iter().flatten().find(|edge| matches!(edge, ' ' | '{'));
    if let Some(character) = edge.or(text.contains('!').then_some('!')) {
        return Err(DialError::Character { what, character });
    }
    // What comes after is the place to begin at.
    match text.contains("@@") {
        true => Err(DialError::Sequence { what, sequence: "@@" }),
        false => Ok(text),
    }
}

/// Keys of a telephone.
pub(super) fn keys(what: &'static str, text: &str) -> Result<String, DialError> {
    if text.is_empty() {
        // No key is one of these letters.
        return Ok("none".to_owned());
    }
    match text.chars().find(|key| !matches!(key, '0'..='9' | '*' | '#' | 'A'..='D' | 'a'..='d')) {
        Some(character) => Err(DialError::Character { what, character }),
        None => Ok(text.to_owned()),
    }
}

/// Written so that the expansion of variables gives it back.
fn expandable(text: &str) -> String {
    if expand_always(text) == text && !text.contains("\\$") {
        text.to_owned()
    } else {
        escape_expansion(text)
    }
}

/// Digits that are sent: keys, pauses and a flash.
pub(crate) fn digits(text: &str) -> Result<&str, DialError> {
    let what = "digits";
    let good =
        |key: char| matches!(key, '0'..='9' | '*' | '#' | 'A'..='D' | 'a'..='d' | 'w' | 'W' | 'F' | 'f');
    match text.chars().find(|key| !good(*key)) {
        Some(character) => Err(DialError::Character { what, character }),
        None if text.is_empty() => Err(DialError::Empty { what }),
        None => Ok(text),
    }
}

/// A hangup cause: a word, known or not.
pub(super) fn cause(cause: &HangupCause) -> Result<&str, DialError> {
    name("hangup cause", cause.name())
}
