use pyo3::prelude::*;

/// The opaque object that the classic `.this` and `.event` attributes show.
#[pyclass(frozen, name = "SwigPyObject", module = "ESL")]
pub(crate) struct Pointer {
    what: &'static str,
    address: usize,
}

impl Pointer {
    pub(super) fn to<T>(what: &'static str, target: &T) -> Self {
        Self { what, address: std::ptr::from_ref(target).addr() }
    }

    pub(super) fn text(&self) -> String {
        format!("<Swig Object of type '{} *' at {:#x}>", self.what, self.address)
    }
}

#[pymethods]
impl Pointer {
    fn __repr__(&self) -> String {
        self.text()
    }

    fn __int__(&self) -> usize {
        self.address
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.address == other.address
    }

    fn __hash__(&self) -> usize {
        self.address
    }

    /// Accepted for compatibility; objects own their contents.
    #[pyo3(signature = (*_flag))]
    fn own(&self, _flag: &Bound<'_, pyo3::types::PyTuple>) -> bool {
        true
    }

    /// Accepted for compatibility; see `own`.
    fn disown(&self) {}
}
