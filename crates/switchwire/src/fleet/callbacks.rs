//! Commands to any and to all servers, for event loops: nothing here waits, and the loop keeps the timers.

use std::sync::Arc;

use switchwire_proto::Command;

use super::commands::{ServerOutcome, ServerResult, exists, kill, none_has_it, none_will_do, which_has};
use super::servers::WeakFleet;
use super::{Fleet, Pick};
use crate::sync::Mutex;
use crate::{Error, ManagedConnection, Phase, Reply, Result};

impl Fleet {
    /// [`api_any`](Self::api_any), without waiting.
    ///
    /// # Errors
    /// `InvalidArgument`; the callback is not called then.
    pub fn api_any_with(
        &self,
        pick: &Pick,
        command: &str,
        arguments: &str,
        on_done: impl FnOnce(Result<(Arc<str>, Reply)>) + Send + 'static,
    ) -> Result<()> {
        let command = Command::api(command, arguments)?;
        let on_done = Box::new(on_done);
        Any { fleet: self.downgrade(), pick: pick.clone(), command, tried: Vec::new(), on_done }.try_next();
        Ok(())
    }

    /// [`api_all`](Self::api_all), without waiting: `on_done` is called when all servers have replied, or by
    /// [`FleetReplies::expire`].
    ///
    /// # Errors
    /// `InvalidArgument`; nothing was sent then, and the callback is not called.
    pub fn api_all_with(
        &self,
        command: &str,
        arguments: &str,
        on_done: impl FnOnce(Vec<ServerResult>) + Send + 'static,
    ) -> Result<FleetReplies> {
        Ok(self.request_all_with(&Command::api(command, arguments)?, on_done))
    }

    fn request_all_with(
        &self,
        command: &Command,
        on_done: impl FnOnce(Vec<ServerResult>) + Send + 'static,
    ) -> FleetReplies {
        let servers = self.server_connections();
        let results = servers.iter().map(|(server, _)| (server.clone(), None)).collect();
        // One more, so that the last reply is not taken for the end while commands are still sent.
        let left = servers.len() + 1;
        let all = Arc::new(Mutex::new(All { results, left, on_done: Some(Box::new(on_done)) }));
        for (at, (_, connection)) in servers.into_iter().enumerate() {
            let replied = all.clone();
            let sent = connection.connection().and_then(|present| {
                present
                    .event_loop()
                    .try_submit_with(command, move |reply| All::put(&replied, at, ServerOutcome::of(reply)))
            });
            if let Err(error) = sent {
                All::put(&all, at, ServerOutcome::of(Err(error)));
            }
        }
        All::one_less(&all);
        FleetReplies(all)
    }

    /// [`find`](Self::find), without waiting; `None` when it was known, and the callback has been called.
    ///
    /// # Errors
    /// `InvalidArgument`; the callback is not called then.
    pub fn find_with(
        &self,
        uuid: &str,
        on_done: impl FnOnce(Result<Option<Arc<str>>>) + Send + 'static,
    ) -> Result<Option<FleetReplies>> {
        let exists = exists(uuid)?;
        if let Some(server) = self.server_of(uuid) {
            on_done(Ok(Some(server)));
            return Ok(None);
        }
        Ok(Some(self.request_all_with(&exists, |all| on_done(Ok(which_has(all))))))
    }

    /// [`uuid_kill`](Self::uuid_kill), without waiting. What is returned ends the search for the server.
    ///
    /// # Errors
    /// `InvalidArgument`; the callback is not called then.
    pub fn uuid_kill_with(
        &self,
        uuid: &str,
        cause: &str,
        on_done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Option<FleetReplies>> {
        let kill = kill(uuid, cause)?;
        let fleet = self.downgrade();
        self.find_with(uuid, move |server| {
            let present = server.and_then(|server| {
                let server = server.ok_or_else(none_has_it)?;
                fleet.upgrade().ok_or_else(none_will_do)?.connection(&server)?.connection()
            });
            let present = match present {
                Ok(present) => present,
                Err(error) => return on_done(Err(error)),
            };
            let slot = Arc::new(Mutex::new(Some(on_done)));
            let told = slot.clone();
            let done = move |reply: Result<Reply>| {
                let on_done = told.lock().take();
                if let Some(on_done) = on_done {
                    on_done(reply.and_then(|reply| Ok(reply.into_result()?)));
                }
            };
            if let Err(error) = present.event_loop().try_submit_with(&kill, done) {
                let on_done = slot.lock().take();
                if let Some(on_done) = on_done {
                    on_done(Err(error));
                }
            }
        })
    }
}

/// Replies of several servers that are awaited: see [`Fleet::api_all_with`]. Dropping it changes nothing.
#[derive(Clone)]
pub struct FleetReplies(Arc<Mutex<All>>);

impl FleetReplies {
    /// The program's patience is over: servers that have not replied are reported as
    /// [`Unknown`](ServerOutcome::Unknown), with `Timeout`.
    pub fn expire(&self) {
        let late = Error::timeout(Phase::Reply);
        let done = {
            let mut all = self.0.lock();
            for (_, outcome) in &mut all.results {
                outcome.get_or_insert_with(|| ServerOutcome::Unknown(late.clone()));
            }
            all.finish()
        };
        done.into_iter().for_each(|done| done());
    }
}

struct All {
    results: Vec<(Arc<str>, Option<ServerOutcome>)>,
    /// How many are still to come.
    left: usize,
    on_done: Option<Box<dyn FnOnce(Vec<ServerResult>) + Send>>,
}

impl All {
    fn put(all: &Mutex<Self>, at: usize, outcome: ServerOutcome) {
        {
            let mut all = all.lock();
            if let Some((_, place)) = all.results.get_mut(at) {
                place.get_or_insert(outcome);
            }
        }
        Self::one_less(all);
    }

    fn one_less(all: &Mutex<Self>) {
        let done = {
            let mut all = all.lock();
            all.left -= 1;
            if all.left == 0 { all.finish() } else { None }
        };
        done.into_iter().for_each(|done| done());
    }

    /// What is to be called without the lock.
    fn finish(&mut self) -> Option<impl FnOnce() + use<>> {
        let on_done = self.on_done.take()?;
        let results = std::mem::take(&mut self.results);
        let results = results.into_iter().filter_map(|(server, outcome)| {
            let outcome = outcome?;
            Some(ServerResult { server, outcome })
        });
        let results: Vec<_> = results.collect();
        Some(move || on_done(results))
    }
}

type OnReply = Box<dyn FnOnce(Result<(Arc<str>, Reply)>) + Send>;

/// A command that goes to one server after the other, until one can be sent to.
struct Any {
    fleet: WeakFleet,
    pick: Pick,
    command: Command,
    tried: Vec<Arc<str>>,
    on_done: OnReply,
}

impl Any {
    fn try_next(mut self) {
        loop {
            let fleet = self.fleet.upgrade();
            let picked = fleet.and_then(|fleet| Some((fleet.pick_except(&self.pick, &self.tried)?, fleet)));
            let Some((server, fleet)) = picked else { return (self.on_done)(Err(none_will_do())) };
            let present = fleet.connection(&server).and_then(|connection| connection.connection());
            drop(fleet);
            self.tried.push(server.clone());
            let Ok(present) = present else { continue };
            let command = self.command.clone();
            let slot = Arc::new(Mutex::new(Some(self)));
            let asked = slot.clone();
            let sent = present.event_loop().try_submit_with(&command, move |reply| {
                let any = asked.lock().take();
                match (any, reply) {
                    (Some(any), Err(error)) if ManagedConnection::is_unsent(&error) => any.try_next(),
                    (Some(any), reply) => (any.on_done)(reply.map(|reply| (server, reply))),
                    (None, _) => {}
                }
            });
            let Err(error) = sent else { return };
            let any = slot.lock().take();
            match any {
                Some(any) if ManagedConnection::is_unsent(&error) => self = any,
                Some(any) => return (any.on_done)(Err(error)),
                None => return,
            }
        }
    }
}

impl std::fmt::Debug for FleetReplies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FleetReplies").field("left", &self.0.lock().left).finish_non_exhaustive()
    }
}
