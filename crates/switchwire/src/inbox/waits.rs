//! Waits for an event by its id: jobs and applications. Indexed by channel as well, so that the cost of a channel's end
//! depends on the waits of that channel only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use switchwire_proto::{Event, EventType, Message};

use super::followers::Numbers;
use crate::inbox::{EventCallback, ReadyCallback};
use crate::{Error, ErrorKind, Result};

/// All waits of a connection, and what is known of the channels that they are about.
#[derive(Default)]
pub(crate) struct Waits {
    by_id: HashMap<Id, Wait>,
    /// This connection's own call.
    own: Channel,
    /// Other channels: those with waits, and the last ones that had some.
    others: HashMap<Id, Channel>,
    /// Channels without waits in the order in which they became so, each with its `idle_since`.
    idle: VecDeque<(u64, Id)>,
    next: u64,
    /// Followers that are to be woken.
    pub(super) roused: Numbers,
}

type Id = Arc<str>;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The `BACKGROUND_JOB` of a job.
    Job,
    /// The `CHANNEL_EXECUTE_COMPLETE` of an application on that channel (`None`: the connection's own), or the end of
    /// the channel.
    Execution { channel: Option<String> },
}

/// Where the event goes.
pub(crate) enum Waiter {
    /// A thread that looks here.
    Thread(EventSlot),
    /// A callback.
    Callback(EventCallback),
}

#[derive(Default)]
pub(crate) enum EventSlot {
    #[default]
    Empty,
    Arrived(Message),
    Taken(Message),
    Failed(Error),
}

struct Wait {
    awaited: Awaited,
    waiter: Waiter,
    number: u64,
    /// Those that wait for it.
    followers: Numbers,
}

#[derive(Default)]
struct Channel {
    /// By their numbers: those that wait are notified in the order in which they began.
    waits: BTreeMap<u64, Id>,
    end: Option<End>,
    /// An application has run there: it exists, or has existed.
    ran: bool,
    idle_since: u64,
}

/// The end of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) cause: Option<String>,
}

impl End {
    pub(crate) fn of(event: &Event) -> Self {
        let cause = event.header("Hangup-Cause").filter(|cause| !cause.is_empty());
        Self { cause: cause.map(std::borrow::Cow::into_owned) }
    }

    pub(crate) fn error(&self) -> Error {
        Error::hung_up(self.cause.clone(), None)
    }
}

impl Waits {
    /// Whether events need to be looked at.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.others.is_empty()
    }

    /// Frees the room of waits that have ended.
    pub(super) fn release(&mut self) {
        if self.by_id.is_empty() {
            self.by_id.shrink_to_fit();
        }
    }

    /// Begins to wait. Fails with `Hangup` when the channel is known to have ended.
    pub(crate) fn begin(&mut self, id: &str, awaited: Awaited, waiter: Waiter) -> Result<()> {
        if self.by_id.contains_key(id) {
            let detail = format!("this connection already waits for {id:?}");
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        if let Awaited::Execution { channel } = &awaited
            && let Some(end) = self.end_of(channel.as_deref())
        {
            return Err(end.error());
        }
        let id: Id = id.into();
        let number = self.number();
        if let Awaited::Execution { channel } = &awaited {
            self.channel(channel.as_deref()).waits.insert(number, id.clone());
        }
        self.by_id.insert(id, Wait { awaited, waiter, number, followers: Numbers::new() });
        Ok(())
    }

    /// The follower is to be woken when the event comes, or will not come.
    pub(super) fn enlist(&mut self, id: &str, follower: u64) {
        if let Some(wait) = self.by_id.get_mut(id) {
            wait.followers.push(follower);
        }
    }

    pub(super) fn delist(&mut self, id: &str, follower: u64) {
        if let Some(wait) = self.by_id.get_mut(id) {
            wait.followers.retain(|other| *other != follower);
        }
    }

    /// Every follower is to look at what has become of its wait: the subscription has changed.
    pub(super) fn rouse_all(&mut self) {
        for wait in self.by_id.values_mut() {
            self.roused.append(&mut wait.followers);
        }
    }

    /// The wait is over. Returns the event that came and was not taken.
    pub(crate) fn cancel(&mut self, id: &str) -> Option<Message> {
        match self.remove(id)?.waiter {
            Waiter::Thread(EventSlot::Arrived(message)) => Some(message),
            _ => None,
        }
    }

    /// As [`cancel`](Self::cancel) for a callback, which is dropped later, without the inbox's lock. Says whether there was
    /// one.
    pub(crate) fn give_up(&mut self, id: &str, ready: &mut Vec<ReadyCallback>) -> bool {
        let wait = self.remove(id);
        let found = wait.is_some();
        ready.push(Box::new(move || drop(wait)));
        found
    }

    /// What came of a wait that a thread looks at; stays there for further looks.
    pub(crate) fn look(&mut self, id: &str) -> Option<Result<Message>> {
        let Waiter::Thread(slot) = &mut self.by_id.get_mut(id)?.waiter else { return None };
        match std::mem::take(slot) {
            EventSlot::Empty => None,
            EventSlot::Arrived(message) | EventSlot::Taken(message) => {
                *slot = EventSlot::Taken(message.clone());
                Some(Ok(message))
            }
            EventSlot::Failed(error) => {
                *slot = EventSlot::Failed(error.clone());
                Some(Err(error))
            }
        }
    }

    /// Gives the event to its wait; returns the message when there is none.
    pub(crate) fn arrived(
        &mut self,
        event: Event,
        message: Message,
        ready: &mut Vec<ReadyCallback>,
    ) -> Option<Message> {
        let job = event.event_type() == EventType::BackgroundJob;
        let Some(id) = event.header(if job { "Job-UUID" } else { "Application-UUID" }) else {
            return Some(message);
        };
        let Some(wait) = self.by_id.get_mut(&*id) else { return Some(message) };
        match &wait.awaited {
            Awaited::Job if job => {}
            Awaited::Execution { channel } if !job => {
                let channel = channel.as_deref().and_then(|uuid| self.others.get_mut(uuid));
                channel.unwrap_or(&mut self.own).ran = true;
            }
            _ => return Some(message),
        }
        match &mut wait.waiter {
            Waiter::Thread(slot @ EventSlot::Empty) => {
                *slot = EventSlot::Arrived(message);
                self.roused.append(&mut wait.followers);
                self.settle(&id);
            }
            Waiter::Thread(_) => return Some(message),
            Waiter::Callback(_) => {
                let wait = self.remove(&id);
                drop(id);
                if let Some(Waiter::Callback(callback)) = wait.map(|wait| wait.waiter) {
                    ready.push(Box::new(move || callback(Ok(event))));
                }
            }
        }
        None
    }

    /// A channel (`None`: the connection's own) has ended; its waits fail, if they are to.
    pub(crate) fn ended(
        &mut self,
        channel: Option<&str>,
        end: End,
        fail: bool,
        ready: &mut Vec<ReadyCallback>,
    ) {
        let channel = match channel {
            None => &mut self.own,
            // Nothing has run there.
            Some(uuid) => match self.others.get_mut(uuid) {
                Some(channel) => channel,
                None => return,
            },
        };
        let known = channel.end.get_or_insert_default();
        if known.cause.is_none() {
            known.cause = end.cause;
        }
        if fail && !channel.waits.is_empty() {
            let error = known.error();
            let waits: Vec<_> = channel.waits.values().cloned().collect();
            for id in waits {
                self.fail(&id, error.clone(), ready);
            }
        }
    }

    /// How the channel (`None`: the connection's own) has ended, as far as is known.
    pub(crate) fn end_of(&self, channel: Option<&str>) -> Option<&End> {
        match channel {
            None => self.own.end.as_ref(),
            Some(uuid) => self.others.get(uuid)?.end.as_ref(),
        }
    }

    /// Whether an application has run on the channel.
    pub(crate) fn ran_on(&self, channel: Option<&str>) -> bool {
        match channel {
            None => self.own.ran,
            Some(uuid) => self.others.get(uuid).is_some_and(|channel| channel.ran),
        }
    }

    /// Every wait fails with its error.
    pub(crate) fn fail_all(&mut self, error: impl Fn(&Awaited) -> Error, ready: &mut Vec<ReadyCallback>) {
        self.fail_where(|wait| Some(error(&wait.awaited)), ready);
    }

    /// Those callbacks for which there is an error are called with it.
    pub(crate) fn fail_calls(
        &mut self,
        error: impl Fn(&Awaited) -> Option<Error>,
        ready: &mut Vec<ReadyCallback>,
    ) {
        self.fail_where(
            |wait| error(&wait.awaited).filter(|_| matches!(wait.waiter, Waiter::Callback(_))),
            ready,
        );
    }

    fn fail_where(&mut self, error: impl Fn(&Wait) -> Option<Error>, ready: &mut Vec<ReadyCallback>) {
        let failed = self.by_id.iter().filter_map(|(id, wait)| Some((wait.number, id.clone(), error(wait)?)));
        let mut failed: Vec<_> = failed.collect();
        failed.sort_unstable_by_key(|(number, ..)| *number);
        for (_, id, error) in failed {
            self.fail(&id, error, ready);
        }
    }

    fn fail(&mut self, id: &str, error: Error, ready: &mut Vec<ReadyCallback>) {
        let Some(wait) = self.by_id.get_mut(id) else { return };
        match &mut wait.waiter {
            Waiter::Thread(slot) => {
                if matches!(slot, EventSlot::Empty) {
                    *slot = EventSlot::Failed(error);
                    self.roused.append(&mut wait.followers);
                }
                self.settle(id);
            }
            Waiter::Callback(_) => {
                if let Some(Waiter::Callback(callback)) = self.remove(id).map(|wait| wait.waiter) {
                    ready.push(Box::new(move || callback(Err(error))));
                }
            }
        }
    }

    fn remove(&mut self, id: &str) -> Option<Wait> {
        self.settle(id);
        self.by_id.remove(id)
    }

    /// The channel has nothing more to do with the wait.
    fn settle(&mut self, id: &str) {
        let Some(Wait { awaited: Awaited::Execution { channel }, number, .. }) = self.by_id.get(id) else {
            return;
        };
        let Some(uuid) = channel else {
            self.own.waits.remove(number);
            return;
        };
        let Some((uuid, _)) = self.others.get_key_value(uuid.as_str()) else { return };
        let (uuid, number) = (uuid.clone(), *number);
        let since = self.number();
        let Some(channel) = self.others.get_mut(&uuid) else { return };
        if channel.waits.remove(&number).is_some() && channel.waits.is_empty() {
            channel.idle_since = since;
            self.idle.push_back((since, uuid));
        }
        while self.idle.len() > MOST_IDLE {
            let Some((since, uuid)) = self.idle.pop_front() else { return };
            if self
                .others
                .get(&uuid)
                .is_some_and(|channel| channel.waits.is_empty() && channel.idle_since == since)
            {
                self.others.remove(&uuid);
            }
        }
    }

    fn channel(&mut self, uuid: Option<&str>) -> &mut Channel {
        match uuid {
            None => &mut self.own,
            Some(uuid) => self.others.entry(uuid.into()).or_default(),
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// How many channels without waits are remembered.
const MOST_IDLE: usize = 1024;
