//! A conference as JavaScript sees it; its commands by name, as those of a call in `verb.rs`.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use switchwire::conference::{
    Conference, ConferenceCommand, ConferenceEvent, ConferenceInfo, ConferenceWatch, Member, Members,
    Relation,
};

use crate::batch::Batch;
use crate::connection::NativeConnection;
use crate::dial::{NativeDial, refused};
use crate::entry::{Entry, Notice, completion};
use crate::error::{Result, invalid, thrown};
use crate::plain::{put, put_length};
use crate::poller::Poller;

#[napi]
pub struct NativeConference {
    conference: Conference,
    entry: Arc<Entry>,
}

/// Notices of what happens in a conference; they end with it.
#[napi]
pub struct NativeConferenceWatch(Option<ConferenceWatch>);

#[napi]
impl NativeConferenceWatch {
    #[napi]
    pub fn abandon(&mut self) {
        drop(self.0.take());
    }
}

/// The arguments of any command; see `conference.d.ts`.
#[napi(object)]
pub struct NativeConferenceVerb {
    pub verb: String,
    /// A member's id, or a word.
    pub members: Option<String>,
    pub member: Option<u32>,
    pub other: Option<u32>,
    pub ids: Option<Vec<u32>>,
    pub text: Option<String>,
    pub level: Option<i32>,
    pub yes: Option<bool>,
    pub dial: Option<NativeDial>,
    pub caller_id_name: Option<String>,
    pub caller_id_number: Option<String>,
}

#[napi]
impl NativeConnection {
    #[napi]
    pub fn conference(&self, name: String) -> Result<NativeConference> {
        let conference = self.entry.connection.conference(name).map_err(|error| thrown(&error))?;
        Ok(NativeConference { conference, entry: self.entry.clone() })
    }
}

#[napi]
impl NativeConference {
    #[napi(getter)]
    pub fn name(&self) -> &str {
        self.conference.name()
    }

    /// Completed with the server's text; of `dial` with the Job-UUID.
    #[napi]
    pub fn command(&self, request: u32, verb: NativeConferenceVerb) -> Result<()> {
        let command = verb.build()?;
        let mailbox = self.entry.mailbox.clone();
        let done =
            move |text| mailbox.push(completion(request, text, |id, text| Notice::Value(id, Some(text))));
        let started = match verb.verb.as_str() {
            "dial" => self.conference.dial_with(&command, done),
            _ => self.conference.command_with(&command, done),
        };
        self.sent(started)
    }

    /// Completed with the conference and its members, or null.
    #[napi]
    pub fn info(&self, request: u32) -> Result<()> {
        let mailbox = self.entry.mailbox.clone();
        let done = move |info| mailbox.push(completion(request, info, Notice::Conference));
        self.sent(self.conference.info_with(done))
    }

    /// A notice of whatever happens in it, under that number.
    #[napi]
    pub fn watch(&self, watch: u32) -> Result<NativeConferenceWatch> {
        let mailbox = self.entry.mailbox.clone();
        let told = move |event| mailbox.push(Notice::ConferenceEvent(watch, event));
        let watch = self.conference.on_event(told).map_err(|error| thrown(&error))?;
        Ok(NativeConferenceWatch(Some(watch)))
    }

    fn sent(&self, started: switchwire::Result<()>) -> Result<()> {
        if let Ok(poller) = Poller::get() {
            poller.sent(&self.entry);
        }
        started.map_err(|error| thrown(&error))
    }
}

impl NativeConferenceVerb {
    fn build(&self) -> Result<ConferenceCommand> {
        let text = self.text.as_deref().unwrap_or_default();
        let built = match (self.verb.as_str(), self.member) {
            ("mute", _) => Ok(ConferenceCommand::mute(self.members()?)),
            ("unmute", _) => Ok(ConferenceCommand::unmute(self.members()?)),
            ("toggleMute", _) => Ok(ConferenceCommand::toggle_mute(self.members()?)),
            ("deaf", _) => Ok(ConferenceCommand::deaf(self.members()?)),
            ("undeaf", _) => Ok(ConferenceCommand::undeaf(self.members()?)),
            ("hold", _) => Ok(ConferenceCommand::hold(self.members()?)),
            ("unhold", _) => Ok(ConferenceCommand::unhold(self.members()?)),
            ("kick", _) => match &self.text {
                None => Ok(ConferenceCommand::kick(self.members()?)),
                Some(sound) => ConferenceCommand::kick_with(self.members()?, sound),
            },
            ("hup", _) => Ok(ConferenceCommand::hup(self.members()?)),
            ("floor", _) => Ok(ConferenceCommand::floor(self.members()?)),
            ("lock", _) => Ok(ConferenceCommand::lock()),
            ("unlock", _) => Ok(ConferenceCommand::unlock()),
            ("pin", _) => {
                self.text.as_deref().map_or(Ok(ConferenceCommand::no_pin()), ConferenceCommand::pin)
            }
            ("volumeIn", _) => Ok(ConferenceCommand::volume_in(self.members()?, self.level()?)),
            ("volumeOut", _) => Ok(ConferenceCommand::volume_out(self.members()?, self.level()?)),
            ("energy", _) => {
                let level = u32::try_from(self.level()?);
                let level = level.map_err(|_| invalid("the level must not be negative"))?;
                Ok(ConferenceCommand::energy(self.members()?, level))
            }
            ("play", None) => ConferenceCommand::play(text, self.yes()),
            ("play", Some(member)) => ConferenceCommand::play_to(member, text),
            ("stop", _) => Ok(ConferenceCommand::stop(self.yes())),
            ("say", None) => ConferenceCommand::say(text),
            ("say", Some(member)) => ConferenceCommand::say_to(member, text),
            ("record", _) => ConferenceCommand::record(text),
            ("stopRecording", _) => ConferenceCommand::no_record(self.text.as_deref()),
            ("pauseRecording", _) => ConferenceCommand::pause_recording(text, true),
            ("resumeRecording", _) => ConferenceCommand::pause_recording(text, false),
            ("dial", _) => {
                let dial = self.dial.as_ref().ok_or_else(|| invalid("dial needs a dial string"))?.build()?;
                let name = self.caller_id_name.as_deref().unwrap_or_default();
                let caller_id = self.caller_id_number.as_deref().map(|number| (name, number));
                ConferenceCommand::dial(&dial, caller_id, true)
            }
            ("transfer", _) => ConferenceCommand::transfer(text, self.ids.as_deref().unwrap_or_default()),
            ("relate", _) => {
                let members = self.member.zip(self.other);
                let (member, other) = members.ok_or_else(|| invalid("relate needs two members"))?;
                Ok(ConferenceCommand::relate(member, other, self.relation()?))
            }
            ("sendDtmf", _) => ConferenceCommand::dtmf(self.members()?, text),
            (verb, _) => return Err(invalid(format!("a conference has no command {verb}"))),
        };
        built.map_err(|error| refused(&error))
    }

    fn relation(&self) -> Result<Relation> {
        match self.text.as_deref() {
            Some("nohear") => Ok(Relation::NoHear),
            Some("nospeak") => Ok(Relation::NoSpeak),
            Some("clear") => Ok(Relation::Clear),
            _ => Err(invalid("the relation is one of nohear, nospeak, clear")),
        }
    }

    fn members(&self) -> Result<Members> {
        match self.members.as_deref() {
            Some("all") => Ok(Members::All),
            Some("last") => Ok(Members::Last),
            Some("non_moderator") => Ok(Members::NonModerators),
            Some(id) => id.parse().map(Members::Id).map_err(|_| {
                invalid(format!("members are an id, or one of all, last, non_moderator, not {id:?}"))
            }),
            None => Err(invalid(format!("{} needs members", self.verb))),
        }
    }

    fn level(&self) -> Result<i32> {
        self.level.ok_or_else(|| invalid(format!("{} needs a level", self.verb)))
    }

    fn yes(&self) -> bool {
        self.yes.unwrap_or_default()
    }
}

/// The conference, as a plain object.
pub(crate) fn info<'env>(env: &'env Env, info: &ConferenceInfo) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("name", info.name.as_str())?;
    object.set("uuid", info.uuid.as_str())?;
    put_length(&mut object, "runTime", Some(info.run_time))?;
    object.set("locked", info.locked)?;
    object.set("recording", info.recording)?;
    let mut members = env.create_array(0)?;
    for one in &info.members {
        members.insert(member(env, one)?)?;
    }
    object.set("members", members)?;
    Ok(object)
}

fn member<'env>(env: &'env Env, member: &Member) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("id", member.id)?;
    object.set("uuid", member.uuid.as_str())?;
    object.set("callerIdName", member.caller_id_name.as_str())?;
    object.set("callerIdNumber", member.caller_id_number.as_str())?;
    for (name, yes) in [
        ("hears", member.hears),
        ("speaks", member.speaks),
        ("talking", member.talking),
        ("hasFloor", member.has_floor),
        ("onHold", member.on_hold),
        ("moderator", member.moderator),
    ] {
        object.set(name, yes)?;
    }
    put_length(&mut object, "joined", Some(member.joined))?;
    object.set("energy", member.energy)?;
    object.set("volumeIn", member.volume_in)?;
    object.set("volumeOut", member.volume_out)?;
    Ok(object)
}

/// What happened, as a plain object with the event.
pub(crate) fn event<'env>(env: &'env Env, event: ConferenceEvent) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("conference", event.conference)?;
    object.set("conferenceUuid", event.conference_uuid)?;
    object.set("action", event.action.name())?;
    object.set("size", event.size)?;
    put(&mut object, "member", event.member)?;
    put(&mut object, "uuid", event.uuid)?;
    put(&mut object, "hears", event.hears)?;
    put(&mut object, "speaks", event.speaks)?;
    put(&mut object, "talking", event.talking)?;
    put(&mut object, "hasFloor", event.has_floor)?;
    put(&mut object, "oldFloor", event.old_floor)?;
    put(&mut object, "detail", event.detail)?;
    put(&mut object, "result", event.result)?;
    put(&mut object, "jobUuid", event.job_uuid)?;
    object.set("event", Batch::of(event.event))?;
    Ok(object)
}
