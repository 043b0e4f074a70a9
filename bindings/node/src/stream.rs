//! Items of the streams of supervised connections and fleets for JavaScript: events that follow each other as one batch,
//! anything else as a plain object with its `kind`. `node/lib/stream.js` reads them.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Object};
use switchwire::{Event, Health, Restored, ServerInfo, StreamItem};

use crate::batch::{Batch, LingerNotice, LogLine};
use crate::error_object;
use crate::plain::{put, put_length, put_time};

/// Two places per part: the server's name in a fleet, or null; and the part.
pub(crate) struct Parts<'env> {
    env: &'env Env,
    array: Array<'env>,
    server: Option<Arc<str>>,
    events: Vec<Event>,
}

impl<'env> Parts<'env> {
    pub(crate) fn new(env: &'env Env) -> napi::Result<Self> {
        Ok(Self { env, array: env.create_array(0)?, server: None, events: Vec::new() })
    }

    pub(crate) fn finish(mut self) -> napi::Result<Array<'env>> {
        self.end_batch()?;
        Ok(self.array)
    }

    pub(crate) fn item(&mut self, server: Option<&Arc<str>>, item: StreamItem) -> napi::Result<()> {
        let event = match item {
            StreamItem::Event(event) => event,
            other => {
                let mark = mark(self.env, other)?;
                return self.mark(server, mark);
            }
        };
        if self.server.as_ref() != server {
            self.end_batch()?;
            self.server = server.cloned();
        }
        self.events.push(event);
        Ok(())
    }

    pub(crate) fn mark(&mut self, server: Option<&Arc<str>>, mark: Object<'env>) -> napi::Result<()> {
        self.end_batch()?;
        self.array.insert(server.map(|name| &**name))?;
        self.array.insert(mark)
    }

    fn end_batch(&mut self) -> napi::Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::events(std::mem::take(&mut self.events));
        batch.report_external_memory(self.env);
        self.array.insert(self.server.as_deref())?;
        self.array.insert(batch)
    }
}

/// An item that is no event, as `{kind, …}`.
fn mark<'env>(env: &'env Env, item: StreamItem) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("kind", item.name())?;
    match item {
        StreamItem::Connected(server) => object.set("value", info(env, &server)?)?,
        StreamItem::Log(record) => object.set("value", LogLine::from(record))?,
        StreamItem::Notice(notice) => object.set("value", LingerNotice::from(notice))?,
        StreamItem::Other(message) => object.set("value", Batch::outer(message))?,
        StreamItem::Lost(lost) => {
            let mut value = Object::new(env)?;
            value.set("reason", error_object::object(env, &lost.reason)?)?;
            put_time(&mut value, "when", Some(lost.when))?;
            value.set("address", lost.address.as_str())?;
            object.set("value", value)?;
        }
        StreamItem::Restored(back) => object.set("value", restored(env, &back)?)?,
        StreamItem::GaveUp(reason) => object.set("value", error_object::object(env, &reason)?)?,
        _ => {}
    }
    Ok(object)
}

fn restored<'env>(env: &'env Env, restored: &Restored) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("server", info(env, &restored.server)?)?;
    put_length(&mut object, "outage", Some(restored.outage))?;
    object.set("run", restored.run.name())?;
    object.set("attempts", restored.attempts)?;
    Ok(object)
}

pub(crate) fn info<'env>(env: &'env Env, server: &ServerInfo) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    put(&mut object, "coreUuid", server.core_uuid.as_deref())?;
    put(&mut object, "switchname", server.switchname.as_deref())?;
    put(&mut object, "version", server.version.as_deref())?;
    object.set("address", server.address.as_str())?;
    put(&mut object, "snapshot", server.snapshot.as_deref())?;
    Ok(object)
}

#[allow(clippy::cast_precision_loss, reason = "no counter comes near 2^53")]
pub(crate) fn health<'env>(env: &'env Env, health: &Health) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("state", health.state.name())?;
    put_time(&mut object, "since", Some(health.since))?;
    object.set("draining", health.draining)?;
    put_length(&mut object, "heartbeatAge", health.heartbeat_age)?;
    put_length(&mut object, "roundTrip", health.round_trip)?;
    put(&mut object, "sessions", health.sessions.map(|count| count as f64))?;
    put(&mut object, "maxSessions", health.max_sessions.map(|count| count as f64))?;
    put(&mut object, "idleCpu", health.idle_cpu)?;
    object.set("queued", health.queued as f64)?;
    object.set("dropped", health.dropped as f64)?;
    object.set("outages", health.outages as f64)?;
    Ok(object)
}
