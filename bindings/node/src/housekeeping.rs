//! What the I/O thread comes back to when nothing happens: idle buffers, memory after a flood, deadlines of handshakes.
//! It decides what is due; `poller` does it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What is pending. `H` is a handshake with a deadline.
pub(crate) struct Housekeeping<H> {
    /// Connections that may hold buffers worth freeing, and when they were last read.
    read: HashMap<usize, Instant>,
    pub(crate) handshakes: Vec<H>,
    /// When it last was looked for what is due.
    checked: Option<Instant>,
    /// When the allocator is to give back what a flood has left: JavaScript frees its part a little later.
    trims: Vec<Instant>,
    /// Connections whose buffers were freed since memory was last given back.
    freed: usize,
}

/// What is due now.
#[derive(Default)]
pub(crate) struct Due {
    /// Connections that have been idle for a while.
    pub(crate) idle: Vec<usize>,
    pub(crate) trim: bool,
}

impl<H> Housekeeping<H> {
    pub(crate) fn new() -> Self {
        Self { read: HashMap::new(), handshakes: Vec::new(), checked: None, trims: Vec::new(), freed: 0 }
    }

    /// How long the thread may wait for events; `None`: without limit.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        let nothing = self.read.is_empty() && self.handshakes.is_empty() && self.trims.is_empty();
        (!nothing).then_some(IDLE)
    }

    /// A connection was read.
    pub(crate) fn note_read(&mut self, key: usize) {
        self.read.insert(key, Instant::now());
    }

    /// What is due at `now`; nothing if it was looked for a moment ago. `flooded` says, when asked, whether much was
    /// received since the last time.
    pub(crate) fn due(&mut self, now: Instant, flooded: impl FnOnce() -> bool) -> Option<Due> {
        if self.checked.is_some_and(|last| now.duration_since(last) < IDLE) {
            return None;
        }
        self.checked = Some(now);
        let mut due = Due::default();
        self.read.retain(|key, last| {
            let active = now.duration_since(*last) < IDLE;
            if !active {
                due.idle.push(*key);
            }
            active
        });
        self.freed += due.idle.len();
        if flooded() {
            self.trims = TRIMS.iter().map(|after| now + *after).collect();
        }
        let before = self.trims.len();
        self.trims.retain(|at| *at > now);
        // Many connections that logged in had a buffer each at the same time: what is free lies between what they keep.
        let many = self.freed >= MANY && self.read.is_empty();
        due.trim = self.trims.len() < before || many;
        if due.trim {
            self.freed = 0;
        }
        Some(due)
    }
}

/// A connection that was not read for so long is idle.
const IDLE: Duration = Duration::from_millis(100);
/// After the buffers of so many connections were freed, and when all are idle, the allocator gives memory back.
const MANY: usize = 256;
/// How long after a flood the allocator gives memory back.
const TRIMS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
