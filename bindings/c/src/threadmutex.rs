//! `esl_threadmutex.h`: recursive mutexes and detached threads.
#![allow(non_camel_case_types, reason = "C's names")]

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use libc::{c_int, c_void};

use crate::guard::guard;
use crate::types::{ESL_FAIL, ESL_GENERR, ESL_SUCCESS, esl_size_t, esl_status_t};

/// A recursive mutex. C holds one reference, and each waiting thread another, so it outlives `esl_mutex_destroy`.
pub struct esl_mutex_t {
    raw: UnsafeCell<libc::pthread_mutex_t>,
}

// SAFETY: a pthread mutex is made for use by several threads.
unsafe impl Send for esl_mutex_t {}
// SAFETY: as above.
unsafe impl Sync for esl_mutex_t {}

impl std::fmt::Debug for esl_mutex_t {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("esl_mutex_t").finish_non_exhaustive()
    }
}

impl esl_mutex_t {
    pub(crate) fn create() -> Option<Arc<Self>> {
        let mutex = Arc::new(Self { raw: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER) });
        // SAFETY: the mutex does not move any more; the attributes live as long as they are used.
        unsafe {
            let mut attributes = std::mem::zeroed();
            libc::pthread_mutexattr_init(&raw mut attributes);
            libc::pthread_mutexattr_settype(&raw mut attributes, libc::PTHREAD_MUTEX_RECURSIVE);
            let result = libc::pthread_mutex_init(mutex.raw.get(), &raw const attributes);
            libc::pthread_mutexattr_destroy(&raw mut attributes);
            (result == 0).then_some(mutex)
        }
    }

    pub(crate) fn lock(&self) -> bool {
        // SAFETY: initialised by `create`.
        unsafe { libc::pthread_mutex_lock(self.raw.get()) == 0 }
    }

    pub(crate) fn try_lock(&self) -> bool {
        // SAFETY: initialised by `create`.
        unsafe { libc::pthread_mutex_trylock(self.raw.get()) == 0 }
    }

    /// Locks, waiting until the deadline at most; indefinitely without one.
    pub(crate) fn lock_until(&self, deadline: Option<Instant>) -> bool {
        let Some(deadline) = deadline else { return self.lock() };
        if self.try_lock() {
            return true;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + left;
        let until = libc::timespec {
            tv_sec: libc::time_t::try_from(until.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: libc::c_long::from(until.subsec_nanos().cast_signed()),
        };
        // SAFETY: initialised by `create`; the time lives over the call.
        unsafe { libc::pthread_mutex_timedlock(self.raw.get(), &raw const until) == 0 }
    }

    pub(crate) fn unlock(&self) -> bool {
        // SAFETY: initialised by `create`.
        unsafe { libc::pthread_mutex_unlock(self.raw.get()) == 0 }
    }
}

impl Drop for esl_mutex_t {
    fn drop(&mut self) {
        // SAFETY: no reference is left.
        unsafe { libc::pthread_mutex_destroy(self.raw.get()) };
    }
}

/// Makes a mutex.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_mutex_create(mutex: *mut *mut esl_mutex_t) -> esl_status_t {
    guard(ESL_FAIL, || {
        if mutex.is_null() {
            return ESL_GENERR;
        }
        let made = esl_mutex_t::create().map_or(ptr::null(), Arc::into_raw);
        // SAFETY: C's promise: a writable place.
        unsafe { *mutex = made.cast_mut() };
        if made.is_null() { ESL_FAIL } else { ESL_SUCCESS }
    })
}

/// Destroys a mutex and clears the pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_mutex_destroy(mutex: *mut *mut esl_mutex_t) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promise: NULL or a place that holds NULL or a mutex that `esl_mutex_create` made.
        unsafe {
            if mutex.is_null() || (*mutex).is_null() {
                return ESL_FAIL;
            }
            drop(Arc::from_raw(std::mem::replace(&mut *mutex, ptr::null_mut()).cast_const()));
        }
        ESL_SUCCESS
    })
}

unsafe fn on(mutex: *mut esl_mutex_t, body: impl FnOnce(&esl_mutex_t) -> bool) -> esl_status_t {
    // SAFETY: C's promise: NULL or a living mutex.
    guard(ESL_FAIL, || match unsafe { mutex.as_ref() } {
        Some(mutex) if body(mutex) => ESL_SUCCESS,
        _ => ESL_FAIL,
    })
}

/// Locks; waits indefinitely.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_mutex_lock(mutex: *mut esl_mutex_t) -> esl_status_t {
    // SAFETY: see `on`.
    unsafe { on(mutex, esl_mutex_t::lock) }
}

/// Locks without waiting.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_mutex_trylock(mutex: *mut esl_mutex_t) -> esl_status_t {
    // SAFETY: see `on`.
    unsafe { on(mutex, esl_mutex_t::try_lock) }
}

/// Unlocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_mutex_unlock(mutex: *mut esl_mutex_t) -> esl_status_t {
    // SAFETY: see `on`.
    unsafe { on(mutex, esl_mutex_t::unlock) }
}

/// A thread, opaque to C; lives as long as its function runs.
#[derive(Debug)]
pub struct esl_thread_t {
    function: esl_thread_function_t,
    data: *mut c_void,
}

/// A thread's function.
pub type esl_thread_function_t =
    Option<unsafe extern "C" fn(thread: *mut esl_thread_t, data: *mut c_void) -> *mut c_void>;

unsafe extern "C" {
    /// 0: the system's default. (In C, since a program's copy relocation may move the variable.)
    static thread_default_stacksize: AtomicUsize;
}

/// Starts a thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_thread_create_detached(
    func: esl_thread_function_t,
    data: *mut c_void,
) -> esl_status_t {
    // SAFETY: the same promises.
    unsafe { esl_thread_create_detached_ex(func, data, thread_default_stacksize.load(Ordering::Relaxed)) }
}

/// Starts a thread with a stack of that size; 0 is the system's default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_thread_create_detached_ex(
    func: esl_thread_function_t,
    data: *mut c_void,
    stack_size: esl_size_t,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if func.is_none() {
            return ESL_FAIL;
        }
        let thread = Box::into_raw(Box::new(esl_thread_t { function: func, data }));
        // SAFETY: the box goes to the new thread, or is freed here when none was started.
        unsafe {
            if start(thread, stack_size) != 0 {
                drop(Box::from_raw(thread));
                return ESL_FAIL;
            }
        }
        ESL_SUCCESS
    })
}

unsafe fn start(thread: *mut esl_thread_t, stack_size: usize) -> c_int {
    // SAFETY: the attributes live as long as they are used; `run` takes the thread over.
    unsafe {
        let mut attributes = std::mem::zeroed();
        libc::pthread_attr_init(&raw mut attributes);
        libc::pthread_attr_setdetachstate(&raw mut attributes, libc::PTHREAD_CREATE_DETACHED);
        if stack_size > 0 {
            // A size below the system's minimum is raised to it.
            libc::pthread_attr_setstacksize(&raw mut attributes, stack_size.max(libc::PTHREAD_STACK_MIN));
        }
        let mut id = std::mem::zeroed();
        let result = libc::pthread_create(&raw mut id, &raw const attributes, run, thread.cast());
        libc::pthread_attr_destroy(&raw mut attributes);
        result
    }
}

extern "C" fn run(thread: *mut c_void) -> *mut c_void {
    // SAFETY: the box that `esl_thread_create_detached_ex` gave to this thread.
    let mut thread = unsafe { Box::from_raw(thread.cast::<esl_thread_t>()) };
    if let Some(function) = thread.function {
        let data = thread.data;
        // SAFETY: C's function with C's data.
        unsafe { function(&raw mut *thread, data) };
    }
    ptr::null_mut()
}

/// Sets the stack size of new threads.
#[unsafe(no_mangle)]
pub extern "C" fn esl_thread_override_default_stacksize(size: esl_size_t) {
    // SAFETY: a `size_t` of the shim.
    unsafe { thread_default_stacksize.store(size, Ordering::Relaxed) };
}
