//! Native threads that run Python code.

use pyo3::ffi;
use pyo3::prelude::*;

/// Runs `work` in a thread that Python did not start, attached for the whole of it; `None` when the interpreter is
/// ending.
pub(crate) fn attached<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    Python::try_attach(|py| {
        let done = work(py);
        clear_locals(py);
        done
    })
}

/// Destroys what Python code has kept for this thread (`threading.local`, gevent's hub). Interpreters before 3.12.4 and
/// 3.13 do so while they detach the thread for good, and crash when a destructor attaches it once more
/// (python/cpython#119585): gevent's does.
fn clear_locals(_py: Python<'_>) {
    #[expect(unsafe_code, reason = "calls of the interpreter")]
    // SAFETY: the thread is attached; the dictionary is borrowed from its state, which outlives the call.
    unsafe {
        let locals = ffi::PyThreadState_GetDict();
        if !locals.is_null() {
            ffi::PyDict_Clear(locals);
        }
    }
}
