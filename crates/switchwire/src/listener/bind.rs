//! Sockets that listen: made with all their options, or taken as they are.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::RawFd;

use socket2::{Domain, Protocol, Socket, Type};

use crate::tcp::bare_host;
use crate::{Error, ErrorKind, Result};

/// Binds a listening socket with options that must be set before it listens.
///
/// ```no_run
/// use switchwire::{Bind, Listener};
/// // Each worker process has its own socket on the port; the kernel spreads the calls.
/// let listener = Listener::from_listener(Bind::new("[::]", 8084).reuse_port(true).bind()?)?;
/// # Ok::<(), switchwire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    host: String,
    port: u16,
    backlog: u16,
    reuse_port: bool,
}

impl Bind {
    /// The default of [`backlog`](Self::backlog): as many as a busy machine's own limit usually is.
    pub const BACKLOG: u16 = 4096;

    /// That host (name, IPv4 or IPv6 address, the latter in brackets or not) and port; port 0 takes any free one.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, backlog: Self::BACKLOG, reuse_port: false }
    }

    /// How many calls the system keeps until they are accepted (it takes less when its own limit is lower:
    /// `net.core.somaxconn`). Default 4,096.
    #[must_use]
    pub fn backlog(mut self, calls: u16) -> Self {
        self.backlog = calls.max(1);
        self
    }

    /// `SO_REUSEPORT`: other processes that ask for it, too, may bind the same port, and the system spreads the calls.
    /// Default off.
    #[must_use]
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// Resolves, binds the first address that can be bound, and listens.
    ///
    /// # Errors
    /// `Resolve`, or `Connect` when no address can be bound.
    pub fn bind(&self) -> Result<TcpListener> {
        let host = bare_host(&self.host);
        let addresses = (host, self.port).to_socket_addrs().map_err(|error| {
            Error::with_source(ErrorKind::Resolve, format!("cannot resolve host {host:?}"), error)
        })?;
        first(addresses, self.backlog, self.reuse_port)
    }
}

/// Binds the first of the addresses that can be bound.
pub(super) fn first_of(addresses: impl Iterator<Item = SocketAddr>) -> Result<TcpListener> {
    first(addresses, Bind::BACKLOG, false)
}

fn first(addresses: impl Iterator<Item = SocketAddr>, backlog: u16, reuse_port: bool) -> Result<TcpListener> {
    let mut last = None;
    for address in addresses {
        match listen(address, backlog, reuse_port) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some((address, error)),
        }
    }
    Err(match last {
        Some((address, error)) => {
            Error::with_source(ErrorKind::Connect, format!("cannot bind the listener to {address}"), error)
        }
        None => Error::new(ErrorKind::Resolve, "the host has no address"),
    })
}

fn listen(address: SocketAddr, backlog: u16, reuse_port: bool) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted program must not wait for the last one's connections to be forgotten.
    socket.set_reuse_address(true)?;
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(backlog.into())?;
    Ok(socket.into())
}

/// The listening sockets that systemd has opened for this process (`LISTEN_FDS`, `LISTEN_PID`): their descriptors, which
/// begin at 3, in order. Empty when there are none, or they are for another process.
///
/// A number becomes a socket only by the caller's word that no other thread owns it:
///
/// ```no_run
/// use std::os::fd::{FromRawFd, OwnedFd};
/// let descriptor = *switchwire::activated_fds().first().expect("started by systemd");
/// // SAFETY: systemd passed it to this process, and nothing else in it takes it.
/// let socket = unsafe { OwnedFd::from_raw_fd(descriptor) };
/// let listener = switchwire::Listener::from_fd(socket)?;
/// # Ok::<(), switchwire::Error>(())
/// ```
#[must_use]
pub fn activated_fds() -> Vec<RawFd> {
    let variable = |name| std::env::var(name).ok();
    activated(variable("LISTEN_PID").as_deref(), variable("LISTEN_FDS").as_deref(), std::process::id())
}

fn activated(pid: Option<&str>, count: Option<&str>, own: u32) -> Vec<RawFd> {
    const FIRST: RawFd = 3;
    let for_us = pid.and_then(|pid| pid.parse().ok()) == Some(own);
    let count = count.and_then(|count| count.parse::<u16>().ok()).filter(|_| for_us).unwrap_or(0);
    (FIRST..FIRST + RawFd::from(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_sockets_are_those_of_this_process() {
        assert_eq!(activated(Some("7"), Some("2"), 7), [3, 4]);
        for (pid, count) in
            [(None, Some("2")), (Some("8"), Some("2")), (Some("7"), None), (Some("7"), Some("x"))]
        {
            assert_eq!(activated(pid, count, 7), [0; 0], "{pid:?} {count:?}");
        }
    }
}
