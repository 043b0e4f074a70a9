use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use rustix::io::Errno;

use super::Found;
use crate::deadline::Deadline;

/// Linux's epoll, edge-triggered: one system call per wait, and none to hear of the same socket again.
pub(crate) struct Poller {
    epoll: OwnedFd,
    /// Written to end a wait. Never read: each write is an edge of its own.
    bell: OwnedFd,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &bell, epoll::EventData::new_u64(BELL), flags)?;
        Ok(Self { epoll, bell })
    }

    pub(crate) fn add(&self, socket: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        Ok(epoll::add(&self.epoll, socket, epoll::EventData::new_u64(key), flags)?)
    }

    /// It is not to be reported any more. (A report that is on its way may still come.)
    pub(crate) fn remove(&self, socket: BorrowedFd<'_>, _key: u64) {
        // Fails when it was never added, which is as well.
        let _ = epoll::delete(&self.epoll, socket);
    }

    /// It has been read to its end, as far as that had come: what comes from now on is reported.
    #[allow(clippy::unused_self, reason = "an edge needs no preparation")]
    pub(crate) fn is_read(&self, _key: u64) {}

    /// Appends the sockets on which something has come; none when the deadline has passed or [`wake`](Self::wake) was
    /// called.
    pub(crate) fn wait(&self, found: &mut Vec<Found>, deadline: Deadline) -> io::Result<()> {
        let mut room = [EMPTY; AT_ONCE];
        let count = loop {
            let left = deadline.left().map(|left| Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            });
            match epoll::wait(&self.epoll, &mut room, left.as_ref()) {
                Ok(count) => break count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        };
        let ends = epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        let sockets = room[..count].iter().filter(|event| event.data.u64() != BELL);
        found.extend(sockets.map(|event| {
            // (The structure is packed.)
            let (data, flags) = (event.data, event.flags);
            Found { key: data.u64(), ended: flags.intersects(ends) }
        }));
        Ok(())
    }

    /// Ends the wait that is under way, or else the next one.
    pub(crate) fn wake(&self) {
        // Fails when it has been rung 2^64 times.
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }
}

const BELL: u64 = u64::MAX;
/// More are reported by the next wait.
const AT_ONCE: usize = 64;
const EMPTY: epoll::Event =
    epoll::Event { flags: epoll::EventFlags::empty(), data: epoll::EventData::new_u64(0) };
