//! The items of a supervised connection's stream, and how it stands, as Python has them.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use switchwire::{ManagedStatus, Restored, ServerInfo, StreamItem};

use crate::errors::exception;
use crate::event::Event;
use crate::log::{self, LogRecord};
use crate::notice::LingerNotice;

/// An event, a log line, or a class of `switchwire.managed.items`. `whose` is what the log calls a connection that gives up.
pub(crate) fn python(
    py: Python<'_>,
    item: StreamItem,
    whose: impl FnOnce() -> String,
) -> PyResult<Bound<'_, PyAny>> {
    let reason = |error| exception(py, &error).into_value(py);
    tell(py, &item, whose);
    match item {
        StreamItem::Event(event) => Ok(Bound::new(py, Event::new(event))?.into_any()),
        StreamItem::Log(record) => Ok(Bound::new(py, LogRecord::new(record))?.into_any()),
        StreamItem::Notice(notice) => Ok(Bound::new(py, LingerNotice::new(notice))?.into_any()),
        StreamItem::Other(message) => Ok(Bound::new(py, Event::new(message.into_event()))?.into_any()),
        StreamItem::Connected(info) => class(py, "Connected")?.call1((server(py, &info)?,)),
        StreamItem::Lost(lost) => class(py, "Lost")?.call1((reason(lost.reason), lost.when, lost.address)),
        StreamItem::Restored(restored) => {
            let Restored { server: info, outage, run, attempts, .. } = restored;
            class(py, "Restored")?.call1((server(py, &info)?, outage, run.name(), attempts))
        }
        StreamItem::GaveUp(error) => class(py, "GaveUp")?.call1((reason(error),)),
        _ => Ok(py.None().into_bound(py)),
    }
}

/// Logs what has become of the connection.
fn tell(py: Python<'_>, item: &StreamItem, whose: impl FnOnce() -> String) {
    match item {
        StreamItem::Connected(info) => log::debug(py, || format!("{}: connected", info.address)),
        StreamItem::Lost(lost) => log::debug(py, || format!("{}: lost: {}", lost.address, lost.reason)),
        StreamItem::Restored(Restored { server, outage, .. }) => {
            log::debug(py, || format!("{}: connected again after {outage:?}", server.address));
        }
        StreamItem::GaveUp(error) => log::debug(py, || format!("{}: gave up: {error}", whose())),
        _ => {}
    }
}

pub(super) fn status(py: Python<'_>, status: ManagedStatus) -> PyResult<Bound<'_, PyAny>> {
    let error = status.last_error.map(|error| exception(py, &error).into_value(py));
    let info = status.server.map(|info| server(py, &info)).transpose()?;
    class(py, "ManagedStatus")?.call1((
        status.state.name(),
        status.since,
        error,
        status.failures,
        info,
        status.round_trip,
        status.outages,
        status.attempts,
    ))
}

fn server<'py>(py: Python<'py>, info: &ServerInfo) -> PyResult<Bound<'py, PyAny>> {
    class(py, "ServerInfo")?.call1((
        &info.core_uuid,
        &info.switchname,
        &info.version,
        &info.address,
        &info.snapshot,
    ))
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("switchwire.managed.items").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}
