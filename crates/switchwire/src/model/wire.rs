//! The socket, and the server's end of it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use shuttle::sync::Mutex;

use super::clock;
use super::waiter::{Waiter, Woken};
use crate::deadline::Deadline;
use crate::socket::Ready;

/// The client's end, as the engine knows it.
pub(crate) struct Socket {
    line: Arc<Mutex<Line>>,
    /// Never polled: it exists for code that takes a descriptor.
    fd: OwnedFd,
}

/// The server's end.
pub(super) struct Server(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    to_client: Vec<u8>,
    to_server: Vec<u8>,
    /// How much the server takes before it is read by its scenario; then writes would block.
    room: usize,
    ended: bool,
    broken: bool,
    /// Who polls: for reading, or for reading and writing.
    polling: Vec<(bool, Waiter)>,
    serving: Vec<Waiter>,
}

impl Line {
    fn ready(&self, write: bool) -> Ready {
        Ready { read: !self.to_client.is_empty() || self.ended, write: write && self.has_room() }
    }

    fn has_room(&self) -> bool {
        self.to_server.len() < self.room || self.broken
    }
}

/// Both ends; the server's socket buffer holds that many bytes.
pub(super) fn pair(room: usize) -> (Socket, Server) {
    let line = Arc::new(Mutex::new(Line { room, ..Line::default() }));
    let fd = std::fs::File::open("/dev/null").unwrap().into();
    (Socket { line: line.clone(), fd }, Server(line))
}

fn wake<'a>(waiters: impl Iterator<Item = &'a Waiter>) {
    waiters.for_each(|waiter| waiter.wake(Woken::Call));
}

impl Socket {
    /// Real descriptors have no slot in the model.
    pub(crate) fn new(_: OwnedFd) -> Self {
        unimplemented!("the model has lines of its own")
    }

    pub(crate) fn read(&self, room: &mut [u8]) -> io::Result<usize> {
        let mut line = self.line.lock().unwrap();
        if line.to_client.is_empty() && !line.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = room.len().min(line.to_client.len());
        room[..count].copy_from_slice(&line.to_client[..count]);
        line.to_client.drain(..count);
        Ok(count)
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut line = self.line.lock().unwrap();
        if line.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(line.room - line.to_server.len());
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        line.to_server.extend_from_slice(&bytes[..count]);
        let serving = std::mem::take(&mut line.serving);
        drop(line);
        wake(serving.iter());
        Ok(count)
    }

    pub(crate) fn wait(&self, write: bool, deadline: Deadline) -> io::Result<Ready> {
        let waiter = Waiter::new();
        {
            let mut line = self.line.lock().unwrap();
            let ready = line.ready(write);
            if ready != Ready::default() {
                return Ok(ready);
            }
            line.polling.push((write, waiter.clone()));
        }
        if let Some(at) = deadline.instant() {
            clock::alarm(at, &waiter);
        }
        waiter.sleep();
        clock::forget(&waiter);
        let mut line = self.line.lock().unwrap();
        line.polling.retain(|(_, other)| !other.is(&waiter));
        Ok(line.ready(write))
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.line.lock().unwrap().ended
    }

    pub(crate) fn shutdown(&self) {
        end(&self.line, true);
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// No more bytes come; with `broken`, none are taken either.
fn end(line: &Mutex<Line>, broken: bool) {
    let mut line = line.lock().unwrap();
    line.ended = true;
    line.broken |= broken;
    let (polling, serving) = (std::mem::take(&mut line.polling), std::mem::take(&mut line.serving));
    drop(line);
    wake(polling.iter().map(|(_, waiter)| waiter).chain(&serving));
}

impl Server {
    /// Sends bytes to the client.
    pub(super) fn write(&self, bytes: &[u8]) {
        let mut line = self.0.lock().unwrap();
        line.to_client.extend_from_slice(bytes);
        let polling = std::mem::take(&mut line.polling);
        drop(line);
        wake(polling.iter().map(|(_, waiter)| waiter));
    }

    /// Takes the next command; `None` when the client has ended.
    pub(super) fn command(&self) -> Option<String> {
        let mut text = Vec::new();
        while !text.ends_with(b"\n\n") {
            text.push(self.byte()?);
        }
        Some(String::from_utf8(text).unwrap().trim_end().to_owned())
    }

    fn byte(&self) -> Option<u8> {
        loop {
            let waiter = Waiter::new();
            let mut line = self.0.lock().unwrap();
            if !line.to_server.is_empty() {
                let was_full = line.to_server.len() == line.room;
                let byte = line.to_server.remove(0);
                let writing = match was_full {
                    true => line.polling.extract_if(.., |(write, _)| *write).collect(),
                    false => Vec::new(),
                };
                drop(line);
                wake(writing.iter().map(|(_, waiter)| waiter));
                return Some(byte);
            }
            if line.broken || line.ended {
                return None;
            }
            line.serving.push(waiter.clone());
            drop(line);
            waiter.sleep();
        }
    }

    /// Hangs up: what was sent can still be read, what is written fails.
    pub(super) fn hang_up(&self) {
        end(&self.0, true);
    }
}
