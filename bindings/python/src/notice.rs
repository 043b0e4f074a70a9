//! The linger notice: the call has ended, its connection has not.

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::{DisconnectNotice, Disposition};

/// The server's notice that the call has ended and the connection lingers on.
#[pyclass(frozen, get_all, module = "switchwire")]
pub(crate) struct LingerNotice {
    /// The call.
    channel_uuid: Option<String>,
    /// Its Channel-Name.
    channel_name: Option<String>,
    /// For how many seconds the connection lingers; `None`: until `exit`.
    seconds: Option<u64>,
}

#[pymethods]
impl LingerNotice {
    fn __repr__(&self) -> String {
        let uuid = self.channel_uuid.as_deref().unwrap_or("?");
        match self.seconds {
            Some(seconds) => format!("<switchwire.LingerNotice of {uuid}: {seconds} seconds>"),
            None => format!("<switchwire.LingerNotice of {uuid}>"),
        }
    }
}

/// A connection's linger notice, and the hook that is called with it. Python code is called, and dropped, without the lock.
#[derive(Default)]
pub(crate) struct Notices(Mutex<State>);

#[derive(Default)]
struct State {
    last: Option<Py<LingerNotice>>,
    hook: Option<Py<PyAny>>,
}

impl LingerNotice {
    pub(crate) fn new(notice: DisconnectNotice) -> Self {
        let seconds = match notice.disposition {
            Disposition::Linger { seconds } => seconds,
            Disposition::Disconnect => None,
        };
        let DisconnectNotice { session_uuid: channel_uuid, channel_name, .. } = notice;
        Self { channel_uuid, channel_name, seconds }
    }
}

impl Notices {
    pub(crate) fn take(&self, py: Python<'_>, notice: DisconnectNotice) -> PyResult<()> {
        let notice = Py::new(py, LingerNotice::new(notice))?;
        let before = self.0.lock().last.replace(notice.clone_ref(py));
        drop(before);
        match self.hook(py) {
            Some(hook) => hook.bind(py).call1((notice,)).map(drop),
            None => Ok(()),
        }
    }

    pub(crate) fn last(&self, py: Python<'_>) -> Option<Py<LingerNotice>> {
        self.0.lock().last.as_ref().map(|notice| notice.clone_ref(py))
    }

    pub(crate) fn hook(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.0.lock().hook.as_ref().map(|hook| hook.clone_ref(py))
    }

    pub(crate) fn set_hook(&self, hook: Option<Py<PyAny>>) {
        let before = std::mem::replace(&mut self.0.lock().hook, hook);
        drop(before);
    }
}
