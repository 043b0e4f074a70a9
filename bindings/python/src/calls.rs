//! The tracker of all calls of a server.

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::calls::{
    CallLeg as CoreLeg, Calls as CoreCalls, CallsOptions, Change, Changes as CoreChanges,
};

use crate::connection::Connection;
use crate::errors::{exception, timeout as timeout_error};
use crate::future::Delivery;
use crate::moment;
use crate::timeout::{Timeout, duration};
use crate::vocabulary::optional;
use crate::wait;

/// A leg that is up on a server, as it was when it was looked at.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct CallLeg(CoreLeg);

#[pymethods]
impl CallLeg {
    #[getter]
    fn uuid(&self) -> &str {
        &self.0.uuid
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn direction<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.0.direction.clone())
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.0.state.clone())
    }

    #[getter]
    fn call_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.0.call_state.clone())
    }

    #[getter]
    fn answer_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.0.answer_state.clone())
    }

    #[getter]
    fn hangup_cause<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.0.hangup_cause.clone())
    }

    #[getter]
    fn caller_id_name(&self) -> &str {
        &self.0.caller_id_name
    }

    #[getter]
    fn caller_id_number(&self) -> &str {
        &self.0.caller_id_number
    }

    #[getter]
    fn callee_id_name(&self) -> &str {
        &self.0.callee_id_name
    }

    #[getter]
    fn callee_id_number(&self) -> &str {
        &self.0.callee_id_number
    }

    #[getter]
    fn destination(&self) -> &str {
        &self.0.destination
    }

    #[getter]
    fn context(&self) -> &str {
        &self.0.context
    }

    #[getter]
    fn call_uuid(&self) -> &str {
        &self.0.call_uuid
    }

    #[getter]
    fn created<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.created)
    }

    #[getter]
    fn answered<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.answered)
    }

    /// The uuid of the leg that it talks to.
    #[getter]
    fn bridged_to(&self) -> Option<&str> {
        self.0.bridged_to()
    }

    #[getter]
    fn bridged_since<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        moment::optional(py, self.0.bridged_since())
    }

    #[getter]
    fn is_answered(&self) -> bool {
        self.0.is_answered()
    }

    #[getter]
    fn is_hung_up(&self) -> bool {
        self.0.is_hung_up()
    }

    fn __repr__(&self) -> String {
        format!("<switchwire.CallLeg {} {}>", self.0.uuid, self.0.name)
    }
}

/// The legs that are up on a server.
#[pyclass(frozen)]
pub(crate) struct Calls {
    core: CoreCalls,
    /// Of the connection that it follows.
    delivery: Mutex<Delivery>,
}

#[pymethods]
impl Calls {
    fn legs(&self) -> Vec<CallLeg> {
        self.core.legs().into_iter().map(CallLeg).collect()
    }

    fn leg(&self, uuid: &str) -> Option<CallLeg> {
        self.core.leg(uuid).map(CallLeg)
    }

    fn count(&self) -> usize {
        self.core.count()
    }

    fn bridged(&self) -> Vec<(CallLeg, CallLeg)> {
        self.core.bridged().into_iter().map(|(one, other)| (CallLeg(one), CallLeg(other))).collect()
    }

    fn core_uuid(&self) -> Option<String> {
        self.core.core_uuid()
    }

    fn changes(&self) -> Changes {
        Changes(Mutex::new(self.core.changes()))
    }

    #[pyo3(signature = (timeout=None))]
    fn resync(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<()> {
        let connection = self.core.connection();
        let pending = connection.event_loop().start_value(|on_done| self.core.resync_with(on_done));
        let limit = duration(timeout).or_else(|| connection.options().command_timeout);
        wait::value(py, pending, limit)
    }

    fn ask_resync(&self, py: Python<'_>, future: Py<PyAny>) -> PyResult<()> {
        let filled = fills(&self.delivery.lock(), future);
        self.core.resync_with(filled).map_err(|error| exception(py, &error))
    }

    /// Why nothing is heard any more.
    fn ended(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.core.ended().map(|error| exception(py, &error).into_value(py).into_any())
    }

    #[pyo3(signature = (connection, timeout=None))]
    fn move_to(&self, py: Python<'_>, connection: &Connection, timeout: Option<Timeout>) -> PyResult<()> {
        let (core, delivery) = connection.parts();
        let pending = core.event_loop().start_value(|on_done| self.core.move_to_with(core, on_done));
        *self.delivery.lock() = delivery.clone();
        wait::value(py, pending, duration(timeout).or_else(|| core.options().command_timeout))
    }

    fn ask_move_to(&self, py: Python<'_>, connection: &Connection, future: Py<PyAny>) -> PyResult<()> {
        let (core, delivery) = connection.parts();
        let moved = self.core.move_to_with(core, fills(delivery, future));
        *self.delivery.lock() = delivery.clone();
        moved.map_err(|error| exception(py, &error))
    }
}

/// Begins to track, and waits until the calls that are up are known.
pub(crate) fn track(
    py: Python<'_>,
    connection: &switchwire::Connection,
    keep_events: bool,
    limit: Option<std::time::Duration>,
) -> PyResult<Calls> {
    let options = CallsOptions::new().keep_events(keep_events);
    let mut calls = None;
    let pending = connection.event_loop().start_value(|on_done| {
        calls = Some(connection.event_loop().start_calls(&options, on_done)?);
        Ok(())
    });
    wait::value(py, pending, limit)?;
    let core = calls.ok_or_else(|| timeout_error(py, switchwire::Phase::Reply))?;
    Ok(Calls { core, delivery: Mutex::default() })
}

/// The same without waiting; `future` gets `None` when they are known.
pub(crate) fn ask(
    py: Python<'_>,
    connection: &switchwire::Connection,
    keep_events: bool,
    future: Py<PyAny>,
    delivery: Delivery,
) -> PyResult<Calls> {
    let options = CallsOptions::new().keep_events(keep_events);
    let calls = connection.event_loop().start_calls(&options, fills(&delivery, future));
    let core = calls.map_err(|error| exception(py, &error))?;
    Ok(Calls { core, delivery: Mutex::new(delivery) })
}

fn fills(delivery: &Delivery, future: Py<PyAny>) -> Box<dyn FnOnce(switchwire::Result<()>) + Send> {
    delivery.fill(future, |py, ()| Ok(py.None()))
}

/// What changes, in order.
#[pyclass(frozen)]
pub(crate) struct Changes(Mutex<CoreChanges>);

#[pymethods]
impl Changes {
    /// Waits for the next change; `None` when `timeout` has passed.
    #[pyo3(signature = (timeout=None))]
    fn recv<'py>(&self, py: Python<'py>, timeout: Option<Timeout>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match wait::until(py, duration(timeout), |slice| self.0.lock().recv_timeout(slice))? {
            Ok(change) => change.map(|change| python(py, change)).transpose(),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// The next change that has arrived; never waits.
    fn try_recv<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let change = py.detach(|| self.0.lock().try_recv()).map_err(|error| exception(py, &error))?;
        change.map(|change| python(py, change)).transpose()
    }
}

/// As a `switchwire.calls.Change`.
fn python(py: Python<'_>, change: Change) -> PyResult<Bound<'_, PyAny>> {
    let (mut leg, mut uuid, mut other, mut missed) = (None, None, None, false);
    let kind = match change {
        Change::Added(added) => (leg = Some(added), "added").1,
        Change::Renamed { old, leg: renamed } => (leg = Some(renamed), other = Some(old), "renamed").2,
        Change::Answered(answered) => (leg = Some(answered), "answered").1,
        Change::Updated(updated) => (leg = Some(updated), "updated").1,
        Change::Bridged { leg: bridged, with } => (leg = Some(bridged), other = Some(with), "bridged").2,
        Change::Unbridged { leg: bridged, with } => (uuid = Some(bridged), other = Some(with), "unbridged").2,
        Change::HungUp(hung_up) => (leg = Some(hung_up), "hung-up").1,
        Change::Gone { leg: gone, missed: unheard } => (leg = Some(gone), missed = unheard, "gone").2,
        Change::Restarted { core_uuid } => (uuid = Some(core_uuid), "restarted").1,
        _ => "other",
    };
    let uuid = uuid.or_else(|| leg.as_ref().map(|leg| leg.uuid.clone()));
    let class = py.import("switchwire.calls")?.getattr("Change")?;
    class.call1((kind, uuid, leg.map(CallLeg), other, missed))
}
