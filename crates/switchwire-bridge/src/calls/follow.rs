//! What is to be written: which legs have changed since they were written last, of the switches that are followed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use serde_json::{Value, json};
use switchwire::calls::{CallLeg, Calls, CallsOptions, Change, ChangeWatch};
use switchwire::{Connection, Result};
use tokio::sync::Notify;

use crate::marker::written;

/// The legs of all switches, and which of them are to be written. Cloning gives another handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveCalls(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    nodes: HashMap<Arc<str>, Followed>,
    /// Switches whose legs were known before `start_calls` had returned.
    early: BTreeSet<Arc<str>>,
    due: Due,
    /// The connection to the broker that is served: another one's writer ends.
    serving: u64,
}

/// A switch.
struct Followed {
    calls: Calls,
    /// The legs that are up are known.
    ready: bool,
    _watch: ChangeWatch,
}

/// What is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Due {
    /// Switches of which everything is compared.
    pub(crate) nodes: BTreeSet<Arc<str>>,
    pub(crate) legs: BTreeSet<(Arc<str>, String)>,
}

impl LiveCalls {
    /// Follows a switch, or goes on with a new connection to it. Waits for nothing.
    pub(crate) fn follow(&self, node: &Arc<str>, connection: &Connection) {
        let (live, name) = (self.clone(), node.clone());
        let ready = move |result: Result<()>| live.ready(&name, &result);
        let known = self.0.state.lock().nodes.get(node).map(|followed| followed.calls.clone());
        let started = match known {
            Some(calls) => calls.move_to_with(connection, ready),
            // (The events stay: they are bridged, too.)
            None => {
                let options = CallsOptions::new().keep_events(true);
                connection.event_loop().start_calls(&options, ready).map(|calls| self.add(node, calls))
            }
        };
        if let Err(error) = started {
            tracing::debug!(node = &**node, %error, "its calls are not followed now");
        }
    }

    fn add(&self, node: &Arc<str>, calls: Calls) {
        let (live, name) = (Arc::downgrade(&self.0), node.clone());
        let watch = calls.on_change(move |change| {
            // (At the connection's end what is known stays.)
            if let (Ok(change), Some(live)) = (change, live.upgrade()) {
                live.note(&name, &change);
            }
        });
        let mut state = self.0.state.lock();
        let ready = state.early.remove(node);
        if ready {
            state.due.nodes.insert(node.clone());
        }
        state.nodes.insert(node.clone(), Followed { calls, ready, _watch: watch });
        drop(state);
        self.0.changed.notify_one();
    }

    fn ready(&self, node: &Arc<str>, result: &Result<()>) {
        if let Err(error) = result {
            tracing::warn!(node = &**node, %error, "its calls are not known");
            return;
        }
        let mut state = self.0.state.lock();
        // (To compare a switch that is not followed would take all its calls out.)
        match state.nodes.get_mut(node) {
            Some(followed) => {
                followed.ready = true;
                state.due.nodes.insert(node.clone());
            }
            None => {
                state.early.insert(node.clone());
            }
        }
        drop(state);
        self.0.changed.notify_one();
    }

    /// It is followed no longer: its calls are taken out.
    pub(crate) fn forget(&self, node: &Arc<str>) {
        let mut state = self.0.state.lock();
        let gone = state.nodes.remove(node);
        state.due.nodes.insert(node.clone());
        drop(state);
        // (Its watch ends outside of the lock, which its callback takes.)
        drop(gone);
        self.0.changed.notify_one();
    }

    /// A connection to the broker begins to be served; returns what its writer asks [`due`](Self::due) with.
    pub(crate) fn serve(&self) -> u64 {
        let mut state = self.0.state.lock();
        state.serving += 1;
        let number = state.serving;
        drop(state);
        self.compare_all();
        number
    }

    /// Everything of every switch is to be compared.
    pub(crate) fn compare_all(&self) {
        let mut state = self.0.state.lock();
        let ready: Vec<_> =
            state.nodes.iter().filter(|(_, one)| one.ready).map(|(name, _)| name.clone()).collect();
        state.due.nodes.extend(ready);
        drop(state);
        self.0.changed.notify_one();
    }

    /// Waits for something to write. `None`: another connection is served by now.
    pub(crate) async fn due(&self, serving: u64) -> Option<Due> {
        loop {
            let changed = self.0.changed.notified();
            {
                let mut state = self.0.state.lock();
                if state.serving != serving {
                    drop(state);
                    // (It was perhaps the other's.)
                    self.0.changed.notify_one();
                    return None;
                }
                if state.due != Due::default() {
                    return Some(std::mem::take(&mut state.due));
                }
            }
            changed.await;
        }
    }

    /// What could not be written is due again.
    pub(crate) fn put_back(&self, due: Due) {
        let mut state = self.0.state.lock();
        state.due.nodes.extend(due.nodes);
        state.due.legs.extend(due.legs);
        drop(state);
        self.0.changed.notify_one();
    }

    /// A leg as it is written; `None` when it is gone.
    pub(crate) fn leg(&self, node: &str, uuid: &str) -> Option<String> {
        self.calls(node)?.leg(uuid).map(|leg| leg_json(node, &leg).to_string())
    }

    /// The uuids of a switch's legs.
    pub(crate) fn uuids(&self, node: &str) -> Vec<String> {
        let legs = self.calls(node).map(|calls| calls.legs()).unwrap_or_default();
        legs.into_iter().map(|leg| leg.uuid).collect()
    }

    fn calls(&self, node: &str) -> Option<Calls> {
        self.0.state.lock().nodes.get(node).map(|followed| followed.calls.clone())
    }
}

impl Shared {
    fn note(&self, node: &Arc<str>, change: &Change) {
        let uuids: Vec<&str> = match change {
            Change::Added(leg) | Change::Answered(leg) | Change::Updated(leg) | Change::HungUp(leg) => {
                vec![&leg.uuid]
            }
            Change::Gone { leg, .. } => vec![&leg.uuid],
            Change::Renamed { old, leg } => vec![old, &leg.uuid],
            Change::Bridged { leg, with } => vec![&leg.uuid, with],
            Change::Unbridged { leg, with } => vec![leg, with],
            // (Every leg has been reported as gone.)
            _ => return,
        };
        let mut state = self.state.lock();
        state.due.legs.extend(uuids.into_iter().map(|uuid| (node.clone(), uuid.to_owned())));
        drop(state);
        self.changed.notify_one();
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("due", &self.due).finish_non_exhaustive()
    }
}

/// What a key holds. Times are RFC 3339, in UTC; what is not known is `null`, or empty.
fn leg_json(node: &str, leg: &CallLeg) -> Value {
    let time = |when: Option<SystemTime>| when.and_then(written);
    let word = |word: Option<&dyn std::fmt::Display>| word.map(ToString::to_string);
    json!({
        "node": node,
        "uuid": leg.uuid,
        "call_uuid": leg.call_uuid,
        "name": leg.name,
        "direction": word(leg.direction.as_ref().map(|it| it as &dyn std::fmt::Display)),
        "state": word(leg.state.as_ref().map(|it| it as &dyn std::fmt::Display)),
        "call_state": word(leg.call_state.as_ref().map(|it| it as &dyn std::fmt::Display)),
        "answer_state": word(leg.answer_state.as_ref().map(|it| it as &dyn std::fmt::Display)),
        "caller_id_name": leg.caller_id_name,
        "caller_id_number": leg.caller_id_number,
        "callee_id_name": leg.callee_id_name,
        "callee_id_number": leg.callee_id_number,
        "destination": leg.destination,
        "context": leg.context,
        "created": time(leg.created),
        "answered": time(leg.answered),
        "bridged_to": leg.bridged_to(),
        "bridged_since": time(leg.bridged_since()),
        "hangup_cause": word(leg.hangup_cause.as_ref().map(|it| it as &dyn std::fmt::Display)),
    })
}
