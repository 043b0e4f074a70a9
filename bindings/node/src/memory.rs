//! What the allocator keeps, and what the garbage collector does not see.

use std::cell::Cell;

use napi::Env;

thread_local! {
    /// What this thread's collector was told of and has not freed.
    static TOLD: Cell<i64> = const { Cell::new(0) };
    /// How much of that was left after it had been pressed.
    static KEPT: Cell<i64> = const { Cell::new(0) };
}

/// Tells Node's garbage collector of memory behind its objects: of more, or (negative) of less. Says whether it took note.
pub(crate) fn tell(env: &Env, change: i64) -> bool {
    let noted = env.adjust_external_memory(change).is_ok();
    if noted {
        // At the thread's end they may be gone already.
        let _ = TOLD.try_with(|told| {
            told.set(told.get() + change);
            let _ = KEPT.try_with(|kept| kept.set(kept.get().min(told.get())));
        });
    }
    noted
}

/// After a flood, when nothing comes any more: V8 would not look for what can be freed before 64 MB wait for it, or the
/// program makes objects again. Told of that much for a moment, it begins to mark, in the background. What a program
/// keeps on purpose is not looked through again until there is twice as much.
pub(crate) fn press(env: &Env) {
    let told = TOLD.get();
    if told > WORTH + 2 * KEPT.get() && env.adjust_external_memory(PRESSURE).is_ok() {
        let _ = env.adjust_external_memory(-PRESSURE);
        KEPT.set(told);
    }
}

/// Gives free memory back to the system. The events of a flood are received by one thread and freed by another: glibc
/// keeps what they took. Takes some milliseconds, so not to be called while events come.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: safe at any time and on any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Less is not worth a look.
const WORTH: i64 = 2 << 20;
/// A little above V8's limit for memory that is not its own.
const PRESSURE: i64 = 72 << 20;
