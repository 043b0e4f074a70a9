//! An originate under way: what it has tried, what rings, and what becomes of it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::dial::{DialCall, Leg};
use super::originate::{CallerId, Then, dialled};
use super::{Answer, ChannelId, Dial};
use crate::api::{ApiRequest, NewCall};
use crate::world::{Timer, Work, World};

/// Names an originate.
pub(crate) type EffortId = u64;

/// All that are under way.
#[derive(Debug, Default)]
pub(crate) struct Efforts {
    all: BTreeMap<EffortId, Effort>,
    made: EffortId,
}

/// One originate.
#[derive(Debug)]
pub(crate) struct Effort {
    pub(super) request: Option<ApiRequest>,
    pub(super) then: Then,
    pub(super) caller: CallerId,
    ignore_early: bool,
    timeout: Duration,
    attempts: Vec<Attempt>,
    /// Every leg that was made, in order.
    pub(super) tried: Vec<Tried>,
    /// The leg that was answered.
    winner: Option<ChannelId>,
}

/// One of the calls that are made at once: its legs that ring, and those for later.
#[derive(Debug)]
struct Attempt {
    later: VecDeque<Vec<Leg>>,
    ringing: Vec<ChannelId>,
    cause: String,
    /// How many groups were tried, for the time limit of each.
    round: u32,
}

/// A leg that was made.
#[derive(Debug)]
pub(super) struct Tried {
    id: ChannelId,
    pub(super) uuid: String,
    callee: String,
    cause: Option<String>,
}

impl Effort {
    /// `originated_legs` and `originate_causes` of the caller's channel.
    pub(super) fn legs_and_causes(&self) -> (Vec<String>, Vec<String>) {
        let legs = self.tried.iter().map(|leg| format!("{};{}", leg.uuid, leg.callee)).collect();
        let cause = |leg: &Tried| format!("{};{}", leg.uuid, leg.cause.as_deref().unwrap_or("NONE"));
        (legs, self.tried.iter().map(cause).collect())
    }

    /// Why the last leg that failed did.
    pub(super) fn last_failure(&self) -> Option<&str> {
        self.tried.iter().rev().find_map(|leg| leg.cause.as_deref())
    }

    /// Why it failed: the last cause.
    pub(super) fn cause(&self) -> String {
        self.attempts.last().map(|attempt| attempt.cause.clone()).unwrap_or_default()
    }

    fn ringing(&self) -> impl Iterator<Item = ChannelId> {
        self.attempts.iter().flat_map(|attempt| attempt.ringing.iter().copied())
    }
}

impl World {
    /// Makes a call for a command, whose reply is what becomes of it.
    pub(crate) fn call_for(&mut self, request: ApiRequest, call: NewCall) {
        self.start_call(Some(request), call);
    }

    /// Begins an originate.
    pub(crate) fn start_call(&mut self, request: Option<ApiRequest>, call: NewCall) -> EffortId {
        let NewCall { dial, caller, then, ignore_early, timeout } = call;
        self.tell_originate(match then {
            Then::Bridge(caller) => Some(caller),
            _ => None,
        });
        let Dial { calls } = dial;
        let attempt = |DialCall { groups, .. }: DialCall| Attempt {
            later: groups,
            ringing: Vec::new(),
            cause: "NORMAL_CLEARING".into(),
            round: 0,
        };
        let attempts: Vec<_> = calls.into_iter().map(attempt).collect();
        let count = attempts.len();
        self.efforts.made += 1;
        let id = self.efforts.made;
        let (tried, winner) = (Vec::new(), None);
        let effort = Effort { request, then, caller, ignore_early, timeout, attempts, tried, winner };
        self.efforts.all.insert(id, effort);
        for attempt in 0..count {
            self.next_group(id, attempt);
        }
        id
    }

    /// Calls the next destinations of one of an originate's calls; none left: it may be over.
    pub(crate) fn next_group(&mut self, id: EffortId, at: usize) {
        loop {
            let Some(effort) = self.efforts.all.get_mut(&id) else { return };
            let Some(attempt) = effort.attempts.get_mut(at) else { return };
            let Some(group) = attempt.later.pop_front() else { break };
            attempt.round += 1;
            let (round, timeout) = (attempt.round, effort.timeout);
            for leg in &group {
                self.call_leg(id, at, leg);
            }
            let Some(effort) = self.efforts.all.get(&id) else { return };
            if !effort.attempts[at].ringing.is_empty() {
                return self.timers.after(timeout, Timer::OriginateTimeout(id, at, round));
            }
        }
        self.end_if_over(id);
    }

    /// Calls one destination. An endpoint may stand for others: a user for its phones, a group for its users.
    fn call_leg(&mut self, id: EffortId, at: usize, leg: &Leg) {
        let legs = match self.phones(leg) {
            Some(legs) => legs,
            None => vec![leg.clone()],
        };
        for leg in legs {
            let Some(effort) = self.efforts.all.get(&id) else { return };
            let (caller, then) = (effort.caller.clone(), effort.then.clone());
            let made = self.make_call(id, &leg, &caller, &then);
            let Some(effort) = self.efforts.all.get_mut(&id) else { return };
            if let Err(cause) = made {
                effort.attempts[at].cause = cause;
            }
        }
    }

    /// A leg was made for an originate: from now on it counts.
    pub(super) fn leg_made(&mut self, effort: EffortId, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.effort = Some(effort);
        let callee = format!("{};{}", channel.profile.callee_name, channel.profile.callee_number);
        let uuid = channel.uuid.clone();
        let Some(effort) = self.efforts.all.get_mut(&effort) else { return };
        effort.tried.push(Tried { id, uuid, callee, cause: None });
        // Whichever of the calls is on its way: only the one that makes legs has taken a group out.
        let making = effort.attempts.iter_mut().rev().find(|attempt| attempt.round > 0);
        if let Some(attempt) = making {
            attempt.ringing.push(id);
        }
    }

    /// A leg was answered, or has early media: the originate goes on with it.
    pub(super) fn leg_answered(&mut self, id: ChannelId, answer: Answer) {
        let Some(effort) = self.effort_of(id) else { return };
        let Some(effort) = self.efforts.all.get_mut(&effort) else { return };
        if effort.winner.is_none() && (answer == Answer::Answered || !effort.ignore_early) {
            effort.winner = Some(id);
            self.work.push_back(Work::Advance(id));
        }
    }

    fn effort_of(&self, id: ChannelId) -> Option<EffortId> {
        self.channels.get(id)?.effort
    }

    /// The originate that a leg has won: the others lose the race.
    pub(super) fn take_won(&mut self, id: ChannelId) -> Option<Effort> {
        let effort = self.effort_of(id)?;
        if self.efforts.all.get(&effort)?.winner != Some(id) {
            return None;
        }
        let effort = self.efforts.all.remove(&effort)?;
        self.leave_effort(id);
        let losers: Vec<_> = effort.ringing().filter(|leg| *leg != id).collect();
        for leg in losers {
            self.leave_effort(leg);
            self.hang_up(leg, "LOSE_RACE");
        }
        Some(effort)
    }

    /// A leg that an originate waits for is hung up.
    pub(super) fn leg_lost(&mut self, id: ChannelId, cause: &str) {
        let Some(of) = self.effort_of(id) else { return };
        self.leave_effort(id);
        let Some(effort) = self.efforts.all.get_mut(&of) else { return };
        if effort.winner == Some(id) {
            effort.winner = None;
        }
        if let Some(tried) = effort.tried.iter_mut().find(|tried| tried.id == id) {
            tried.cause = Some(cause.to_owned());
        }
        let Some(at) = effort.attempts.iter().position(|attempt| attempt.ringing.contains(&id)) else {
            return;
        };
        let attempt = &mut effort.attempts[at];
        attempt.ringing.retain(|leg| *leg != id);
        cause.clone_into(&mut attempt.cause);
        if attempt.ringing.is_empty() {
            self.work.push_back(Work::NextGroup(of, at));
        }
    }

    fn leave_effort(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.effort = None;
        }
    }

    /// All destinations failed.
    fn end_if_over(&mut self, id: EffortId) {
        let Some(effort) = self.efforts.all.get(&id) else { return };
        let over = |attempt: &Attempt| attempt.ringing.is_empty() && attempt.later.is_empty();
        if effort.winner.is_none() && effort.attempts.iter().all(over) {
            self.work.push_back(Work::Failed(id));
        }
    }

    /// Tells the waiter that an originate failed.
    pub(crate) fn effort_failed(&mut self, id: EffortId) {
        let Some(mut effort) = self.efforts.all.remove(&id) else { return };
        let cause = effort.cause();
        if let Some(request) = effort.request.take() {
            let reply = match effort.then {
                Then::Conference { .. } => dialled(&cause),
                _ => format!("-ERR {cause}\n"),
            };
            self.api_reply(request, &reply);
        }
        match &effort.then {
            Then::Bridge(caller) => self.bridge_failed(*caller, &cause, &effort),
            Then::Conference { name, job, .. } => self.dial_result(name, job.clone(), &cause, None),
            Then::App(..) | Then::Extension { .. } => {}
        }
    }

    /// The caller is gone before any leg answered.
    pub(super) fn give_up_dialling(&mut self, id: EffortId) {
        let Some(effort) = self.efforts.all.remove(&id) else { return };
        let legs: Vec<_> = effort.ringing().collect();
        for leg in legs {
            self.leave_effort(leg);
            self.hang_up(leg, "ORIGINATOR_CANCEL");
        }
    }

    /// The time for one group of destinations is over.
    pub(crate) fn originate_timeout(&mut self, id: EffortId, at: usize, round: u32) {
        let Some(effort) = self.efforts.all.get(&id).filter(|effort| effort.winner.is_none()) else { return };
        let Some(attempt) = effort.attempts.get(at).filter(|attempt| attempt.round == round) else { return };
        for leg in attempt.ringing.clone() {
            self.hang_up(leg, "NO_ANSWER");
        }
    }
}
