//! The verbs of a call by name: JavaScript says which and gives its arguments; the core writes and checks them.

use napi_derive::napi;
use switchwire::HangupCause;
use switchwire::application::{
    Action, Application, AttendedTransfer, Bridge, Conference, Digits, Displace, Eavesdrop, Export, Fifo,
    Named, PlayAndGetDigits, Playback, Read, Record, RecordSession, Say, ScheduledHangup, ScheduledTransfer,
    Set, Sleep, Speak, StopRecordSession, Transfer, TransferLeg, Unset, ValetPark,
};

use crate::dial::{NativeDial, refused};
use crate::error::{Result, invalid};

/// The arguments of any verb; see `call.d.ts`. Times are what the server takes: milliseconds, and seconds for limits.
#[napi(object)]
pub struct NativeVerb {
    pub verb: String,
    pub application: Option<String>,
    pub argument: Option<String>,
    pub file: Option<String>,
    pub files: Option<Vec<String>>,
    pub invalid_file: Option<String>,
    pub min: Option<u32>,
    pub max: Option<u32>,
    pub tries: Option<u32>,
    pub milliseconds: Option<u32>,
    pub digit_timeout: Option<u32>,
    pub terminators: Option<String>,
    pub name: Option<String>,
    pub value: Option<String>,
    pub elements: Option<Vec<String>>,
    pub pattern: Option<String>,
    pub language: Option<String>,
    pub kind: Option<String>,
    pub method: Option<String>,
    pub gender: Option<String>,
    pub engine: Option<String>,
    pub voice: Option<String>,
    pub text: Option<String>,
    pub seconds: Option<u32>,
    pub silence_threshold: Option<u32>,
    pub silence_hits: Option<u32>,
    pub dial: Option<NativeDial>,
    pub uuid: Option<String>,
    pub profile: Option<String>,
    pub pin: Option<String>,
    pub flags: Option<Vec<String>>,
    pub announce: Option<String>,
    pub music: Option<String>,
    pub lot: Option<String>,
    pub first: Option<u32>,
    pub last: Option<u32>,
    pub digits: Option<String>,
    pub extension: Option<String>,
    pub dialplan: Option<String>,
    pub context: Option<String>,
    pub leg: Option<String>,
    pub cause: Option<String>,
    pub mix: Option<bool>,
    pub all: Option<bool>,
    pub not_here: Option<bool>,
}

type AnyApplication = Box<dyn Application + Send>;

/// Calls a builder's method where its argument is given.
macro_rules! with {
    ($built:ident $(, $method:ident($given:expr))*) => {
        $(if let Some(given) = $given { $built = $built.$method(given); })*
    };
}

impl NativeVerb {
    fn need<'a, T: ?Sized>(&self, name: &str, value: Option<&'a T>) -> Result<&'a T> {
        value.ok_or_else(|| invalid(format!("{} needs {name}", self.verb)))
    }

    fn text(&self, name: &str, value: &Option<String>) -> Result<String> {
        self.need(name, value.as_deref()).map(str::to_owned)
    }

    fn number(&self, name: &str, value: Option<u32>) -> Result<u32> {
        value.ok_or_else(|| invalid(format!("{} needs {name}", self.verb)))
    }

    fn dial(&self) -> Result<switchwire::dial::DialString> {
        self.need("a dial string", self.dial.as_ref())?.build()
    }

    /// An application, which is waited for.
    pub(crate) fn application(&self) -> Result<AnyApplication> {
        Ok(match self.verb.as_str() {
            "execute" => Box::new(Named::with(
                self.text("application", &self.application)?,
                self.argument.as_deref().unwrap_or_default(),
            )),
            "answer" => Box::new(Named::new("answer")),
            "preAnswer" => Box::new(Named::new("pre_answer")),
            "ringReady" => Box::new(Named::new("ring_ready")),
            "playback" => match &self.files {
                Some(files) => Box::new(Playback::files(files)),
                None => Box::new(Playback::new(self.text("file", &self.file)?)),
            },
            "playAndGetDigits" => Box::new(self.play_and_get_digits()?),
            "read" => {
                let file = self.text("file", &self.file)?;
                let mut read = Read::new(self.number("min", self.min)?, self.number("max", self.max)?, file);
                with!(
                    read,
                    variable(self.name.as_deref()),
                    timeout(self.milliseconds),
                    terminators(self.terminators.as_deref()),
                    digit_timeout(self.digit_timeout)
                );
                Box::new(read)
            }
            "say" => {
                let (kind, method) = (self.text("type", &self.kind)?, self.text("method", &self.method)?);
                let language = self.language.as_deref().unwrap_or("en");
                let text = self.text("text", &self.text)?;
                let mut say = Say::new(language, kind.as_str().into(), method.as_str().into(), text);
                with!(say, gender(self.gender.as_deref().map(Into::into)));
                Box::new(say)
            }
            "speak" => Box::new(Speak::new(
                self.text("engine", &self.engine)?,
                self.text("voice", &self.voice)?,
                self.text("text", &self.text)?,
            )),
            "record" => {
                let mut record = Record::new(self.text("file", &self.file)?);
                with!(record, limit(self.seconds));
                if let (Some(threshold), Some(hits)) = (self.silence_threshold, self.silence_hits) {
                    record = record.silence(threshold, hits);
                }
                Box::new(record)
            }
            "bridge" => Box::new(Bridge::new(self.dial()?)),
            "attendedTransfer" => Box::new(AttendedTransfer::new(self.dial()?)),
            "conference" => {
                let mut conference = Conference::new(self.text("name", &self.name)?);
                with!(conference, profile(self.profile.as_deref()), pin(self.pin.as_deref()));
                Box::new(self.flags.iter().flatten().fold(conference, Conference::flag))
            }
            "fifo" => {
                let queue = self.text("queue", &self.name)?;
                let mut fifo = match self.kind.as_deref() {
                    Some("take") => Fifo::take_from(queue),
                    Some("try-take") => Fifo::try_take_from(queue),
                    None | Some("wait") => Fifo::wait_in(queue),
                    Some(_) => return Err(invalid("fifo: as is one of wait, take, try-take")),
                };
                with!(fifo, announce(self.announce.as_deref()), music(self.music.as_deref()));
                Box::new(fifo)
            }
            "valetPark" => {
                let lot = self.text("lot", &self.lot)?;
                Box::new(match (&self.name, self.first, self.last) {
                    (Some(stall), ..) => ValetPark::stall(lot, stall),
                    (None, Some(first), Some(last)) => ValetPark::any(lot, first, last),
                    _ => return Err(invalid("valetPark needs a stall, or the first and the last one")),
                })
            }
            "eavesdrop" => Box::new(Eavesdrop::new(self.text("uuid", &self.uuid)?)),
            "sleep" => Box::new(Sleep::new(self.number("a time", self.milliseconds)?)),
            "set" => match &self.elements {
                Some(elements) => Box::new(
                    Set::array(self.text("name", &self.name)?, elements).map_err(|error| refused(&error))?,
                ),
                None => Box::new(Set::new(self.text("name", &self.name)?, self.text("value", &self.value)?)),
            },
            "unset" => Box::new(Unset::new(self.text("name", &self.name)?)),
            "export" => {
                let export = Export::new(self.text("name", &self.name)?, self.text("value", &self.value)?);
                Box::new(if self.not_here == Some(true) { export.not_here() } else { export })
            }
            other => return Err(invalid(format!("no verb {other:?}"))),
        })
    }

    /// An action, which is done at once.
    pub(crate) fn action(&self) -> Result<Action> {
        Ok(match self.verb.as_str() {
            "hangup" => {
                Action::Hangup(self.cause.as_deref().map_or(HangupCause::NormalClearing, HangupCause::from))
            }
            "transfer" => Action::Transfer(self.transfer()?),
            "park" => Action::Park,
            "hold" => Action::Hold,
            "unhold" => Action::Unhold,
            "mute" => Action::Mute { hearing: false },
            "deafen" => Action::Mute { hearing: true },
            "unmute" => Action::Unmute,
            "startRecording" => {
                let mut recording = RecordSession::new(self.text("file", &self.file)?);
                with!(recording, limit(self.seconds));
                Action::StartRecording(recording)
            }
            "stopRecording" => Action::StopRecording(StopRecordSession::new(self.text("file", &self.file)?)),
            "broadcast" => Action::Broadcast { file: self.text("file", &self.file)?, leg: self.leg()? },
            "displace" => {
                let mut displace = Displace::new(self.text("file", &self.file)?);
                with!(displace, limit(self.seconds));
                Action::Displace(if self.mix == Some(true) { displace.mix() } else { displace })
            }
            "stopDisplacing" => Action::StopDisplacing { file: self.text("file", &self.file)? },
            "stopPlayback" => Action::StopPlayback { all: self.all.unwrap_or_default() },
            "sendDtmf" => {
                let mut digits = Digits::new(self.text("digits", &self.digits)?);
                with!(digits, duration(self.milliseconds));
                Action::SendDtmf(digits)
            }
            "scheduleHangup" => {
                let mut hangup = ScheduledHangup::new(self.number("a time", self.seconds)?);
                with!(hangup, cause(self.cause.as_deref().map(HangupCause::from)));
                Action::ScheduleHangup(hangup)
            }
            "scheduleTransfer" => {
                let seconds = self.number("a time", self.seconds)?;
                Action::ScheduleTransfer(ScheduledTransfer::new(seconds, self.transfer()?))
            }
            other => return Err(invalid(format!("no verb {other:?}"))),
        })
    }

    fn play_and_get_digits(&self) -> Result<PlayAndGetDigits> {
        let file = self.text("file", &self.file)?;
        let mut ask =
            PlayAndGetDigits::new(self.number("min", self.min)?, self.number("max", self.max)?, file);
        with!(
            ask,
            tries(self.tries),
            timeout(self.milliseconds),
            digit_timeout(self.digit_timeout),
            terminators(self.terminators.as_deref()),
            invalid_file(self.invalid_file.as_deref()),
            variable(self.name.as_deref()),
            pattern(self.pattern.as_deref())
        );
        Ok(ask)
    }

    fn transfer(&self) -> Result<Transfer> {
        let mut transfer = Transfer::new(self.text("extension", &self.extension)?);
        with!(transfer, dialplan(self.dialplan.as_deref()), context(self.context.as_deref()));
        Ok(transfer.leg(self.leg()?))
    }

    fn leg(&self) -> Result<TransferLeg> {
        match self.leg.as_deref() {
            None | Some("this") => Ok(TransferLeg::This),
            Some("peer") => Ok(TransferLeg::Peer),
            Some("both") => Ok(TransferLeg::Both),
            Some(_) => Err(invalid("leg is one of this, peer, both")),
        }
    }
}

/// The name and the argument of a verb's application.
#[napi]
pub fn verb_application(verb: NativeVerb) -> Result<Vec<String>> {
    let application = verb.application()?;
    Ok(vec![application.name().to_owned(), application.argument().map_err(|error| refused(&error))?])
}
