//! The socket: reads and writes that never block, and waiting for it.
//!
//! Every call says "don't wait" by itself, so the descriptor's own flags stay as its owner left them (a descriptor may
//! be shared with the code that accepted it).

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};

use crate::deadline::Deadline;

#[derive(Debug)]
pub(crate) struct Socket(OwnedFd);

/// What a poll found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl Socket {
    pub(crate) fn new(fd: OwnedFd) -> Self {
        // Where a single call cannot say so, the socket itself must not raise SIGPIPE. (It fails on a socket that is
        // closed already, which the first read tells.)
        #[cfg(target_vendor = "apple")]
        let _ = socket2::SockRef::from(&fd).set_nosigpipe(true);
        Self(fd)
    }

    /// Reads what is there; `WouldBlock` when nothing is.
    pub(crate) fn read(&self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match recv(&self.0, &mut *room, RecvFlags::DONTWAIT) {
                Ok((count, _)) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes what there is room for; `WouldBlock` when there is none. Never raises SIGPIPE.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match send(&self.0, bytes, SEND_FLAGS) {
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until there is something to read (or an end or error, which reading tells), or room to write if that is
    /// asked for; `Ready::default()` when the deadline has passed.
    pub(crate) fn wait(&self, write: bool, deadline: Deadline) -> io::Result<Ready> {
        let wanted = if write { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        wait_for(&mut [PollFd::new(&self.0, wanted)], deadline).map(|found| Ready {
            read: found[0].intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR),
            write: found[0].contains(PollFlags::OUT),
        })
    }

    /// Whether the peer has ended the stream, though there may be something left to read. Never waits.
    pub(crate) fn is_ended(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            let mut fds = [PollFd::new(&self.0, PollFlags::RDHUP)];
            let found = wait_for(&mut fds, Deadline::after(std::time::Duration::ZERO));
            found.is_ok_and(|[found]| !found.is_empty())
        }
        // Elsewhere an end is seen once all that came before it has been read.
        #[cfg(not(target_os = "linux"))]
        {
            let seen = recv(&self.0, &mut [0; 1][..], RecvFlags::DONTWAIT | RecvFlags::PEEK);
            seen.is_ok_and(|(count, _)| count == 0)
        }
    }

    /// Ends the stream in both directions; threads that wait on it wake up.
    pub(crate) fn shutdown(&self) {
        // Fails when the peer has gone already: then there is nothing left to end.
        let _ = shutdown(&self.0, Shutdown::Both);
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Apple's systems have no flag against SIGPIPE: see [`Socket::new`].
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT;
#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// Polls until one of the descriptors is ready or time has passed (then all is empty).
pub(crate) fn wait_for<const N: usize>(
    fds: &mut [PollFd<'_>; N],
    deadline: Deadline,
) -> io::Result<[PollFlags; N]> {
    wait_for_any(fds, deadline)?;
    Ok(std::array::from_fn(|at| fds[at].revents()))
}

/// As [`wait_for`], for any number: each tells for itself.
pub(crate) fn wait_for_any(fds: &mut [PollFd<'_>], deadline: Deadline) -> io::Result<()> {
    loop {
        let left = deadline.left();
        let time = left.map(|left| Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        });
        match poll(fds, time.as_ref()) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
