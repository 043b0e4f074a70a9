//! libesl's rules for adding headers to an event: indexes, `ARRAY::` text, pushing, empty values, `_body`. They are written
//! here only; what holds the headers (this crate's events, C's public structs) is a [`HeaderList`].

use crate::array::{self, MAX_ARRAY_INDEX};

/// Where a header goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// After the others.
    Bottom,
    /// Before the others.
    Top,
    /// To the end of the array of that name.
    Push,
    /// To the beginning of the array of that name.
    Unshift,
}

impl Stack {
    fn makes_array(self) -> bool {
        matches!(self, Self::Push | Self::Unshift)
    }
}

/// The header list of an event, as the rules need it. Names are compared in any letter case.
pub trait HeaderList {
    /// A header of the list, until the list is changed elsewhere.
    type At: Copy;

    /// The first header of that name.
    fn find(&self, name: &[u8]) -> Option<Self::At>;

    /// Puts a plain header first or last, whatever its name and value are; `None` when there is no memory for it.
    fn insert(&mut self, first: bool, name: &[u8], value: &[u8]) -> Option<Self::At>;

    /// Removes every header of that name.
    fn remove(&mut self, name: &[u8]);

    /// Replaces the body.
    fn set_body(&mut self, body: &[u8]);

    /// Whether a header replaces those of its name.
    fn is_unique(&self) -> bool {
        false
    }

    /// How many elements the header has: none when it is plain.
    fn length(&self, at: Self::At) -> usize;

    /// Makes a plain header an array, of its value.
    fn make_array(&mut self, at: Self::At);

    /// Appends elements and makes the text form anew; a plain header's value is given up.
    fn extend<'a>(&mut self, at: Self::At, elements: impl Iterator<Item = &'a [u8]>);

    /// Puts an element first and makes the text form anew.
    fn prepend(&mut self, at: Self::At, element: &[u8]);

    /// Replaces an element that is there; the text form stays as it is, as in libesl.
    fn replace(&mut self, at: Self::At, index: usize, element: &[u8]);
}

/// Adds a header.
pub fn add(list: &mut impl HeaderList, stack: Stack, name: &[u8], value: &[u8]) {
    if name == BODY {
        list.set_body(value);
    }
    if let Some((name, index)) = array::split_index(name) {
        set_element(list, name, index, value);
        return;
    }
    if stack.makes_array()
        && let Some(at) = list.find(name)
    {
        if list.length(at) == 0 {
            list.make_array(at);
        }
        match stack {
            Stack::Unshift => list.prepend(at, value),
            _ => list.extend(at, std::iter::once(value)),
        }
        return;
    }
    if value.is_empty() {
        list.remove(name);
        return;
    }
    if list.is_unique() {
        list.remove(name);
    }
    if array::is_array_text(value) {
        add_array(list, name, value);
        return;
    }
    if let Some(at) = list.insert(stack == Stack::Top, name, value)
        && stack.makes_array()
    {
        list.make_array(at);
    }
}

/// Whether adding a received header does no more than append it: it changes no other header, is no array, and leaves the
/// body alone. (A second `Event-Name` is not this rule's business: what it replaces depends on the reader.)
#[must_use]
#[inline]
pub fn stands_alone(name: &[u8], value: &[u8]) -> bool {
    !value.is_empty() && name != BODY && memchr::memchr(b'[', name).is_none() && !array::is_array_text(value)
}

/// Adds a received header line, its value decoded: only one that begins as array text is taken apart, also where `name[i]`
/// is its name.
pub fn add_line(list: &mut impl HeaderList, name: &[u8], value: &[u8]) {
    if value.starts_with(array::ARRAY_PREFIX.as_bytes()) {
        add_array(list, name, value);
    } else {
        add(list, Stack::Bottom, name, value);
    }
}

/// Adds array text element by element: seven bytes are cut off, wherever the prefix is.
pub fn add_array(list: &mut impl HeaderList, name: &[u8], text: &[u8]) {
    let mut elements = array::split(text);
    if let Some((name, index)) = array::split_index(name) {
        // Each takes the place of the one before it; the text form is that of the first.
        if let Some(first) = elements.next() {
            set_element(list, name, index, first);
            if let Some(last) = elements.last() {
                set_element(list, name, index, last);
            }
        }
        return;
    }
    let found = list.find(name).or_else(|| elements.find_map(|element| add_first(list, name, element)));
    let Some(at) = found else { return };
    let mut elements = elements.peekable();
    if elements.peek().is_none() {
        return;
    }
    if list.length(at) == 0 {
        list.make_array(at);
    }
    let mut last = None;
    list.extend(at, elements.inspect(|element| last = Some(*element)));
    if name == BODY
        && let Some(last) = last
    {
        list.set_body(last);
    }
}

/// Pushes an element where no header of that name is: it makes one unless it is empty. Array text in it is taken apart
/// itself, as long as it is some: at once, so that no text can make this call itself without end.
fn add_first<L: HeaderList>(list: &mut L, name: &[u8], element: &[u8]) -> Option<L::At> {
    let value = array::innermost(element);
    if name == BODY {
        // What was tried last.
        list.set_body(if value.is_empty() && !element.is_empty() {
            array::ARRAY_PREFIX.as_bytes()
        } else {
            value
        });
    }
    if value.is_empty() {
        return None;
    }
    let at = list.insert(false, name, value)?;
    list.make_array(at);
    Some(at)
}

/// `name[index]`: sets one element, with empty ones before it where there are none yet.
fn set_element(list: &mut impl HeaderList, name: &[u8], index: i64, value: &[u8]) {
    let Some(index) = usize::try_from(index).ok().filter(|index| *index <= MAX_ARRAY_INDEX) else {
        return;
    };
    let Some(at) = list.find(name).or_else(|| list.insert(false, name, &[])) else { return };
    let length = list.length(at);
    if index < length {
        list.replace(at, index, value);
    } else {
        list.extend(at, (length..=index).map(|place| if place == index { value } else { &[] }));
    }
}

const BODY: &[u8] = b"_body";
