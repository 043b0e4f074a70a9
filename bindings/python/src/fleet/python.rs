//! The values of fleets as Python has them, and back.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use switchwire::{
    Choice, FleetItem, FleetServer, FleetUpdate, Health, HealthLimits, Pick, ServerOutcome, ServerResult,
};

use crate::errors::exception;
use crate::managed::{Target, item};
use crate::reply::Reply;
use crate::timeout::{Timeout, duration};

/// A `switchwire.fleet.FleetServer`.
#[derive(FromPyObject)]
pub(super) struct ServerValues {
    name: String,
    weight: u32,
    tags: Vec<String>,
}

pub(super) fn server(value: &Bound<'_, PyAny>) -> PyResult<FleetServer> {
    let own: ServerValues = value.extract()?;
    let target: Target = value.extract()?;
    let server = FleetServer::new(own.name, target.builder()?).weight(own.weight);
    Ok(own.tags.into_iter().fold(server, FleetServer::tag))
}

/// A `switchwire.fleet.HealthLimits`.
#[derive(FromPyObject)]
pub(super) struct LimitValues {
    heartbeat_age: Option<Timeout>,
    round_trip: Option<Timeout>,
    idle_cpu: Option<f64>,
    sessions: Option<f64>,
}

impl LimitValues {
    pub(super) fn limits(&self) -> HealthLimits {
        let mut limits = HealthLimits::default();
        limits.heartbeat_age = duration(self.heartbeat_age);
        limits.round_trip = duration(self.round_trip);
        limits.idle_cpu = self.idle_cpu;
        limits.sessions = self.sessions;
        limits
    }
}

/// The defaults of `switchwire.fleet.HealthLimits`.
pub(crate) fn limits(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let (core, values) = (HealthLimits::default(), PyDict::new(py));
    values.set_item("heartbeat_age", core.heartbeat_age.map(|time| time.as_secs_f64()))?;
    values.set_item("round_trip", core.round_trip.map(|time| time.as_secs_f64()))?;
    values.set_item("idle_cpu", core.idle_cpu)?;
    values.set_item("sessions", core.sessions)?;
    Ok(values)
}

/// A `switchwire.fleet.Pick`.
#[derive(FromPyObject)]
pub(crate) struct PickValues {
    weighted: bool,
    sticky: Option<String>,
    tags: Vec<String>,
}

impl PickValues {
    pub(super) fn pick(self) -> Pick {
        let choice = match self.sticky {
            Some(key) => Choice::Sticky(key),
            None if self.weighted => Choice::Weighted,
            None => Choice::LeastSessions,
        };
        self.tags.into_iter().fold(Pick::by(choice), Pick::tag)
    }
}

/// The server's name, and what it is: an item of the server's stream, a `Health`, or `None` for a server that was removed.
pub(crate) fn fleet_item(py: Python<'_>, from: FleetItem) -> PyResult<Bound<'_, PyAny>> {
    let update = match from.update {
        FleetUpdate::Stream(one) => item(py, one, || from.server.to_string())?,
        FleetUpdate::Health(health) => python_health(py, &health)?,
        FleetUpdate::Removed => class(py, "Removed")?.call0()?,
        _ => py.None().into_bound(py),
    };
    class(py, "FleetItem")?.call1((&*from.server, update))
}

pub(super) fn python_health<'py>(py: Python<'py>, health: &Health) -> PyResult<Bound<'py, PyAny>> {
    class(py, "Health")?.call1((
        health.state.name(),
        health.since,
        health.draining,
        health.heartbeat_age,
        health.round_trip,
        health.sessions,
        health.max_sessions,
        health.idle_cpu,
        health.queued,
        health.dropped,
        health.outages,
    ))
}

pub(super) fn results(py: Python<'_>, all: Vec<ServerResult>) -> PyResult<Bound<'_, PyAny>> {
    let class = class(py, "ServerResult")?;
    let result = |one: ServerResult| {
        let error = |error| exception(py, &error).into_value(py);
        let (word, reply, error) = match one.outcome {
            ServerOutcome::Reply(reply) => ("reply", Some(Reply(reply)), None),
            ServerOutcome::Failed(reason) => ("failed", None, Some(error(reason))),
            ServerOutcome::Unknown(reason) => ("unknown", None, Some(error(reason))),
        };
        class.call1((&*one.server, word, reply, error))
    };
    let all = all.into_iter().map(result).collect::<PyResult<Vec<_>>>()?;
    all.into_pyobject(py)
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("switchwire.fleet.items").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}
