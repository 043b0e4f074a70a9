//! Applications that move, park, join or end a call.

use super::write::{cause, check, digits, file, name, rest, word};
use super::{Application, DialError};
use crate::HangupCause;
use crate::dial::{Carrier, DialString};

/// `sleep`: waits. DTMF that comes meanwhile is kept for the next application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sleep {
    milliseconds: u32,
}

impl Sleep {
    /// Waits for so many milliseconds.
    #[must_use]
    pub const fn new(milliseconds: u32) -> Self {
        Self { milliseconds }
    }
}

impl Application for Sleep {
    fn name(&self) -> &str {
        "sleep"
    }

    fn argument(&self) -> Result<String, DialError> {
        Ok(self.milliseconds.to_string())
    }
}

/// `send_dtmf`: sends digits to the far end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digits {
    digits: String,
    milliseconds: Option<u32>,
}

impl Digits {
    /// Sends digits: 0 to 9, `*`, `#`, A to D; `w` and `W` are pauses of half a second and of a second.
    #[must_use]
    pub fn new(digits: impl Into<String>) -> Self {
        Self { digits: digits.into(), milliseconds: None }
    }

    /// How long each lasts.
    #[must_use]
    pub fn duration(mut self, milliseconds: u32) -> Self {
        self.milliseconds = Some(milliseconds);
        self
    }
}

impl Application for Digits {
    fn name(&self) -> &str {
        "send_dtmf"
    }

    fn argument(&self) -> Result<String, DialError> {
        let digits = digits(&self.digits)?;
        Ok(self.milliseconds.map_or_else(|| digits.to_owned(), |duration| format!("{digits}@{duration}")))
    }
}

/// Which leg of a bridge is transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TransferLeg {
    /// This one.
    #[default]
    This,
    /// The one that it is bridged to (`-bleg`).
    Peer,
    /// Both (`-both`).
    Both,
}

impl TransferLeg {
    pub(super) const fn option(self) -> &'static str {
        match self {
            Self::This => "",
            Self::Peer => "-bleg ",
            Self::Both => "-both ",
        }
    }
}

/// `transfer`: goes on in the dialplan at another extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Transfer {
    extension: String,
    dialplan: Option<String>,
    context: Option<String>,
    leg: TransferLeg,
}

impl Transfer {
    /// Goes on at an extension, in the dialplan and the context that the call is in.
    #[must_use]
    pub fn new(extension: impl Into<String>) -> Self {
        Self { extension: extension.into(), dialplan: None, context: None, leg: TransferLeg::This }
    }

    /// The dialplan, e.g. `XML` (which it is where only the context is given).
    #[must_use]
    pub fn dialplan(mut self, dialplan: impl Into<String>) -> Self {
        self.dialplan = Some(dialplan.into());
        self
    }

    /// The context.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Which leg of a bridge.
    #[must_use]
    pub const fn leg(mut self, leg: TransferLeg) -> Self {
        self.leg = leg;
        self
    }

    pub(super) fn words(&self) -> Result<String, DialError> {
        let place = place(&self.extension, self.dialplan.as_deref(), self.context.as_deref())?;
        Ok(format!("{}{place}", self.leg.option()))
    }
}

impl Application for Transfer {
    fn name(&self) -> &str {
        "transfer"
    }

    fn argument(&self) -> Result<String, DialError> {
        self.words()
    }
}

/// An extension, its dialplan and its context, as words.
fn place(extension: &str, dialplan: Option<&str>, context: Option<&str>) -> Result<String, DialError> {
    if extension.starts_with('-') {
        return Err(DialError::Character { what: "extension", character: '-' });
    }
    let mut words = vec![word("extension", extension)?];
    if dialplan.is_some() || context.is_some() {
        words.push(name("dialplan", dialplan.unwrap_or("XML"))?.to_owned());
    }
    if let Some(context) = context {
        words.push(word("context", context)?);
    }
    Ok(words.join(" "))
}

/// `att_xfer`: an attended transfer: dials while the bridged partner waits, joins the two when this leg hangs up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttendedTransfer {
    dial: DialString,
}

impl AttendedTransfer {
    /// Dials the leg that the partner is transferred to.
    #[must_use]
    pub fn new(dial: impl Into<DialString>) -> Self {
        Self { dial: dial.into() }
    }
}

impl Application for AttendedTransfer {
    fn name(&self) -> &str {
        "att_xfer"
    }

    fn argument(&self) -> Result<String, DialError> {
        self.dial.to_text(Carrier::Application)
    }
}

/// `sched_hangup`: hangs the call up later.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScheduledHangup {
    pub(super) seconds: u32,
    pub(super) cause: Option<HangupCause>,
}

impl ScheduledHangup {
    /// Hangs up in so many seconds.
    #[must_use]
    pub const fn new(seconds: u32) -> Self {
        Self { seconds, cause: None }
    }

    /// The cause; `ALLOTTED_TIMEOUT` without one.
    #[must_use]
    pub fn cause(mut self, cause: HangupCause) -> Self {
        self.cause = Some(cause);
        self
    }
}

impl Application for ScheduledHangup {
    fn name(&self) -> &str {
        "sched_hangup"
    }

    fn argument(&self) -> Result<String, DialError> {
        let when = format!("+{}", self.seconds);
        Ok(match &self.cause {
            Some(word) => format!("{when} {}", cause(word)?),
            None => when,
        })
    }
}

/// `sched_transfer`: transfers the call later.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScheduledTransfer {
    pub(super) seconds: u32,
    pub(super) transfer: Transfer,
}

impl ScheduledTransfer {
    /// Makes the transfer in so many seconds, of this leg.
    #[must_use]
    pub const fn new(seconds: u32, transfer: Transfer) -> Self {
        Self { seconds, transfer }
    }
}

impl Application for ScheduledTransfer {
    fn name(&self) -> &str {
        "sched_transfer"
    }

    fn argument(&self) -> Result<String, DialError> {
        Ok(format!("+{} {}", self.seconds, self.transfer.clone().leg(TransferLeg::This).words()?))
    }
}

/// `stop_record_session`: ends a recording that `record_session` began.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StopRecordSession {
    pub(super) file: String,
}

impl StopRecordSession {
    /// The file as it was named when the recording began; `all` for all of them.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into() }
    }
}

impl Application for StopRecordSession {
    fn name(&self) -> &str {
        "stop_record_session"
    }

    fn argument(&self) -> Result<String, DialError> {
        rest("file", file(&self.file)?)
    }
}

/// `displace_session`: plays a file in the place of what the far end says, or mixed with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Displace {
    pub(super) file: String,
    pub(super) mix: bool,
    pub(super) limit: Option<u32>,
}

impl Displace {
    /// Plays a file.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), mix: false, limit: None }
    }

    /// Mixed with what the far end says (`m`).
    #[must_use]
    pub const fn mix(mut self) -> Self {
        self.mix = true;
        self
    }

    /// For so many seconds at most.
    #[must_use]
    pub const fn limit(mut self, seconds: u32) -> Self {
        self.limit = Some(seconds);
        self
    }
}

impl Application for Displace {
    fn name(&self) -> &str {
        "displace_session"
    }

    fn argument(&self) -> Result<String, DialError> {
        let mut argument = word("file", file(&self.file)?)?;
        if self.mix {
            argument.push_str(" m");
        }
        if let Some(limit) = self.limit {
            argument.push_str(&format!(" +{limit}"));
        }
        Ok(argument)
    }
}

/// `eavesdrop`: listens to another call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Eavesdrop {
    uuid: String,
}

impl Eavesdrop {
    /// Listens to the channel of that uuid; `all` for one after the other.
    #[must_use]
    pub fn new(uuid: impl Into<String>) -> Self {
        Self { uuid: uuid.into() }
    }
}

impl Application for Eavesdrop {
    fn name(&self) -> &str {
        "eavesdrop"
    }

    fn argument(&self) -> Result<String, DialError> {
        Ok(name("uuid", &self.uuid)?.to_owned())
    }
}

/// `fifo`: waits in a queue, or takes a call out of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fifo {
    queue: String,
    direction: &'static str,
    announce: Option<String>,
    music: Option<String>,
}

impl Fifo {
    /// Waits in the queue.
    #[must_use]
    pub fn wait_in(queue: impl Into<String>) -> Self {
        Self { queue: queue.into(), direction: "in", announce: None, music: None }
    }

    /// Takes the first call out of the queue, or waits for one.
    #[must_use]
    pub fn take_from(queue: impl Into<String>) -> Self {
        Self { direction: "out wait", ..Self::wait_in(queue) }
    }

    /// Takes the first call out of the queue, or ends at once.
    #[must_use]
    pub fn try_take_from(queue: impl Into<String>) -> Self {
        Self { direction: "out nowait", ..Self::wait_in(queue) }
    }

    /// What the caller hears before being connected.
    #[must_use]
    pub fn announce(mut self, file: impl Into<String>) -> Self {
        self.announce = Some(file.into());
        self
    }

    /// What is heard while waiting.
    #[must_use]
    pub fn music(mut self, source: impl Into<String>) -> Self {
        self.music = Some(source.into());
        self
    }
}

impl Application for Fifo {
    fn name(&self) -> &str {
        "fifo"
    }

    fn argument(&self) -> Result<String, DialError> {
        check("queue's name", &self.queue)?;
        let mut argument = format!("{} {}", word("queue's name", &self.queue)?, self.direction);
        if self.announce.is_some() || self.music.is_some() {
            for source in [&self.announce, &self.music] {
                let source = match source {
                    Some(source) => word("file", file(source)?)?,
                    None => "undef".to_owned(),
                };
                argument.push_str(&format!(" {source}"));
            }
        }
        Ok(argument)
    }
}

/// `valet_park`: parks the call in a stall of a lot, or takes the call that is parked there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValetPark {
    lot: String,
    stall: String,
}

impl ValetPark {
    /// Parks in that stall, or takes the call that is parked there.
    #[must_use]
    pub fn stall(lot: impl Into<String>, stall: impl Into<String>) -> Self {
        Self { lot: lot.into(), stall: stall.into() }
    }

    /// Parks in the first free stall of the range.
    #[must_use]
    pub fn any(lot: impl Into<String>, first: u32, last: u32) -> Self {
        Self { lot: lot.into(), stall: format!("auto in {first} {last}") }
    }
}

impl Application for ValetPark {
    fn name(&self) -> &str {
        "valet_park"
    }

    fn argument(&self) -> Result<String, DialError> {
        let stall: Vec<_> =
            self.stall.split(' ').map(|word| name("stall", word)).collect::<Result<_, _>>()?;
        Ok(format!("{} {}", name("lot", &self.lot)?, stall.join(" ")))
    }
}
