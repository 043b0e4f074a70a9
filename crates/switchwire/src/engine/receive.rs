//! Receiving: one thread at a time reads the socket, for all that wait.
//!
//! A thread that waits and finds the [`Reader`] in the inbox takes it out and becomes the reader: it waits on the socket
//! with no lock held, reads and decodes, dispatches what came under the lock, puts the reader back and wakes the
//! followers that it concerns. A thread that finds no reader there is a follower. When the one that reads goes, with what
//! it waited for, it wakes one follower, which reads next.

use std::io;
use std::time::Duration;

use switchwire_proto::DecodeError;

use super::{Engine, check_may_wait};
use crate::deadline::Deadline;
use crate::inbox::{Concern, Inbox, Lent, Reader};
use crate::sync::{Instant, MutexGuard, yield_now};
use crate::{Error, ErrorKind, Result, telemetry};

/// What [`EventLoop::pump`](crate::EventLoop::pump) found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pumped {
    /// Bytes wait for room in the socket: call again when it becomes writable.
    pub wants_write: bool,
    /// Whether the connection is still up.
    pub connected: bool,
    /// There may be more to read: call again. One call reads a bounded amount, so that a server that never pauses
    /// cannot keep the caller here.
    pub more: bool,
    /// The queue is full and the policy is to [block](crate::Overflow::Block): reading pauses. Call again once messages
    /// have been taken or a command has been sent (its reply is read), not before.
    pub held_up: bool,
}

/// How far a look at the socket goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until a read finds nothing.
    Nothing,
    /// Until a read finds less than there was room for.
    Short,
}

/// What [`Engine::read_once`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Once {
    /// More is likely there.
    More,
    /// That was all for now.
    All,
    /// Another thread reads, and will notify the layer above.
    Busy,
    /// The queue is full and the policy is to block.
    HeldUp,
    /// The connection is over.
    Over,
}

/// What one read brought.
struct Batch {
    bytes: usize,
    /// It filled the buffer.
    full: bool,
    broken: Option<DecodeError>,
}

/// How a wait on the socket ended.
enum Waited {
    /// There is something to read, or the deadline has passed.
    Polled(bool),
    /// It has been read already.
    Read(io::Result<Batch>),
}

impl Engine {
    /// Waits until `take` finds what it looks for; `None` when the deadline has passed. What is in the inbox goes before
    /// the error that says that the connection is over. It is woken by all that comes: [`wait_for`](Self::wait_for) is not.
    pub(crate) fn wait<T>(
        &self,
        deadline: Deadline,
        take: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_for(deadline, &Concern::Anything, take)
    }

    /// As [`wait`](Self::wait), for something that is looked for only when it may have come.
    pub(crate) fn wait_for<T>(
        &self,
        deadline: Deadline,
        concern: &Concern<'_>,
        take: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_checked(deadline, concern, take, false)
    }

    /// As [`wait_for`](Self::wait_for); `checked` is whether it is known that the connection is this process's.
    fn wait_checked<T>(
        &self,
        deadline: Deadline,
        concern: &Concern<'_>,
        mut take: impl FnMut(&mut Inbox) -> Option<T>,
        mut checked: bool,
    ) -> Result<Option<T>> {
        let mut inbox = self.inbox_here().ok_or_else(Error::forked)?;
        let mut tried = false;
        loop {
            if let Some(found) = take(&mut inbox) {
                inbox.hand_over();
                return Ok(Some(found));
            }
            if let Some(reason) = &inbox.closed {
                return Err(reason.clone());
            }
            if !checked {
                self.origin.check()?;
                checked = true;
            }
            let Some(reader) = &inbox.reader else {
                if !deadline.passed() {
                    check_may_wait()?;
                }
                if let Some(found) = self.follow(&mut inbox, deadline, concern, &mut take) {
                    inbox.hand_over();
                    return Ok(found);
                }
                continue;
            };
            let passed = deadline.passed();
            if reader.flooded || passed && !tried {
                // More is likely there (or the caller will not wait): look before waiting.
                tried = true;
                if self.read(&mut inbox) {
                    continue;
                }
            }
            if passed {
                inbox.hand_over();
                return Ok(None);
            }
            if let Err(refused) = check_may_wait() {
                inbox.hand_over();
                return Err(refused);
            }
            // A callback that runs just now, on another thread, may bring it: nothing would interrupt a wait on the socket.
            let rings = matches!(concern, Concern::Bell(_)) && inbox.running_callbacks > 0;
            let until = if rings { deadline.earlier(Deadline::after(RINGING)) } else { deadline };
            self.wait_and_read(&mut inbox, until, concern);
        }
    }

    /// As [`wait`](Self::wait), for a reply: at the end of a supervised connection its outcome is unknown.
    pub(crate) fn wait_reply<T>(
        &self,
        deadline: Deadline,
        concern: &Concern<'_>,
        take: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_for(deadline, concern, take).map_err(|error| self.of_pending(error))
    }

    /// As [`wait_reply`](Self::wait_reply), by the call that has just sent the command.
    pub(crate) fn wait_sent<T>(
        &self,
        deadline: Deadline,
        concern: &Concern<'_>,
        take: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_checked(deadline, concern, take, true).map_err(|error| self.of_pending(error))
    }

    fn of_pending(&self, error: Error) -> Error {
        match self.inbox_here() {
            Some(inbox) if inbox.closed.is_some() => inbox.of_pending(error),
            _ => error,
        }
    }

    /// Sleeps until there is news that concerns this thread, or it is to read: `None`, look again. `Some` is the last word:
    /// what was found, or nothing when the deadline has passed.
    pub(super) fn follow<T>(
        &self,
        inbox: &mut MutexGuard<'_, Inbox>,
        deadline: Deadline,
        concern: &Concern<'_>,
        take: &mut impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Option<Option<T>> {
        let (number, wakes) = inbox.begin_to_follow(concern);
        // What does not come through the inbox may have come before the bell was set.
        let found = if matches!(concern, Concern::Bell(_)) { take(inbox) } else { None };
        let mut passed = found.is_some();
        while !passed && inbox.followers.is_asleep(number) {
            match deadline.instant() {
                Some(at) => passed = wakes.wait_until(inbox, at).timed_out(),
                None => wakes.wait(inbox),
            }
        }
        let unwoken = inbox.end_to_follow(number, concern);
        match found {
            None if passed && unwoken => Some(take(inbox)),
            None => None,
            found => Some(found),
        }
    }

    /// Waits on the socket, and reads what comes. (Does nothing when another thread has become the reader, while
    /// callbacks ran without the lock.)
    pub(super) fn wait_and_read(
        &self,
        inbox: &mut MutexGuard<'_, Inbox>,
        deadline: Deadline,
        concern: &Concern<'_>,
    ) {
        let Some(mut reader) = inbox.reader.take() else { return };
        let hasty = matches!(concern, Concern::Reply(_));
        let waited = MutexGuard::unlocked(inbox, || match hasty {
            true => self.wait_hastily(&mut reader, deadline),
            false => self.wait_readable(&mut reader, deadline).map(Waited::Polled),
        });
        match waited {
            Ok(Waited::Read(batch)) => {
                self.dispatch(inbox, reader, batch, Inbox::notify_above);
            }
            Ok(Waited::Polled(true)) => {
                inbox.reader = Some(reader);
                self.read(inbox);
            }
            Ok(Waited::Polled(false)) => {
                inbox.reader = Some(reader);
                inbox.notify_above();
                self.run_ready_callbacks(inbox);
            }
            Err(error) => {
                inbox.reader = Some(reader);
                inbox.close(Error::with_source(ErrorKind::Io, "cannot wait for the socket", error));
                self.wake(inbox);
            }
        }
    }

    /// Looks for a moment, where replies come quickly, before it waits.
    fn wait_hastily(&self, reader: &mut Reader, deadline: Deadline) -> io::Result<Waited> {
        let begun = Instant::now();
        let passed = || Instant::now().saturating_duration_since(begun);
        let looks = reader.pace.begin();
        if let Some(time) = looks {
            for _ in 0..LOOKS {
                match self.read_batch(reader) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    batch => {
                        reader.pace.end(true, false, passed());
                        return Ok(Waited::Read(batch));
                    }
                }
                if passed() >= time || deadline.passed() {
                    break;
                }
                // The server may be on the same core.
                yield_now();
            }
        }
        let ready = self.wait_readable(reader, deadline)?;
        reader.pace.end(looks.is_some(), true, passed());
        Ok(Waited::Polled(ready))
    }

    /// `true` when there is something to read. Frees the buffers after 100 ms of inactivity.
    fn wait_readable(&self, reader: &mut Reader, deadline: Deadline) -> io::Result<bool> {
        let soon = Deadline::after(INACTIVE);
        if deadline.left().is_none_or(|left| left > INACTIVE) {
            if self.socket.wait(false, soon)?.read {
                return Ok(true);
            }
            reader.release();
            self.inbox.lock().release();
        }
        Ok(self.socket.wait(false, deadline)?.read)
    }

    /// Reads once without waiting and dispatches what came; `false` when nothing was there, or another thread reads.
    ///
    /// The lock is released for the read and the decoding, so that threads that send and take need not wait for a flood.
    /// Wakes the followers that it concerns; whoever does not read on hands over.
    pub(super) fn read(&self, inbox: &mut MutexGuard<'_, Inbox>) -> bool {
        self.read_and(inbox, Inbox::notify_above)
    }

    /// As [`read`](Self::read); `then` has the inbox when what came has been dispatched.
    fn read_and(&self, inbox: &mut MutexGuard<'_, Inbox>, then: impl FnOnce(&mut Inbox)) -> bool {
        if inbox.closed.is_some() {
            return false;
        }
        let Some(mut reader) = inbox.reader.take() else { return false };
        let batch = MutexGuard::unlocked(inbox, || self.read_batch(&mut reader));
        self.dispatch(inbox, reader, batch, then)
    }

    /// Dispatches what a read brought, and puts the reader back; `false` when nothing was there.
    fn dispatch(
        &self,
        inbox: &mut MutexGuard<'_, Inbox>,
        mut reader: Reader,
        batch: io::Result<Batch>,
        then: impl FnOnce(&mut Inbox),
    ) -> bool {
        let something = match batch {
            Ok(Batch { bytes: 0, .. }) => {
                inbox.end_of_stream(&mut reader.decoder);
                true
            }
            Ok(Batch { full, broken, .. }) => {
                inbox.heard = true;
                inbox.reads += 1;
                reader.flooded = full;
                inbox.dispatch_all(reader.decoded.drain(..));
                if let Some(error) = broken {
                    inbox.close(error.into());
                }
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                reader.flooded = false;
                false
            }
            Err(error) => {
                inbox.close(Error::with_source(ErrorKind::Disconnected, "the connection broke", error));
                true
            }
        };
        inbox.reader = Some(reader);
        then(inbox);
        self.run_ready_callbacks(inbox);
        if something {
            self.wake(inbox);
        }
        something
    }

    /// One read for the layer above, which has learnt that something has come and does not want to be notified of it.
    pub(crate) fn read_once(&self) -> Once {
        let mut inbox = self.inbox.lock();
        if inbox.closed.is_some() {
            return Once::Over;
        }
        if inbox.is_held_up() {
            return Once::HeldUp;
        }
        if inbox.reader.is_none() {
            inbox.missed_above = true;
            return Once::Busy;
        }
        let something = self.read_and(&mut inbox, |_| {});
        let full = inbox.reader.as_ref().is_some_and(|reader| reader.flooded);
        inbox.hand_over();
        if something && full { Once::More } else { Once::All }
    }

    fn read_batch(&self, reader: &mut Reader) -> io::Result<Batch> {
        let least = if reader.flooded { LARGE_READ } else { SMALL_READ };
        let decoder = &mut reader.decoder;
        let room = decoder.spare(decoder.missing().max(least));
        let size = room.len();
        let bytes = self.socket.read(room)?;
        decoder.commit(bytes);
        let broken = loop {
            match decoder.next_message() {
                Ok(Some(message)) => reader.decoded.push(message),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        telemetry::received(&reader.decoded);
        if decoder.capacity() > LARGEST_KEPT {
            decoder.release();
        }
        Ok(Batch { bytes, full: bytes == size, broken })
    }

    /// Changes the inbox from outside, runs the callbacks that are due then and wakes the followers. `None` in a process
    /// that the connection does not belong to.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Inbox) -> T) -> Option<T> {
        let mut inbox = self.inbox_here()?;
        let result = change(&mut inbox);
        self.run_ready_callbacks(&mut inbox);
        self.wake(&mut inbox);
        Some(result)
    }

    /// Runs the callbacks that are due, without the lock.
    pub(super) fn run_ready_callbacks(&self, inbox: &mut MutexGuard<'_, Inbox>) {
        if inbox.ready_callbacks.is_empty() {
            return;
        }
        let ready = std::mem::take(&mut inbox.ready_callbacks);
        inbox.running_callbacks += 1;
        MutexGuard::unlocked(inbox, || {
            for callback in ready {
                callback();
            }
        });
        inbox.running_callbacks -= 1;
    }

    /// There is something new in the inbox: wakes the followers that it concerns.
    pub(crate) fn wake(&self, inbox: &mut Inbox) {
        inbox.wake_followers();
        if inbox.watcher_asleep || inbox.closed.is_some() {
            self.watcher.notify_all();
        }
    }

    /// Wakes these followers: what they wait for has been put where they look for it.
    pub(crate) fn rouse(&self, followers: &[u64]) {
        let Some(mut inbox) = self.inbox_here() else { return };
        followers.iter().for_each(|number| inbox.followers.wake(*number));
    }

    /// Reads what is there (a bounded amount) and writes all that there is room for, without waiting.
    pub(crate) fn pump(&self, until: Until) -> Pumped {
        if self.origin.is_foreign() {
            return Pumped { wants_write: false, connected: false, more: false, held_up: false };
        }
        let wants_write = self.write_held().unwrap_or(false);
        let mut inbox = self.inbox.lock();
        inbox.pumped = true;
        let more = inbox.reader.is_some() && !inbox.holds_up_the_loop() && self.read_some(&mut inbox, until);
        let connected = inbox.closed.is_none();
        Pumped {
            wants_write: wants_write && connected,
            connected,
            more: more && connected,
            held_up: connected && inbox.holds_up_the_loop(),
        }
    }

    /// As [`pump`](Self::pump), with buffers that the loop lends: a connection keeps none but for half a message.
    pub(crate) fn pump_lending(&self, until: Until, lent: &mut Lent) -> Pumped {
        let exchange = |lent: &mut Lent| {
            if let Some(reader) = self.inbox_here().as_mut().and_then(|inbox| inbox.reader.as_mut()) {
                reader.exchange(lent);
            }
        };
        exchange(lent);
        let pumped = self.pump(until);
        exchange(lent);
        pumped
    }

    /// Reads what is there, a bounded amount; `true` when there may be more.
    fn read_some(&self, inbox: &mut MutexGuard<'_, Inbox>, until: Until) -> bool {
        let more = (0..PUMPED_READS).all(|_| {
            let read = self.read(inbox)
                && (until == Until::Nothing || inbox.reader.as_ref().is_none_or(|reader| reader.flooded));
            // A thread that takes messages meanwhile need not wait for the whole flood.
            MutexGuard::bump(inbox);
            read
        });
        inbox.hand_over();
        more
    }

    /// The inbox after a look at what has arrived, without waiting; where an event loop reads, that is left to the loop.
    pub(crate) fn look(&self) -> Option<MutexGuard<'_, Inbox>> {
        let mut inbox = self.inbox_here()?;
        if inbox.closed.is_none() && !inbox.pumped && !self.origin.is_foreign() {
            self.read_some(&mut inbox, Until::Nothing);
        }
        Some(inbox)
    }

    /// Whether the connection is up. A close by the peer counts even before it has been read: then all that came before
    /// it is read and queued. The socket stays readable, so that no poll misses anything. (An event loop sees by itself.)
    pub(crate) fn is_up(&self) -> bool {
        {
            let Some(inbox) = self.inbox_here() else { return false };
            if inbox.closed.is_some() || inbox.pumped {
                return inbox.closed.is_none();
            }
        }
        if self.origin.is_foreign() {
            return false;
        }
        if !self.socket.is_ended() {
            return true;
        }
        let mut inbox = self.inbox.lock();
        // (Where another thread reads, it finds the end.)
        while self.read(&mut inbox) {}
        inbox.hand_over();
        false
    }

    /// Frees the buffers when nothing is going on: for event loops, whose waits are not seen from here.
    pub(crate) fn release(&self) -> usize {
        self.inbox_here().map_or(0, |mut inbox| inbox.release())
    }
}

/// How often a wait looks before it sleeps, at most.
#[cfg(not(all(test, switchwire_model)))]
const LOOKS: u32 = 1000;
#[cfg(all(test, switchwire_model))]
const LOOKS: u32 = 2;
/// How long a connection is inactive before its buffers are freed.
const INACTIVE: Duration = Duration::from_millis(100);
/// How long a thread stays on the socket while a callback is running that may bring what it waits for.
const RINGING: Duration = Duration::from_millis(10);
/// How much is read at once when little comes, and when much does.
const SMALL_READ: usize = 4096;
const LARGE_READ: usize = 64 * 1024;
/// How many reads one pump makes at most: a megabyte in a flood.
const PUMPED_READS: usize = 16;
/// A buffer larger than this is not kept once it is empty.
const LARGEST_KEPT: usize = 256 * 1024;
