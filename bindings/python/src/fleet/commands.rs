//! Commands to any and to all servers: waited for, or with a future.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyString;
use switchwire::{FleetReplies, Phase, ServerResult};

use super::Fleet;
use super::python::{PickValues, results};
use crate::errors::{exception, timeout as timeout_error};
use crate::future::resolve;
use crate::mailbox::Mailbox;
use crate::reply::Reply;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// Replies of several servers that are awaited.
#[pyclass(frozen, name = "FleetReplies")]
pub(crate) struct Replies(FleetReplies);

#[pymethods]
impl Replies {
    /// The time has passed: what has not come is unknown.
    fn expire(&self) {
        self.0.expire();
    }
}

type Any = switchwire::Result<(Arc<str>, switchwire::Reply)>;
type Found = switchwire::Result<Option<Arc<str>>>;

fn any(py: Python<'_>, found: Any) -> PyResult<Bound<'_, PyAny>> {
    let (server, reply) = found.map_err(|error| exception(py, &error))?;
    Ok((&*server, Reply(reply)).into_pyobject(py)?.into_any())
}

fn found(py: Python<'_>, server: Found) -> PyResult<Bound<'_, PyAny>> {
    let server = server.map_err(|error| exception(py, &error))?;
    Ok(match server {
        Some(server) => PyString::new(py, &server).into_any(),
        None => py.None().into_bound(py),
    })
}

fn replied(py: Python<'_>, reply: switchwire::Result<switchwire::Reply>) -> PyResult<Bound<'_, PyAny>> {
    let reply = reply.map_err(|error| exception(py, &error))?;
    Ok(Bound::new(py, Reply(reply))?.into_any())
}

type Callback<T> = Box<dyn FnOnce(T) + Send>;

/// Starts it and waits for what its callback gets; when `limit` has passed, for what has come so far.
fn waited<T: Send + 'static>(
    py: Python<'_>,
    limit: Option<Timeout>,
    start: impl FnOnce(Callback<T>) -> switchwire::Result<Option<FleetReplies>>,
) -> PyResult<T> {
    let (sender, receiver) = sync_channel(1);
    let replies = start(Box::new(move |value| sender.send(value).unwrap_or_default()));
    let replies = replies.map_err(|error| exception(py, &error))?;
    let receiver = Mutex::new(receiver);
    let value = wait::until(py, duration(limit), |slice| Ok(receiver.lock().recv_timeout(slice).ok()))?;
    if let Ok(Some(value)) = value {
        return Ok(value);
    }
    if let Some(replies) = replies {
        replies.expire();
    }
    let value = receiver.lock().try_recv();
    value.map_err(|_| timeout_error(py, Phase::Reply))
}

/// Starts it; `future` gets what `value` makes of what its callback gets.
fn asked<T: Send + 'static>(
    py: Python<'_>,
    mailbox: &Bound<'_, Mailbox>,
    future: Py<PyAny>,
    value: impl for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    start: impl FnOnce(Callback<T>) -> switchwire::Result<Option<FleetReplies>>,
) -> PyResult<Option<Replies>> {
    let delivery = mailbox.get().delivery();
    let replies = start(Box::new(move |got| {
        delivery.run(move |py| resolve(future.bind(py), value(py, got)));
    }));
    replies.map(|replies| replies.map(Replies)).map_err(|error| exception(py, &error))
}

/// `api` on one of the servers: its name, and the reply.
#[pyfunction]
pub(crate) fn fleet_api_any<'py>(
    fleet: &Bound<'_, Fleet>,
    py: Python<'py>,
    pick: PickValues,
    command: &str,
    arguments: &str,
    limit: Option<Timeout>,
) -> PyResult<Bound<'py, PyAny>> {
    let pick = pick.pick();
    let value = waited(py, limit, |done| {
        fleet.get().core().api_any_with(&pick, command, arguments, done).map(|()| None)
    })?;
    any(py, value)
}

#[pyfunction]
pub(crate) fn fleet_ask_api_any(
    fleet: &Bound<'_, Fleet>,
    py: Python<'_>,
    mailbox: &Bound<'_, Mailbox>,
    future: Py<PyAny>,
    pick: PickValues,
    command: &str,
    arguments: &str,
) -> PyResult<Option<Replies>> {
    let pick = pick.pick();
    asked(py, mailbox, future, any, |done| {
        fleet.get().core().api_any_with(&pick, command, arguments, done).map(|()| None)
    })
}

/// `api` on all servers: the results.
#[pyfunction]
pub(crate) fn fleet_api_all<'py>(
    fleet: &Bound<'_, Fleet>,
    py: Python<'py>,
    command: &str,
    arguments: &str,
    limit: Option<Timeout>,
) -> PyResult<Bound<'py, PyAny>> {
    let all: Vec<ServerResult> =
        waited(py, limit, |done| fleet.get().core().api_all_with(command, arguments, done).map(Some))?;
    results(py, all)
}

#[pyfunction]
pub(crate) fn fleet_ask_api_all(
    fleet: &Bound<'_, Fleet>,
    py: Python<'_>,
    mailbox: &Bound<'_, Mailbox>,
    future: Py<PyAny>,
    command: &str,
    arguments: &str,
) -> PyResult<Option<Replies>> {
    asked(py, mailbox, future, results, |done| {
        fleet.get().core().api_all_with(command, arguments, done).map(Some)
    })
}

/// The server that has the channel.
#[pyfunction]
pub(crate) fn fleet_find<'py>(
    fleet: &Bound<'_, Fleet>,
    py: Python<'py>,
    uuid: &str,
    limit: Option<Timeout>,
) -> PyResult<Bound<'py, PyAny>> {
    let server = waited(py, limit, |done| fleet.get().core().find_with(uuid, done))?;
    found(py, server)
}

#[pyfunction]
pub(crate) fn fleet_ask_find(
    fleet: &Bound<'_, Fleet>,
    py: Python<'_>,
    mailbox: &Bound<'_, Mailbox>,
    future: Py<PyAny>,
    uuid: &str,
) -> PyResult<Option<Replies>> {
    asked(py, mailbox, future, found, |done| fleet.get().core().find_with(uuid, done))
}

/// `uuid_kill` on the server that has the channel: the reply.
#[pyfunction]
pub(crate) fn fleet_uuid_kill<'py>(
    fleet: &Bound<'_, Fleet>,
    py: Python<'py>,
    uuid: &str,
    cause: &str,
    limit: Option<Timeout>,
) -> PyResult<Bound<'py, PyAny>> {
    let reply = waited(py, limit, |done| fleet.get().core().uuid_kill_with(uuid, cause, done))?;
    replied(py, reply)
}

#[pyfunction]
pub(crate) fn fleet_ask_uuid_kill(
    fleet: &Bound<'_, Fleet>,
    py: Python<'_>,
    mailbox: &Bound<'_, Mailbox>,
    future: Py<PyAny>,
    uuid: &str,
    cause: &str,
) -> PyResult<Option<Replies>> {
    asked(py, mailbox, future, replied, |done| fleet.get().core().uuid_kill_with(uuid, cause, done))
}
