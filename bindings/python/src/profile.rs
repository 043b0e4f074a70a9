//! The caller profile of a leg, as a view of an event's headers.

use std::borrow::Cow;
use std::time::Duration;

use pyo3::prelude::*;
use switchwire::Event;

use crate::moment;
use crate::vocabulary::optional;

/// The caller profile of a leg: a view of an event's `Caller-*` or `Other-Leg-*` headers. Each attribute looks its header
/// up; it is `None` where the event has none.
#[pyclass(frozen, module = "switchwire")]
pub(crate) struct CallerProfile {
    event: Event,
    other_leg: bool,
}

impl CallerProfile {
    pub(crate) fn caller(event: &Event) -> Self {
        Self { event: event.clone(), other_leg: false }
    }

    pub(crate) fn other_leg(event: &Event) -> Option<Self> {
        event.other_leg().map(|_| Self { event: event.clone(), other_leg: true })
    }

    fn view(&self) -> switchwire::proto::vocabulary::CallerProfile<'_> {
        match self.other_leg {
            true => self.event.other_leg().unwrap_or_else(|| self.event.caller()),
            false => self.event.caller(),
        }
    }
}

macro_rules! profile {
    (texts: $($text:ident),*; times: $($time:ident),*;) => {
        #[pymethods]
        impl CallerProfile {
            $(
                #[getter]
                fn $text(&self) -> Option<Cow<'_, str>> {
                    self.view().$text()
                }
            )*
            $(
                #[getter]
                fn $time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                    moment::optional(py, self.view().$time())
                }
            )*

            /// Which way the leg goes.
            #[getter]
            fn direction<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
                optional(py, self.view().direction())
            }

            /// How long the leg was on hold in all.
            #[getter]
            fn held(&self) -> Option<Duration> {
                self.view().held()
            }
        }
    };
}

profile! {
    texts: unique_id, channel_name, caller_id_name, caller_id_number, original_caller_id_name,
        original_caller_id_number, callee_id_name, callee_id_number, destination_number, ani, rdnis, network_addr, username,
        dialplan, context, source, transfer_source;
    times: profile_created, created, progress, progress_media, answered, bridged, last_hold, transferred, resurrected,
        hung_up;
}
