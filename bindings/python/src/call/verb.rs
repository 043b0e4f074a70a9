//! What a call can be asked for: applications, actions, waits. Values of the core, from Python's arguments.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use switchwire::State;
use switchwire::proto::application::{
    Action, Application, AttendedTransfer, Bridge, Conference, Digits, Displace, Eavesdrop, Export, Fifo,
    Named, PlayAndGetDigits, Playback, Read, Record, RecordSession, Say, ScheduledHangup, ScheduledTransfer,
    Set, Sleep, Speak, StopRecordSession, Transfer, TransferLeg, Unset, ValetPark,
};
use switchwire::proto::vocabulary::{HangupCause, SayGender, SayMethod, SayType};

use crate::dial::{core_dial, refusal, whole_seconds};
use crate::timeout::Timeout;

/// One thing to do with a call, or to wait for.
#[pyclass(frozen)]
pub(crate) struct Verb(pub(super) Kind);

pub(super) enum Kind {
    /// An application that is waited for.
    Run(Box<dyn Fn() -> Box<dyn Application + Send> + Send + Sync>),
    /// What is done at once.
    Act(Action),
    /// A state that is waited for.
    WaitFor(State),
    /// So many digits, or one of the terminators.
    Digits(usize, String),
    /// The server's dump of the channel.
    Refresh,
}

impl Verb {
    fn run(application: impl Application + Clone + Send + Sync + 'static) -> Self {
        Self(Kind::Run(Box::new(move || Box::new(application.clone()))))
    }

    const fn act(action: Action) -> Self {
        Self(Kind::Act(action))
    }

    /// What is sent for it, without arguments.
    pub(super) fn name(&self) -> String {
        match &self.0 {
            Kind::Run(application) => format!("execute {}", application().name()),
            Kind::Act(action) => match action.api("uuid") {
                Ok(command) => format!("api {}", command.name()),
                Err(_) => "execute".to_owned(),
            },
            Kind::Refresh | Kind::WaitFor(_) | Kind::Digits(..) => "api uuid_dump".to_owned(),
        }
    }

    /// Whether a command's reply ends it.
    pub(super) const fn is_reply(&self) -> bool {
        matches!(self.0, Kind::Act(_) | Kind::Refresh)
    }
}

/// Milliseconds, as applications count.
fn milliseconds(time: Timeout) -> u32 {
    u32::try_from(time.0.as_millis()).unwrap_or(u32::MAX)
}

fn transfer_leg(leg: &str) -> PyResult<TransferLeg> {
    match leg {
        "this" => Ok(TransferLeg::This),
        "peer" => Ok(TransferLeg::Peer),
        "both" => Ok(TransferLeg::Both),
        _ => Err(PyValueError::new_err("the leg is 'this', 'peer' or 'both'")),
    }
}

fn transfer_to(
    extension: &str,
    dialplan: Option<String>,
    context: Option<String>,
    leg: &str,
) -> PyResult<Transfer> {
    let mut transfer = Transfer::new(extension).leg(transfer_leg(leg)?);
    if let Some(dialplan) = dialplan {
        transfer = transfer.dialplan(dialplan);
    }
    if let Some(context) = context {
        transfer = transfer.context(context);
    }
    Ok(transfer)
}

#[pymethods]
impl Verb {
    #[staticmethod]
    fn named(name: &str, argument: &str) -> Self {
        Self::run(Named::with(name, argument))
    }

    #[staticmethod]
    fn playback(sources: Vec<String>) -> Self {
        Self::run(Playback::files(sources))
    }

    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "one for each option of Python's method")]
    fn play_and_get_digits(
        file: &str,
        min: u32,
        max: u32,
        tries: u32,
        input_timeout: Timeout,
        digit_timeout: Option<Timeout>,
        terminators: &str,
        invalid_file: Option<&str>,
        variable: &str,
        pattern: &str,
    ) -> Self {
        let mut ask = PlayAndGetDigits::new(min, max, file)
            .tries(tries)
            .timeout(milliseconds(input_timeout))
            .terminators(terminators)
            .variable(variable)
            .pattern(pattern);
        if let Some(timeout) = digit_timeout {
            ask = ask.digit_timeout(milliseconds(timeout));
        }
        if let Some(file) = invalid_file {
            ask = ask.invalid_file(file);
        }
        Self::run(ask)
    }

    #[staticmethod]
    fn read(
        file: &str,
        min: u32,
        max: u32,
        input_timeout: Timeout,
        digit_timeout: Option<Timeout>,
        terminators: &str,
        variable: &str,
    ) -> Self {
        let mut read = Read::new(min, max, file)
            .timeout(milliseconds(input_timeout))
            .terminators(terminators)
            .variable(variable);
        if let Some(timeout) = digit_timeout {
            read = read.digit_timeout(milliseconds(timeout));
        }
        Self::run(read)
    }

    #[staticmethod]
    fn say(text: &str, kind: &str, method: &str, gender: Option<&str>, language: &str) -> Self {
        let mut say = Say::new(language, SayType::from(kind), SayMethod::from(method), text);
        if let Some(gender) = gender {
            say = say.gender(SayGender::from(gender));
        }
        Self::run(say)
    }

    #[staticmethod]
    fn speak(text: &str, engine: &str, voice: &str) -> Self {
        Self::run(Speak::new(engine, voice, text))
    }

    #[staticmethod]
    fn record(file: &str, limit: Option<Timeout>, silence: Option<(u32, u32)>) -> Self {
        let mut record = Record::new(file);
        if let Some(limit) = limit {
            record = record.limit(whole_seconds(limit));
        }
        if let Some((threshold, hits)) = silence {
            record = record.silence(threshold, hits);
        }
        Self::run(record)
    }

    #[staticmethod]
    fn bridge(dial: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self::run(Bridge::new(core_dial(dial)?)))
    }

    #[staticmethod]
    fn attended_transfer(dial: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self::run(AttendedTransfer::new(core_dial(dial)?)))
    }

    #[staticmethod]
    fn conference(name: &str, profile: Option<&str>, pin: Option<&str>, flags: Vec<String>) -> Self {
        let mut conference = Conference::new(name);
        if let Some(profile) = profile {
            conference = conference.profile(profile);
        }
        if let Some(pin) = pin {
            conference = conference.pin(pin);
        }
        Self::run(flags.into_iter().fold(conference, Conference::flag))
    }

    #[staticmethod]
    fn fifo(queue: &str, role: &str, announce: Option<&str>, music: Option<&str>) -> PyResult<Self> {
        let mut fifo = match role {
            "wait" => Fifo::wait_in(queue),
            "take" => Fifo::take_from(queue),
            "try_take" => Fifo::try_take_from(queue),
            _ => return Err(PyValueError::new_err("the role is 'wait', 'take' or 'try_take'")),
        };
        if let Some(file) = announce {
            fifo = fifo.announce(file);
        }
        if let Some(source) = music {
            fifo = fifo.music(source);
        }
        Ok(Self::run(fifo))
    }

    #[staticmethod]
    fn valet_park(lot: &str, stall: Option<&str>, between: Option<(u32, u32)>) -> PyResult<Self> {
        match (stall, between) {
            (Some(stall), None) => Ok(Self::run(ValetPark::stall(lot, stall))),
            (None, Some((first, last))) => Ok(Self::run(ValetPark::any(lot, first, last))),
            _ => Err(PyValueError::new_err(
                "valet_park: a stall, or the first and the last of which any is taken",
            )),
        }
    }

    #[staticmethod]
    fn eavesdrop(uuid: &str) -> Self {
        Self::run(Eavesdrop::new(uuid))
    }

    #[staticmethod]
    fn sleep(time: Timeout) -> Self {
        Self::run(Sleep::new(milliseconds(time)))
    }

    #[staticmethod]
    fn set(name: &str, value: &str) -> Self {
        Self::run(Set::new(name, value))
    }

    #[staticmethod]
    fn set_array(py: Python<'_>, name: &str, elements: Vec<String>) -> PyResult<Self> {
        Set::array(name, elements).map(Self::run).map_err(|error| refusal(py, error))
    }

    #[staticmethod]
    fn execute_on_answer(py: Python<'_>, name: &str, argument: &str) -> PyResult<Self> {
        let set = Set::execute_on_answer(&Named::with(name, argument));
        set.map(Self::run).map_err(|error| refusal(py, error))
    }

    #[staticmethod]
    fn export(name: &str, value: &str) -> Self {
        Self::run(Export::new(name, value))
    }

    #[staticmethod]
    fn unset(name: &str) -> Self {
        Self::run(Unset::new(name))
    }

    #[staticmethod]
    fn hangup(cause: &str) -> Self {
        Self::act(Action::Hangup(HangupCause::from(cause)))
    }

    #[staticmethod]
    fn transfer(
        extension: &str,
        dialplan: Option<String>,
        context: Option<String>,
        leg: &str,
    ) -> PyResult<Self> {
        Ok(Self::act(Action::Transfer(transfer_to(extension, dialplan, context, leg)?)))
    }

    #[staticmethod]
    fn park() -> Self {
        Self::act(Action::Park)
    }

    #[staticmethod]
    fn hold(on: bool) -> Self {
        Self::act(if on { Action::Hold } else { Action::Unhold })
    }

    #[staticmethod]
    fn mute(hearing: bool) -> Self {
        Self::act(Action::Mute { hearing })
    }

    #[staticmethod]
    fn unmute() -> Self {
        Self::act(Action::Unmute)
    }

    #[staticmethod]
    fn start_recording(file: &str, limit: Option<Timeout>) -> Self {
        let mut recording = RecordSession::new(file);
        if let Some(limit) = limit {
            recording = recording.limit(whole_seconds(limit));
        }
        Self::act(Action::StartRecording(recording))
    }

    #[staticmethod]
    fn stop_recording(file: &str) -> Self {
        Self::act(Action::StopRecording(StopRecordSession::new(file)))
    }

    #[staticmethod]
    fn broadcast(file: String, leg: &str) -> PyResult<Self> {
        Ok(Self::act(Action::Broadcast { file, leg: transfer_leg(leg)? }))
    }

    #[staticmethod]
    fn displace(file: &str, mix: bool, limit: Option<Timeout>) -> Self {
        let mut displace = Displace::new(file);
        if mix {
            displace = displace.mix();
        }
        if let Some(limit) = limit {
            displace = displace.limit(whole_seconds(limit));
        }
        Self::act(Action::Displace(displace))
    }

    #[staticmethod]
    fn stop_displacing(file: String) -> Self {
        Self::act(Action::StopDisplacing { file })
    }

    #[staticmethod]
    fn stop_playback(all: bool) -> Self {
        Self::act(Action::StopPlayback { all })
    }

    #[staticmethod]
    fn send_dtmf(digits: &str, duration: Option<Timeout>) -> Self {
        let mut dtmf = Digits::new(digits);
        if let Some(duration) = duration {
            dtmf = dtmf.duration(milliseconds(duration));
        }
        Self::act(Action::SendDtmf(dtmf))
    }

    #[staticmethod]
    fn schedule_hangup(after: Timeout, cause: Option<&str>) -> Self {
        let mut hangup = ScheduledHangup::new(whole_seconds(after));
        if let Some(cause) = cause {
            hangup = hangup.cause(HangupCause::from(cause));
        }
        Self::act(Action::ScheduleHangup(hangup))
    }

    #[staticmethod]
    fn schedule_transfer(
        after: Timeout,
        extension: &str,
        dialplan: Option<String>,
        context: Option<String>,
    ) -> PyResult<Self> {
        let transfer = transfer_to(extension, dialplan, context, "this")?;
        Ok(Self::act(Action::ScheduleTransfer(ScheduledTransfer::new(whole_seconds(after), transfer))))
    }

    /// The state is a member of `AnswerState`, `CallState` or `ChannelState`, or its name.
    #[staticmethod]
    fn wait_for(state: &str) -> PyResult<Self> {
        let found = State::from_name(state);
        let found = found.ok_or_else(|| PyValueError::new_err(format!("there is no state {state:?}")))?;
        Ok(Self(Kind::WaitFor(found)))
    }

    #[staticmethod]
    fn digits(count: usize, terminators: String) -> Self {
        Self(Kind::Digits(count, terminators))
    }

    /// Refuses what cannot be said.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        match &self.0 {
            Kind::Run(application) => application().argument().map(drop).map_err(|error| refusal(py, error)),
            _ => Ok(()),
        }
    }

    /// For how many seconds it is waited for where nothing else is said: for a reply, as for those of all commands.
    fn limit(&self, command_timeout: Option<f64>) -> Option<f64> {
        command_timeout.filter(|_| self.is_reply())
    }

    #[staticmethod]
    fn refresh() -> Self {
        Self(Kind::Refresh)
    }
}
