//! How to connect, and how to stay connected: Python's values as the core's.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use switchwire::{Backoff, ErrorKind, Liveness, ManagedBuilder, ManagedConnection, WhileDown};

use crate::command::SubscriptionValues;
use crate::opening::OptionValues;
use crate::timeout::{Timeout, duration};

/// A `switchwire.managed.Target`.
#[derive(FromPyObject)]
pub(crate) struct Target {
    host: String,
    port: u16,
    password: String,
    user: Option<String>,
    addresses: Vec<(String, u16)>,
    subscription: SubscriptionValues,
    snapshot: bool,
    heartbeats: bool,
    while_down: Option<Timeout>,
    backoff: BackoffValues,
    liveness: LivenessValues,
    stop_on: Option<Vec<String>>,
    options: OptionValues,
}

#[derive(FromPyObject)]
struct BackoffValues {
    first: Timeout,
    most: Timeout,
    factor: f64,
    jitter: f64,
    good_after: Timeout,
    attempts: Option<u32>,
    give_up_after: Option<Timeout>,
}

#[derive(FromPyObject)]
struct LivenessValues {
    ping_after: Option<Timeout>,
    ping_deadline: Timeout,
    silence: Option<Timeout>,
    user_timeout: Option<Timeout>,
}

impl Target {
    pub(crate) fn builder(self) -> PyResult<ManagedBuilder> {
        let builder = ManagedConnection::builder(self.host, self.port).password(self.password);
        let builder =
            self.addresses.into_iter().fold(builder, |builder, (host, port)| builder.address(host, port));
        let builder = builder
            .user(self.user.unwrap_or_default())
            .options(self.options.options()?)
            .subscription(self.subscription.subscription()?)
            .snapshot(self.snapshot)
            .heartbeats(self.heartbeats)
            .while_down(self.while_down.map_or(WhileDown::Fail, |time| WhileDown::Wait(time.0)))
            .backoff(self.backoff.backoff())
            .liveness(self.liveness.liveness());
        Ok(match self.stop_on {
            Some(kinds) => {
                builder.stop_on(kinds.iter().map(|word| kind(word)).collect::<PyResult<Vec<_>>>()?)
            }
            None => builder,
        })
    }
}

impl BackoffValues {
    fn backoff(&self) -> Backoff {
        let mut backoff = Backoff::between(self.first.0, self.most.0);
        backoff.factor = self.factor;
        backoff.jitter = self.jitter;
        backoff.good_after = self.good_after.0;
        backoff.attempts = self.attempts;
        backoff.give_up_after = duration(self.give_up_after);
        backoff
    }
}

impl LivenessValues {
    fn liveness(&self) -> Liveness {
        let mut liveness = Liveness::default();
        liveness.ping_after = duration(self.ping_after);
        liveness.ping_deadline = self.ping_deadline.0;
        liveness.silence = duration(self.silence);
        liveness.user_timeout = duration(self.user_timeout);
        liveness
    }
}

fn kind(word: &str) -> PyResult<ErrorKind> {
    let found = ErrorKind::ALL.into_iter().find(|kind| kind.name() == word);
    found.ok_or_else(|| PyValueError::new_err(format!("there is no kind of error {word:?}")))
}

/// The defaults of `switchwire.Backoff`.
pub(crate) fn backoff(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let (core, values) = (Backoff::default(), PyDict::new(py));
    values.set_item("first", core.first.as_secs_f64())?;
    values.set_item("most", core.most.as_secs_f64())?;
    values.set_item("factor", core.factor)?;
    values.set_item("jitter", core.jitter)?;
    values.set_item("good_after", core.good_after.as_secs_f64())?;
    values.set_item("attempts", core.attempts)?;
    values.set_item("give_up_after", core.give_up_after.map(|time| time.as_secs_f64()))?;
    Ok(values)
}

/// The defaults of `switchwire.Liveness`.
pub(crate) fn liveness(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let (core, values) = (Liveness::default(), PyDict::new(py));
    values.set_item("ping_after", core.ping_after.map(|time| time.as_secs_f64()))?;
    values.set_item("ping_deadline", core.ping_deadline.as_secs_f64())?;
    values.set_item("silence", core.silence.map(|time| time.as_secs_f64()))?;
    values.set_item("user_timeout", core.user_timeout.map(|time| time.as_secs_f64()))?;
    Ok(values)
}
