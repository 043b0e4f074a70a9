//! What a conference says, as the dataclasses of `switchwire.conference`.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use switchwire::conference::{ConferenceEvent, ConferenceInfo, Member};

use crate::event::Event;
use crate::vocabulary::Word as _;

/// What something ends with.
pub(super) enum Value {
    Nothing,
    Job(String),
    Info(Option<ConferenceInfo>),
    Members(Option<ConferenceInfo>),
}

impl Value {
    pub(super) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Self::Nothing => Ok(py.None()),
            Self::Job(uuid) => Ok(uuid.into_pyobject(py)?.into_any().unbind()),
            Self::Info(None) => Ok(py.None()),
            Self::Info(Some(conference)) => info(py, conference),
            Self::Members(conference) => {
                let list = conference.map(|conference| conference.members).unwrap_or_default();
                Ok(members(py, list)?.into_pyobject(py)?.into_any().unbind())
            }
        }
    }
}

/// Makes that class with a field for each of these.
macro_rules! make {
    ($py:expr, $class:literal, $($field:ident = $value:expr),* $(,)?) => {{
        let fields = PyDict::new($py);
        $(fields.set_item(stringify!($field), $value)?;)*
        let class = $py.import("switchwire.conference")?.getattr($class)?;
        Ok(class.call((), Some(&fields))?.unbind())
    }};
}

fn info(py: Python<'_>, conference: ConferenceInfo) -> PyResult<Py<PyAny>> {
    make!(
        py,
        "ConferenceInfo",
        name = conference.name,
        uuid = conference.uuid,
        run_time = conference.run_time,
        locked = conference.locked,
        recording = conference.recording,
        members = members(py, conference.members)?,
    )
}

fn members(py: Python<'_>, members: Vec<Member>) -> PyResult<Vec<Py<PyAny>>> {
    members.into_iter().map(|one| member(py, one)).collect()
}

fn member(py: Python<'_>, member: Member) -> PyResult<Py<PyAny>> {
    make!(
        py,
        "Member",
        id = member.id,
        uuid = member.uuid,
        caller_id_name = member.caller_id_name,
        caller_id_number = member.caller_id_number,
        hears = member.hears,
        speaks = member.speaks,
        talking = member.talking,
        has_floor = member.has_floor,
        on_hold = member.on_hold,
        moderator = member.moderator,
        joined = member.joined,
        energy = member.energy,
        volume_in = member.volume_in,
        volume_out = member.volume_out,
    )
}

pub(super) fn event(py: Python<'_>, happened: ConferenceEvent) -> PyResult<Py<PyAny>> {
    make!(
        py,
        "ConferenceEvent",
        conference = happened.conference,
        conference_uuid = happened.conference_uuid,
        action = happened.action.word(py)?,
        size = happened.size,
        member = happened.member,
        uuid = happened.uuid,
        hears = happened.hears,
        speaks = happened.speaks,
        talking = happened.talking,
        has_floor = happened.has_floor,
        old_floor = happened.old_floor,
        detail = happened.detail,
        result = happened.result,
        job_uuid = happened.job_uuid,
        event = Py::new(py, Event::new(happened.event))?,
    )
}
