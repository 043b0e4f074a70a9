//! A leg as JavaScript sees it. Requests carry a number that JavaScript chose; their ends come through the mailbox.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Null, Object};
use napi_derive::napi;
use switchwire::application::{Field, Outcome};
use switchwire::{Call, CallWait, DigitsReceived, Dtmf, DtmfWatch, Error, OriginateHandle, Run, State};

use crate::connection::NativeConnection;
use crate::dial::NativeOriginate;
use crate::entry::{Entry, Notice, completion};
use crate::error::{Result, invalid, thrown};
use crate::poller::Poller;
use crate::readers::length;
use crate::verb::NativeVerb;

#[napi]
pub struct NativeCall {
    call: Call,
    entry: Arc<Entry>,
}

/// What is known of a call; null is not known.
#[napi(object)]
pub struct NativeCallStatus {
    pub answer: Option<String>,
    pub call: Option<String>,
    pub channel: Option<String>,
    pub hangup_cause: Option<String>,
    pub hung_up: bool,
}

/// Something that is waited for.
#[napi]
pub struct NativeWait(Waited);

enum Waited {
    Run(Run),
    State(CallWait),
    Dtmf(Option<DtmfWatch>),
}

/// A call that is being made.
#[napi]
pub struct NativeOriginating(OriginateHandle, Arc<Entry>);

#[napi]
impl NativeWait {
    /// Gives it up: its request does not end any more.
    #[napi]
    pub fn abandon(&mut self) {
        match &mut self.0 {
            Waited::Run(run) => drop(run.abandon()),
            Waited::State(wait) => drop(wait.abandon()),
            Waited::Dtmf(watch) => drop(watch.take()),
        }
    }

    /// Its timeout has expired: its request ends now, as the core has it.
    #[napi]
    pub fn expire(&self) {
        if let Waited::State(wait) = &self.0 {
            wait.expire();
        }
    }
}

#[napi]
impl NativeCall {
    #[napi(getter)]
    pub fn uuid(&self) -> &str {
        self.call.uuid()
    }

    #[napi]
    pub fn status(&self) -> NativeCallStatus {
        let status = self.call.status();
        let hung_up = status.hung_up();
        let name = |word: &str| word.to_owned();
        NativeCallStatus {
            answer: status.answer.map(|word| name(word.name())),
            call: status.call.map(|word| name(word.name())),
            channel: status.channel.map(|word| name(word.name())),
            hangup_cause: status.hangup_cause.map(|word| name(word.name())),
            hung_up,
        }
    }

    /// Runs an application; completed with its outcome.
    #[napi]
    pub fn run(&self, request: u32, verb: NativeVerb) -> Result<Option<NativeWait>> {
        let application = verb.application()?;
        let mailbox = self.entry.mailbox.clone();
        let done = move |outcome| mailbox.push(completion(request, outcome, Notice::Outcome));
        let started = self.call.run_with(application, done);
        self.sent();
        Ok(self.started(request, started).map(|run| NativeWait(Waited::Run(run))))
    }

    /// Does something to the call at once; completed with null when the server has done it.
    #[napi]
    pub fn act(&self, request: u32, verb: NativeVerb) -> Result<()> {
        let action = verb.action()?;
        let started = self.call.act_with(action, self.done(request));
        self.sent();
        self.started(request, started);
        Ok(())
    }

    /// Completed when the call is in that state; null when it is already.
    #[napi]
    pub fn wait_for(&self, request: u32, state: String) -> Result<Option<NativeWait>> {
        let known = State::from_name(&state);
        let state = known.ok_or_else(|| invalid(format!("there is no state {state:?}")))?;
        let started = self.call.wait_for_with(state, self.done(request));
        Ok(self.started(request, started).flatten().map(|wait| NativeWait(Waited::State(wait))))
    }

    /// Completed with the digits that were pressed.
    #[napi]
    pub fn digits(&self, request: u32, count: u32, terminators: String) -> Option<NativeWait> {
        let mailbox = self.entry.mailbox.clone();
        let done = move |digits| mailbox.push(completion(request, digits, Notice::Digits));
        let started = self.call.digits_with(count as usize, &terminators, done);
        self.started(request, started).map(|wait| NativeWait(Waited::State(wait)))
    }

    /// A notice of every digit from now on, under that number.
    #[napi]
    pub fn on_dtmf(&self, watch: u32) -> Result<NativeWait> {
        let mailbox = self.entry.mailbox.clone();
        let started = self.call.on_dtmf(move |dtmf| mailbox.push(Notice::Dtmf(watch, dtmf)));
        started.map(|watch| NativeWait(Waited::Dtmf(Some(watch)))).map_err(|error| thrown(&error))
    }

    /// `uuid_dump`; completed with the event.
    #[napi]
    pub fn refresh(&self, request: u32) {
        let mailbox = self.entry.mailbox.clone();
        let started =
            self.call.refresh_with(move |event| mailbox.push(completion(request, event, Notice::Event)));
        self.sent();
        self.started(request, started);
    }

    fn done(&self, request: u32) -> impl FnOnce(switchwire::Result<()>) + Send + 'static {
        let mailbox = self.entry.mailbox.clone();
        move |done| mailbox.push(completion(request, done, |id, ()| Notice::Value(id, None)))
    }

    /// What has started; what has not ends its request (what is thrown has neither cause nor event).
    fn started<T>(&self, request: u32, started: switchwire::Result<T>) -> Option<T> {
        let failed = |error: Error| self.entry.mailbox.push(Notice::Failed(request, error));
        started.map_err(failed).ok()
    }

    fn sent(&self) {
        if let Ok(poller) = Poller::get() {
            poller.sent(&self.entry);
        }
    }
}

#[napi]
impl NativeConnection {
    /// The call of that channel, or the connection's own.
    #[napi]
    pub fn call(&self, uuid: Option<String>) -> Result<NativeCall> {
        let entry = self.entry.clone();
        let call = match uuid {
            Some(uuid) => entry.connection.call(uuid),
            None => entry.connection.own_call(),
        };
        Ok(NativeCall { call: call.map_err(|error| thrown(&error))?, entry })
    }

    /// `bgapi originate`; completed with the uuid of the leg that was answered.
    #[napi]
    pub fn originate(
        &self,
        request: u32,
        originate: NativeOriginate,
        job_uuid: Option<String>,
    ) -> Result<NativeOriginating> {
        let (originate, entry) = (originate.build()?, self.entry.clone());
        let mailbox = entry.mailbox.clone();
        let done =
            move |uuid| mailbox.push(completion(request, uuid, |id, uuid| Notice::Value(id, Some(uuid))));
        let started = entry.connection.event_loop().originate_with(&originate, job_uuid.as_deref(), done);
        if let Ok(poller) = Poller::get() {
            poller.sent(&entry);
        }
        Ok(NativeOriginating(started.map_err(|error| thrown(&error))?, entry))
    }
}

#[napi]
impl NativeOriginating {
    #[napi(getter)]
    pub fn uuids(&self) -> Vec<String> {
        self.0.uuids().to_vec()
    }

    #[napi(getter)]
    pub fn job_uuid(&self) -> &str {
        self.0.job_uuid()
    }

    /// Begins to hang up what there is of it; whether there was something to cancel.
    #[napi]
    pub fn cancel(&self) -> bool {
        let any = self.0.cancel();
        if let Ok(poller) = Poller::get() {
            poller.sent(&self.1);
        }
        any
    }
}

/// An outcome as a plain object: its kind and its fields.
pub(crate) fn outcome<'env>(env: &'env Env, outcome: &Outcome) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("kind", outcome.kind())?;
    for (name, field) in outcome.fields() {
        let name = camel_case(name);
        match field {
            Field::Text(text) | Field::Cause(text) => object.set(name, text)?,
            Field::Word(word) => object.set(name, word)?,
            #[allow(clippy::cast_precision_loss, reason = "no count of samples comes near 2^53")]
            Field::Integer(count) => object.set(name, count as f64)?,
            Field::Boolean(yes) => object.set(name, yes)?,
            Field::Duration(time) => object.set(name, length(time))?,
            _ => object.set(name, Null)?,
        }
    }
    Ok(object)
}

/// What was pressed, as a plain object.
pub(crate) fn digits<'env>(env: &'env Env, received: DigitsReceived) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("digits", received.digits)?;
    object.set("end", received.end.name())?;
    object.set("terminator", text(received.terminator.map(String::from)))?;
    Ok(object)
}

/// A digit, as a plain object.
pub(crate) fn dtmf<'env>(env: &'env Env, dtmf: Dtmf) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("digit", String::from(dtmf.digit))?;
    object
        .set("duration", dtmf.duration.map_or(napi::Either::B(Null), |time| napi::Either::A(length(time))))?;
    object.set("source", text(dtmf.source))?;
    Ok(object)
}

fn text(text: Option<String>) -> napi::Either<String, Null> {
    text.map_or(napi::Either::B(Null), napi::Either::A)
}

/// `peer_uuid` as `peerUuid`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut rest = word.chars();
        match rest.next() {
            Some(first) if !out.is_empty() => out.extend(first.to_uppercase().chain(rest)),
            Some(first) => out.extend(std::iter::once(first).chain(rest)),
            None => {}
        }
    }
    out
}
