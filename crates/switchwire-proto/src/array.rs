//! ARRAY headers: `ARRAY::one|:two|:three`. The one place that joins and splits them.

use std::sync::LazyLock;

use memchr::memmem;

/// What the text form of an array of two or more elements begins with.
pub const ARRAY_PREFIX: &str = "ARRAY::";
/// The separator of two elements.
pub const ARRAY_SEPARATOR: &str = "|:";
/// The highest index that `name[index]` may set; higher ones are ignored, as in libesl.
pub const MAX_ARRAY_INDEX: usize = 4000;

/// Whether a value is to be taken for an array when it is added to an event.
#[must_use]
pub fn is_array_text(value: &[u8]) -> bool {
    // Most values are shorter than the word alone.
    value.len() >= ARRAY_PREFIX.len() && PREFIX_FINDER.find(value).is_some()
}

static PREFIX_FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(ARRAY_PREFIX));

/// Whether header lines may hold array text, escaped or not: `false` is certain.
#[must_use]
pub fn may_be_in(lines: &[u8]) -> bool {
    may_be_written_in(lines) || may_be_escaped_in(lines)
}

/// As [`may_be_in`] where no Y is an escaped one.
#[must_use]
pub fn may_be_written_in(lines: &[u8]) -> bool {
    places_written_in(lines).next().is_some()
}

/// Where in header lines array text may be whose Y is none that is escaped: the places of the Y, in order.
pub fn places_written_in(lines: &[u8]) -> impl Iterator<Item = usize> {
    let ends_word = |at: usize| matches!(&lines[..at], [.., b'A'] | [.., b'%', b'4', b'1']);
    memchr::memchr_iter(b'Y', lines).filter(move |at| ends_word(*at) && may_be_around(lines, *at))
}

/// As [`may_be_in`] where every Y is an escaped one. No serialiser escapes letters, but the server passes on a `%59`
/// that is part of a value.
pub(crate) fn may_be_escaped_in(lines: &[u8]) -> bool {
    ESCAPED_Y.find_iter(lines).any(|at| may_be_around(lines, at))
}

/// Whether there may be array text around that Y or its escape.
fn may_be_around(lines: &[u8], at: usize) -> bool {
    const ESCAPED: usize = "%41".len();
    let around = &lines[at.saturating_sub(4 * ESCAPED)..(at + 3 * ESCAPED).min(lines.len())];
    is_array_text(&crate::percent::decode(around))
}

static ESCAPED_Y: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("%59"));

/// Splits the text form. The prefix's seven bytes are cut off wherever the prefix is, as libesl does.
pub fn split(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = value.get(ARRAY_PREFIX.len()..).filter(|rest| !rest.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        match memmem::find(text, ARRAY_SEPARATOR.as_bytes()) {
            Some(at) => {
                rest = Some(&text[at + ARRAY_SEPARATOR.len()..]);
                Some(&text[..at])
            }
            None => rest.take(),
        }
    })
}

/// The elements of a value that is all array text, as the server writes one of two elements or more; `None` for any
/// other value.
pub(crate) fn elements_of(value: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let is_array = value.starts_with(ARRAY_PREFIX.as_bytes())
        && memmem::find(&value[ARRAY_PREFIX.len()..], ARRAY_SEPARATOR.as_bytes()).is_some();
    is_array.then(|| split(value))
}

/// What is left of an element that is array text itself once it is taken apart as often as it can be: each time seven
/// bytes go, until no prefix is left. (An element of an array holds no separator.)
#[must_use]
pub fn innermost(element: &[u8]) -> &[u8] {
    let prefix = ARRAY_PREFIX.as_bytes();
    match element.windows(prefix.len()).rposition(|part| part == prefix) {
        None => element,
        Some(last) => element.get((last / ARRAY_PREFIX.len() + 1) * ARRAY_PREFIX.len()..).unwrap_or_default(),
    }
}

/// Appends the text form of the elements: nothing for none, the element itself for one.
pub fn join_into<'a>(elements: impl ExactSizeIterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    if elements.len() > 1 {
        out.extend_from_slice(ARRAY_PREFIX.as_bytes());
    }
    for (at, element) in elements.enumerate() {
        if at > 0 {
            out.extend_from_slice(ARRAY_SEPARATOR.as_bytes());
        }
        out.extend_from_slice(element);
    }
}

/// `name[3]` → (`name`, 3). A missing or foreign number counts as C's `atoi` would: 0.
#[must_use]
pub fn split_index(name: &[u8]) -> Option<(&[u8], i64)> {
    let open = memchr::memchr(b'[', name)?;
    Some((&name[..open], crate::lines::leading_number(&name[open + 1..])))
}
