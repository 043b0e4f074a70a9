//! Text of both sides: Python's `str` and the bytes of the wire. What is not UTF-8 comes through with `surrogateescape`
//! and goes back out as the same bytes.

use std::ptr::NonNull;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use pyo3::{ffi, intern};

/// An argument of type `str`, as bytes of the wire.
pub(crate) struct Text<'py> {
    /// The `str` itself, or its bytes as an object of their own.
    owner: Owner<'py>,
}

enum Owner<'py> {
    /// With its UTF-8 form, which the interpreter keeps as long as the object.
    Text(#[expect(dead_code, reason = "what the bytes belong to")] Bound<'py, PyString>, NonNull<[u8]>),
    Bytes(Bound<'py, PyBytes>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Text<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        if let Some(bytes) = utf8::of(&text) {
            return Ok(Self { owner: Owner::Text(text.to_owned(), bytes) });
        }
        if let Ok(bytes) = text.encode_utf8() {
            return Ok(Self { owner: Owner::Bytes(bytes) });
        }
        let py = object.py();
        let encoded = text.call_method1(intern!(py, "encode"), ("utf-8", "surrogateescape"))?;
        Ok(Self { owner: Owner::Bytes(encoded.cast_into()?) })
    }
}

impl Text<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.owner {
            #[expect(unsafe_code, reason = "bytes of an object that is not Rust's")]
            // SAFETY: they belong to the object beside them, and a `str` never changes.
            Owner::Text(_, bytes) => unsafe { bytes.as_ref() },
            Owner::Bytes(bytes) => bytes.as_bytes(),
        }
    }

    /// The text, where the wire takes nothing but UTF-8.
    pub(crate) fn utf8(&self) -> PyResult<&str> {
        std::str::from_utf8(self.bytes()).map_err(|_| PyValueError::new_err("the text is not valid Unicode"))
    }
}

/// Bytes of the wire as `str`.
#[inline]
pub(crate) fn string<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    let length = ffi::Py_ssize_t::try_from(bytes.len())?;
    #[expect(unsafe_code, reason = "one pass of the interpreter's over the bytes, in the place of two")]
    // SAFETY: the bytes are there for the call, which gives a new `str` or sets an exception.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(bytes.as_ptr().cast(), length, c"surrogateescape".as_ptr());
        Ok(Bound::from_owned_ptr_or_err(py, text)?.cast_into_unchecked())
    }
}

/// As [`string`], `None` for nothing.
pub(crate) fn optional<'py>(
    py: Python<'py>,
    bytes: Option<impl AsRef<[u8]>>,
) -> PyResult<Option<Bound<'py, PyString>>> {
    bytes.map(|bytes| string(py, bytes.as_ref())).transpose()
}

/// The UTF-8 form that the interpreter keeps in a `str`.
#[expect(
    unsafe_code,
    reason = "a call of the interpreter's that the stable interface of Python 3.9 does not name"
)]
mod utf8 {
    use std::ffi::{c_char, c_void};
    use std::ptr::NonNull;
    use std::sync::OnceLock;

    use pyo3::ffi::{self, Py_ssize_t, PyObject};
    use pyo3::prelude::*;
    use pyo3::types::PyString;

    type AsUtf8AndSize = unsafe extern "C" fn(text: *mut PyObject, size: *mut Py_ssize_t) -> *const c_char;

    /// Its bytes, which live as long as the `str`; for ASCII they are the `str`'s own, and nothing is copied. `None` for a long
    /// one, which would keep a copy for as long if it is not ASCII, for one that has no such form, and where the interpreter
    /// does not offer it.
    #[inline]
    pub(super) fn of(text: &Bound<'_, PyString>) -> Option<NonNull<[u8]>> {
        let as_utf8 = function()?;
        // SAFETY: a `str`, of an attached thread.
        if unsafe { ffi::PyUnicode_GetLength(text.as_ptr()) } > LONG {
            return None;
        }
        let mut size = 0;
        // SAFETY: the same; the signature has been this one since Python 3.3.
        let start = unsafe { as_utf8(text.as_ptr(), &raw mut size) };
        match NonNull::new(start.cast_mut().cast::<u8>()) {
            Some(start) => Some(NonNull::slice_from_raw_parts(start, usize::try_from(size).ok()?)),
            None => {
                // A lone surrogate.
                drop(PyErr::take(text.py()));
                None
            }
        }
    }

    /// CPython has it on every version and names it in the stable interface since 3.10.
    #[inline]
    fn function() -> Option<AsUtf8AndSize> {
        static FUNCTION: OnceLock<Option<AsUtf8AndSize>> = OnceLock::new();
        *FUNCTION.get_or_init(|| {
            // SAFETY: the name is a C string.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"PyUnicode_AsUTF8AndSize".as_ptr()) };
            // SAFETY: it is that function, or null.
            unsafe { std::mem::transmute::<*mut c_void, Option<AsUtf8AndSize>>(found) }
        })
    }

    /// Letters. Names and short values have fewer.
    const LONG: Py_ssize_t = 256;
}
