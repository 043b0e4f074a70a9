//! Building and changing events.

use std::sync::Arc;

use super::arena::{Arena, Stack};
use super::{Event, Repr};
use crate::EventType;

/// The priority of a sent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Priority {
    /// 0
    #[default]
    Normal = 0,
    /// 1
    Low = 1,
    /// 2
    High = 2,
}

impl Priority {
    /// Every priority, in the order of libesl's numbers.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Low, Self::High];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Low => "LOW",
            Self::High => "HIGH",
        }
    }
}

impl Event {
    /// An event of that type, with its `Event-Name` header. `Clone` is libesl's name for an event to be
    /// filled in: it has no header yet and counts as `Custom`.
    #[must_use]
    pub fn new(event_type: EventType) -> Self {
        if event_type == EventType::Clone {
            return Self::bare(EventType::Custom);
        }
        let mut arena = Arena::new(event_type);
        arena.append(Stack::Bottom, b"Event-Name", event_type.name().as_bytes());
        Self::from_arena(arena)
    }

    /// A `CUSTOM` event with its `Event-Subclass` header.
    #[must_use]
    pub fn custom(subclass: &str) -> Self {
        let mut event = Self::new(EventType::Custom);
        let arena = event.edit();
        arena.add(Stack::Bottom, b"Event-Subclass", subclass.as_bytes());
        arena.subclass = Some(subclass.as_bytes().to_vec());
        event
    }

    /// An event with no header at all: what parsers and simulators begin with.
    #[must_use]
    pub fn bare(event_type: EventType) -> Self {
        Self::from_arena(Arena::new(event_type))
    }

    /// Appends a header; another one of that name stays. By the rules of FreeSWITCH's event model an empty value
    /// removes every header of that name, `name[3]` sets one array element (up to 4000), a value with `ARRAY::a|:b`
    /// makes an array, and the name `_body` sets the body too.
    pub fn add_header(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.edit().add(Stack::Bottom, name.as_ref(), value.as_ref());
        self
    }

    /// As [`add_header`](Self::add_header), but puts the header first.
    pub fn add_header_top(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.edit().add(Stack::Top, name.as_ref(), value.as_ref());
        self
    }

    /// Appends an element to the array of that name, making one of a plain header.
    pub fn push_header(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.edit().add(Stack::Push, name.as_ref(), value.as_ref());
        self
    }

    /// Puts an element first in the array of that name, making one of a plain header.
    pub fn unshift_header(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.edit().add(Stack::Unshift, name.as_ref(), value.as_ref());
        self
    }

    /// Replaces every header of that name by one.
    pub fn set_header(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.del_header(name.as_ref());
        self.add_header(name, value)
    }

    /// Appends a header as it is: no rule for empty values, indexes or arrays is applied.
    pub fn add_header_verbatim(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.edit().append(Stack::Bottom, name.as_ref(), value.as_ref());
        self
    }

    /// Appends an array of those elements as they are, as [`add_header_verbatim`](Self::add_header_verbatim) does a
    /// plain header.
    pub fn add_array_verbatim(
        &mut self,
        name: impl AsRef<[u8]>,
        elements: impl IntoIterator<Item = Vec<u8>>,
    ) -> &mut Self {
        self.edit().append_elements(name.as_ref(), elements.into_iter().collect());
        self
    }

    /// Removes every header of that name (any letter case); says whether there was one.
    pub fn del_header(&mut self, name: impl AsRef<[u8]>) -> bool {
        self.edit().delete(name.as_ref())
    }

    /// Removes every header of that name that has that value; says whether there was one.
    pub fn del_header_value(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> bool {
        self.edit().delete_value(name.as_ref(), value.as_ref())
    }

    /// Replaces the body.
    pub fn set_body(&mut self, body: impl AsRef<[u8]>) -> &mut Self {
        self.edit().set_body(body.as_ref());
        self
    }

    /// Takes the body away.
    pub fn clear_body(&mut self) -> &mut Self {
        self.edit().body = None;
        self
    }

    /// Puts a `priority` header first, or changes the one that is there.
    pub fn set_priority(&mut self, priority: Priority) -> &mut Self {
        self.edit().replace_or_top(b"priority", priority.name().as_bytes());
        self
    }

    /// Changes the type; the `Event-Name` header stays as it is.
    pub fn set_event_type(&mut self, event_type: EventType) -> &mut Self {
        self.edit().event_type = Some(event_type);
        self
    }

    pub(super) fn edit(&mut self) -> &mut Arena {
        if let Repr::Received(received) = &self.repr {
            self.repr = Repr::Edited(Arc::new(received.to_arena()));
        }
        match &mut self.repr {
            Repr::Edited(arena) => Arc::make_mut(arena),
            Repr::Received(_) => unreachable!("a received event was just turned into an edited one"),
        }
    }
}
