//! The simulator's handlers that are Python callables.
//!
//! They run on the simulator's thread, which takes the GIL for each call. One that raises is reported as Python reports
//! what it cannot raise, and the simulator does as if it had given no reply.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use switchwire_sim::{Asked, Done, Endpoint, Given, Respond};

use crate::timeout::Timeout;

/// See `switchwire.testing.Done`.
#[derive(FromPyObject)]
pub(crate) struct DoneValues {
    variables: BTreeMap<String, String>,
    response: Option<String>,
    lasts: Option<Timeout>,
    hangup: Option<String>,
}

/// See `switchwire.testing.Endpoint`.
#[derive(FromPyObject)]
pub(crate) struct EndpointValues {
    ring: Option<Timeout>,
    early_media: Option<Timeout>,
    no_answer: bool,
    cause: Option<String>,
    dtmf: Vec<(Timeout, String)>,
    hangup: Option<(Timeout, String)>,
}

impl From<DoneValues> for Done {
    fn from(values: DoneValues) -> Self {
        let mut done = values.variables.iter().fold(Self::new(), |done, (name, value)| done.set(name, value));
        if let Some(text) = &values.response {
            done = done.response(text);
        }
        if let Some(time) = values.lasts {
            done = done.lasts(time.0);
        }
        if let Some(cause) = &values.hangup {
            done = done.hangup(cause);
        }
        done
    }
}

impl From<EndpointValues> for Endpoint {
    fn from(values: EndpointValues) -> Self {
        let mut endpoint = match &values.cause {
            Some(cause) => Self::fails(cause),
            None if values.no_answer => Self::no_answer(),
            None => Self::answers(),
        };
        if let Some(time) = values.ring {
            endpoint = endpoint.ring(time.0);
        }
        if let Some(after) = values.early_media {
            endpoint = endpoint.early_media(after.0);
        }
        for (after, digits) in &values.dtmf {
            endpoint = endpoint.dtmf(after.0, digits);
        }
        if let Some((after, cause)) = &values.hangup {
            endpoint = endpoint.hangs_up(after.0, cause);
        }
        endpoint
    }
}

/// A handler that calls a Python callable with the name, the argument, the uuid and the variables.
pub(crate) fn handler<T, V>(callable: Py<PyAny>) -> impl Fn(Asked, Respond<T>) + Send + Sync + 'static
where
    T: Given + From<V> + 'static,
    V: for<'a, 'py> FromPyObject<'a, 'py, Error: Into<PyErr>>,
{
    move |asked, respond| {
        // None when Python is ending: there is nothing left to call.
        Python::try_attach(|py| {
            let variables: BTreeMap<_, _> = asked.variables.into_iter().collect();
            let given = callable.call1(py, (asked.name, asked.argument, asked.uuid, variables));
            match given.and_then(|given| given.extract::<V>(py).map_err(Into::into)) {
                Ok(value) => respond.send(value.into()),
                Err(error) => error.write_unraisable(py, Some(callable.bind(py))),
            }
        });
    }
}
