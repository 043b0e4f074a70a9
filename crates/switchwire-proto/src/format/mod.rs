//! Events as text, and back: plain, JSON and XML.

use std::borrow::Cow;

use crate::event::arena::{Arena, Stack};

/// How the headers of a received event are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Each by itself, as it was sent.
    AsSent,
    /// One after the other by libesl's rules of adding, each with what it does to those before it.
    Classic,
}

impl Rules {
    pub(crate) fn take(self, arena: &mut Arena, name: &[u8], value: &[u8]) {
        match self {
            Self::AsSent => arena.append_sent(name, value),
            Self::Classic => arena.add_received(name, value),
        }
    }

    /// Takes the elements of an array header.
    pub(crate) fn take_array<'a>(
        self,
        arena: &mut Arena,
        name: &[u8],
        elements: impl Iterator<Item = Cow<'a, [u8]>>,
    ) {
        match self {
            Self::AsSent => arena.append_elements(name, elements.map(Cow::into_owned).collect()),
            Self::Classic => elements.for_each(|element| arena.add(Stack::Push, name, &element)),
        }
    }
}

pub mod json;
pub(crate) mod json_reader;
pub(crate) mod json_writer;
pub mod plain;
pub mod xml;
