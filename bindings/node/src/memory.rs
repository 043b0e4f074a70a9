//! Memory that the garbage collector does not see, and memory that the allocator keeps.

use std::cell::Cell;

use napi::Env;
use napi_derive::napi;

thread_local! {
    /// External memory that was reported to this thread's collector and is not freed yet.
    static REPORTED: Cell<i64> = const { Cell::new(0) };
    /// How much of that was left after the last nudge.
    static KEPT: Cell<i64> = const { Cell::new(0) };
}

/// Reports to Node's garbage collector that memory held by its objects has grown (or, negative, shrunk). Whether it was
/// noted.
pub(crate) fn report(env: &Env, change: i64) -> bool {
    let noted = env.adjust_external_memory(change).is_ok();
    if noted {
        // At the thread's end they may be gone already.
        let _ = REPORTED.try_with(|reported| {
            reported.set(reported.get() + change);
            let _ = KEPT.try_with(|kept| kept.set(kept.get().min(reported.get())));
        });
    }
    noted
}

/// Makes the garbage collector start, after a flood when no more events come: V8 would not look for what can be freed
/// before 64 MB of external memory are reported, or the program allocates objects again. That much is reported for a
/// moment, which starts marking in the background. What a program keeps on purpose is not looked through again until it
/// has doubled.
pub(crate) fn nudge_gc(env: &Env) {
    let reported = REPORTED.get();
    if reported > WORTHWHILE + 2 * KEPT.get() {
        for _ in 0..STEPS {
            if env.adjust_external_memory(PRESSURE).is_ok() {
                let _ = env.adjust_external_memory(-PRESSURE);
            }
        }
        KEPT.set(reported);
    }
}

/// For modesl's layer, whose sockets the I/O thread does not see: frees what a flood has left. Takes some milliseconds.
#[napi]
pub fn free_after_flood(env: &Env) {
    nudge_gc(env);
    trim();
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

/// The first report starts marking; each further one has V8 mark for a few milliseconds. With one alone a quiet program
/// got back what a flood took after 75 s on Node 24 (0.9 s with four) and 105 s on Node 22 (59 s); 1 s on 18 and 20.
const STEPS: usize = 4;
/// Below 2 MiB the collector is not bothered.
const WORTHWHILE: i64 = 2 << 20;
/// A little above V8's limit for external memory (64 MB), at which it starts marking.
const PRESSURE: i64 = 72 << 20;
