//! What the allocator keeps.

/// Gives free memory back to the system. The events of a flood are received by one thread and freed by another: glibc
/// keeps what they took. Takes some milliseconds, so not to be called while events come.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: safe at any time and on any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
