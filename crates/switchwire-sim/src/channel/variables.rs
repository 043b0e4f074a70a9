//! Channel variables: ordered, as events show them, and `${...}` expansion.

use switchwire_proto::raw::array::{ARRAY_PREFIX, ARRAY_SEPARATOR};

/// Names and values in the order in which they were last set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    all: Vec<(String, Vec<u8>)>,
}

impl Variables {
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.all.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Sets a variable, which then is the last one. An empty value takes it away; an array of one element is that element.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        let is_one = |rest: &&[u8]| !rest.windows(2).any(|two| two == ARRAY_SEPARATOR.as_bytes());
        let value = value.strip_prefix(ARRAY_PREFIX.as_bytes()).filter(is_one).unwrap_or(value);
        self.all.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.all.push((name.to_owned(), value.to_vec()));
        }
    }

    /// Appends an element to an array, or puts it first. The variable keeps its place.
    pub(crate) fn push(&mut self, name: &str, value: &[u8], first: bool) {
        let Some(old) = self.get(name) else { return self.set(name, value) };
        let old = old.strip_prefix(ARRAY_PREFIX.as_bytes()).unwrap_or(old);
        let (head, tail) = if first { (value, old) } else { (old, value) };
        let array = [ARRAY_PREFIX.as_bytes(), head, ARRAY_SEPARATOR.as_bytes(), tail].concat();
        if let Some((_, value)) = self.all.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            *value = array;
        }
    }

    /// Appends elements to an array, one after the other.
    pub(crate) fn add(&mut self, name: &str, values: &[String]) {
        values.iter().for_each(|value| self.push(name, value.as_bytes(), false));
    }

    /// All as text.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        self.iter()
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
            .collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.all.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

/// Replaces `${name}` and `$${name}` by what `look_up` knows; unknown names become nothing.
pub(crate) fn expand(text: &str, mut look_up: impl FnMut(&str) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}') else { break };
        let before = rest[..at].strip_suffix('$').unwrap_or(&rest[..at]);
        out.extend_from_slice(before.as_bytes());
        out.extend(look_up(&rest[at + 2..at + end]).unwrap_or_default());
        rest = &rest[at + end + 1..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_moves_to_the_end_and_empty_removes() {
        let mut variables = Variables::default();
        variables.set("a", "1");
        variables.set("b", "2");
        variables.set("A", "3");
        assert_eq!(variables.iter().map(|(n, _)| n).collect::<Vec<_>>(), ["b", "A"]);
        variables.set("b", "");
        assert_eq!(variables.get("b"), None);
    }

    #[test]
    fn pushing_makes_an_array() {
        let mut variables = Variables::default();
        for (value, first) in [("one", false), ("two", false), ("zero", true)] {
            variables.push("arr", value.as_bytes(), first);
        }
        assert_eq!(variables.get("ARR"), Some(b"ARRAY::zero|:one|:two".as_slice()));
    }

    #[test]
    fn names_are_replaced_and_unfinished_ones_stay() {
        let look_up = |name: &str| (name == "a").then(|| b"1".to_vec());
        assert_eq!(expand("x${a}y$${a}z${b} ${", look_up), b"x1y1z ${");
    }
}
