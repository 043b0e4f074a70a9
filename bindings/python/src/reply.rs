use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use switchwire::proto::Decoder;
use switchwire::{Limits, Reply as CoreReply};

use crate::event::Event;
use crate::text::{optional, string};

/// The server's reply to a command.
///
/// A `-ERR` reply raises nothing by itself: look at `ok` and `error`.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct Reply(pub(crate) CoreReply);

#[pymethods]
impl Reply {
    /// The body of an api command's reply, else the Reply-Text.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        string(py, &self.0.text_bytes())
    }

    /// Whether the server did not refuse.
    #[getter]
    fn ok(&self) -> bool {
        self.0.is_ok()
    }

    /// The refusal, e.g. `-ERR command not found`; `None` when it is none.
    #[getter]
    fn error(&self) -> Option<String> {
        self.0.error().map(std::borrow::Cow::into_owned)
    }

    /// The Job-UUID in the reply to bgapi.
    #[getter]
    fn job_uuid(&self) -> Option<String> {
        self.0.job_uuid().map(std::borrow::Cow::into_owned)
    }

    /// The body, where there is one.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        optional(py, self.0.body())
    }

    /// All its headers and the body, as an event.
    #[getter]
    fn event(&self) -> Event {
        Event::new(self.0.event())
    }

    /// For pickle: the message as it came.
    fn __reduce__<'py>(slf: Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let mut text = Vec::new();
        let message = slf.get().0.message();
        for (name, value) in message.headers() {
            text.extend([name, b": ", value, b"\n"].concat());
        }
        text.push(b'\n');
        text.extend_from_slice(message.body().unwrap_or_default());
        let restore = slf.py().get_type::<Self>().getattr("_restore")?;
        Ok((restore, (PyBytes::new(slf.py(), &text),)))
    }

    #[staticmethod]
    fn _restore(text: &[u8]) -> PyResult<Self> {
        let mut decoder = Decoder::new(Limits::new(usize::MAX, usize::MAX));
        decoder.feed(text);
        let message = decoder.next_message().map_err(|error| PyValueError::new_err(error.to_string()))?;
        let reply = message.and_then(switchwire::Message::into_reply);
        reply.map(Self).ok_or_else(|| PyValueError::new_err("this is no reply"))
    }

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.text(py)
    }

    fn __repr__(&self) -> String {
        format!("Reply({:?})", self.0.text())
    }
}
