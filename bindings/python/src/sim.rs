//! The simulator, for `switchwire.testing`.

use std::str::FromStr;

use parking_lot::{Mutex, MutexGuard};
use pyo3::exceptions::{PyAssertionError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use switchwire_sim::{
    Builder, Done, End, Endpoint, Faults, Scenario, ScenarioError, Simulator as CoreSimulator, User,
};

use crate::event::Event;
use crate::log::Level;
use crate::sim_handlers::{DoneValues, EndpointValues, handler};
use crate::text::Text;
use crate::timeout::Timeout;

/// A running simulator; see `switchwire.testing.Simulator`.
#[pyclass(frozen, subclass)]
pub(crate) struct Simulator {
    running: Mutex<Option<CoreSimulator>>,
    address: (String, u16),
    password: String,
}

/// What goes wrong on a connection; see `switchwire.testing.Faults`.
#[derive(FromPyObject)]
struct FaultValues {
    split: Option<usize>,
    delay: Option<Timeout>,
    end_after_bytes: Option<u64>,
    end_after_frames: Option<u64>,
    end: String,
    silent: bool,
    stalled: bool,
    deaf: bool,
    last_events: String,
    linger_notice: String,
    completion: String,
    more: String,
}

/// An account; see `switchwire.testing.User`.
#[derive(FromPyObject)]
struct UserValues {
    name: String,
    domain: String,
    password: String,
    events: Option<String>,
    api: Option<String>,
    log: bool,
}

/// What the simulator is like; see `switchwire.testing.Simulator`.
#[derive(FromPyObject)]
struct Settings {
    password: String,
    bind: String,
    hostname: Option<String>,
    version: Option<String>,
    users: Vec<UserValues>,
    acl_reject: bool,
    heartbeat: Option<Timeout>,
    playback: Option<Timeout>,
    faults: Option<FaultValues>,
    scenario: Option<String>,
}

/// One of the simulator's choices, by its word.
fn choice<T: FromStr<Err = String>>(word: &str) -> PyResult<T> {
    word.parse().map_err(PyValueError::new_err)
}

fn faults(values: FaultValues) -> PyResult<Faults> {
    let mut faults = choice::<Faults>(&values.more)?
        .last_events(choice(&values.last_events)?)
        .linger_notice(choice(&values.linger_notice)?)
        .completion(choice(&values.completion)?);
    if let Some(bytes) = values.split {
        faults = faults.split(bytes);
    }
    if let Some(delay) = values.delay {
        faults = faults.delay(delay.0);
    }
    if let Some(bytes) = values.end_after_bytes {
        faults = faults.end_after_bytes(bytes, choice(&values.end)?);
    }
    if let Some(frames) = values.end_after_frames {
        faults = faults.end_after_frames(frames, choice(&values.end)?);
    }
    if values.silent {
        faults = faults.silent();
    }
    if values.stalled {
        faults = faults.stalled();
    }
    if values.deaf {
        faults = faults.deaf();
    }
    Ok(faults)
}

fn user(values: &UserValues) -> User {
    let mut user = User::new(&values.name, &values.domain, &values.password).allow_log(values.log);
    if let Some(events) = &values.events {
        user = user.allow_events(events);
    }
    if let Some(api) = &values.api {
        user = user.allow_api(api);
    }
    user
}

impl Simulator {
    fn running(&self) -> PyResult<MutexGuard<'_, Option<CoreSimulator>>> {
        let running = self.running.lock();
        match running.is_some() {
            true => Ok(running),
            false => Err(PyRuntimeError::new_err("the simulator has been stopped")),
        }
    }

    /// Runs a request without the GIL: it may wait while very many are under way.
    fn with<T: Send>(&self, py: Python<'_>, request: impl FnOnce(&CoreSimulator) -> T + Send) -> PyResult<T> {
        py.detach(|| self.running().map(|running| running.as_ref().map(request)))?
            .ok_or_else(|| PyRuntimeError::new_err("the simulator has been stopped"))
    }
}

#[pymethods]
impl Simulator {
    #[new]
    fn __new__(py: Python<'_>, settings: Settings) -> PyResult<Self> {
        let mut builder: Builder = CoreSimulator::builder()
            .password(&settings.password)
            .bind(&settings.bind)
            .acl_reject(settings.acl_reject)
            .heartbeat(settings.heartbeat.map(|every| every.0));
        if let Some(hostname) = &settings.hostname {
            builder = builder.hostname(hostname);
        }
        if let Some(version) = &settings.version {
            builder = builder.version(version);
        }
        if let Some(playback) = settings.playback {
            builder = builder.playback_duration(playback.0);
        }
        if let Some(values) = settings.faults {
            builder = builder.faults(faults(values)?);
        }
        if let Some(text) = &settings.scenario {
            let scenario: Scenario =
                text.parse().map_err(|error: ScenarioError| PyValueError::new_err(error.to_string()))?;
            builder = builder.scenario(&scenario);
        }
        builder = settings.users.iter().fold(builder, |builder, values| builder.user(user(values)));
        let simulator = py.detach(|| builder.start())?;
        let address = (simulator.addr().ip().to_string(), simulator.port());
        Ok(Self { running: Mutex::new(Some(simulator)), address, password: settings.password })
    }

    /// Host and port that it listens on.
    #[getter]
    fn address(&self) -> (String, u16) {
        self.address.clone()
    }

    /// The password that it takes.
    #[getter]
    fn password(&self) -> &str {
        &self.password
    }

    /// How many connections are open.
    #[getter]
    fn connections(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, CoreSimulator::connections)
    }

    /// How many channels are up.
    #[getter]
    fn channels(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, CoreSimulator::channels)
    }

    fn _fire(&self, py: Python<'_>, event: &Bound<'_, Event>) -> PyResult<()> {
        let event = event.get().core().clone();
        self.with(py, move |simulator| simulator.fire(event))
    }

    fn _log(&self, py: Python<'_>, level: Level, text: Text<'_>) -> PyResult<()> {
        let text = String::from_utf8_lossy(text.bytes()).into_owned();
        self.with(py, move |simulator| simulator.log(level.0, &text))
    }

    fn _extension(&self, py: Python<'_>, number: &str, applications: Vec<(String, String)>) -> PyResult<()> {
        let applications: Vec<_> =
            applications.iter().map(|(app, arg)| (app.as_str(), arg.as_str())).collect();
        self.with(py, |simulator| simulator.extension(number, &applications))
    }

    fn _set_faults(&self, py: Python<'_>, values: FaultValues) -> PyResult<()> {
        let faults = faults(values)?;
        self.with(py, move |simulator| simulator.set_faults(faults))
    }

    fn _verify(&self, py: Python<'_>, time: Timeout) -> PyResult<()> {
        let verifier = self.with(py, CoreSimulator::verifier)?;
        py.detach(|| verifier.verify(time.0)).map_err(|unmet| PyAssertionError::new_err(unmet.to_string()))
    }

    fn _api(&self, py: Python<'_>, name: &str, callable: Py<PyAny>) -> PyResult<()> {
        self.with(py, |simulator| simulator.api_later(name, handler::<String, String>(callable)))
    }

    fn _application(&self, py: Python<'_>, name: &str, callable: Py<PyAny>) -> PyResult<()> {
        self.with(py, |simulator| simulator.application_later(name, handler::<Done, DoneValues>(callable)))
    }

    fn _endpoint_with(&self, py: Python<'_>, dial: &str, callable: Py<PyAny>) -> PyResult<()> {
        self.with(py, |simulator| {
            simulator.endpoint_later(dial, handler::<Endpoint, EndpointValues>(callable));
        })
    }

    fn _endpoint(&self, py: Python<'_>, dial: &str, values: EndpointValues) -> PyResult<()> {
        self.with(py, |simulator| simulator.endpoint(dial, values.into()))
    }

    fn _restart(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, CoreSimulator::restart)
    }

    fn _refuse(&self, py: Python<'_>, refuse: bool) -> PyResult<()> {
        self.with(py, |simulator| simulator.refuse(refuse))
    }

    /// Sends bytes as they are to every connection that has logged in.
    fn send_raw(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        self.with(py, |simulator| simulator.send_raw(text))
    }

    fn _disconnect_all(&self, py: Python<'_>, how: &str) -> PyResult<()> {
        let end = choice::<End>(how)?;
        self.with(py, move |simulator| simulator.disconnect_all(end))
    }

    /// Ends it as a server that shuts down: SHUTDOWN event, notice, close.
    fn shutdown(&self, py: Python<'_>) {
        let simulator = self.running.lock().take();
        py.detach(|| simulator.map(CoreSimulator::shutdown));
    }

    /// Ends it: every connection is closed without a word. A second call does nothing.
    fn stop(&self, py: Python<'_>) {
        let simulator = self.running.lock().take();
        py.detach(|| drop(simulator));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Its thread may be about to call Python: waiting for it with the GIL held would never end.
        if let Some(simulator) = self.running.get_mut().take() {
            Python::attach(|py| py.detach(|| drop(simulator)));
        }
    }
}
