use parking_lot::Mutex;
use pyo3::prelude::*;

/// A part of a program's share in a supervised connection's subscription.
#[pyclass(frozen)]
pub(crate) struct Lease(Mutex<Option<switchwire::Lease>>);

impl Lease {
    pub(super) fn new(lease: switchwire::Lease) -> Self {
        Self(Mutex::new(Some(lease)))
    }
}

#[pymethods]
impl Lease {
    /// Gives it back: what no one else wants is unsubscribed from, without waiting.
    fn release(&self, py: Python<'_>) {
        let lease = self.0.lock().take();
        py.detach(|| drop(lease));
    }

    /// Gives it to the connection: it lasts as long as that.
    fn keep(&self) {
        let lease = self.0.lock().take();
        if let Some(lease) = lease {
            lease.keep();
        }
    }
}
