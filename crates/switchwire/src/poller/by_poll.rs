use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags};

use super::Found;
use crate::deadline::Deadline;
use crate::socket::wait_for_any;

/// POSIX's poll, where there is no epoll: a socket that has been reported is left out until it has been read.
pub(crate) struct Poller {
    sockets: Mutex<BTreeMap<u64, Watched>>,
    /// A byte through it ends a wait.
    bell: (UnixStream, UnixStream),
}

struct Watched {
    /// A descriptor of our own: the owner may close its one while a poll is under way.
    socket: std::sync::Arc<OwnedFd>,
    reported: bool,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let bell = UnixStream::pair()?;
        bell.0.set_nonblocking(true)?;
        bell.1.set_nonblocking(true)?;
        Ok(Self { sockets: Mutex::default(), bell })
    }

    pub(crate) fn add(&self, socket: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        let watched = Watched { socket: socket.try_clone_to_owned()?.into(), reported: false };
        self.sockets.lock().insert(key, watched);
        self.wake();
        Ok(())
    }

    /// It is not to be reported any more. (A report that is on its way may still come.)
    pub(crate) fn remove(&self, _socket: BorrowedFd<'_>, key: u64) {
        self.sockets.lock().remove(&key);
    }

    /// It has been read to its end, as far as that had come: what comes from now on is reported.
    pub(crate) fn is_read(&self, key: u64) {
        if let Some(watched) = self.sockets.lock().get_mut(&key) {
            watched.reported = false;
        }
    }

    /// Appends the sockets on which something has come; none when the deadline has passed or [`wake`](Self::wake) was
    /// called.
    pub(crate) fn wait(&self, found: &mut Vec<Found>, deadline: Deadline) -> io::Result<()> {
        let sockets: Vec<_> = {
            let sockets = self.sockets.lock();
            let watched = sockets.iter().filter(|(_, watched)| !watched.reported);
            watched.map(|(key, watched)| (*key, watched.socket.clone())).collect()
        };
        let wanted = PollFlags::IN | ENDS;
        let mut polled: Vec<_> =
            sockets.iter().map(|(_, socket)| PollFd::from_borrowed_fd(socket.as_fd(), wanted)).collect();
        polled.push(PollFd::new(&self.bell.0, PollFlags::IN));
        wait_for_any(&mut polled, deadline)?;
        if polled.pop().is_some_and(|bell| !bell.revents().is_empty()) {
            while (&self.bell.0).read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        }
        let mut watched = self.sockets.lock();
        for ((key, _), polled) in sockets.iter().zip(&polled) {
            if polled.revents().is_empty() {
                continue;
            }
            if let Some(watched) = watched.get_mut(key) {
                watched.reported = true;
                let ends = ENDS | PollFlags::HUP | PollFlags::ERR;
                found.push(Found { key: *key, ended: polled.revents().intersects(ends) });
            }
        }
        Ok(())
    }

    /// Ends the wait that is under way, or else the next one.
    pub(crate) fn wake(&self) {
        // Full of bytes that were not read yet, it rings as well.
        let _ = (&self.bell.1).write(&[0]);
    }
}

/// Where the system can say it, an end is seen before what came before it has been read.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ENDS: PollFlags = PollFlags::RDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const ENDS: PollFlags = PollFlags::empty();
