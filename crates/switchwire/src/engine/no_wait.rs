//! Threads that must not wait: an event loop's, while it runs a program's callback. One that waited there would hold up
//! every session of the loop, and could wait for what only the loop can read.

use std::cell::Cell;

use crate::{Error, ErrorKind, Result};

thread_local! {
    static WAITS_ARE_REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a callback; calls that wait are refused meanwhile.
pub(crate) fn without_waits<T>(callback: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            WAITS_ARE_REFUSED.set(self.0);
        }
    }
    let _before = Before(WAITS_ARE_REFUSED.replace(true));
    callback()
}

/// Whether this thread runs such a callback.
pub(crate) fn waits_are_refused() -> bool {
    WAITS_ARE_REFUSED.get()
}

/// Whether this thread may wait.
pub(crate) fn check_may_wait() -> Result<()> {
    if waits_are_refused() {
        let detail = "a call that waits was made in a callback of an event loop (see SessionHandler)";
        return Err(Error::new(ErrorKind::InvalidArgument, detail));
    }
    Ok(())
}
