//! What the classic layers (C, C++, Python's ESL, SWIG) share: their constructors and their way of copying.

use super::arena::{Arena, Stack};
use super::{Event, Repr};
use crate::EventType;

impl Event {
    /// The classic constructor `ESLevent(type, subclass)`: an unknown type gives `MESSAGE`; a subclass makes the event
    /// `CUSTOM` whatever the type (the second value says that it was changed, for the layer's warning).
    #[must_use]
    pub fn from_names(type_name: &str, subclass: Option<&str>) -> (Self, bool) {
        let event_type = EventType::from_name(type_name);
        match subclass.filter(|subclass| !subclass.is_empty()) {
            Some(subclass) => (Self::custom(subclass), event_type != Some(EventType::Custom)),
            None => (Self::new(event_type.unwrap_or(EventType::Message)), false),
        }
    }

    /// A copy made by adding every header anew, as `esl_event_dup` does: the subclass that the event was built with
    /// comes first, and an array of one element stays an array.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let subclass = match &self.repr {
            Repr::Edited(arena) => arena.subclass.clone(),
            Repr::Received(_) => None,
        };
        let mut copy = Arena::new(self.event_type());
        if let Some(subclass) = &subclass {
            copy.append(Stack::Bottom, b"Event-Subclass", subclass);
        }
        for header in self.headers() {
            if subclass.is_some() && header.name_bytes() == b"Event-Subclass" {
                continue;
            }
            match header.elements() {
                Some(elements) => {
                    for element in elements {
                        copy.add(Stack::Push, header.name_bytes(), element);
                    }
                }
                None => copy.add(Stack::Bottom, header.name_bytes(), &header.value_bytes()),
            }
        }
        copy.subclass = subclass;
        // Without a body, one that a header called `_body` has made on the way stays.
        if let Some(body) = self.body() {
            copy.set_body(body);
        }
        Self::from_arena(copy)
    }
}
