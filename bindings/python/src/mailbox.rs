//! What other threads hand to an event loop: work for the loop's thread, and a descriptor that becomes readable when there is
//! some. The threads that read supervised connections need no GIL for it.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::future::Delivery;

/// The loop's end.
#[pyclass(frozen)]
pub(crate) struct Mailbox {
    letters: Arc<Letters>,
    bell: UnixStream,
}

/// The other threads' end.
pub(crate) struct Letters {
    waiting: Mutex<Vec<Letter>>,
    /// The descriptor is readable, or about to be.
    rung: AtomicBool,
    button: UnixStream,
}

type Letter = Box<dyn FnOnce(Python<'_>) + Send>;

impl Letters {
    pub(crate) fn post(&self, letter: impl FnOnce(Python<'_>) + Send + 'static) {
        self.waiting.lock().push(Box::new(letter));
        self.ring();
    }

    /// Wakes the loop.
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // There is room for one byte; once the loop's end is gone, nothing is awaited.
            let _ = (&self.button).write(&[0]);
        }
    }
}

impl Mailbox {
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery::Letters(self.letters.clone())
    }

    pub(crate) fn letters(&self) -> Arc<Letters> {
        self.letters.clone()
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    fn __new__() -> PyResult<Self> {
        let (bell, button) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        button.set_nonblocking(true)?;
        let letters = Letters { waiting: Mutex::default(), rung: AtomicBool::new(false), button };
        Ok(Self { letters: Arc::new(letters), bell })
    }

    /// The descriptor to watch.
    fn fileno(&self) -> i32 {
        self.bell.as_raw_fd()
    }

    /// Does what has been handed over: on the loop's thread, when the descriptor is readable.
    fn open(&self, py: Python<'_>) {
        let mut rings = [0; 16];
        let _ = (&self.bell).read(&mut rings);
        self.letters.rung.store(false, Ordering::Release);
        let waiting = std::mem::take(&mut *self.letters.waiting.lock());
        waiting.into_iter().for_each(|letter| letter(py));
    }
}
