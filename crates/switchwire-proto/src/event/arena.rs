//! The edited form of an event, also built from XML and from JSON that is not flat: names and values in one buffer.
//!
//! The rules of adding (indexes, ARRAY text, pushing, empty values) are in [`adding`].

use super::arena_index::NameIndex;
use crate::EventType;
use crate::adding::{self, HeaderList};
use crate::array;
use crate::lines::ends_alike;

pub(crate) use crate::adding::Stack;

#[derive(Debug, Clone, Default)]
pub(crate) struct Arena {
    text: Vec<u8>,
    /// How many bytes of the text are names and values of headers that are there.
    live: usize,
    /// Those that were removed while there is an index stay in their places, marked: see [`Entry::is_removed`].
    entries: Vec<Entry>,
    removed: usize,
    /// Made at the first change that looks for a name among so many headers.
    index: Option<Box<NameIndex>>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) event_type: Option<EventType>,
    /// The subclass given to the constructor: a duplicate begins with it (see `Event::duplicate`).
    pub(crate) subclass: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Span,
    value: Span,
    array: Option<Box<Array>>,
}

impl Entry {
    const REMOVED: Span = Span { at: usize::MAX, len: 0 };

    fn is_removed(&self) -> bool {
        self.name.at == Self::REMOVED.at
    }

    fn bytes(&self) -> usize {
        self.name.len + self.value.len
    }
}

#[derive(Debug, Clone, Default)]
struct Array {
    elements: Vec<Vec<u8>>,
    /// The text form, as of the last time the array grew.
    joined: Vec<u8>,
    /// An element was replaced since then.
    stale: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    at: usize,
    len: usize,
}

impl Arena {
    pub(crate) fn new(event_type: EventType) -> Self {
        Self { event_type: Some(event_type), ..Self::default() }
    }

    pub(crate) fn with_capacity(text: usize, entries: usize) -> Self {
        Self { text: Vec::with_capacity(text), entries: Vec::with_capacity(entries), ..Self::default() }
    }

    pub(crate) fn held_bytes(&self) -> usize {
        self.text.capacity() + self.body.as_ref().map_or(0, Vec::capacity)
    }

    /// The place of the first header from there on.
    pub(crate) fn next_from(&self, at: usize) -> Option<usize> {
        let entries = self.entries.get(at..)?;
        entries.iter().position(|entry| !entry.is_removed()).map(|further| at + further)
    }

    pub(crate) fn name(&self, at: usize) -> &[u8] {
        self.slice(self.entries[at].name)
    }

    pub(crate) fn value(&self, at: usize) -> &[u8] {
        let entry = &self.entries[at];
        match &entry.array {
            Some(array) => &array.joined,
            None => self.slice(entry.value),
        }
    }

    pub(crate) fn elements(&self, at: usize) -> Option<&[Vec<u8>]> {
        self.entries[at].array.as_ref().map(|array| &array.elements[..])
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        match &self.index {
            Some(index) => index.first(name),
            None => self.entries.iter().position(|entry| self.is_named(entry, name)),
        }
    }

    /// Adds a header by libesl's rules.
    pub(crate) fn add(&mut self, stack: Stack, name: &[u8], value: &[u8]) {
        self.prepare_to_add(stack, name, value);
        adding::add(self, stack, name, value);
    }

    /// A plain header as it is, with none of the rules of [`add`](Self::add).
    pub(crate) fn append(&mut self, stack: Stack, name: &[u8], value: &[u8]) -> usize {
        let entry = Entry { name: self.store(name), value: self.store(value), array: None };
        let at = if stack == Stack::Top { 0 } else { self.entries.len() };
        self.entries.insert(at, entry);
        match &mut self.index {
            Some(index) if stack == Stack::Top => index.add_first(name),
            Some(index) => index.add_last(name, at),
            None => {}
        }
        at
    }

    /// Takes a header as the server sent it: it changes no other, and is an array when its value is array text.
    pub(crate) fn append_sent(&mut self, name: &[u8], value: &[u8]) {
        if self.event_type.is_none() && name.eq_ignore_ascii_case(b"event-name") {
            self.event_type = Some(EventType::from_name(value).unwrap_or(EventType::Custom));
        }
        match array::elements_of(value) {
            Some(elements) => self.append_elements(name, elements.map(<[u8]>::to_vec).collect()),
            None => {
                self.append(Stack::Bottom, name, value);
            }
        }
    }

    /// An array header as it is.
    pub(crate) fn append_elements(&mut self, name: &[u8], elements: Vec<Vec<u8>>) {
        let at = self.append(Stack::Bottom, name, &[]);
        self.entries[at].array = Some(Box::new(Array::new(elements)));
    }

    /// Takes a header that came in JSON or XML: an `Event-Name` replaces an earlier one and gives the type.
    pub(crate) fn add_received(&mut self, name: &[u8], value: &[u8]) {
        self.take_event_name(name, value);
        self.add(Stack::Bottom, name, value);
    }

    /// Makes way for a received header that is an `Event-Name`.
    pub(crate) fn take_event_name(&mut self, name: &[u8], value: &[u8]) {
        if name.eq_ignore_ascii_case(b"event-name") {
            self.delete(name);
            // A name that is not in the table leaves the type as it is.
            self.event_type = EventType::from_name(value).or(self.event_type);
        }
    }

    /// Takes a header line by libesl's rules.
    pub(crate) fn add_line(&mut self, name: &[u8], value: &[u8]) {
        self.prepare_to_add(Stack::Bottom, name, value);
        adding::add_line(self, name, value);
    }

    /// Gives the first header of that name another, plain value; puts a new one first when there is none.
    pub(crate) fn replace_or_top(&mut self, name: &[u8], value: &[u8]) {
        match self.find(name) {
            Some(at) => {
                self.live -= self.entries[at].value.len;
                self.entries[at].value = self.store(value);
                self.entries[at].array = None;
            }
            None => {
                self.append(Stack::Top, name, value);
            }
        }
    }

    /// Removes every header of that name; says whether there was one.
    pub(crate) fn delete(&mut self, name: &[u8]) -> bool {
        self.delete_where(name, |_| true)
    }

    /// Removes every header of that name with that value.
    pub(crate) fn delete_value(&mut self, name: &[u8], value: &[u8]) -> bool {
        self.delete_where(name, |other| other == value)
    }

    pub(crate) fn set_body(&mut self, body: &[u8]) {
        self.body = Some(body.to_vec());
    }

    fn delete_where(&mut self, name: &[u8], doomed: impl Fn(&[u8]) -> bool) -> bool {
        self.index_if_large();
        let removed = match self.index.take() {
            Some(mut index) => {
                let places = index.remove(name, |at| doomed(self.value(at)));
                self.index = Some(index);
                places.iter().for_each(|at| self.mark_removed(*at));
                !places.is_empty()
            }
            None => {
                let mut kept = std::mem::take(&mut self.entries);
                let before = kept.len();
                kept.retain(|entry| {
                    let value =
                        entry.array.as_ref().map_or_else(|| self.slice(entry.value), |array| &array.joined);
                    let gone = self.is_named(entry, name) && doomed(value);
                    if gone {
                        self.live -= entry.bytes();
                    }
                    !gone
                });
                self.entries = kept;
                self.entries.len() < before
            }
        };
        if removed {
            self.compact();
        }
        removed
    }

    #[inline]
    fn is_named(&self, entry: &Entry, name: &[u8]) -> bool {
        let own = self.slice(entry.name);
        own.len() == name.len() && ends_alike(own, name) && own.eq_ignore_ascii_case(name)
    }

    fn mark_removed(&mut self, at: usize) {
        let entry = &mut self.entries[at];
        self.live -= entry.bytes();
        *entry = Entry { name: Entry::REMOVED, value: Span::default(), array: None };
        self.removed += 1;
    }

    /// What is not just appended looks for its name.
    fn prepare_to_add(&mut self, stack: Stack, name: &[u8], value: &[u8]) {
        if self.entries.len() >= INDEXED && (stack != Stack::Bottom || !adding::stands_alone(name, value)) {
            self.index_if_large();
        }
    }

    /// Makes the index, where there are so many headers that looking through them takes longer.
    fn index_if_large(&mut self) {
        if self.index.is_none() && self.entries.len() >= INDEXED {
            let mut index = Box::<NameIndex>::default();
            for (at, entry) in self.entries.iter().enumerate() {
                index.add_last(self.slice(entry.name), at);
            }
            self.index = Some(index);
        }
    }

    fn store(&mut self, bytes: &[u8]) -> Span {
        let at = self.text.len();
        self.text.extend_from_slice(bytes);
        self.live += bytes.len();
        Span { at, len: bytes.len() }
    }

    fn slice(&self, span: Span) -> &[u8] {
        &self.text[span.at..span.at + span.len]
    }

    /// Drops what is left of removed headers once it is the larger part.
    fn compact(&mut self) {
        if self.removed > self.entries.len() / 2 {
            self.entries.retain(|entry| !entry.is_removed());
            self.removed = 0;
            // Made anew when it is needed: half of the headers have been removed since it was made.
            self.index = None;
        }
        if self.text.len() < COMPACT_ABOVE || self.text.len() < 2 * self.live {
            return;
        }
        let old = std::mem::replace(&mut self.text, Vec::with_capacity(self.live));
        for entry in self.entries.iter_mut().filter(|entry| !entry.is_removed()) {
            for span in [&mut entry.name, &mut entry.value] {
                let at = self.text.len();
                self.text.extend_from_slice(&old[span.at..span.at + span.len]);
                span.at = at;
            }
        }
    }
}

impl HeaderList for Arena {
    type At = usize;

    fn find(&self, name: &[u8]) -> Option<usize> {
        Self::find(self, name)
    }

    fn insert(&mut self, first: bool, name: &[u8], value: &[u8]) -> Option<usize> {
        Some(self.append(if first { Stack::Top } else { Stack::Bottom }, name, value))
    }

    fn remove(&mut self, name: &[u8]) {
        self.delete(name);
    }

    fn set_body(&mut self, body: &[u8]) {
        Self::set_body(self, body);
    }

    fn length(&self, at: usize) -> usize {
        self.entries[at].array.as_ref().map_or(0, |array| array.elements.len())
    }

    fn make_array(&mut self, at: usize) {
        let plain = self.value(at).to_vec();
        self.entries[at].array = Some(Box::new(Array::new(vec![plain])));
    }

    fn extend<'a>(&mut self, at: usize, elements: impl Iterator<Item = &'a [u8]>) {
        let array = self.entries[at].array.get_or_insert_default();
        elements.for_each(|element| array.push(element));
    }

    fn prepend(&mut self, at: usize, element: &[u8]) {
        let array = self.entries[at].array.get_or_insert_default();
        array.elements.insert(0, element.to_vec());
        array.join();
    }

    fn replace(&mut self, at: usize, index: usize, element: &[u8]) {
        if let Some(array) = &mut self.entries[at].array
            && let Some(place) = array.elements.get_mut(index)
        {
            *place = element.to_vec();
            array.stale = true;
        }
    }
}

impl Array {
    fn new(elements: Vec<Vec<u8>>) -> Self {
        let mut array = Self { elements, ..Self::default() };
        array.join();
        array
    }

    fn join(&mut self) {
        self.stale = false;
        self.joined.clear();
        array::join_into(self.elements.iter().map(Vec::as_slice), &mut self.joined);
    }

    /// Appends without joining anew, so that building a long array stays linear.
    fn push(&mut self, value: &[u8]) {
        self.elements.push(value.to_vec());
        if self.stale || self.elements.len() <= 2 {
            self.join();
        } else {
            self.joined.extend_from_slice(array::ARRAY_SEPARATOR.as_bytes());
            self.joined.extend_from_slice(value);
        }
    }
}

const COMPACT_ABOVE: usize = 4096;
/// With so many headers an index of their names is made. (Servers send 20 to 200 per event.)
const INDEXED: usize = 256;
