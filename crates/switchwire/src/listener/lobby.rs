//! Calls between being accepted and being handled: each shakes hands apart, so that a silent one holds up no other.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags};

use crate::connection::Opening;
use crate::deadline::Deadline;
use crate::options::Options;
use crate::process::Origin;
use crate::socket::wait_for_any;
use crate::{Connection, Error, ErrorKind, Result};

pub(super) struct Lobby {
    waiting: Vec<Opening>,
    origin: Origin,
}

/// How a handshake ended.
pub(super) enum Ended {
    Call(Connection),
    Failed(Error),
    /// The peer closed without having sent anything: a check that the port is open.
    Probe(Error),
}

/// What a wait found.
#[derive(Default)]
pub(super) struct Found {
    /// A call waits to be accepted.
    pub(super) call: bool,
    pub(super) woken: bool,
    pub(super) ended: Vec<Ended>,
}

impl Lobby {
    pub(super) fn new() -> Self {
        Self { waiting: Vec::new(), origin: Origin::here() }
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MOST
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Accepts a call that is there, and sends `connect`; gives why that failed, if it did. `accepted` runs between.
    pub(super) fn accept(
        &mut self,
        listener: &TcpListener,
        options: &Options,
        accepted: impl FnOnce(),
    ) -> io::Result<Option<Ended>> {
        let (stream, _) = listener.accept()?;
        accepted();
        Ok(self.begin(stream, options).err().map(Ended::Failed))
    }

    fn begin(&mut self, stream: TcpStream, options: &Options) -> Result<()> {
        // (Some systems hand on that the listener does not block.)
        let opening = super::engine(stream, options).and_then(Opening::handshake)?;
        self.waiting.push(opening);
        Ok(())
    }

    /// Waits until something happens, or time has passed (then nothing is found).
    pub(super) fn wait(
        &mut self,
        listener: Option<&TcpListener>,
        waker: Option<&dyn AsFd>,
        deadline: Deadline,
    ) -> io::Result<Found> {
        if self.origin.is_foreign() {
            // A copy made by `fork`: those handshakes are the parent's.
            *self = Self::new();
        }
        let listening = listener.is_some();
        let waking = waker.is_some();
        let first = listener.map(AsFd::as_fd).into_iter().chain(waker.map(AsFd::as_fd));
        let calls = self.waiting.iter().map(AsFd::as_fd);
        let mut fds: Vec<_> =
            first.chain(calls).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let deadline = self.waiting.iter().map(Opening::deadline).fold(deadline, Deadline::earlier);
        wait_for_any(&mut fds, deadline)?;
        let mut ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(fds);
        let calls = ready.split_off(usize::from(listening) + usize::from(waking));
        let mut found = Found {
            call: listening && ready[0],
            woken: waking && ready[usize::from(listening)],
            ended: Vec::new(),
        };
        let mut ready = calls.into_iter();
        self.waiting.retain_mut(|opening| {
            let ended = (ready.next() == Some(true) || opening.deadline().passed()).then(|| advance(opening));
            match ended.flatten() {
                None => true,
                Some(ended) => {
                    found.ended.push(ended);
                    false
                }
            }
        });
        Ok(found)
    }
}

fn advance(opening: &mut Opening) -> Option<Ended> {
    match opening.advance() {
        Ok(connection) => connection.map(Ended::Call),
        Err(error) if error.kind() == ErrorKind::Disconnected && opening.engine().heard_nothing() => {
            Some(Ended::Probe(error))
        }
        Err(error) => Some(Ended::Failed(error)),
    }
}

/// How many calls may shake hands at once; further ones wait unaccepted.
const MOST: usize = 512;
