//! What is going on with a connection, as flags in one byte that the I/O thread and JavaScript's thread both set.

use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Default)]
pub(crate) struct State(AtomicU8);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(u8);

impl State {
    pub(crate) fn has(&self, flag: Flag) -> bool {
        self.0.load(Ordering::Acquire) & flag.0 != 0
    }

    /// Sets or clears a flag; whether it was set before.
    pub(crate) fn replace(&self, flag: Flag, on: bool) -> bool {
        let before = if on {
            self.0.fetch_or(flag.0, Ordering::AcqRel)
        } else {
            self.0.fetch_and(!flag.0, Ordering::AcqRel)
        };
        before & flag.0 != 0
    }

    /// Sets a flag; whether `other` was set at that moment.
    pub(crate) fn set_and_check(&self, flag: Flag, other: Flag) -> bool {
        self.0.fetch_or(flag.0, Ordering::AcqRel) & other.0 != 0
    }

    /// Whether the poller watches for readable and for writable.
    pub(crate) fn interest(&self) -> (bool, bool) {
        let flags = self.0.load(Ordering::Acquire);
        (flags & (Flag::PAUSED.0 | Flag::INLINE.0) == 0, flags & Flag::WRITING.0 != 0)
    }
}

impl Flag {
    /// JavaScript was notified of messages and has not taken any since.
    pub(crate) const ANNOUNCED: Self = Self(1);
    /// The poller waits for room to write.
    pub(crate) const WRITING: Self = Self(1 << 1);
    /// Reading pauses until JavaScript has taken messages.
    pub(crate) const PAUSED: Self = Self(1 << 2);
    /// JavaScript's thread reads the socket for a moment; see `inline_read`.
    pub(crate) const INLINE: Self = Self(1 << 3);
    /// JavaScript's thread collects commands that its next inline read sends together.
    pub(crate) const GATHERING: Self = Self(1 << 4);
    /// JavaScript has the connection's object.
    pub(crate) const INTRODUCED: Self = Self(1 << 5);
    /// The connection has ended.
    pub(crate) const ENDED: Self = Self(1 << 6);
}
