//! Dial strings as values of the core's: printing, parsing and refusing are the core's.

use std::hash::{DefaultHasher, Hasher as _};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use switchwire::Error;
use switchwire::proto::dial::{
    Carrier, DialError, DialString as CoreDialString, Endpoint, Leg as CoreLeg, Originate, Target,
};

use crate::errors::exception;
use crate::timeout::Timeout;

pub(crate) fn refusal(py: Python<'_>, error: DialError) -> PyErr {
    exception(py, &Error::from(error))
}

/// Whole seconds, rounded up: the server counts no parts.
pub(crate) fn whole_seconds(time: Timeout) -> u32 {
    let seconds = time.0.as_secs() + u64::from(time.0.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// One leg of a dial string: an endpoint such as `user/1000`, with variables of its own.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct Leg(CoreLeg);

#[pymethods]
impl Leg {
    #[new]
    #[pyo3(signature = (endpoint, *, timeout=None, delay=None, variables=None))]
    fn __new__(
        endpoint: &str,
        timeout: Option<Timeout>,
        delay: Option<Timeout>,
        variables: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut leg = CoreLeg::new(Endpoint::from_text(endpoint));
        if let Some(timeout) = timeout {
            leg = leg.timeout(whole_seconds(timeout));
        }
        if let Some(delay) = delay {
            leg = leg.delay(whole_seconds(delay));
        }
        for (name, value) in pairs(variables)? {
            leg = leg.variable(name, value);
        }
        Ok(Self(leg))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        hash(&self.0)
    }

    fn __repr__(&self) -> String {
        match CoreDialString::new(self.0.clone()).to_text(Carrier::Application) {
            Ok(text) => format!("<switchwire.Leg {text}>"),
            Err(error) => format!("<switchwire.Leg: {error}>"),
        }
    }
}

/// What `originate` dials and `bridge` connects to: legs that ring at once (`&`) or one after the other (`|`), with
/// variables for all of them.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct DialString(CoreDialString);

#[pymethods]
impl DialString {
    #[new]
    #[pyo3(signature = (leg, *, timeout=None, caller_id=None, uuid=None, variables=None))]
    fn __new__(
        leg: &Bound<'_, PyAny>,
        timeout: Option<Timeout>,
        caller_id: Option<(String, String)>,
        uuid: Option<String>,
        variables: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut dial = CoreDialString::new(core_leg(leg)?);
        if let Some(timeout) = timeout {
            dial = dial.timeout(whole_seconds(timeout));
        }
        if let Some((name, number)) = caller_id {
            dial = dial.caller_id(name, number);
        }
        if let Some(uuid) = uuid {
            dial = dial.uuid(uuid);
        }
        for (name, value) in pairs(variables)? {
            dial = dial.variable(name, value);
        }
        Ok(Self(dial))
    }

    /// Reads a dial string as it stands in a dialplan's `bridge`.
    #[staticmethod]
    fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        CoreDialString::parse(text, Carrier::Application).map(Self).map_err(|error| refusal(py, error))
    }

    /// One more leg, that rings at the same time as the last ones.
    fn __and__(&self, leg: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().and(core_leg(leg)?)))
    }

    /// One more leg, that is tried when those before have failed.
    fn __or__(&self, leg: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().or(core_leg(leg)?)))
    }

    /// As the application `bridge` takes it.
    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        self.0.to_text(Carrier::Application).map_err(|error| refusal(py, error))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        hash(&self.0)
    }

    fn __repr__(&self) -> String {
        match self.0.to_text(Carrier::Application) {
            Ok(text) => format!("<switchwire.DialString {text}>"),
            Err(error) => format!("<switchwire.DialString: {error}>"),
        }
    }
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Names and values of variables; numbers as `str()` writes them, truth as the server reads it.
pub(crate) fn pairs(variables: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(String, String)>> {
    let pair = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let value = match value.is_instance_of::<pyo3::types::PyBool>() {
            true => value.str()?.to_string().to_lowercase(),
            false => value.str()?.to_string(),
        };
        Ok((name.extract()?, value))
    };
    variables.into_iter().flat_map(PyDictMethods::iter).map(pair).collect()
}

/// A `Leg`, or the text of an endpoint.
fn core_leg(leg: &Bound<'_, PyAny>) -> PyResult<CoreLeg> {
    if let Ok(leg) = leg.cast::<Leg>() {
        return Ok(leg.get().0.clone());
    }
    match leg.cast::<PyString>() {
        Ok(text) => Ok(CoreLeg::new(Endpoint::from_text(&text.extract::<String>()?))),
        Err(_) => Err(PyTypeError::new_err("a leg is a Leg, or the text of an endpoint such as user/1000")),
    }
}

/// A `DialString`, a `Leg`, or the text of a dial string.
pub(crate) fn core_dial(dial: &Bound<'_, PyAny>) -> PyResult<CoreDialString> {
    if let Ok(dial) = dial.cast::<DialString>() {
        return Ok(dial.get().0.clone());
    }
    if let Ok(text) = dial.cast::<PyString>() {
        let parsed = CoreDialString::parse(&text.extract::<String>()?, Carrier::Application);
        return parsed.map_err(|error| refusal(dial.py(), error));
    }
    core_leg(dial).map(CoreDialString::new)
}

/// What `originate` is asked for.
pub(crate) struct Originated<'a, 'py> {
    pub(crate) dial: &'a Bound<'py, PyAny>,
    pub(crate) target: Wanted<'py>,
    pub(crate) dialplan: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) caller_id: Option<(String, String)>,
    pub(crate) ring: Option<Timeout>,
}

/// What the new leg is to do; without anything it is parked.
pub(crate) struct Wanted<'py> {
    pub(crate) extension: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) argument: Option<String>,
    pub(crate) inline: Option<Vec<(String, Option<String>)>>,
    pub(crate) bridge: Option<Bound<'py, PyAny>>,
}

impl Wanted<'_> {
    fn core(self, py: Python<'_>) -> PyResult<Target> {
        Ok(match (self.extension, self.application, self.argument, self.inline, self.bridge) {
            (Some(extension), None, None, None, None) => Target::Extension(extension),
            (None, None, None, Some(actions), None) => Target::Inline(actions),
            (None, None, None, None, Some(dial)) => {
                Target::bridge(&core_dial(&dial)?).map_err(|error| refusal(py, error))?
            }
            (None, application, argument, None, None) => {
                Target::Application { name: application.unwrap_or_else(|| "park".to_owned()), argument }
            }
            _ => {
                return Err(PyTypeError::new_err(
                    "originate: one of extension, bridge, inline, or an application and its argument",
                ));
            }
        })
    }
}

impl Originated<'_, '_> {
    pub(crate) fn core(self, py: Python<'_>) -> PyResult<Originate> {
        let target = self.target.core(py)?;
        let mut originate = Originate::new(core_dial(self.dial)?, target);
        if let Some(dialplan) = self.dialplan {
            originate = originate.dialplan(dialplan);
        }
        if let Some(context) = self.context {
            originate = originate.context(context);
        }
        if let Some((name, number)) = self.caller_id {
            originate = originate.caller_id(name, number);
        }
        if let Some(ring) = self.ring {
            originate = originate.timeout(whole_seconds(ring));
        }
        Ok(originate)
    }
}
