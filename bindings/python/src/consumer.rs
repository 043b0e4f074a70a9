//! The thread of `Connection.consume`: started here, so that it is a native one whatever has been made of Python's
//! `threading` (gevent turns its threads into greenlets, which a native wait would freeze together with the program).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use pyo3::prelude::*;
use switchwire::{Connection, Message};

use crate::incoming::event;
use crate::notice::Notices;
use crate::thread;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// A running thread that hands events to a function.
#[pyclass(frozen)]
pub(crate) struct ConsumerThread {
    shared: Arc<Shared>,
    id: ThreadId,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    ended: Mutex<bool>,
    changed: Condvar,
}

/// Starts the thread: `take(event)` is called for every event and says whether to go on.
pub(crate) fn start(
    connection: Connection,
    notices: Arc<Notices>,
    take: Py<PyAny>,
) -> PyResult<ConsumerThread> {
    let shared = Arc::new(Shared::default());
    let thread = {
        let shared = shared.clone();
        std::thread::Builder::new()
            .name("switchwire-consumer".into())
            .stack_size(crate::listener::STACK_SIZE)
            .spawn(move || {
                let ending = Ending(shared);
                // Attached for the thread's life, so that what callbacks keep per thread lasts from event to event.
                thread::attached(|py| run(py, &connection, &notices, &take, &ending.0));
            })?
    };
    Ok(ConsumerThread { shared, id: thread.thread().id() })
}

fn run(py: Python<'_>, connection: &Connection, notices: &Notices, take: &Py<PyAny>, shared: &Shared) {
    let stopping = || shared.stopping.load(Ordering::Acquire);
    while !stopping() {
        match py.detach(|| connection.recv_message_timeout(LOOK)) {
            Ok(None) => {}
            Ok(Some(message)) => {
                let mut next = Some(message);
                while let Some(message) = next {
                    if !hand_over(py, message, notices, take) {
                        return;
                    }
                    // What has arrived already needs no wait, and no change of the thread that runs Python.
                    next = if stopping() { None } else { connection.event_loop().queued_message() };
                }
            }
            Err(_) => return,
        }
    }
}

/// Calls the function with an event; whether it wants more.
fn hand_over(py: Python<'_>, message: Message, notices: &Notices, take: &Py<PyAny>) -> bool {
    let taken = event(py, message, notices).and_then(|event| match event {
        Some(event) => take.bind(py).call1((event,))?.is_truthy(),
        None => Ok(true),
    });
    taken.unwrap_or_else(|error| {
        error.write_unraisable(py, Some(take.bind(py)));
        true
    })
}

/// Says that the thread has ended, however it did.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        *self.0.ended.lock() = true;
        self.0.changed.notify_all();
    }
}

#[pymethods]
impl ConsumerThread {
    /// Asks it to end, after the event that is being handled.
    fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
    }

    /// Waits until it has ended, for at most `timeout`; says whether it has. In the thread itself: no, at once.
    #[pyo3(signature = (timeout=None))]
    fn join(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<bool> {
        if std::thread::current().id() == self.id {
            return Ok(false);
        }
        let ended = wait::until(py, duration(timeout), |slice| {
            let mut ended = self.shared.ended.lock();
            if !*ended {
                self.shared.changed.wait_for(&mut ended, slice);
            }
            Ok(ended.then_some(()))
        })?;
        Ok(matches!(ended, Ok(Some(()))))
    }
}

/// After which time an idle thread looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(200);
