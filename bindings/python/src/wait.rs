//! Waiting: without the GIL, and so that Ctrl-C gets through.
//!
//! What has arrived already is returned with the GIL kept. A wait begins with a short slice; Python runs signal
//! handlers in its main thread alone, so only that one goes on in slices and looks for signals between them.

use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use switchwire::{Connection, Error, Message, PendingReply, PendingValue, Phase, Reply};

use crate::errors::{exception, timeout};

/// The result of a wait: what Python raised meanwhile (outer), or what the connection says (inner).
pub(crate) type Waited<T> = PyResult<Result<T, Error>>;

/// How long the main thread waits before it looks for signals.
const SLICE: Duration = Duration::from_millis(40);
/// Effectively infinite.
const LONG: Duration = Duration::from_secs(1 << 30);

/// Runs `attempt`, which waits for at most the time given, until it finds something or `limit` has passed.
pub(crate) fn until<T: Send>(
    py: Python<'_>,
    limit: Option<Duration>,
    attempt: impl Fn(Duration) -> Result<Option<T>, Error> + Sync,
) -> Waited<Option<T>> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut slice = SLICE;
    loop {
        let left = end.map_or(LONG, |end| end.saturating_duration_since(Instant::now()));
        match py.detach(|| attempt(left.min(slice))) {
            Ok(None) => {}
            Ok(found) => return Ok(Ok(found)),
            Err(error) => return Ok(Err(error)),
        }
        py.check_signals()?;
        if left <= slice {
            return Ok(Ok(None));
        }
        slice = if is_main_thread(py)? { SLICE } else { LONG };
    }
}

/// The next message; `None` when `limit` has passed.
pub(crate) fn message(
    py: Python<'_>,
    connection: &Connection,
    limit: Option<Duration>,
) -> Waited<Option<Message>> {
    if let Some(message) = connection.event_loop().queued_message() {
        return Ok(Ok(Some(message)));
    }
    match connection.recv_message_timeout(Duration::ZERO) {
        Ok(None) if limit != Some(Duration::ZERO) => {}
        found => return Ok(found),
    }
    until(py, limit, |slice| connection.recv_message_timeout(slice))
}

/// Sends a command and waits for its reply; `None` when `limit` has passed.
pub(crate) fn reply(
    py: Python<'_>,
    connection: &Connection,
    command: &switchwire::Command,
    limit: Option<Duration>,
) -> Waited<Option<Reply>> {
    let pending: PendingReply = match connection.event_loop().try_submit(command) {
        Ok(pending) => pending,
        Err(error) => return Ok(Err(error)),
    };
    let pending = &pending;
    until(py, limit, |slice| {
        // Written already, save where the server does not read.
        if !connection.flush_timeout(slice)? {
            return Ok(None);
        }
        pending.take_timeout(slice)
    })
}

/// Waits for what a command's reply gives; after `limit` its timeout is raised.
pub(crate) fn value<T: Send + Sync + 'static>(
    py: Python<'_>,
    pending: switchwire::Result<PendingValue<T>>,
    limit: Option<Duration>,
) -> PyResult<T> {
    let pending = pending.map_err(|error| exception(py, &error))?;
    match until(py, limit, |slice| pending.take_timeout(slice))? {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(timeout(py, Phase::Reply)),
        Err(error) => Err(exception(py, &error)),
    }
}

/// Runs something that blocks and cannot be sliced. The main thread runs it on a helper thread and stays
/// interruptible; a result that comes after an interrupt is dropped.
pub(crate) fn blocking<T: Send + 'static>(
    py: Python<'_>,
    job: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    if !is_main_thread(py)? {
        return Ok(py.detach(job));
    }
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let helper = std::thread::Builder::new().name("switchwire-wait".into()).spawn(move || {
        // The receiver is gone when the wait was interrupted.
        let _ = sender.send(job());
    })?;
    let receiver = parking_lot::Mutex::new(receiver);
    loop {
        match py.detach(|| receiver.lock().recv_timeout(SLICE)) {
            Ok(done) => return Ok(done),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                let _ = helper.join();
                return Err(pyo3::exceptions::PyRuntimeError::new_err("the helper thread panicked"));
            }
        }
    }
}

/// Does nothing for that long, unless a signal's handler raises.
pub(crate) fn pause(py: Python<'_>, time: Duration) -> PyResult<()> {
    until(py, Some(time), |slice| {
        std::thread::sleep(slice);
        Ok(None::<()>)
    })
    .map(|_| ())
}

/// Whether Python runs signal handlers in this thread. Under gevent `threading` counts greenlets as threads, so the
/// system is asked first.
fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    if is_first_thread() {
        return Ok(true);
    }
    static THREADING: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let threading = THREADING.get_or_try_init(py, || py.import("threading").map(Bound::unbind))?.bind(py);
    let main = threading.call_method0(intern!(py, "main_thread"))?.getattr(intern!(py, "ident"))?;
    threading.call_method0(intern!(py, "get_ident"))?.eq(main)
}

/// Whether this is the thread that the process began with.
fn is_first_thread() -> bool {
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "calls of the C library")]
    // SAFETY: neither has any precondition. (`gettid` itself is too new for the oldest glibc that wheels serve.)
    unsafe {
        libc::syscall(libc::SYS_gettid) == libc::c_long::from(libc::getpid())
    }
    #[cfg(target_os = "macos")]
    #[expect(unsafe_code, reason = "a call of the C library")]
    // SAFETY: it has no precondition.
    unsafe {
        libc::pthread_main_np() == 1
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    false
}
