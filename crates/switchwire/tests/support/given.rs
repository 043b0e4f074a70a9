//! The arguments of a case of tests/faces/calls.json, and the application or action that they make.

use std::time::Duration;

use serde_json::Value;
use switchwire::Error;
use switchwire::application::{
    Action, Application, AttendedTransfer, Bridge, Conference, Digits, Displace, Eavesdrop, Export, Fifo,
    Named, PlayAndGetDigits, Playback, Read, Record, RecordSession, Say, ScheduledHangup, ScheduledTransfer,
    Set, Sleep, Speak, StopRecordSession, Transfer, TransferLeg, Unset, ValetPark,
};
use switchwire::dial::{Carrier, DialString};
use switchwire::proto::HangupCause;
use switchwire::vocabulary::{SayGender, SayMethod, SayType};

/// The arguments of a case.
#[derive(Clone, Copy)]
pub struct Given<'a>(pub &'a Value);

impl Given<'_> {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    pub fn must(&self, name: &str) -> &str {
        self.text(name).unwrap_or_else(|| panic!("{name} in {}", self.0))
    }

    pub fn number(&self, name: &str) -> Option<u32> {
        self.0[name].as_u64().map(|number| number.try_into().unwrap())
    }

    pub fn millis(&self, name: &str) -> Option<u32> {
        self.0[name]
            .as_f64()
            .map(|seconds| u32::try_from(Duration::from_secs_f64(seconds).as_millis()).unwrap())
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.0[name].as_array().into_iter().flatten();
        list.map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    pub fn dial(&self) -> Result<DialString, Error> {
        Ok(DialString::parse(self.must("dial"), Carrier::Application)?)
    }

    pub fn leg(&self) -> TransferLeg {
        match self.text("leg") {
            None => TransferLeg::This,
            Some("peer") => TransferLeg::Peer,
            Some("both") => TransferLeg::Both,
            Some(other) => panic!("{other}"),
        }
    }

    pub fn transfer(&self) -> Transfer {
        let mut transfer = Transfer::new(self.must("extension")).leg(self.leg());
        if let Some(dialplan) = self.text("dialplan") {
            transfer = transfer.dialplan(dialplan);
        }
        if let Some(context) = self.text("context") {
            transfer = transfer.context(context);
        }
        transfer
    }
}

/// The application of a verb that is one.
pub fn application(verb: &str, given: Given<'_>) -> Result<Option<Box<dyn Application + Send>>, Error> {
    let must = |name| given.must(name).to_owned();
    Ok(Some(match verb {
        "answer" | "pre_answer" | "ring_ready" => Box::new(Named::new(verb)),
        "playback" => Box::new(Playback::files(given.texts("files"))),
        "play_and_get_digits" => {
            let (min, max) = (given.number("min").unwrap(), given.number("max").unwrap());
            let mut ask = PlayAndGetDigits::new(min, max, must("file"));
            if let Some(tries) = given.number("tries") {
                ask = ask.tries(tries);
            }
            if let Some(timeout) = given.millis("input_timeout") {
                ask = ask.timeout(timeout);
            }
            if let Some(timeout) = given.millis("digit_timeout") {
                ask = ask.digit_timeout(timeout);
            }
            if let Some(keys) = given.text("terminators") {
                ask = ask.terminators(keys);
            }
            if let Some(file) = given.text("invalid_file") {
                ask = ask.invalid_file(file);
            }
            if let Some(name) = given.text("variable") {
                ask = ask.variable(name);
            }
            if let Some(pattern) = given.text("pattern") {
                ask = ask.pattern(pattern);
            }
            Box::new(ask)
        }
        "read" => {
            let read = Read::new(given.number("min").unwrap(), given.number("max").unwrap(), must("file"));
            Box::new(given.text("variable").map_or(read.clone(), |name| read.variable(name)))
        }
        "say" => {
            let (kind, method) = (SayType::from(given.must("kind")), SayMethod::from(given.must("method")));
            let say = Say::new(given.text("language").unwrap_or("en"), kind, method, must("text"));
            match given.text("gender") {
                Some(gender) => Box::new(say.gender(SayGender::from(gender))),
                None => Box::new(say),
            }
        }
        "speak" => Box::new(Speak::new(must("engine"), must("voice"), must("text"))),
        "record" => {
            let mut record = Record::new(must("file"));
            if let Some(limit) = given.number("limit") {
                record = record.limit(limit);
            }
            let silence = Given(&given.0["silence"]);
            if let (Some(threshold), Some(hits)) = (silence.number("threshold"), silence.number("hits")) {
                record = record.silence(threshold, hits);
            }
            Box::new(record)
        }
        "bridge" => Box::new(Bridge::new(given.dial()?)),
        "attended_transfer" => Box::new(AttendedTransfer::new(given.dial()?)),
        "conference" => {
            let mut conference = Conference::new(must("name"));
            if let Some(profile) = given.text("profile") {
                conference = conference.profile(profile);
            }
            if let Some(pin) = given.text("pin") {
                conference = conference.pin(pin);
            }
            Box::new(given.texts("flags").into_iter().fold(conference, Conference::flag))
        }
        "fifo" => Box::new(match given.text("role") {
            None => Fifo::wait_in(must("queue")),
            Some("try_take") => Fifo::try_take_from(must("queue")),
            Some(other) => panic!("{other}"),
        }),
        "valet_park" => Box::new(match (given.text("stall"), given.0["between"].as_array()) {
            (Some(stall), _) => ValetPark::stall(must("lot"), stall),
            (None, Some(between)) => {
                let stall = |at: usize| u32::try_from(between[at].as_u64().unwrap()).unwrap();
                ValetPark::any(must("lot"), stall(0), stall(1))
            }
            (None, None) => panic!("{}", given.0),
        }),
        "eavesdrop" => Box::new(Eavesdrop::new(must("uuid"))),
        "sleep" => Box::new(Sleep::new(given.millis("time").unwrap())),
        "execute" => Box::new(Named::with(must("application"), must("argument"))),
        "execute_on_answer" => {
            Box::new(Set::execute_on_answer(&Named::with(must("application"), must("argument")))?)
        }
        "set" => Box::new(Set::new(must("name"), must("value"))),
        "set_array" => Box::new(Set::array(must("name"), given.texts("elements"))?),
        "unset" => Box::new(Unset::new(must("name"))),
        "export" => Box::new(Export::new(must("name"), must("value"))),
        _ => return Ok(None),
    }))
}

/// The action of a verb that is one.
pub fn action(verb: &str, given: Given<'_>) -> Action {
    let file = || given.must("file").to_owned();
    let seconds = || given.number("after").unwrap();
    match verb {
        "hangup" => Action::Hangup(HangupCause::from(given.must("cause"))),
        "transfer" => Action::Transfer(given.transfer()),
        "park" => Action::Park,
        "hold" => Action::Hold,
        "unhold" => Action::Unhold,
        "mute" => Action::Mute { hearing: false },
        "deafen" => Action::Mute { hearing: true },
        "unmute" => Action::Unmute,
        "start_recording" => {
            let recording = RecordSession::new(file());
            Action::StartRecording(match given.number("limit") {
                Some(limit) => recording.limit(limit),
                None => recording,
            })
        }
        "stop_recording" => Action::StopRecording(StopRecordSession::new(file())),
        "broadcast" => Action::Broadcast { file: file(), leg: given.leg() },
        "displace" => {
            let mut displace = Displace::new(file());
            if let Some(limit) = given.number("limit") {
                displace = displace.limit(limit);
            }
            Action::Displace(if given.flag("mix") == Some(true) { displace.mix() } else { displace })
        }
        "stop_displacing" => Action::StopDisplacing { file: file() },
        "stop_playback" => Action::StopPlayback { all: given.flag("all").unwrap_or_default() },
        "send_dtmf" => {
            let digits = Digits::new(given.must("digits"));
            Action::SendDtmf(match given.millis("duration") {
                Some(duration) => digits.duration(duration),
                None => digits,
            })
        }
        "schedule_hangup" => {
            let hangup = ScheduledHangup::new(seconds());
            Action::ScheduleHangup(match given.text("cause") {
                Some(cause) => hangup.cause(HangupCause::from(cause)),
                None => hangup,
            })
        }
        "schedule_transfer" => Action::ScheduleTransfer(ScheduledTransfer::new(seconds(), given.transfer())),
        other => panic!("no verb {other}"),
    }
}
