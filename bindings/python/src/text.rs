//! Text of both sides: Python's `str` and the bytes of the wire. What is not UTF-8 comes through with `surrogateescape`
//! and goes back out as the same bytes.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// An argument of type `str`, as bytes of the wire.
pub(crate) struct Text<'py>(Bound<'py, PyBytes>);

impl<'a, 'py> FromPyObject<'a, 'py> for Text<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        if let Ok(bytes) = text.encode_utf8() {
            return Ok(Self(bytes));
        }
        let py = object.py();
        let encoded = text.call_method1(intern!(py, "encode"), ("utf-8", "surrogateescape"))?;
        Ok(Self(encoded.cast_into()?))
    }
}

impl Text<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, where the wire takes nothing but UTF-8.
    pub(crate) fn utf8(&self) -> PyResult<&str> {
        std::str::from_utf8(self.bytes()).map_err(|_| PyValueError::new_err("the text is not valid Unicode"))
    }
}

/// Bytes of the wire as `str`.
pub(crate) fn string<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(PyString::new(py, text)),
        Err(_) => PyString::from_encoded_object(
            PyBytes::new(py, bytes).as_any(),
            Some(c"utf-8"),
            Some(c"surrogateescape"),
        ),
    }
}

/// As [`string`], `None` for nothing.
pub(crate) fn optional<'py>(
    py: Python<'py>,
    bytes: Option<impl AsRef<[u8]>>,
) -> PyResult<Option<Bound<'py, PyString>>> {
    bytes.map(|bytes| string(py, bytes.as_ref())).transpose()
}
