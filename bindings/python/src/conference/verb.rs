//! What a conference can be asked for: the core's commands, from Python's arguments.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use switchwire::conference::{ConferenceCommand, Members, Relation};
use switchwire::proto::dial::DialError;

use crate::dial::{core_dial, refusal};

/// One thing to do with a conference.
#[pyclass(frozen)]
pub(crate) struct ConferenceVerb {
    pub(super) kind: Kind,
}

#[derive(Clone)]
pub(super) enum Kind {
    /// A command whose reply says only whether it was done.
    Command(ConferenceCommand),
    /// A call, whose reply has its Job-UUID.
    Dial(ConferenceCommand),
    /// The conference.
    Info,
    /// Its members.
    Members,
}

/// An id, or the word for several members.
fn members(members: &Bound<'_, PyAny>) -> PyResult<Members> {
    const WANTED: &str = "members: an id, or 'all', 'last' or 'non_moderator'";
    if let Ok(id) = members.extract::<u32>() {
        return Ok(Members::Id(id));
    }
    let word = members.cast::<PyString>().map_err(|_| PyTypeError::new_err(WANTED))?;
    let word: String = word.extract()?;
    [Members::All, Members::Last, Members::NonModerators]
        .into_iter()
        .find(|known| known.to_string() == word)
        .ok_or_else(|| PyValueError::new_err(WANTED))
}

fn command(command: ConferenceCommand) -> ConferenceVerb {
    ConferenceVerb { kind: Kind::Command(command) }
}

fn said(py: Python<'_>, said: Result<ConferenceCommand, DialError>) -> PyResult<ConferenceVerb> {
    said.map(command).map_err(|error| refusal(py, error))
}

#[pymethods]
impl ConferenceVerb {
    #[staticmethod]
    fn info() -> Self {
        Self { kind: Kind::Info }
    }

    #[staticmethod]
    fn members() -> Self {
        Self { kind: Kind::Members }
    }

    /// The commands that take nothing but members, by the names that the methods have.
    #[staticmethod]
    fn of_members(what: &str, of: &Bound<'_, PyAny>) -> PyResult<Self> {
        let of = members(of)?;
        Ok(command(match what {
            "mute" => ConferenceCommand::mute(of),
            "unmute" => ConferenceCommand::unmute(of),
            "toggle_mute" => ConferenceCommand::toggle_mute(of),
            "deaf" => ConferenceCommand::deaf(of),
            "undeaf" => ConferenceCommand::undeaf(of),
            "hold" => ConferenceCommand::hold(of),
            "unhold" => ConferenceCommand::unhold(of),
            "hup" => ConferenceCommand::hup(of),
            "floor" => ConferenceCommand::floor(of),
            _ => return Err(PyValueError::new_err(format!("no command for members: {what:?}"))),
        }))
    }

    #[staticmethod]
    fn kick(of: &Bound<'_, PyAny>, sound: Option<&str>) -> PyResult<Self> {
        let of_members = members(of)?;
        match sound {
            None => Ok(command(ConferenceCommand::kick(of_members))),
            Some(sound) => said(of.py(), ConferenceCommand::kick_with(of_members, sound)),
        }
    }

    #[staticmethod]
    fn lock(on: bool) -> Self {
        command(if on { ConferenceCommand::lock() } else { ConferenceCommand::unlock() })
    }

    #[staticmethod]
    fn pin(py: Python<'_>, pin: Option<&str>) -> PyResult<Self> {
        match pin {
            Some(pin) => said(py, ConferenceCommand::pin(pin)),
            None => Ok(command(ConferenceCommand::no_pin())),
        }
    }

    #[staticmethod]
    fn volume_in(of: &Bound<'_, PyAny>, level: i32) -> PyResult<Self> {
        Ok(command(ConferenceCommand::volume_in(members(of)?, level)))
    }

    #[staticmethod]
    fn volume_out(of: &Bound<'_, PyAny>, level: i32) -> PyResult<Self> {
        Ok(command(ConferenceCommand::volume_out(members(of)?, level)))
    }

    #[staticmethod]
    fn energy(of: &Bound<'_, PyAny>, level: u32) -> PyResult<Self> {
        Ok(command(ConferenceCommand::energy(members(of)?, level)))
    }

    #[staticmethod]
    fn play(py: Python<'_>, file: &str, member: Option<u32>, beside: bool) -> PyResult<Self> {
        let play = match member {
            None => ConferenceCommand::play(file, beside),
            Some(member) => ConferenceCommand::play_to(member, file),
        };
        said(py, play)
    }

    #[staticmethod]
    fn stop(all: bool) -> Self {
        command(ConferenceCommand::stop(all))
    }

    #[staticmethod]
    fn say(py: Python<'_>, text: &str, member: Option<u32>) -> PyResult<Self> {
        let say = match member {
            None => ConferenceCommand::say(text),
            Some(member) => ConferenceCommand::say_to(member, text),
        };
        said(py, say)
    }

    #[staticmethod]
    fn record(py: Python<'_>, file: &str) -> PyResult<Self> {
        said(py, ConferenceCommand::record(file))
    }

    #[staticmethod]
    fn stop_recording(py: Python<'_>, file: Option<&str>) -> PyResult<Self> {
        said(py, ConferenceCommand::no_record(file))
    }

    #[staticmethod]
    fn pause_recording(py: Python<'_>, file: &str, pause: bool) -> PyResult<Self> {
        said(py, ConferenceCommand::pause_recording(file, pause))
    }

    #[staticmethod]
    fn dial(dial: &Bound<'_, PyAny>, caller_id: Option<(String, String)>) -> PyResult<Self> {
        let caller_id = caller_id.as_ref().map(|(name, number)| (&**name, &**number));
        let dialled = ConferenceCommand::dial(&core_dial(dial)?, caller_id, true);
        dialled.map(|dialled| Self { kind: Kind::Dial(dialled) }).map_err(|error| refusal(dial.py(), error))
    }

    #[staticmethod]
    fn transfer(py: Python<'_>, to: &str, members: Vec<u32>) -> PyResult<Self> {
        said(py, ConferenceCommand::transfer(to, &members))
    }

    #[staticmethod]
    fn relate(member: u32, other: u32, relation: &str) -> PyResult<Self> {
        let relation = match relation {
            "nohear" => Relation::NoHear,
            "nospeak" => Relation::NoSpeak,
            "clear" => Relation::Clear,
            _ => return Err(PyValueError::new_err("the relation is 'nohear', 'nospeak' or 'clear'")),
        };
        Ok(command(ConferenceCommand::relate(member, other, relation)))
    }

    #[staticmethod]
    fn send_dtmf(of: &Bound<'_, PyAny>, digits: &str) -> PyResult<Self> {
        said(of.py(), ConferenceCommand::dtmf(members(of)?, digits))
    }
}
