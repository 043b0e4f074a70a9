//! A command that is under way on all servers.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use switchwire_proto::{Command, Reply};

use super::{ServerOutcome, ServerResult};
use crate::{Error, ManagedConnection, Phase, Result, Submitted};

/// A command that has been sent to all servers of a fleet: see [`Fleet::api_all_with`](super::Fleet::api_all_with).
/// Dropping it changes nothing.
pub struct AllUnderWay(Arc<Mutex<State>>);

struct State {
    /// One for each server; the outcome where it is known.
    servers: Vec<(Arc<str>, Option<Result<Reply>>)>,
    submitted: Vec<Submitted>,
    done: Option<Done>,
}

type Done = Box<dyn FnOnce(Vec<ServerResult>) + Send>;

impl AllUnderWay {
    pub(super) fn start(
        connections: Vec<(Arc<str>, ManagedConnection)>,
        command: &Command,
        done: Done,
    ) -> Self {
        let servers = connections.iter().map(|(name, _)| (name.clone(), None)).collect();
        let state = Arc::new(Mutex::new(State { servers, submitted: Vec::new(), done: Some(done) }));
        for (at, (_, connection)) in connections.iter().enumerate() {
            let noted = state.clone();
            let submitted = connection.connection().and_then(|present| {
                present.event_loop().try_submit_with(command, move |reply| note(&noted, at, reply))
            });
            match submitted {
                Ok(submitted) => state.lock().submitted.push(submitted),
                Err(error) => note(&state, at, Err(error)),
            }
        }
        if connections.is_empty() {
            finish(&state);
        }
        Self(state)
    }

    /// The time has passed: the replies that have not come are given up, their outcomes are unknown. Does nothing when all
    /// have come.
    pub fn expire(&self) {
        let submitted = std::mem::take(&mut self.0.lock().submitted);
        for one in submitted {
            one.abandon();
        }
        finish(&self.0);
    }
}

fn note(state: &Mutex<State>, at: usize, outcome: Result<Reply>) {
    let all = {
        let mut state = state.lock();
        if let Some((_, known)) = state.servers.get_mut(at) {
            known.get_or_insert(outcome);
        }
        state.servers.iter().all(|(_, known)| known.is_some())
    };
    if all {
        finish(state);
    }
}

fn finish(state: &Mutex<State>) {
    let (done, servers) = {
        let mut state = state.lock();
        let Some(done) = state.done.take() else { return };
        (done, std::mem::take(&mut state.servers))
    };
    let result = |(server, known): (Arc<str>, Option<Result<Reply>>)| ServerResult {
        server,
        outcome: ServerOutcome::from(known.unwrap_or_else(|| Err(Error::timeout(Phase::Reply)))),
    };
    done(servers.into_iter().map(result).collect());
}

impl fmt::Debug for AllUnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllUnderWay").finish_non_exhaustive()
    }
}
