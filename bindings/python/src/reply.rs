use pyo3::prelude::*;
use pyo3::types::PyString;
use switchwire::Reply as CoreReply;

use crate::event::Event;
use crate::text::{optional, string};

/// The server's answer to a command.
///
/// A `-ERR` answer is an answer: look at `ok` and `error`.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct Reply(pub(crate) CoreReply);

#[pymethods]
impl Reply {
    /// What was answered: the body of an api command's answer, else the Reply-Text.
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

    /// The Job-UUID in the answer to bgapi.
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

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.text(py)
    }

    fn __repr__(&self) -> String {
        format!("Reply({:?})", self.0.text())
    }
}
