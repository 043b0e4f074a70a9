//! A leg as an object: what `switchwire.Call` and `switchwire.aio.Call` are built on.

mod originate;
mod outcome;
mod verb;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::{Call as CoreCall, CallWait, Error, Phase, Run};

pub(crate) use originate::Originating;
pub(crate) use verb::Verb;

use crate::errors::{exception, timeout as timeout_error};
use crate::future::{Delivery, resolve};
use crate::log;
use crate::timeout::{Timeout, duration};
use crate::vocabulary::optional;
use crate::wait;
use outcome::Value;
use verb::Kind;

/// A leg that a connection controls.
#[pyclass(frozen)]
pub(crate) struct Call {
    core: CoreCall,
    delivery: Delivery,
}

/// What has been started, to be given up or to expire.
#[pyclass(frozen, name = "CallHandle")]
pub(crate) struct Handle(Started);

enum Started {
    Run(Run),
    Wait(Option<CallWait>),
    /// A reply will come; there is nothing to give up.
    Reply,
}

impl Started {
    /// Its time has passed. What has an end of its own reports it to its callback; for the others, the error's phase.
    fn expire(&self) -> Option<Phase> {
        match self {
            Self::Run(run) => run.abandon().then_some(Phase::Execute),
            Self::Wait(wait) => {
                if let Some(wait) = wait {
                    wait.expire();
                }
                None
            }
            Self::Reply => Some(Phase::Reply),
        }
    }
}

#[pymethods]
impl Handle {
    /// Not awaited any more.
    fn abandon(&self) {
        match &self.0 {
            Started::Run(run) => drop(run.abandon()),
            Started::Wait(Some(wait)) => drop(wait.abandon()),
            Started::Wait(None) | Started::Reply => {}
        }
    }

    /// Its time has passed: `future` gets what has come, or a timeout.
    fn expire(&self, py: Python<'_>, future: &Bound<'_, PyAny>) {
        if let Some(phase) = self.0.expire() {
            resolve(future, Err(timeout_error(py, phase)));
        }
    }
}

impl Call {
    /// Logs what is sent.
    fn tell(&self, py: Python<'_>, verb: &Verb) {
        if !matches!(verb.0, Kind::WaitFor(_) | Kind::Digits(..)) {
            log::command(py, self.core.connection(), || verb.name());
        }
    }

    fn start(
        &self,
        verb: &Verb,
        on_done: impl FnOnce(switchwire::Result<Value>) + Send + 'static,
    ) -> switchwire::Result<Started> {
        match &verb.0 {
            Kind::Run(application) => {
                let run =
                    self.core.run_with(application(), |outcome| on_done(outcome.map(Value::Outcome)))?;
                Ok(Started::Run(run))
            }
            Kind::Act(action) => {
                self.core.act_with(action.clone(), |done| on_done(done.map(|()| Value::None)))?;
                Ok(Started::Reply)
            }
            Kind::WaitFor(state) => {
                let wait =
                    self.core.wait_for_with(state.clone(), |done| on_done(done.map(|()| Value::None)))?;
                Ok(Started::Wait(wait))
            }
            Kind::Digits(count, terminators) => {
                let wait =
                    self.core.digits_with(*count, terminators, |got| on_done(got.map(Value::Digits)))?;
                Ok(Started::Wait(Some(wait)))
            }
            Kind::Refresh => {
                self.core.refresh_with(|event| on_done(event.map(Value::Event)))?;
                Ok(Started::Reply)
            }
        }
    }
}

#[pymethods]
impl Call {
    /// Does it, and waits for its end; for at most `limit` where that is given, else as long as such a thing is waited for.
    #[pyo3(signature = (verb, limit=None))]
    fn run(&self, py: Python<'_>, verb: &Bound<'_, Verb>, limit: Option<Timeout>) -> PyResult<Py<PyAny>> {
        let verb = verb.get();
        self.tell(py, verb);
        let mut started = None;
        let pending = self.core.connection().event_loop().start_value(|on_done| {
            started = Some(self.start(verb, on_done)?);
            Ok(())
        });
        let pending = pending.map_err(|error| exception(py, &error))?;
        let own = || verb.is_reply().then(|| self.core.connection().options().command_timeout).flatten();
        let limit = duration(limit).or_else(own);
        let started = Waiting(started);
        match wait::until(py, limit, |slice| pending.take_timeout(slice))? {
            Ok(Some(value)) => return value.into_python(py),
            Ok(None) => {}
            Err(error) => return Err(exception(py, &error)),
        }
        if let Some(phase) = started.0.as_ref().and_then(Started::expire) {
            return Err(timeout_error(py, phase));
        }
        // What has come so far, or the timeout as the core words it.
        match pending.take_timeout(Duration::ZERO) {
            Ok(Some(value)) => value.into_python(py),
            Ok(None) => Err(timeout_error(py, Phase::Execute)),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// Does it without waiting; `future` gets its end.
    fn ask(&self, py: Python<'_>, future: Py<PyAny>, verb: &Bound<'_, Verb>) -> PyResult<Handle> {
        let started =
            self.start(verb.get(), self.delivery.fill(future, |py, value: Value| value.into_python(py)));
        started.map(Handle).map_err(|error| exception(py, &error))
    }

    /// Calls back for every digit from now on, on the thread that reads the connection, or on that of the loop.
    fn on_dtmf(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<DtmfWatch> {
        let delivery = self.delivery.clone();
        let callback = Arc::new(callback);
        let watch = self.core.on_dtmf(move |dtmf| {
            let callback = callback.clone();
            delivery.run(move |py| {
                let arguments = (dtmf.digit, dtmf.duration, dtmf.source);
                if let Err(error) = callback.bind(py).call1(arguments) {
                    error.write_unraisable(py, Some(callback.bind(py)));
                }
            });
        });
        watch.map(|watch| DtmfWatch(Mutex::new(Some(watch)))).map_err(|error| exception(py, &error))
    }

    #[getter]
    fn uuid(&self) -> &str {
        self.core.uuid()
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.core.state())
    }

    #[getter]
    fn channel_state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.core.channel_state())
    }

    #[getter]
    fn answered(&self) -> bool {
        self.core.answered()
    }

    #[getter]
    fn hung_up(&self) -> bool {
        self.core.hung_up()
    }

    #[getter]
    fn hangup_cause<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional(py, self.core.hangup_cause())
    }
}

/// Gives up what is waited for when the wait is left by an interrupt.
struct Waiting(Option<Started>);

impl Drop for Waiting {
    fn drop(&mut self) {
        match &self.0 {
            Some(Started::Run(run)) => drop(run.abandon()),
            Some(Started::Wait(Some(wait))) => drop(wait.abandon()),
            _ => {}
        }
    }
}

/// A callback for digits.
#[pyclass(frozen)]
pub(crate) struct DtmfWatch(Mutex<Option<switchwire::DtmfWatch>>);

#[pymethods]
impl DtmfWatch {
    /// Ends the calls.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| drop(self.0.lock().take()));
    }
}

pub(crate) fn own(py: Python<'_>, connection: &switchwire::Connection, delivery: Delivery) -> PyResult<Call> {
    let core = connection.own_call().map_err(|error: Error| exception(py, &error))?;
    Ok(Call { core, delivery })
}

pub(crate) fn of(
    py: Python<'_>,
    connection: &switchwire::Connection,
    uuid: &str,
    delivery: Delivery,
) -> PyResult<Call> {
    let core = connection.call(uuid).map_err(|error| exception(py, &error))?;
    Ok(Call { core, delivery })
}
