//! One reader at a time: threads that wait for an answer or an event share one inbox.
//!
//! A waiting thread that finds no leader becomes it: it waits on the socket with no lock held, then reads, decodes and
//! sorts what came under the lock, and wakes the followers, of whom one leads next. Nobody else ever reads the socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::Command;

use crate::deadline::Deadline;
use crate::inbox::Change;
use crate::inbox::{Callback, Inbox, ReplySlot};
use crate::options::Options;
use crate::pending::{PendingReply, Submitted};
use crate::process::Origin;
use crate::sync::{Condvar, Mutex, MutexGuard, Socket, yield_now};
use crate::{Error, ErrorKind, Phase, Reply, Result};

pub(crate) struct Engine {
    pub(crate) socket: Socket,
    inbox: Mutex<Inbox>,
    changed: Condvar,
    outbox: Mutex<Outbox>,
    /// Asked before any lock is waited for, and before any system call.
    pub(crate) origin: Origin,
    pub(crate) options: Options,
}

/// What is to be sent. Locked before the inbox where both are needed.
#[derive(Default)]
struct Outbox {
    /// What a full socket buffer held back, or what is gathered.
    held: Vec<u8>,
    /// Commands are gathered until the next look at what is held.
    gathering: bool,
}

/// What [`Connection::pump`](crate::Connection::pump) found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pumped {
    /// Bytes wait for room in the socket: call again when it can be written to.
    pub wants_write: bool,
    /// Whether the connection is still up.
    pub connected: bool,
    /// More is there to be read: call again. One call reads a bounded amount, so that a server that never pauses
    /// cannot keep the caller here.
    pub more: bool,
}

impl Engine {
    pub(crate) fn new(socket: Socket, options: Options) -> Self {
        let inbox = Mutex::new(Inbox::new(&options));
        Self {
            socket,
            inbox,
            changed: Condvar::new(),
            outbox: Mutex::default(),
            origin: Origin::here(),
            options,
        }
    }

    /// The inbox, for whoever has found out that this is the connection's own process (see [`origin`](Self::origin)).
    pub(crate) fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock()
    }

    /// The inbox; `None` in a process that the connection does not belong to.
    pub(crate) fn inbox_here(&self) -> Option<MutexGuard<'_, Inbox>> {
        if self.origin.is_known_foreign() {
            return None;
        }
        match self.inbox.try_lock() {
            Some(inbox) => Some(inbox),
            // Its holder may be a thread of the process before `fork`.
            None if self.origin.is_foreign() => None,
            None => Some(self.inbox.lock()),
        }
    }

    /// Whether the peer has not sent a single byte so far.
    pub(crate) fn heard_nothing(&self) -> bool {
        let nothing =
            |inbox: MutexGuard<'_, Inbox>| inbox.decoder.offset() == 0 && inbox.decoder.pending().is_empty();
        self.inbox_here().is_some_and(nothing)
    }

    /// Waits until `take` finds what it looks for; `None` when time has passed. What is in the inbox goes before the
    /// news that the connection is over.
    pub(crate) fn wait<T>(
        &self,
        deadline: Deadline,
        mut take: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>> {
        let mut inbox = self.inbox_here().ok_or_else(Error::forked)?;
        let mut tried = false;
        let mut checked = false;
        loop {
            if let Some(found) = take(&mut inbox) {
                return Ok(Some(found));
            }
            if let Some(reason) = &inbox.closed {
                return Err(reason.clone());
            }
            if !checked {
                self.origin.check()?;
                checked = true;
            }
            if inbox.led {
                if self.follow(&mut inbox, deadline) {
                    return Ok(take(&mut inbox));
                }
                continue;
            }
            let passed = deadline.passed();
            if inbox.flooded || passed && !tried {
                // More is likely there (or the caller will not wait): look before waiting.
                tried = true;
                if self.read(&mut inbox) {
                    continue;
                }
            }
            if passed {
                return Ok(None);
            }
            if inbox.led {
                // Callbacks ran without the lock, and somebody else has begun to lead.
                continue;
            }
            self.lead(&mut inbox, deadline);
        }
    }

    /// Waits for the leader; `true` when time has passed.
    fn follow(&self, inbox: &mut MutexGuard<'_, Inbox>, deadline: Deadline) -> bool {
        inbox.followers += 1;
        let passed = match deadline.instant() {
            Some(at) => self.changed.wait_until(inbox, at).timed_out(),
            None => {
                self.changed.wait(inbox);
                false
            }
        };
        inbox.followers -= 1;
        passed
    }

    /// Waits on the socket for everybody, and reads what comes. Nobody else may lead or read now.
    fn lead(&self, inbox: &mut MutexGuard<'_, Inbox>, deadline: Deadline) {
        debug_assert!(!inbox.led, "two leaders");
        inbox.led = true;
        let ready = MutexGuard::unlocked(inbox, || self.wait_readable(deadline));
        inbox.led = false;
        match ready {
            Ok(true) => {
                self.read(inbox);
            }
            Ok(false) => {}
            Err(error) => inbox.close(Error::with_source(ErrorKind::Io, "cannot wait for the socket", error)),
        }
        self.wake(inbox);
    }

    /// `true` when there is something to read. A line that stays silent gives its buffers back.
    fn wait_readable(&self, deadline: Deadline) -> io::Result<bool> {
        let soon = Deadline::after(SILENT);
        if deadline.left().is_none_or(|left| left > SILENT) {
            if self.socket.wait(false, soon)?.read {
                return Ok(true);
            }
            self.inbox.lock().release();
        }
        Ok(self.socket.wait(false, deadline)?.read)
    }

    /// Reads once without waiting and sorts what came; `false` when nothing was there, or somebody else reads.
    ///
    /// The lock is given up over the read and the decoding (the reader keeps others from reading as a leader does), so
    /// that those who send and take need not wait for a flood. Wakes the followers.
    fn read(&self, inbox: &mut MutexGuard<'_, Inbox>) -> bool {
        if inbox.closed.is_some() || inbox.led {
            return false;
        }
        let least = if inbox.flooded { LARGE_READ } else { SMALL_READ };
        let mut decoder = std::mem::take(&mut inbox.decoder);
        let mut messages = std::mem::take(&mut inbox.decoded);
        inbox.led = true;
        let outcome = MutexGuard::unlocked(inbox, || {
            let room = decoder.spare(decoder.missing().max(least));
            let size = room.len();
            let count = self.socket.read(room)?;
            decoder.commit(count);
            let broken = loop {
                match decoder.next_message() {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            if decoder.capacity() > LARGEST_KEPT {
                decoder.release();
            }
            Ok((count, count == size, broken))
        });
        inbox.led = false;
        inbox.decoder = decoder;
        let something = match outcome {
            Ok((0, ..)) => {
                inbox.end_of_stream();
                true
            }
            Ok((_, full, broken)) => {
                inbox.flooded = full;
                inbox.sort(messages.drain(..));
                if let Some(error) = broken {
                    inbox.close(error.into());
                }
                true
            }
            Err(error) if io::Error::kind(&error) == io::ErrorKind::WouldBlock => {
                inbox.flooded = false;
                false
            }
            Err(error) => {
                inbox.close(Error::with_source(ErrorKind::Disconnected, "the connection broke", error));
                true
            }
        };
        inbox.decoded = messages;
        self.run_ready_callbacks(inbox);
        self.wake(inbox);
        something
    }

    /// Runs callbacks whose answers have come, without the lock.
    fn run_ready_callbacks(&self, inbox: &mut MutexGuard<'_, Inbox>) {
        if inbox.ready_callbacks.is_empty() {
            return;
        }
        let due = std::mem::take(&mut inbox.ready_callbacks);
        MutexGuard::unlocked(inbox, || {
            for call in due {
                call();
            }
        });
    }

    /// Wakes those who wait for the leader: there is something new in the inbox, or nobody leads.
    pub(crate) fn wake(&self, inbox: &Inbox) {
        if inbox.followers > 0 {
            self.changed.notify_all();
        }
    }

    /// Sends a command; its answer comes to the handle. Waits only for room in the socket.
    pub(crate) fn submit(self: &Arc<Self>, command: &Command) -> Result<PendingReply> {
        let pending = self.try_submit(command)?;
        self.make_room()?;
        Ok(pending)
    }

    /// As [`submit`](Self::submit), without waiting: what has no room in the socket is held back.
    pub(crate) fn try_submit(self: &Arc<Self>, command: &Command) -> Result<PendingReply> {
        let slot = self.post(command, ReplySlot::default())?;
        Ok(PendingReply::new(self.clone(), slot))
    }

    /// Sends a command; the callback is run by the thread that reads the answer.
    pub(crate) fn submit_with(self: &Arc<Self>, command: &Command, callback: Callback) -> Result<Submitted> {
        let submitted = self.try_submit_with(command, callback)?;
        self.make_room()?;
        Ok(submitted)
    }

    /// As [`submit_with`](Self::submit_with), without waiting.
    pub(crate) fn try_submit_with(
        self: &Arc<Self>,
        command: &Command,
        callback: Callback,
    ) -> Result<Submitted> {
        self.try_submit_awaited(command, callback, |_| Ok(()))
    }

    /// As [`try_submit_with`](Self::try_submit_with); `register` sets up what else is to be called back, in one step with
    /// the command's own callback. Either there is an error and nothing will be called, or all will be, also when the
    /// command cannot be written any more.
    pub(crate) fn try_submit_awaited(
        self: &Arc<Self>,
        command: &Command,
        callback: Callback,
        register: impl FnOnce(&mut Inbox) -> Result<()>,
    ) -> Result<Submitted> {
        let slot = Arc::new(ReplySlot::with_callback(callback));
        self.post_for(command, slot.clone(), register)?;
        Ok(Submitted::new(self.origin, slot))
    }

    /// Whether bytes wait for room in the socket.
    pub(crate) fn wants_write(&self) -> bool {
        if self.origin.is_foreign() {
            return false;
        }
        let outbox = self.outbox.lock();
        !outbox.held.is_empty() && !outbox.gathering
    }

    /// Commands sent without waiting are gathered from now on, until something looks at what is held.
    pub(crate) fn gather(&self) {
        if !self.origin.is_foreign() {
            self.outbox.lock().gathering = true;
        }
    }

    /// Sends a command whose answer nobody wants.
    pub(crate) fn send(self: &Arc<Self>, command: &Command) -> Result<()> {
        self.try_send(command)?;
        self.make_room()
    }

    /// As [`send`](Self::send), without waiting.
    pub(crate) fn try_send(self: &Arc<Self>, command: &Command) -> Result<()> {
        let slot = self.post(command, ReplySlot::default())?;
        slot.give_up();
        Ok(())
    }

    /// Sends a command without waiting; its answer comes as any other message.
    pub(crate) fn try_send_queued(&self, command: &Command) -> Result<()> {
        self.post(command, ReplySlot::queueing()).map(|_| ())
    }

    /// Waits until nothing is held back.
    pub(crate) fn make_room(&self) -> Result<()> {
        self.flush(Deadline::after_option(self.options.command_timeout))
    }

    fn post(&self, command: &Command, slot: ReplySlot) -> Result<Arc<ReplySlot>> {
        let slot = Arc::new(slot);
        match self.post_for(command, slot.clone(), |_| Ok(()))? {
            Some(error) => Err(error),
            None => Ok(slot),
        }
    }

    /// Queues the slot and writes the command. An error comes before anything is queued; what is given is why the
    /// command could not be written, which its slot has been told as everybody has.
    fn post_for(
        &self,
        command: &Command,
        slot: Arc<ReplySlot>,
        register: impl FnOnce(&mut Inbox) -> Result<()>,
    ) -> Result<Option<Error>> {
        self.origin.check()?;
        let bytes = command.as_bytes();
        let mut outbox = self.outbox.lock();
        if outbox.held.len() + bytes.len() > MOST_HELD && !outbox.held.is_empty() {
            return Err(Error::new(ErrorKind::LimitExceeded, "too much waits to be sent already"));
        }
        {
            let mut inbox = self.inbox.lock();
            if let Some(reason) = &inbox.closed {
                return Err(reason.clone());
            }
            register(&mut inbox)?;
            inbox.ask(slot, Change::of(bytes));
        }
        let sent = if outbox.held.is_empty() && !outbox.gathering { self.write(bytes) } else { Ok(0) };
        match sent {
            Ok(sent) => outbox.held.extend_from_slice(&bytes[sent..]),
            Err(error) => {
                // Callbacks are told: they may want to send.
                drop(outbox);
                return Ok(Some(self.broken(error)));
            }
        }
        Ok(None)
    }

    /// Writes what was held back. While the server does not read, it may be waiting for us to: what it sends meanwhile
    /// is taken in.
    pub(crate) fn flush(&self, deadline: Deadline) -> Result<()> {
        self.origin.check()?;
        while self.write_held()? {
            let ready = self.socket.wait(true, deadline);
            let ready = ready
                .map_err(|error| Error::with_source(ErrorKind::Io, "cannot wait for the socket", error))?;
            if ready.read {
                let mut inbox = self.inbox.lock();
                if inbox.led {
                    // It is about to read: until it has, the socket stays readable.
                    MutexGuard::unlocked(&mut inbox, yield_now);
                } else {
                    self.read(&mut inbox);
                    self.wake(&inbox);
                }
                if let Some(reason) = &inbox.closed {
                    return Err(reason.clone());
                }
            }
            if deadline.passed() {
                return Err(Error::timeout(Phase::Send));
            }
        }
        Ok(())
    }

    /// Writes as much as there is room for; `true` when some is left.
    pub(crate) fn write_held(&self) -> Result<bool> {
        self.origin.check()?;
        let mut outbox = self.outbox.lock();
        outbox.gathering = false;
        if outbox.held.is_empty() {
            return Ok(false);
        }
        match self.write(&outbox.held) {
            Ok(sent) => drop(outbox.held.drain(..sent)),
            Err(error) => {
                drop(outbox);
                return Err(self.broken(error));
            }
        }
        if outbox.held.is_empty() {
            outbox.held = Vec::new();
        }
        Ok(!outbox.held.is_empty())
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.socket.write(&bytes[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// A failed write: the server may have said why before it closed, so what is there to read is read first, by whoever
    /// leads or else here.
    fn broken(&self, error: io::Error) -> Error {
        // So that a leader surely finds the end behind it.
        self.socket.shutdown();
        let mut inbox = self.inbox.lock();
        while inbox.closed.is_none() {
            if inbox.led {
                self.follow(&mut inbox, Deadline::NEVER);
            } else if !self.read(&mut inbox) && !inbox.led {
                break;
            }
        }
        inbox.close(Error::with_source(ErrorKind::Disconnected, "the connection broke", error));
        self.run_ready_callbacks(&mut inbox);
        self.wake(&inbox);
        inbox.closed.clone().unwrap_or_else(|| Error::disconnected("the connection broke"))
    }

    /// Sends and waits for the answer.
    pub(crate) fn request(self: &Arc<Self>, command: &Command, timeout: Option<Duration>) -> Result<Reply> {
        self.submit(command)?.wait_for(timeout)
    }

    /// Reads what is there (a bounded amount) and writes all that there is room for, without waiting.
    pub(crate) fn pump(&self) -> Pumped {
        if self.origin.is_foreign() {
            return Pumped { wants_write: false, connected: false, more: false };
        }
        let wants_write = self.write_held().unwrap_or(false);
        let mut inbox = self.inbox.lock();
        inbox.pumped = true;
        let more = !inbox.led && self.read_some(&mut inbox);
        let connected = inbox.closed.is_none();
        Pumped { wants_write: wants_write && connected, connected, more: more && connected }
    }

    /// Reads what is there, a bounded amount; `true` when more may be there.
    fn read_some(&self, inbox: &mut MutexGuard<'_, Inbox>) -> bool {
        let more = (0..PUMPED_READS).all(|_| {
            let read = self.read(inbox);
            // Whoever takes messages meanwhile need not wait for the whole flood.
            MutexGuard::bump(inbox);
            read
        });
        self.wake(inbox);
        more
    }

    /// A look at what has arrived, without waiting. What is there is queued; where an event loop reads, it is left to
    /// the loop, which has seen it already or is about to.
    pub(crate) fn look(&self) -> Option<MutexGuard<'_, Inbox>> {
        let mut inbox = self.inbox_here()?;
        if inbox.closed.is_none() && !inbox.pumped && !self.origin.is_foreign() {
            self.read_some(&mut inbox);
        }
        Some(inbox)
    }

    /// Whether the connection is up, the peer's goodbye included that nobody has read yet: then all that came before it
    /// is read and queued. The socket stays readable, so that no poll misses anything. (An event loop sees by itself.)
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
        // Who leads is reading it just now.
        while inbox.closed.is_none() && !inbox.led && self.read(&mut inbox) {}
        false
    }

    /// Gives memory back when nothing is under way: for event loops, whose waits are not seen from here.
    pub(crate) fn release(&self) -> usize {
        self.inbox_here().map_or(0, |mut inbox| inbox.release())
    }

    /// Ends the connection; whoever waits on it is notified. In a process that it does not belong to nothing happens:
    /// the other one goes on using it, and the descriptor is closed when the engine is dropped.
    pub(crate) fn close(&self, reason: Error) {
        if self.origin.is_foreign() {
            return;
        }
        let mut inbox = self.inbox.lock();
        inbox.close(reason);
        self.run_ready_callbacks(&mut inbox);
        drop(inbox);
        self.socket.shutdown();
        self.changed.notify_all();
    }
}

/// How long a line is silent before its buffers are given back.
const SILENT: Duration = Duration::from_millis(100);
/// How much is asked for when little comes, and when much does.
const SMALL_READ: usize = 4096;
const LARGE_READ: usize = 64 * 1024;
/// How many reads one pump makes at most: a megabyte in a flood.
const PUMPED_READS: usize = 16;
/// A buffer larger than this is not kept once it is empty.
const LARGEST_KEPT: usize = 256 * 1024;
/// How many bytes of commands may wait for room in the socket before further ones are refused.
const MOST_HELD: usize = 64 << 20;
