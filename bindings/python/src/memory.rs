//! What the allocator keeps.
#![allow(unsafe_code, reason = "a call of the C library")]

/// Gives free memory back to the system. glibc otherwise keeps what a flood of events took, because a small block in
/// use lies after it. Takes some milliseconds, so not to be called while events come.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: safe at any time and on any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
