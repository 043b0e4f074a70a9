//! Channel variables of a dial string: `{a=1,b=2}`.

use super::DialError;
use super::passes::{balanced, end_of_block, escape, escape_innermost, refers_to_variable, separate};
use crate::array;

/// The most pairs that the server takes in a block.
const MOST_PAIRS: usize = 1024;
/// Separators that a block may pick with `^^`; the first is what the server itself uses (`group_call`).
const SEPARATORS: [char; 9] = [':', ';', '~', '!', '#', '*', '+', '@', '%'];

/// Channel variables, in order. A name that is set again replaces the one before, in any letter case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Variables {
    pairs: Vec<(String, String)>,
}

/// Which block of a dial string: its brackets, and how many passes it goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// `<>`: every thread.
    All,
    /// `{}`: every leg.
    Legs,
    /// `[]`: one leg.
    Leg,
}

impl Scope {
    pub(super) const fn brackets(self) -> (char, char) {
        match self {
            Self::All => ('<', '>'),
            Self::Legs => ('{', '}'),
            Self::Leg => ('[', ']'),
        }
    }
}

impl Variables {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.insert(name.into(), value.into());
        self
    }

    /// Sets a variable to an array (`ARRAY::a|:b`); one element makes a plain value.
    ///
    /// # Errors
    /// [`DialError::Sequence`] when an element holds the separator `|:`.
    pub fn set_array<'a>(
        self,
        name: impl Into<String>,
        elements: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, DialError> {
        let elements: Vec<_> = elements.into_iter().collect();
        if elements.iter().any(|element| element.contains(array::ARRAY_SEPARATOR)) {
            return Err(DialError::Sequence { what: "element", sequence: array::ARRAY_SEPARATOR });
        }
        let joined = elements.join(array::ARRAY_SEPARATOR);
        let prefix = if elements.len() > 1 { array::ARRAY_PREFIX } else { "" };
        Ok(self.set(name, format!("{prefix}{joined}")))
    }

    /// The value of a variable, by its name in any letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn insert(&mut self, name: String, value: String) {
        match self.pairs.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(&name)) {
            Some(pair) => pair.1 = value,
            None => self.pairs.push((name, value)),
        }
    }

    /// The block, escaped for its own two passes; nothing for no variables. `nested` lets `${` pass.
    pub(super) fn block(&self, scope: Scope, nested: bool) -> Result<String, DialError> {
        if self.is_empty() {
            return Ok(String::new());
        }
        if self.pairs.len() > MOST_PAIRS {
            return Err(DialError::TooMany { what: "variables", limit: MOST_PAIRS });
        }
        for (name, value) in &self.pairs {
            check_name(name)?;
            check_value(name, value, scope, nested)?;
        }
        let separator = self.separator(scope)?;
        let pair = |(name, value): &(String, String)| {
            // The pass that tells name from value, then the one that tells the pairs apart.
            escape(&format!("{name}={}", escape_innermost(value)), Some(separator))
        };
        let pairs: Vec<_> = self.pairs.iter().map(pair).collect();
        let (open, close) = scope.brackets();
        let head = if separator == ',' { String::new() } else { format!("^^{separator}") };
        Ok(format!("{open}{head}{}{close}", pairs.join(&separator.to_string())))
    }

    /// A comma, or one that stands in no value when a value holds a comma (or, in a leg's block, anything that the
    /// server's search for the leg's end trips over).
    fn separator(&self, scope: Scope) -> Result<char, DialError> {
        let value_in_the_way = |value: &String| {
            value.contains(',') || scope == Scope::Leg && (value.contains('\'') || value.ends_with('\\'))
        };
        if !self.pairs.iter().any(|(_, value)| value_in_the_way(value)) {
            return Ok(',');
        }
        let holds =
            |pair: &(String, String), separator| pair.0.contains(separator) || pair.1.contains(separator);
        let free = |separator: &char| !self.pairs.iter().any(|pair| holds(pair, *separator));
        match SEPARATORS.into_iter().find(free) {
            Some(separator) => Ok(separator),
            None if scope == Scope::Leg => Err(DialError::NoSeparator),
            None => Ok(','),
        }
    }

    /// Reads the block that a text begins with, and gives what comes after it.
    pub(super) fn read(text: &str, scope: Scope, separator: char) -> Result<(Self, &str), DialError> {
        let (open, close) = scope.brackets();
        if !text.starts_with(open) {
            return Ok((Self::default(), text));
        }
        let end =
            end_of_block(text, open, close).ok_or(DialError::Unbalanced { what: "dial string", open })?;
        let mut variables = Self::default();
        for pair in separate(&text[open.len_utf8()..end], separator, MOST_PAIRS) {
            // A pair without a value sets nothing.
            if let [name, value] = &separate(&pair, '=', 2)[..] {
                match &value[..] {
                    "" => variables.pairs.retain(|(own, _)| !own.eq_ignore_ascii_case(name)),
                    _ => variables.insert(name.clone(), value.clone()),
                }
            }
        }
        let rest = &text[end + close.len_utf8()..];
        if rest.trim_start_matches(' ').starts_with(open) {
            return Err(DialError::Unreadable { what: "two blocks of one kind after each other" });
        }
        Ok((variables, rest))
    }
}

impl<Name: Into<String>, Value: Into<String>> FromIterator<(Name, Value)> for Variables {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        pairs.into_iter().fold(Self::default(), |variables, (name, value)| variables.set(name, value))
    }
}

fn check_name(name: &str) -> Result<(), DialError> {
    if name.is_empty() {
        return Err(DialError::Empty { what: "variable's name" });
    }
    // What stands in names: words, SIP headers (`sip_h_X-Id`), and `nolocal:NAME` with its colon.
    let good = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    let bare = name.strip_prefix("nolocal:").unwrap_or(name);
    match bare.chars().find(|character| !good(*character)) {
        Some(character) => Err(DialError::Character { what: "variable's name", character }),
        None => Ok(()),
    }
}

fn check_value(name: &str, value: &str, scope: Scope, nested: bool) -> Result<(), DialError> {
    let what = "variable's value";
    if value.is_empty() {
        return Err(DialError::EmptyValue { name: name.to_owned() });
    }
    // The last two stand for commas while the server looks for the end of a leg.
    if let Some(character) = value.chars().find(|character| matches!(character, '\0' | '\u{1}' | '\u{2}')) {
        return Err(DialError::Character { what, character });
    }
    if value.contains(":_:") {
        return Err(DialError::Sequence { what, sequence: ":_:" });
    }
    if !nested && refers_to_variable(value) {
        return Err(DialError::Sequence { what, sequence: "${" });
    }
    if scope == Scope::Leg && value.contains("\\,") {
        return Err(DialError::EscapedComma { name: name.to_owned() });
    }
    let (open, close) = scope.brackets();
    if !balanced(value, open, close) {
        return Err(DialError::Unbalanced { what, open });
    }
    Ok(())
}
