//! Taking a stream of the core: of a supervised connection, or of a fleet.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyList;
use switchwire::{Error, Fleet, FleetItem, ManagedConnection, StreamItem};

use crate::errors::exception;
use crate::mailbox::Mailbox;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// What both have in common.
pub(crate) trait Source: Clone + Send + Sync + 'static {
    type Item: Send;

    fn recv_timeout(&self, timeout: Duration) -> Result<Option<Self::Item>, Error>;
    fn take(&self, max: usize) -> Vec<Self::Item>;
    fn ended(&self) -> Option<Error>;
    fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static);
    fn close(&self);
    fn python<'py>(&self, py: Python<'py>, item: Self::Item) -> PyResult<Bound<'py, PyAny>>;
}

/// A handle to a source, until Python drops it.
pub(crate) struct Held<S: Source>(Option<S>);

impl<S: Source> Held<S> {
    pub(crate) fn new(source: S) -> Self {
        Self(Some(source))
    }

    pub(crate) fn get(&self) -> &S {
        // It is taken when this is dropped.
        self.0.as_ref().unwrap_or_else(|| unreachable!("the source is there until the end"))
    }

    /// Waits for the next item; `None` when `timeout` has passed. Raises at the end of the stream.
    pub(crate) fn recv<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<Timeout>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let limit = duration(timeout);
        let found = match self.get().recv_timeout(Duration::ZERO) {
            Ok(None) if limit != Some(Duration::ZERO) => {
                wait::until(py, limit, |slice| self.get().recv_timeout(slice))?
            }
            found => found,
        };
        let item = found.map_err(|error| exception(py, &error))?;
        item.map(|item| self.get().python(py, item)).transpose()
    }

    /// Up to `max` items that are here; never waits.
    pub(crate) fn take<'py>(&self, py: Python<'py>, max: usize) -> PyResult<Bound<'py, PyList>> {
        let items = py.detach(|| self.get().take(max));
        let items = items.into_iter().map(|item| self.get().python(py, item));
        PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
    }

    /// Why nothing more will come; `None` while something may.
    pub(crate) fn ended(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.get().ended().map(|error| exception(py, &error).into_value(py).into_any())
    }

    /// Rings when there is something to take.
    pub(crate) fn ring_at(&self, mailbox: &Bound<'_, Mailbox>) {
        let letters = mailbox.get().letters();
        self.get().on_ready(move || letters.ring());
    }

    /// Ends it, and waits for its threads.
    pub(crate) fn close(&self, py: Python<'_>) -> PyResult<()> {
        let source = self.get().clone();
        wait::blocking(py, move || source.close())
    }

    /// The same without waiting: `future` gets `None`.
    pub(crate) fn ask_close(&self, mailbox: &Bound<'_, Mailbox>, future: Py<PyAny>) -> PyResult<()> {
        self.aside(mailbox, future, |source| {
            source.close();
            Ok(())
        })
    }

    /// Does something that may join threads on a thread of its own; `future` gets `None`, or the error.
    pub(crate) fn aside(
        &self,
        mailbox: &Bound<'_, Mailbox>,
        future: Py<PyAny>,
        act: impl FnOnce(&S) -> Result<(), Error> + Send + 'static,
    ) -> PyResult<()> {
        let done = mailbox.get().delivery().fill(future, |py, ()| Ok(py.None()));
        let source = self.get().clone();
        std::thread::Builder::new().name(CLOSER.into()).spawn(move || {
            let result = act(&source);
            drop(source);
            done(result);
        })?;
        Ok(())
    }
}

impl<S: Source> Drop for Held<S> {
    fn drop(&mut self) {
        // The last handle joins threads, which may be waiting for the GIL that we hold.
        if let Some(source) = self.0.take() {
            let _ = std::thread::Builder::new().name(CLOSER.into()).spawn(move || drop(source));
        }
    }
}

impl Source for ManagedConnection {
    type Item = StreamItem;

    fn recv_timeout(&self, timeout: Duration) -> Result<Option<StreamItem>, Error> {
        self.recv_timeout(timeout)
    }

    fn take(&self, max: usize) -> Vec<StreamItem> {
        self.take(max)
    }

    fn ended(&self) -> Option<Error> {
        self.ended()
    }

    fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static) {
        self.on_ready(notify);
    }

    fn close(&self) {
        self.close();
    }

    fn python<'py>(&self, py: Python<'py>, item: StreamItem) -> PyResult<Bound<'py, PyAny>> {
        crate::managed::item(py, item, || self.address())
    }
}

impl Source for Fleet {
    type Item = FleetItem;

    fn recv_timeout(&self, timeout: Duration) -> Result<Option<FleetItem>, Error> {
        self.recv_timeout(timeout)
    }

    fn take(&self, max: usize) -> Vec<FleetItem> {
        self.take(max)
    }

    fn ended(&self) -> Option<Error> {
        self.ended()
    }

    fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static) {
        self.on_ready(notify);
    }

    fn close(&self) {
        self.close();
    }

    fn python<'py>(&self, py: Python<'py>, item: FleetItem) -> PyResult<Bound<'py, PyAny>> {
        crate::fleet::item(py, item)
    }
}

/// The name of threads that end something.
const CLOSER: &str = "switchwire-close";
