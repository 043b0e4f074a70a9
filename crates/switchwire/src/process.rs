//! Which process a connection belongs to: after `fork` the child has a copy of it that it must not use.
//!
//! The child's copy shares the socket with the parent, and its locks may be held by threads that exist in the parent
//! only. So the question is asked before any lock is waited for and before any system call.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Error, Result};

static FORKS: AtomicU32 = AtomicU32::new(0);

/// Says that this process is a child that has just been made by `fork`: every connection made before fails from now on
/// with [`ErrorKind::Forked`](crate::ErrorKind::Forked). For languages with a hook for it (Python's
/// `os.register_at_fork`).
///
/// Without it connections find out by the process id, which they compare before each system call and before they wait
/// for a lock; events that had been received before the fork can still be taken then.
pub fn forked_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// The process that something was made in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    process: u32,
    forks: u32,
}

impl Origin {
    pub(crate) fn here() -> Self {
        Self { process: std::process::id(), forks: FORKS.load(Ordering::Relaxed) }
    }

    /// Whether this is another process, as far as the hook has said so: costs nothing.
    pub(crate) fn is_known_foreign(self) -> bool {
        self.forks != FORKS.load(Ordering::Relaxed)
    }

    /// Whether this is another process: a system call.
    pub(crate) fn is_foreign(self) -> bool {
        self.is_known_foreign() || self.process != std::process::id()
    }

    pub(crate) fn check(self) -> Result<()> {
        if self.is_foreign() { Err(Error::forked()) } else { Ok(()) }
    }
}
