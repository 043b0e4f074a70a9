//! A fleet as JavaScript sees it.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Object};
use napi_derive::napi;
use switchwire::{
    Choice, Fleet, FleetReplies, FleetServer, FleetUpdate, HealthLimits, Pick, Reply, ServerOutcome,
    ServerResult,
};

use crate::connect;
use crate::entry::{Mailbox, Notice, completion};
use crate::error::{Result, invalid, io, thrown};
use crate::error_object;
use crate::hub::Hub;
use crate::managed::NativeManaged;
use crate::managed_options::{NativeManagedOptions, limit};
use crate::poller::Poller;
use crate::reply::NativeReply;
use crate::stream::{self, Parts};

#[napi]
pub struct NativeFleet {
    id: u32,
    fleet: Option<Fleet>,
    mailbox: Arc<Mailbox>,
}

/// See `FleetServer` in `fleet.d.ts`.
#[napi(object)]
pub struct NativeFleetServer {
    pub name: String,
    pub connection: NativeManagedOptions,
    pub weight: Option<u32>,
    pub tags: Vec<String>,
}

/// See `HealthLimits` in `fleet.d.ts`; 0 sets no limit.
#[napi(object)]
pub struct NativeHealthLimits {
    pub heartbeat_age: Option<f64>,
    pub round_trip: Option<f64>,
    pub idle_cpu: Option<f64>,
    pub sessions: Option<f64>,
}

/// See `Pick` in `fleet.d.ts`.
#[napi(object)]
pub struct NativePick {
    pub by: String,
    pub key: Option<String>,
    pub tags: Vec<String>,
}

/// Replies of several servers.
#[napi]
pub struct NativeReplies(Option<FleetReplies>);

#[napi]
impl NativeReplies {
    /// The time is over: what has come so far completes the request.
    #[napi]
    pub fn expire(&self) {
        self.0.iter().for_each(FleetReplies::expire);
    }
}

#[napi]
impl NativeFleet {
    /// Starts to connect to all, and returns at once.
    #[napi(factory)]
    pub fn start(
        hub: &Hub,
        servers: Vec<NativeFleetServer>,
        attempts_at_once: Option<u32>,
        limits: NativeHealthLimits,
        drop_duplicates: Option<u32>,
    ) -> Result<Self> {
        let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
        let mut builder = Fleet::builder().limits(limits.build()?);
        if let Some(attempts) = attempts_at_once {
            builder = builder.attempts_at_once(attempts as usize);
        }
        if let Some(events) = drop_duplicates.filter(|events| *events > 0) {
            builder = builder.drop_duplicates(events as usize);
        }
        for server in servers {
            builder = builder.server(server.build()?);
        }
        let fleet = builder.start().map_err(|error| thrown(&error))?;
        let (id, mailbox) = (poller.next_id(), hub.mailbox.clone());
        fleet.on_ready(move || mailbox.push(Notice::Ready(id)));
        Ok(Self { id, fleet: Some(fleet), mailbox: hub.mailbox.clone() })
    }

    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Up to `max` items that have come, as parts (see `stream.rs`). None: there is a notice of the next.
    #[napi(ts_return_type = "unknown[]")]
    pub fn take<'env>(&self, env: &'env Env, max: u32) -> napi::Result<Array<'env>> {
        let mut parts = Parts::new(env)?;
        for item in self.core().take(max as usize) {
            let mut mark = Object::new(env)?;
            match item.update {
                FleetUpdate::Stream(one) => {
                    parts.item(Some(&item.server), one)?;
                    continue;
                }
                FleetUpdate::Health(health) => {
                    mark.set("kind", "health")?;
                    mark.set("value", stream::health(env, &health)?)?;
                }
                _ => mark.set("kind", "removed")?,
            }
            parts.mark(Some(&item.server), mark)?;
        }
        parts.finish()
    }

    #[napi(getter)]
    #[allow(clippy::cast_precision_loss, reason = "no counter comes near 2^53")]
    pub fn dropped_duplicates(&self) -> f64 {
        self.core().dropped_duplicates() as f64
    }

    #[napi]
    pub fn add(&self, server: NativeFleetServer) -> Result<()> {
        self.core().add(server.build()?).map_err(|error| thrown(&error))
    }

    /// Completed with null when its thread has ended.
    #[napi]
    pub fn remove(&self, request: u32, name: String) -> Result<()> {
        self.apart(request, move |fleet| fleet.remove(&name))
    }

    #[napi]
    pub fn drain(&self, name: String, on: bool) -> Result<()> {
        self.core().drain(&name, on).map_err(|error| thrown(&error))
    }

    #[napi]
    pub fn servers(&self) -> Vec<String> {
        self.core().servers().iter().map(|name| (**name).to_owned()).collect()
    }

    /// The connection to that server; its items are the fleet's.
    #[napi]
    pub fn connection(&self, name: String) -> Result<NativeManaged> {
        let connection = self.core().connection(&name).map_err(|error| thrown(&error))?;
        NativeManaged::of(connection, &self.mailbox)
    }

    #[napi(ts_return_type = "object | null")]
    pub fn health<'env>(&self, env: &'env Env, name: String) -> napi::Result<Option<Object<'env>>> {
        self.core().health(&name).map(|health| stream::health(env, &health)).transpose()
    }

    #[napi]
    pub fn pick(&self, pick: NativePick) -> Result<Option<String>> {
        Ok(self.core().pick(&pick.build()?).map(|name| (*name).to_owned()))
    }

    #[napi]
    pub fn server_of(&self, uuid: String) -> Option<String> {
        self.core().server_of(&uuid).map(|name| (*name).to_owned())
    }

    /// Completed with the server's name and its reply.
    #[napi]
    pub fn api_any(&self, request: u32, pick: NativePick, command: String, arguments: String) -> Result<()> {
        let mailbox = self.mailbox.clone();
        let done = move |result| {
            mailbox.push(completion(request, result, |id, (server, reply)| {
                Notice::ServerReply(id, server, reply)
            }));
        };
        let started = self.core().api_any_with(&pick.build()?, &command, &arguments, done);
        started.map_err(|error| thrown(&error))
    }

    /// Completed with what came of it on each server.
    #[napi]
    pub fn api_all(&self, request: u32, command: String, arguments: String) -> Result<NativeReplies> {
        let mailbox = self.mailbox.clone();
        let done = move |results| mailbox.push(Notice::ServerResults(request, results));
        let started = self.core().api_all_with(&command, &arguments, done);
        started.map(|replies| NativeReplies(Some(replies))).map_err(|error| thrown(&error))
    }

    /// Completed with the server's name, or null.
    #[napi]
    pub fn find(&self, request: u32, uuid: String) -> Result<NativeReplies> {
        let mailbox = self.mailbox.clone();
        let done = move |server: switchwire::Result<Option<Arc<str>>>| {
            mailbox.push(completion(request, server, |id, server| {
                Notice::Value(id, server.map(|name| (*name).to_owned()))
            }));
        };
        self.core().find_with(&uuid, done).map(NativeReplies).map_err(|error| thrown(&error))
    }

    /// Completed with the server's reply.
    #[napi]
    pub fn uuid_kill(&self, request: u32, uuid: String, cause: String) -> Result<NativeReplies> {
        let mailbox = self.mailbox.clone();
        let done = move |reply| mailbox.push(completion(request, reply, Notice::Reply));
        self.core().uuid_kill_with(&uuid, &cause, done).map(NativeReplies).map_err(|error| thrown(&error))
    }

    /// Closes all connections; completed with null when their threads have ended.
    #[napi]
    pub fn close(&self, request: u32) -> Result<()> {
        self.apart(request, |fleet| {
            fleet.close();
            Ok(())
        })
    }
}

impl NativeFleet {
    fn core(&self) -> &Fleet {
        self.fleet.as_ref().expect("it is there until it is dropped")
    }

    /// Runs what joins threads on another thread.
    fn apart(
        &self,
        request: u32,
        run: impl FnOnce(&Fleet) -> switchwire::Result<()> + Send + 'static,
    ) -> Result<()> {
        let (fleet, mailbox) = (self.core().clone(), self.mailbox.clone());
        let task = move || mailbox.push(completion(request, run(&fleet), |id, ()| Notice::Value(id, None)));
        connect::run(Box::new(task)).map_err(|error| io("a thread cannot be started", &error))
    }
}

impl Drop for NativeFleet {
    /// The last handle joins threads: not here.
    fn drop(&mut self) {
        let fleet = self.fleet.take();
        let _ = connect::run(Box::new(move || drop(fleet)));
    }
}

impl NativeFleetServer {
    fn build(self) -> Result<FleetServer> {
        let server = FleetServer::new(self.name, self.connection.builder()?);
        let server = server.weight(self.weight.unwrap_or(1));
        Ok(self.tags.into_iter().fold(server, FleetServer::tag))
    }
}

impl NativeHealthLimits {
    fn build(&self) -> Result<HealthLimits> {
        let mut limits = HealthLimits::default();
        limit(&mut limits.heartbeat_age, "limits.heartbeatAge", self.heartbeat_age)?;
        limit(&mut limits.round_trip, "limits.roundTrip", self.round_trip)?;
        for (own, given) in [(&mut limits.idle_cpu, self.idle_cpu), (&mut limits.sessions, self.sessions)] {
            if given.is_some() {
                *own = given.filter(|share| *share > 0.0);
            }
        }
        Ok(limits)
    }
}

impl NativePick {
    fn build(self) -> Result<Pick> {
        let choice = match (self.by.as_str(), self.key) {
            ("least-sessions", None) => Choice::LeastSessions,
            ("weighted", None) => Choice::Weighted,
            ("sticky", Some(key)) => Choice::Sticky(key),
            ("sticky", None) => return Err(invalid("by 'sticky' needs a key")),
            ("least-sessions" | "weighted", Some(_)) => return Err(invalid("a key is for by: 'sticky'")),
            _ => return Err(invalid("by is one of least-sessions, weighted, sticky")),
        };
        Ok(self.tags.into_iter().fold(Pick::by(choice), Pick::tag))
    }
}

/// A server's reply with its name.
pub(crate) fn server_reply<'env>(env: &'env Env, server: &str, reply: Reply) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("server", server)?;
    object.set("reply", NativeReply::from(reply))?;
    Ok(object)
}

pub(crate) fn server_results<'env>(env: &'env Env, results: Vec<ServerResult>) -> napi::Result<Array<'env>> {
    let mut array = env.create_array(0)?;
    for result in results {
        let mut object = Object::new(env)?;
        object.set("server", &*result.server)?;
        match result.outcome {
            ServerOutcome::Reply(reply) => {
                object.set("outcome", "reply")?;
                object.set("reply", NativeReply::from(reply))?;
            }
            ServerOutcome::Failed(error) => {
                object.set("outcome", "failed")?;
                object.set("error", error_object::object(env, &error)?)?;
            }
            ServerOutcome::Unknown(error) => {
                object.set("outcome", "unknown")?;
                object.set("error", error_object::object(env, &error)?)?;
            }
        }
        array.insert(object)?;
    }
    Ok(array)
}
