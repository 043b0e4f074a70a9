//! The boundary to C: panics stop here.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of an exported function; when it panics, `failed` is what C gets.
pub(crate) fn guard<T>(failed: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(failed)
}
