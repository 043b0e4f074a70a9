//! The tracker of a server's calls, as JavaScript sees it. Legs and changes are plain objects; their times are numbers,
//! of which `node/lib/calls.js` makes dates.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Object};
use napi_derive::napi;
use switchwire::calls::{CallLeg, Calls, CallsOptions, Change, ChangeWatch};
use switchwire::{AnswerState, CallDirection, CallState, ChannelState, HangupCause};

use crate::connection::NativeConnection;
use crate::entry::{Mailbox, Notice, completion};
use crate::error::{Result, invalid, thrown};
use crate::error_object;
use crate::plain::{put, put_text, put_time};

#[napi]
pub struct NativeCalls {
    calls: Calls,
    mailbox: Arc<Mailbox>,
}

/// Notices of changes; they end with it.
#[napi]
pub struct NativeChangeWatch(Option<ChangeWatch>);

#[napi]
impl NativeChangeWatch {
    #[napi]
    pub fn abandon(&mut self) {
        drop(self.0.take());
    }
}

#[napi]
impl NativeConnection {
    /// Begins to track the calls of the server; completed with null once those that are up are known.
    #[napi]
    pub fn calls(&self, request: u32, keep_events: bool, format: String) -> Result<NativeCalls> {
        let format = format.parse().map_err(|_| invalid("the format is one of plain, json, xml"))?;
        let options = CallsOptions::new().keep_events(keep_events).format(format);
        let calls = self.entry.connection.event_loop().start_calls(&options, self.completes(request));
        self.sent();
        Ok(NativeCalls { calls: calls.map_err(|error| thrown(&error))?, mailbox: self.entry.mailbox.clone() })
    }
}

#[napi]
impl NativeCalls {
    #[napi(ts_return_type = "object[]")]
    pub fn legs<'env>(&self, env: &'env Env) -> napi::Result<Array<'env>> {
        let mut legs = env.create_array(0)?;
        for one in self.calls.legs() {
            legs.insert(leg(env, &one)?)?;
        }
        Ok(legs)
    }

    #[napi(ts_return_type = "object | null")]
    pub fn leg<'env>(&self, env: &'env Env, uuid: String) -> napi::Result<Option<Object<'env>>> {
        self.calls.leg(&uuid).map(|one| leg(env, &one)).transpose()
    }

    #[napi(getter)]
    pub fn count(&self) -> u32 {
        u32::try_from(self.calls.count()).unwrap_or(u32::MAX)
    }

    /// Pairs, one after the other.
    #[napi(ts_return_type = "object[]")]
    pub fn bridged<'env>(&self, env: &'env Env) -> napi::Result<Array<'env>> {
        let mut legs = env.create_array(0)?;
        for (one, other) in self.calls.bridged() {
            legs.insert(leg(env, &one)?)?;
            legs.insert(leg(env, &other)?)?;
        }
        Ok(legs)
    }

    #[napi(getter)]
    pub fn core_uuid(&self) -> Option<String> {
        self.calls.core_uuid()
    }

    /// Why nothing is heard any more.
    #[napi(ts_return_type = "object | null")]
    pub fn ended<'env>(&self, env: &'env Env) -> napi::Result<Option<Object<'env>>> {
        self.calls.ended().map(|error| error_object::object(env, &error)).transpose()
    }

    /// A notice of each change, under that number; first of the legs that are up.
    #[napi]
    pub fn watch(&self, watch: u32) -> NativeChangeWatch {
        let mailbox = self.mailbox.clone();
        NativeChangeWatch(Some(
            self.calls.on_change(move |change| mailbox.push(Notice::Change(watch, change))),
        ))
    }

    /// Takes a new snapshot; completed with null once it is merged.
    #[napi]
    pub fn resync(&self, connection: &NativeConnection, request: u32) -> Result<()> {
        let started = self.calls.resync_with(connection.completes(request));
        connection.sent();
        started.map_err(|error| thrown(&error))
    }

    /// Follows that connection from now on; completed as `resync` is.
    #[napi]
    pub fn move_to(&self, connection: &NativeConnection, request: u32) -> Result<()> {
        let started = self.calls.move_to_with(&connection.entry.connection, connection.completes(request));
        connection.sent();
        started.map_err(|error| thrown(&error))
    }
}

impl NativeConnection {
    /// Completes the request with null.
    pub(crate) fn completes(
        &self,
        request: u32,
    ) -> impl FnOnce(switchwire::Result<()>) + Send + 'static + use<> {
        let mailbox = self.entry.mailbox.clone();
        move |done| mailbox.push(completion(request, done, |id, ()| Notice::Value(id, None)))
    }
}

/// A change, as a plain object.
pub(crate) fn change<'env>(env: &'env Env, change: &Change) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("kind", change.name())?;
    let (mut uuid, mut about, mut other, mut missed) = (None, None, None, false);
    match change {
        Change::Added(leg) | Change::Answered(leg) | Change::Updated(leg) | Change::HungUp(leg) => {
            about = Some(leg);
        }
        Change::Renamed { old, leg } => (about, other) = (Some(leg), Some(old)),
        Change::Bridged { leg, with } => (about, other) = (Some(leg), Some(with)),
        Change::Unbridged { leg, with } => (uuid, other) = (Some(leg), Some(with)),
        Change::Gone { leg, missed: unheard } => (about, missed) = (Some(leg), *unheard),
        Change::Restarted { core_uuid } => uuid = Some(core_uuid),
        _ => {}
    }
    put(&mut object, "uuid", uuid.or(about.map(|leg| &leg.uuid)).cloned())?;
    put(&mut object, "leg", about.map(|about| leg(env, about)).transpose()?)?;
    put(&mut object, "other", other.cloned())?;
    object.set("missed", missed)?;
    Ok(object)
}

fn leg<'env>(env: &'env Env, leg: &CallLeg) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("uuid", leg.uuid.as_str())?;
    for (name, text) in [
        ("name", &leg.name),
        ("callerIdName", &leg.caller_id_name),
        ("callerIdNumber", &leg.caller_id_number),
        ("calleeIdName", &leg.callee_id_name),
        ("calleeIdNumber", &leg.callee_id_number),
        ("destination", &leg.destination),
        ("context", &leg.context),
        ("callUuid", &leg.call_uuid),
    ] {
        put_text(&mut object, name, text)?;
    }
    put(&mut object, "direction", leg.direction.as_ref().map(CallDirection::name))?;
    put(&mut object, "state", leg.state.as_ref().map(ChannelState::name))?;
    put(&mut object, "callState", leg.call_state.as_ref().map(CallState::name))?;
    put(&mut object, "answerState", leg.answer_state.as_ref().map(AnswerState::name))?;
    put(&mut object, "hangupCause", leg.hangup_cause.as_ref().map(HangupCause::name))?;
    put_time(&mut object, "created", leg.created)?;
    put_time(&mut object, "answered", leg.answered)?;
    object.set("isAnswered", leg.is_answered())?;
    object.set("isHungUp", leg.is_hung_up())?;
    put(&mut object, "bridgedTo", leg.bridged_to())?;
    put_time(&mut object, "bridgedSince", leg.bridged_since())?;
    let mut bridges = env.create_array(0)?;
    for bridge in &leg.bridges {
        let mut one = Object::new(env)?;
        one.set("with", bridge.with.as_str())?;
        put_time(&mut one, "since", bridge.since)?;
        bridges.insert(one)?;
    }
    object.set("bridges", bridges)?;
    Ok(object)
}
