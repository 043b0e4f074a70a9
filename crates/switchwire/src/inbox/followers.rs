//! The threads that wait for the one that reads, each with what it waits for: news wakes those that it concerns.
//!
//! Followers sleep each by itself. What wakes one is a message for it, the reply or the event that it waits for, the end
//! of the connection, or that no thread reads any more: then one of them, and only one, is woken to read next. So a
//! reply costs the same whether ten threads wait for events on the connection or ten thousand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Inbox, ReplySlot};
use crate::engine::Engine;
use crate::sync::{Condvar, Mutex};

/// What a thread waits for.
pub(crate) enum Concern<'a> {
    /// Messages of the queue.
    Messages,
    /// The reply that comes to that slot.
    Reply(&'a ReplySlot),
    /// The event of the wait of that id.
    Event(&'a str),
    /// What a callback puts somewhere else, and then rings.
    Bell(&'a Bell),
    /// What any news may bring.
    Anything,
}

/// Numbers of followers that wait for one thing.
pub(crate) type Numbers = Vec<u64>;

/// Rung by those who put a value where threads of a connection wait for it.
#[derive(Default)]
pub(crate) struct Bell(Mutex<Numbers>);

#[derive(Default)]
pub(crate) struct Followers {
    asleep: BTreeMap<u64, (Kind, Arc<Condvar>)>,
    /// Of these, those that wait for messages, and those that any news concerns: by their numbers, so that the first that
    /// came is the first that is woken.
    for_messages: BTreeSet<u64>,
    for_anything: BTreeSet<u64>,
    /// Woken, and not running yet.
    stirring: usize,
    /// Of these, those that wait for messages.
    stirring_for_messages: usize,
    /// To be woken with the next news.
    pub(super) roused: Numbers,
    next: u64,
    /// How many have been woken so far.
    #[cfg(all(test, switchwire_model))]
    pub(crate) woken: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Messages,
    Named,
    Anything,
}

impl Concern<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Messages => Kind::Messages,
            Self::Anything => Kind::Anything,
            Self::Reply(_) | Self::Event(_) | Self::Bell(_) => Kind::Named,
        }
    }

    /// Has the follower woken when it happens. From now on nothing is missed; what has come to a bell before is to be looked
    /// for once more.
    fn enlist(&self, number: u64, inbox: &mut Inbox) {
        match self {
            Self::Reply(slot) => slot.enlist(number),
            Self::Event(id) => inbox.waits.enlist(id, number),
            Self::Bell(bell) => bell.0.lock().push(number),
            Self::Messages | Self::Anything => {}
        }
    }

    fn delist(&self, number: u64, inbox: &mut Inbox) {
        match self {
            Self::Reply(slot) => slot.delist(number),
            Self::Event(id) => inbox.waits.delist(id, number),
            Self::Bell(bell) => bell.0.lock().retain(|other| *other != number),
            Self::Messages | Self::Anything => {}
        }
    }
}

impl Bell {
    /// Wakes those that wait. Not with the inbox locked.
    pub(crate) fn ring(&self, engine: &Engine) {
        let numbers = std::mem::take(&mut *self.0.lock());
        if !numbers.is_empty() {
            engine.rouse(&numbers);
        }
    }
}

impl Inbox {
    /// A thread begins to follow: its number, and what it sleeps on.
    pub(crate) fn begin_to_follow(&mut self, concern: &Concern<'_>) -> (u64, Arc<Condvar>) {
        let followers = &mut self.followers;
        followers.next += 1;
        let (number, kind, wakes) = (followers.next, concern.kind(), Arc::new(Condvar::new()));
        followers.asleep.insert(number, (kind, wakes.clone()));
        if let Some(set) = followers.set(kind) {
            set.insert(number);
        }
        concern.enlist(number, self);
        (number, wakes)
    }

    /// It follows no more. Whether no news has woken it.
    pub(crate) fn end_to_follow(&mut self, number: u64, concern: &Concern<'_>) -> bool {
        concern.delist(number, self);
        let (followers, kind) = (&mut self.followers, concern.kind());
        if followers.asleep.remove(&number).is_some() {
            if let Some(set) = followers.set(kind) {
                set.remove(&number);
            }
            return true;
        }
        followers.stirring -= 1;
        if kind == Kind::Messages {
            followers.stirring_for_messages -= 1;
        }
        false
    }

    /// Something has come: wakes those that it concerns.
    pub(crate) fn wake_followers(&mut self) {
        let roused = std::mem::take(&mut self.waits.roused);
        let followers = &mut self.followers;
        followers.roused.extend(roused);
        if followers.asleep.is_empty() {
            followers.roused.clear();
            return;
        }
        if self.closed.is_some() {
            while let Some((number, _)) = followers.asleep.first_key_value() {
                followers.wake(*number);
            }
        }
        for number in std::mem::take(&mut followers.roused) {
            followers.wake(number);
        }
        while let Some(number) = followers.for_anything.first() {
            followers.wake(*number);
        }
        while followers.stirring_for_messages < self.queue.len()
            && let Some(number) = followers.for_messages.first()
        {
            followers.wake(*number);
        }
    }

    /// A thread goes that could have read: another one is to, unless one reads or is about to look.
    pub(crate) fn hand_over(&mut self) {
        let followers = &mut self.followers;
        if followers.stirring == 0
            && self.reader.is_some()
            && self.closed.is_none()
            // Those that wait for messages are likely to wait for more of them.
            && let Some(heir) = followers.for_messages.first().or_else(|| followers.asleep.keys().next())
        {
            followers.wake(*heir);
        }
    }
}

impl Followers {
    /// Whether no thread waits for the one that reads.
    pub(crate) fn is_empty(&self) -> bool {
        self.asleep.is_empty() && self.stirring == 0
    }

    /// Whether news would wake it.
    pub(crate) fn is_asleep(&self, number: u64) -> bool {
        self.asleep.contains_key(&number)
    }

    /// Wakes it, if it sleeps.
    pub(crate) fn wake(&mut self, number: u64) {
        let Some((kind, wakes)) = self.asleep.remove(&number) else { return };
        if let Some(set) = self.set(kind) {
            set.remove(&number);
        }
        self.stirring += 1;
        self.stirring_for_messages += usize::from(kind == Kind::Messages);
        #[cfg(all(test, switchwire_model))]
        {
            self.woken += 1;
        }
        wakes.notify_all();
    }

    fn set(&mut self, kind: Kind) -> Option<&mut BTreeSet<u64>> {
        match kind {
            Kind::Messages => Some(&mut self.for_messages),
            Kind::Anything => Some(&mut self.for_anything),
            Kind::Named => None,
        }
    }
}
