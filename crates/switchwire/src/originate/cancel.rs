//! Cancelling an originate so that no leg is left, whatever the moment.
//!
//! The server has no command that ends an originate. Hanging up a leg ends it when no other leg is left to dial; a leg
//! that does not exist yet (the job's thread has only just begun, the next group comes when this one has failed) cannot
//! be hung up. So the known legs are hung up again and again until the job has ended, with pauses that the server makes
//! (`bgapi msleep`): the core has no timer. A leg that is answered in spite of all is hung up when the job says so.

use std::sync::Arc;

use switchwire_proto::dial::{DialString, Endpoint};
use switchwire_proto::vocabulary::variables::ORIGINATION_UUID;
use switchwire_proto::{Command, HangupCause, Reply};

use super::run::Run;
use crate::inbox::{Awaited, Waiter};
use crate::{Error, Event, Result};

impl Run {
    /// Begins; `false` when the program knows the end already.
    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        let mut state = self.state.lock();
        if state.reported || matches!(state.ended, Some(Err(_))) {
            return false;
        }
        let again = std::mem::replace(&mut state.cancelled, true);
        if let Some(Ok(uuid)) = &state.ended {
            let error = self.too_late(uuid);
            state.ended = Some(Err(error));
        }
        let under_way = state.ended.is_none();
        drop(state);
        if under_way && !again {
            self.hang_up_legs(FIRST_PAUSE);
        }
        true
    }

    /// It was answered before it could be hung up.
    pub(super) fn too_late(&self, uuid: &str) -> Error {
        // A failure to send is the connection's end.
        if let Ok(kill) = Command::api("uuid_kill", uuid) {
            let _ = self.engine.try_send(&kill);
        }
        let what = "the call was cancelled as it was answered, and has been hung up";
        Error::not_answered(what, &HangupCause::OriginatorCancel, &format!("+OK {uuid}"))
    }

    fn hang_up_legs(self: &Arc<Self>, pause: u32) {
        if self.state.lock().ended.is_some() {
            return;
        }
        let cause = HangupCause::OriginatorCancel;
        let kill = self.uuids.iter().map(|uuid| Command::api("uuid_kill", &format!("{uuid} {cause}")));
        let kill_forks = self.may_fork.iter().map(|uuid| {
            // Each of them has the variable, though only the first one has the uuid.
            Command::api("hupall", &format!("{cause} {ORIGINATION_UUID} {uuid}"))
        });
        for command in kill.chain(kill_forks).flatten() {
            // A failure to send is the connection's end, which ends the job's wait.
            let _ = self.engine.try_send(&command);
        }
        self.after(pause, move |run| run.hang_up_legs(LONGEST_PAUSE.min(pause * 2)));
    }

    /// Has the server wait for so many milliseconds. Where it does not (no permission), nothing follows.
    fn after(self: &Arc<Self>, milliseconds: u32, then: impl FnOnce(Arc<Self>) + Send + 'static) {
        let id = uuid::Uuid::new_v4().to_string();
        let Ok(command) = Command::bgapi("msleep", &milliseconds.to_string(), Some(&id)) else { return };
        let (run, engine, job) = (self.clone(), self.engine.clone(), id.clone());
        let replied = move |reply: Result<Reply>| {
            if !reply.is_ok_and(|reply| reply.is_ok())
                && let Some(mut inbox) = engine.inbox_here()
            {
                inbox.waits.cancel(&job);
            }
        };
        let over = move |event: Result<Event>| {
            if event.is_ok() {
                then(run);
            }
        };
        let _ = self.engine.try_submit_awaited(&command, Box::new(replied), |inbox| {
            inbox.waits.begin(&id, Awaited::Job, Waiter::Callback(Box::new(over)))
        });
    }
}

/// The uuids that the server may give to the first of several legs: those of users and groups, whose phones it looks
/// up, and those that the program gave to more than one leg.
pub(super) fn may_fork(dial: &DialString, uuids: &[String]) -> Vec<String> {
    let one_leg = |endpoint: &Endpoint| {
        matches!(
            endpoint,
            Endpoint::Gateway { .. } | Endpoint::Loopback { .. } | Endpoint::Error(_) | Endpoint::Null(_)
        )
    };
    let legs: Vec<_> = dial.legs().collect();
    match legs.len() == uuids.len() {
        true => {
            let pairs = legs.iter().zip(uuids).filter(|(leg, _)| !one_leg(&leg.endpoint));
            pairs.map(|(_, uuid)| uuid.clone()).collect()
        }
        false => uuids.to_vec(),
    }
}

/// In milliseconds.
const FIRST_PAUSE: u32 = 20;
const LONGEST_PAUSE: u32 = 1000;
