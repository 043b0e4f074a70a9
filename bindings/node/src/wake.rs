//! Wakes a JavaScript thread, from any thread.
//!
//! Made with Node's own interface instead of napi's wrapper: tools that look for open handles (jest's
//! `--detectOpenHandles`) take every such function for one unless its resource has a `hasRef`, which the wrapper does not
//! give; and napi makes a second one for itself at every load where its feature `napi4` is on.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use napi::bindgen_prelude::{Function, Object};
use napi::{Env, JsValue, Result, check_status, sys};
use parking_lot::Mutex;

pub(crate) struct Wake {
    raw: Arc<Mutex<Raw>>,
}

/// Null once Node closes it: it must not be used any more then.
struct Raw(sys::napi_threadsafe_function);

// SAFETY: Node's threadsafe functions may be called and released by any thread; the lock and the null ensure that none
// does after it is closed.
unsafe impl Send for Raw {}

impl Wake {
    /// `call` is run on this JavaScript thread after [`call`](Self::call) (once for several that come before it runs). It keeps
    /// no process alive. `resource` is what tools see of it.
    pub(crate) fn new(env: &Env, call: &Function<'_, (), ()>, resource: &Object<'_>) -> Result<Self> {
        let raw = Arc::new(Mutex::new(Raw(ptr::null_mut())));
        let closing = Arc::into_raw(raw.clone());
        let mut name = ptr::null_mut();
        let mut made = ptr::null_mut();
        // SAFETY: `env`, `call` and `resource` are the caller's live ones; the name's length is given; `closed` takes back
        // what `closing` points to, once, when Node closes the function.
        let status = unsafe {
            let status = sys::napi_create_string_utf8(env.raw(), NAME.as_ptr(), -1, &raw mut name);
            if status == sys::Status::napi_ok {
                sys::napi_create_threadsafe_function(
                    env.raw(),
                    call.raw(),
                    resource.raw(),
                    name,
                    0,
                    1,
                    closing.cast_mut().cast(),
                    Some(closed),
                    ptr::null_mut(),
                    None,
                    &raw mut made,
                )
            } else {
                status
            }
        };
        if status != sys::Status::napi_ok {
            // SAFETY: Node has not taken it.
            drop(unsafe { Arc::from_raw(closing) });
            check_status!(status, "the I/O thread cannot be given a way to JavaScript")?;
        }
        raw.lock().0 = made;
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), made) })?;
        Ok(Self { raw })
    }

    pub(crate) fn call(&self) {
        let mut raw = self.raw.lock();
        if raw.0.is_null() {
            return;
        }
        let mode = sys::ThreadsafeFunctionCallMode::nonblocking;
        // SAFETY: not null, so Node has not closed it, and will not while the lock is held.
        let status = unsafe { sys::napi_call_threadsafe_function(raw.0, ptr::null_mut(), mode) };
        if status != sys::Status::napi_ok {
            // Node is exiting: there is no JavaScript left to wake.
            raw.0 = ptr::null_mut();
        }
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        let raw = std::mem::replace(&mut self.raw.lock().0, ptr::null_mut());
        if !raw.is_null() {
            let mode = sys::ThreadsafeFunctionReleaseMode::release;
            // SAFETY: as in `call`; the only use of it that is left is taken back here.
            unsafe { sys::napi_release_threadsafe_function(raw, mode) };
        }
    }
}

/// Node is about to free the function.
unsafe extern "C" fn closed(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: what `new` has given away, given back once.
    let raw = unsafe { Arc::from_raw(data.cast::<Mutex<Raw>>().cast_const()) };
    raw.lock().0 = ptr::null_mut();
}

const NAME: &std::ffi::CStr = c"switchwire";
