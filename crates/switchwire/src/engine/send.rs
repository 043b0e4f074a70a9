//! Sending: a slot for the reply is reserved and the command written in one step, so that slots and commands have one
//! order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::Command;

use super::{Engine, check_may_wait};
use crate::deadline::Deadline;
use crate::inbox::{Callback, Change, Concern, Inbox, Recipient, ReplySlot};
use crate::pending::{PendingReply, Submitted};
use crate::sync::{MutexGuard, yield_now};
use crate::telemetry::Asked;
use crate::{Error, ErrorKind, Phase, Reply, Result};

/// A command whose reply has a slot.
struct Posted {
    slot: Arc<ReplySlot>,
    /// Why it could not be written: then the connection is over, and all waiters have been notified.
    broken: Option<Error>,
}

impl Engine {
    /// Sends and waits for the reply.
    pub(crate) fn request(self: &Arc<Self>, command: &Command, timeout: Option<Duration>) -> Result<Reply> {
        self.submit(command)?.wait_for_sent(timeout)
    }

    /// Sends a command; its reply comes to the handle. Waits only for room in the socket.
    pub(crate) fn submit(self: &Arc<Self>, command: &Command) -> Result<PendingReply> {
        check_may_wait()?;
        let pending = self.try_submit(command)?;
        self.make_room_for_sent()?;
        Ok(pending)
    }

    /// As [`submit`](Self::submit), without waiting: what has no room in the socket is held back.
    pub(crate) fn try_submit(self: &Arc<Self>, command: &Command) -> Result<PendingReply> {
        let slot = self.post(command, Recipient::Handle)?;
        Ok(PendingReply::new(self.clone(), slot))
    }

    /// Sends a command; the callback is run by the thread that reads the reply.
    pub(crate) fn submit_with(&self, command: &Command, callback: Callback) -> Result<Submitted> {
        check_may_wait()?;
        let submitted = self.try_submit_with(command, callback)?;
        self.make_room_for_sent()?;
        Ok(submitted)
    }

    /// As [`submit_with`](Self::submit_with), without waiting.
    pub(crate) fn try_submit_with(&self, command: &Command, callback: Callback) -> Result<Submitted> {
        self.try_submit_awaited(command, callback, |_| Ok(()))
    }

    /// As [`try_submit_with`](Self::try_submit_with); `register` sets up what else is to be called back, in one step with
    /// the command's own callback. Either there is an error and nothing will be called, or all will be, also when the
    /// command can no longer be written.
    pub(crate) fn try_submit_awaited(
        &self,
        command: &Command,
        callback: Callback,
        register: impl FnOnce(&mut Inbox) -> Result<()>,
    ) -> Result<Submitted> {
        let posted = self.post_registered(command, Recipient::Callback(callback), register)?;
        Ok(Submitted::new(self.origin, posted.slot))
    }

    /// Sends a command whose reply is dropped.
    pub(crate) fn send(&self, command: &Command) -> Result<()> {
        check_may_wait()?;
        self.try_send(command)?;
        self.make_room_for_sent()
    }

    /// As [`send`](Self::send), without waiting.
    pub(crate) fn try_send(&self, command: &Command) -> Result<()> {
        self.post(command, Recipient::Discard).map(drop)
    }

    /// Sends a command without waiting; its reply is queued among the events.
    pub(crate) fn try_send_queued(&self, command: &Command) -> Result<()> {
        self.post(command, Recipient::Queue).map(drop)
    }

    fn post(&self, command: &Command, recipient: Recipient) -> Result<Arc<ReplySlot>> {
        let Posted { slot, broken } = self.post_registered(command, recipient, |_| Ok(()))?;
        broken.map_or(Ok(slot), Err)
    }

    /// Reserves the slot and writes the command. After an error nothing has been reserved or registered.
    fn post_registered(
        &self,
        command: &Command,
        recipient: Recipient,
        register: impl FnOnce(&mut Inbox) -> Result<()>,
    ) -> Result<Posted> {
        self.origin.check()?;
        let bytes = command.as_bytes();
        let slot = Arc::new(ReplySlot::new(recipient, Asked::now(bytes)));
        let mut outbox = self.outbox.lock();
        if outbox.held.len() + bytes.len() > MAX_HELD && !outbox.held.is_empty() {
            return Err(Error::new(ErrorKind::LimitExceeded, "too much is waiting to be sent"));
        }
        {
            let mut inbox = self.inbox.lock();
            if let Some(reason) = &inbox.closed {
                return Err(reason.clone());
            }
            register(&mut inbox)?;
            inbox.expect(slot.clone(), Change::of(bytes));
        }
        let sent = if outbox.held.is_empty() && !outbox.gathering { self.write(bytes) } else { Ok(0) };
        match sent {
            Ok(sent) => outbox.held.extend_from_slice(&bytes[sent..]),
            Err(error) => {
                // Callbacks run now, and may send.
                drop(outbox);
                return Ok(Posted { slot, broken: Some(self.broken(error)) });
            }
        }
        Ok(Posted { slot, broken: None })
    }

    /// Whether bytes wait for room in the socket.
    pub(crate) fn wants_write(&self) -> bool {
        let Some(outbox) = self.outbox_here() else { return false };
        !outbox.held.is_empty() && !outbox.gathering && !self.origin.is_foreign()
    }

    /// Gathers the commands that are sent without waiting, until the next look at what is held.
    pub(crate) fn gather(&self) {
        if let Some(mut outbox) = self.outbox_here() {
            outbox.gathering = true;
        }
    }

    /// Waits until nothing is held back.
    pub(crate) fn make_room(&self) -> Result<()> {
        self.flush(Deadline::after_option(self.options.command_timeout))
    }

    /// As [`make_room`](Self::make_room) after a command that may be out by now: on a supervised connection its outcome is
    /// unknown when that ends meanwhile.
    fn make_room_for_sent(&self) -> Result<()> {
        let made = match self.write_held() {
            // (Mostly so; then no clock is read.)
            Ok(false) => return Ok(()),
            Ok(true) => self.flush_here(Deadline::after_option(self.options.command_timeout)),
            Err(error) => Err(error),
        };
        made.map_err(|error| match error.is_disconnected() {
            true => self.inbox().of_pending(error),
            false => error,
        })
    }

    /// Writes what was held back. A server that does not read may itself be blocked on a full socket: what it sends
    /// meanwhile is read.
    pub(crate) fn flush(&self, deadline: Deadline) -> Result<()> {
        self.origin.check()?;
        self.flush_here(deadline)
    }

    /// As [`flush`](Self::flush), where it is known that the connection is this process's.
    fn flush_here(&self, deadline: Deadline) -> Result<()> {
        while self.write_held()? {
            check_may_wait()?;
            let ready = self.socket.wait(true, deadline);
            let ready = ready
                .map_err(|error| Error::with_source(ErrorKind::Io, "cannot wait for the socket", error))?;
            if ready.read {
                let mut inbox = self.inbox.lock();
                if inbox.reader.is_none() {
                    // Another thread is about to read: until it has, the socket stays readable.
                    MutexGuard::unlocked(&mut inbox, yield_now);
                } else {
                    self.read(&mut inbox);
                    inbox.hand_over();
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
        let mut outbox = self.outbox_here().ok_or_else(Error::forked)?;
        outbox.gathering = false;
        // (Mostly so; then no system call is needed.)
        if outbox.held.is_empty() {
            return Ok(false);
        }
        self.origin.check()?;
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

    /// After a failed write: the server may have sent the reason before it closed, so what there is to read is read
    /// first, by the thread that reads or else here. Notifies all waiters.
    fn broken(&self, error: io::Error) -> Error {
        // So that a reader surely finds the end.
        self.socket.shutdown();
        let mut inbox = self.inbox.lock();
        while inbox.closed.is_none() {
            if inbox.reader.is_none() {
                self.follow(&mut inbox, Deadline::NEVER, &Concern::Anything, &mut |_| None::<()>);
            } else if !self.read(&mut inbox) && inbox.reader.is_some() {
                break;
            }
        }
        inbox.close(Error::with_source(ErrorKind::Disconnected, "the connection broke", error));
        self.run_ready_callbacks(&mut inbox);
        self.wake(&mut inbox);
        inbox.closed.clone().unwrap_or_else(|| Error::disconnected("the connection broke"))
    }
}

/// How many bytes of commands may wait for room in the socket before further ones are refused.
const MAX_HELD: usize = 64 << 20;
