//! The look-ups that programs do in every event, called without a tuple.
//!
//! With the stable interface of Python 3.9 pyo3 is given a method's arguments as a tuple, made for each call, and reads it
//! with a general parser. CPython has called methods with the arguments on its own stack since 3.7, by a flag that the stable interface
//! names since 3.10. The methods below are defined in that way beside pyo3's, which have the documentation and take every
//! call that is not `NAME` alone.
#![allow(unsafe_code, reason = "methods defined in the interpreter's terms")]

use std::ffi::{CString, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyClass;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, Py_ssize_t, PyObject};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::text::Text;

/// A method that has one argument in most calls: the name of what it looks for.
pub(crate) trait LookUp: 'static {
    type Class: PyClass<Frozen = True> + Sync;
    const NAME: &'static str;

    /// What it gives; `None` is Python's.
    fn find<'py>(
        py: Python<'py>,
        within: &Self::Class,
        name: &[u8],
    ) -> PyResult<Option<Bound<'py, PyString>>>;

    /// Where pyo3's method is kept.
    fn general() -> &'static PyOnceLock<Py<PyAny>>;
}

/// Puts the fast method in the place of pyo3's.
pub(crate) fn install<L: LookUp>(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<L::Class>();
    let general = class.getattr(L::NAME)?;
    let text = |name| general.getattr(name)?.extract::<String>();
    let doc = format!("{}{}\n--\n\n{}", L::NAME, text("__text_signature__")?, text("__doc__")?);
    if L::general().set(py, general.unbind()).is_err() {
        return Ok(());
    }
    // SAFETY: function pointers; the flags say which kind it is.
    let function = unsafe { std::mem::transmute::<FastCall, ffi::PyCFunction>(called::<L>) };
    let definition = ffi::PyMethodDef {
        ml_name: CString::new(L::NAME)?.into_raw(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: function },
        ml_flags: METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: CString::new(doc)?.into_raw(),
    };
    let definition = Box::leak(Box::new(definition));
    // SAFETY: the definition and its texts live as long as the process, and the function is one of the flags' kind.
    let method =
        unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyDescr_NewMethod(class.as_type_ptr(), definition))? };
    class.setattr(L::NAME, method)
}

type FastCall =
    unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, Py_ssize_t, *mut PyObject) -> *mut PyObject;

/// Its value on every version that has it; pyo3 names it where the stable interface does.
const METH_FASTCALL: c_int = 0x80;

/// # Safety
/// For the interpreter alone: `count` arguments by place, then those that `names` (null or a tuple) names.
unsafe extern "C" fn called<L: LookUp>(
    within: *mut PyObject,
    arguments: *const *mut PyObject,
    count: Py_ssize_t,
    names: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the interpreter calls methods in an attached thread.
    let py = unsafe { Python::assume_attached() };
    let found = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the interpreter has checked that it is an object of the class whose method this is.
        let within = unsafe { Borrowed::from_ptr(py, within).cast_unchecked::<L::Class>() };
        if count == 1 && names.is_null() {
            // SAFETY: there is one, which the caller holds.
            let name = unsafe { Borrowed::from_ptr(py, *arguments) };
            if let Ok(name) = Text::extract(name) {
                return Ok(L::find(py, within.get(), name.bytes())?.map(Bound::into_any));
            }
        }
        // SAFETY: as this function's own.
        unsafe { in_general::<L>(py, &within.to_owned().into_any(), arguments, count, names).map(Some) }
    }));
    let found = found.unwrap_or_else(|_| Err(PyRuntimeError::new_err("a look-up panicked")));
    match found {
        Ok(Some(value)) => value.into_ptr(),
        Ok(None) => py.None().into_ptr(),
        Err(error) => {
            error.restore(py);
            std::ptr::null_mut()
        }
    }
}

/// The same call of pyo3's method.
///
/// # Safety
/// As [`called`].
#[cold]
unsafe fn in_general<'py, L: LookUp>(
    py: Python<'py>,
    within: &Bound<'py, PyAny>,
    arguments: *const *mut PyObject,
    count: Py_ssize_t,
    names: *mut PyObject,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: so many are there, which the caller holds.
    let argument = |at| unsafe { Borrowed::from_ptr(py, *arguments.add(at)).to_owned() };
    let count = usize::try_from(count)?;
    let by_place: Vec<_> = std::iter::once(within.clone()).chain((0..count).map(argument)).collect();
    let by_name = PyDict::new(py);
    // SAFETY: null, or a tuple that the caller holds.
    if let Some(names) = unsafe { Borrowed::from_ptr_or_opt(py, names) } {
        for (at, name) in names.cast::<PyTuple>()?.iter().enumerate() {
            by_name.set_item(name, argument(count + at))?;
        }
    }
    let Some(general) = L::general().get(py) else {
        return Err(PyRuntimeError::new_err("the method is not ready"));
    };
    general.bind(py).call(PyTuple::new(py, by_place)?, Some(&by_name))
}
