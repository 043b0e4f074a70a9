//! `fifo`: queues where callers wait for the consumers that take them.

mod report;
mod talk;

use super::apps::Start;
use super::{ChannelId, Kind};
use crate::event::clock::Moment;
use crate::event::origin::Origin;
use crate::world::{Work, World};

/// One queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) importance: i64,
    /// Callers that wait, in the order in which they are taken, with the priority that each came with.
    callers: Vec<(ChannelId, i64)>,
    /// Consumers, waiting or talking, in the order in which they came.
    consumers: Vec<ChannelId>,
    pub(crate) members: Vec<Member>,
}

/// A consumer that would be called.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) dial: String,
    pub(crate) simo: u64,
    pub(crate) timeout: u64,
    pub(crate) lag: u64,
    /// When it was added, as text.
    pub(crate) since: String,
}

/// What a channel is to a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    Caller {
        queue: String,
        /// When it came, as text.
        since: String,
    },
    Consumer {
        queue: String,
        /// It takes one caller after the other.
        stays: bool,
        since: String,
        talk: Option<Talk>,
    },
}

/// A consumer's present call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Talk {
    caller: ChannelId,
    /// Microseconds since 1970.
    since: u64,
}

/// `QUEUE[!IMPORTANCE] in` or `QUEUE out [wait|nowait]`.
pub(super) fn fifo(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [name, side, rest @ ..] = words.as_slice() else { return Start::Done };
    let (name, importance) = name.split_once('!').unwrap_or((name, ""));
    let since = Moment::now().local();
    let queue = world.queue(name);
    queue.importance = importance.parse().unwrap_or(queue.importance);
    world.answer_channel(id);
    if side.eq_ignore_ascii_case("in") {
        world.push_caller(id, name);
        return Start::Run(Kind::Fifo(Box::new(Side::Caller { queue: name.into(), since })), None);
    }
    if !side.eq_ignore_ascii_case("out") {
        return Start::Done;
    }
    world.queue(name).consumers.push(id);
    world.fifo_event(id, name, "consumer_start", &[]);
    world.note_status(id, "WAITING");
    let stays = rest.first().is_some_and(|word| word.eq_ignore_ascii_case("wait"));
    world.work.push_back(Work::Step(id));
    let side = Side::Consumer { queue: name.into(), stays, since, talk: None };
    Start::Run(Kind::Fifo(Box::new(side)), None)
}

impl World {
    /// The queue of that name, which is made when it is first used.
    pub(crate) fn queue(&mut self, name: &str) -> &mut Queue {
        let queues = &mut self.stores.queues;
        let at = queues.iter().position(|queue| queue.name == name).unwrap_or_else(|| {
            queues.push(Queue { name: name.to_owned(), ..Queue::default() });
            queues.len() - 1
        });
        &mut queues[at]
    }

    fn push_caller(&mut self, id: ChannelId, name: &str) {
        let priority = self.channels.get(id).and_then(|channel| {
            String::from_utf8_lossy(channel.variables.get("fifo_priority")?).parse::<i64>().ok()
        });
        let priority = priority.unwrap_or_default();
        let queue = self.queue(name);
        let at = queue.callers.iter().position(|(_, other)| *other > priority);
        let at = at.unwrap_or(queue.callers.len());
        queue.callers.insert(at, (id, priority));
        let count = queue.callers.len().to_string();
        let slot = priority.to_string();
        self.fifo_event(id, name, "push", &[("FIFO-Slot", &slot)]);
        self.fifo_presence(name);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("fifo_position", count);
            channel.variables.set("fifo_priority", slot);
        }
        self.note_status(id, "WAITING");
        let now = Moment::now().local();
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("fifo_push_timestamp", now);
        }
        self.wake_consumers(name);
    }

    /// Consumers that wait look whether there is a caller.
    fn wake_consumers(&mut self, name: &str) {
        let consumers = self.queue(name).consumers.clone();
        consumers.into_iter().for_each(|id| self.work.push_back(Work::Step(id)));
    }

    /// A consumer that waits takes the next caller, or ends if it does not stay: whether anything was done.
    pub(super) fn serves_on(&mut self, id: ChannelId) -> bool {
        let Some(channel) = self.channels.get(id) else { return false };
        let Some(top) = channel.stack.last() else { return false };
        let Kind::Fifo(side) = &top.kind else { return false };
        let Side::Consumer { queue, stays, talk: None, .. } = side.as_ref() else { return false };
        let (name, stays) = (queue.clone(), *stays);
        let queue = self.queue(&name);
        if queue.callers.is_empty() {
            let served = self.channels.get(id).is_some_and(|c| c.variables.get("fifo_target").is_some());
            if stays && served {
                // After its call it is at hand again.
                self.note_status(id, "WAITING");
                return false;
            }
            if !stays && let Some(top) = self.channels.get_mut(id).and_then(|c| c.stack.last_mut()) {
                top.over = true;
                return true;
            }
            return false;
        }
        let (caller, _) = queue.callers.remove(0);
        self.start_talk(id, caller, &name);
        true
    }

    /// A channel leaves a queue.
    pub(super) fn close_fifo(&mut self, id: ChannelId, side: &Side) {
        match side {
            Side::Caller { queue, .. } => {
                let queue_of = self.queue(queue);
                let waited = queue_of.callers.iter().any(|(caller, _)| *caller == id);
                queue_of.callers.retain(|(caller, _)| *caller != id);
                if waited {
                    self.note_status(id, "ABORTED");
                    self.fifo_event(id, queue, "abort", &[]);
                    self.fifo_presence(queue);
                }
            }
            Side::Consumer { queue, .. } => {
                self.queue(queue).consumers.retain(|consumer| *consumer != id);
                self.fifo_event(id, queue, "consumer_stop", &[]);
            }
        }
    }

    /// `fifo_status` and when it changed.
    fn note_status(&mut self, id: ChannelId, status: &str) {
        let now = Moment::now().local();
        let Some(channel) = self.channels.get_mut(id) else { return };
        if channel.variables.get("fifo_status") == Some(status.as_bytes()) {
            return;
        }
        channel.variables.set("fifo_status", status);
        channel.variables.set("fifo_timestamp", now);
    }

    fn fifo_event(&mut self, id: ChannelId, name: &str, action: &str, more: super::fire::Extra<'_>) {
        let own = [("FIFO-Name", name), ("FIFO-Action", action)];
        let after: Vec<_> = own.iter().chain(more).copied().collect();
        self.custom_event(id, "fifo::info", EVENT, &[], &after);
    }

    /// Tells the phones that watch a queue how many wait.
    fn fifo_presence(&mut self, name: &str) {
        let waiting = self.queue(name).callers.len();
        let status = if waiting > 0 { format!("Active ({waiting} waiting)") } else { "Idle".to_owned() };
        let from =
            if name.contains('@') { name.to_owned() } else { format!("{name}@{}", self.config.domain) };
        let (state, answer) =
            if waiting > 0 { ("CS_ROUTING", "confirmed") } else { ("CS_HANGUP", "terminated") };
        self.presence_event(
            PRESENCE,
            &[
                ("proto", "queue"),
                ("login", name),
                ("from", &from),
                ("force-status", &status),
                ("rpid", "unknown"),
                ("event_type", "presence"),
                ("alt_event_type", "dialog"),
                ("event_count", "0"),
                ("channel-state", state),
                ("unique-id", name),
                ("answer-state", answer),
                ("presence-call-direction", "inbound"),
            ],
        );
    }
}

const EVENT: Origin = ("mod_fifo.c", "fifo_function", 2765);
const PRESENCE: Origin = ("mod_fifo.c", "send_presence", 1105);
