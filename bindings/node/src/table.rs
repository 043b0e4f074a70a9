//! What JavaScript's thread reaches by a number in place of an object: Node's look-up of the native side of an object
//! (`napi_unwrap`) and napi's checks of a borrowed one cost more than finding a header or writing a command.

/// Values by number; a number is used again once its value has been removed.
pub(crate) struct Table<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Table<T> {
    /// Enters a value; its number is at least 1.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.places[place] = Some(value);
        u32::try_from(place + 1).unwrap_or_default()
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        let place = (number as usize).wrapping_sub(1);
        let value = self.places.get_mut(place)?.take()?;
        self.free.push(place);
        Some(value)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.places.get((number as usize).wrapping_sub(1))?.as_ref()
    }
}
