//! Where the headers of a large arena are, by name, so that ten thousand headers are set in ten thousand steps and not in as many
//! squared. Small arenas have none: their few names are compared one after the other.

use std::collections::{HashMap, VecDeque};

/// Counts from the header that was the first when the index was made; those put before it later have negative numbers.
type Number = isize;

/// The places of all headers, by name in any letter case.
#[derive(Debug, Clone, Default)]
pub(super) struct NameIndex {
    /// By name in lower case; the numbers ascend, and there is at least one.
    by_name: HashMap<Box<[u8]>, VecDeque<Number>>,
    /// How many headers were put first since the index was made.
    before: Number,
}

impl NameIndex {
    /// The place of the first header of that name.
    pub(super) fn first(&self, name: &[u8]) -> Option<usize> {
        let numbers = self.by_name.get(&*name.to_ascii_lowercase())?;
        self.place(*numbers.front()?)
    }

    /// There is a new last header, at that place.
    pub(super) fn add_last(&mut self, name: &[u8], place: usize) {
        let number = place.cast_signed() - self.before;
        self.by_name.entry(lower(name)).or_default().push_back(number);
    }

    /// There is a new first header: all others have moved up by one place.
    pub(super) fn add_first(&mut self, name: &[u8]) {
        self.before += 1;
        let number = -self.before;
        self.by_name.entry(lower(name)).or_default().push_front(number);
    }

    /// Forgets those headers of that name for which `doomed` says so; returns their places.
    pub(super) fn remove(&mut self, name: &[u8], doomed: impl Fn(usize) -> bool) -> Vec<usize> {
        let name = name.to_ascii_lowercase();
        let Some(numbers) = self.by_name.get_mut(&*name) else { return Vec::new() };
        let before = self.before;
        let mut removed = Vec::new();
        numbers.retain(|number| {
            let place = (number + before).cast_unsigned();
            let gone = doomed(place);
            if gone {
                removed.push(place);
            }
            !gone
        });
        if numbers.is_empty() {
            self.by_name.remove(&*name);
        }
        removed
    }

    fn place(&self, number: Number) -> Option<usize> {
        usize::try_from(number + self.before).ok()
    }
}

fn lower(name: &[u8]) -> Box<[u8]> {
    name.to_ascii_lowercase().into()
}
