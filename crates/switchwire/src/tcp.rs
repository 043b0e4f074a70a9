//! From a host name to a TCP connection: every address is tried, within one time.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Type};

use crate::deadline::Deadline;
use crate::socket::wait_for;
use crate::{Error, ErrorKind, Options, Phase, Result};

/// Ends early, with an error, when there is something to read from `interrupt`.
pub(crate) fn dial_interruptible(
    host: &str,
    port: u16,
    options: &Options,
    interrupt: Option<&UnixStream>,
) -> Result<TcpStream> {
    let deadline = Deadline::after(options.connect_timeout);
    let addresses = resolve(host, port, deadline, interrupt)?;
    let mut last = None;
    for (at, address) in addresses.iter().enumerate() {
        // A silent address must not use up the time of those after it.
        let share = u32::try_from(addresses.len() - at).unwrap_or(1);
        let left = deadline.left().unwrap_or(options.connect_timeout) / share;
        if left.is_zero() {
            break;
        }
        match connect(address, left, interrupt) {
            Err(_) if is_interrupted(interrupt) => return Err(interrupted()),
            // A port that no server listens at may be given to this very socket, which then connects to itself.
            Ok(stream) if stream.local_addr().is_ok_and(|own| own == *address) => {
                last = Some((address, io::ErrorKind::ConnectionRefused.into()));
            }
            Ok(stream) => {
                prepare_socket(&stream, options)?;
                return Ok(stream);
            }
            Err(error) => last = Some((address, error)),
        }
    }
    match last {
        Some((address, error)) if error.kind() != std::io::ErrorKind::TimedOut => {
            let tried = addresses.len();
            let detail = format!("cannot connect to {host} port {port} (last of {tried} tried: {address})");
            Err(Error::with_source(ErrorKind::Connect, detail, error))
        }
        _ => Err(Error::timeout(Phase::Connect)),
    }
}

/// Connects within that time.
fn connect(address: &SocketAddr, time: Duration, interrupt: Option<&UnixStream>) -> io::Result<TcpStream> {
    let Some(interrupt) = interrupt else { return TcpStream::connect_timeout(address, time) };
    let socket = socket2::Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(Errno::INPROGRESS.raw_os_error()) => {
            let wanted = [PollFd::new(&socket, PollFlags::OUT), PollFd::new(interrupt, PollFlags::IN)];
            let [found, _] = wait_for(&mut { wanted }, Deadline::after(time))?;
            if let Some(error) = socket.take_error()? {
                return Err(error);
            }
            if !found.contains(PollFlags::OUT) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Err(error) => return Err(error),
    }
    socket.set_nonblocking(false)?;
    Ok(socket.into())
}

fn is_interrupted(interrupt: Option<&UnixStream>) -> bool {
    interrupt.is_some_and(|end| {
        let found = wait_for(&mut [PollFd::new(end, PollFlags::IN)], Deadline::after(Duration::ZERO));
        found.is_ok_and(|[found]| !found.is_empty())
    })
}

fn interrupted() -> Error {
    Error::disconnected("the attempt to connect was given up on this side")
}

/// Sets a connected TCP socket up as every connection has it: small commands are sent without delay, and keepalive as
/// the options say. Connections that this library dials or accepts are set up already: this is for programs that do
/// so themselves and go on with an [`Opening`](crate::Opening).
///
/// # Errors
/// `Io` when the system refuses a setting.
pub fn prepare_socket(socket: &impl AsFd, options: &Options) -> Result<()> {
    let socket = socket2::SockRef::from(socket);
    let failed = |error| Error::with_source(ErrorKind::Io, "cannot set up the socket", error);
    socket.set_tcp_nodelay(true).map_err(failed)?;
    if let Some(idle) = options.keepalive {
        // The system counts whole seconds, and refuses none.
        let idle = idle.max(Duration::from_secs(1));
        let interval = (idle / PROBES).max(Duration::from_secs(1));
        let keepalive =
            socket2::TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(PROBES);
        socket.set_tcp_keepalive(&keepalive).map_err(failed)?;
    }
    #[cfg(target_os = "linux")]
    if let Some(time) = options.user_timeout {
        socket.set_tcp_user_timeout(Some(time)).map_err(failed)?;
    }
    Ok(())
}

/// The host without the brackets that an IPv6 address may stand in (`[::1]`): what a resolver takes. Every call of this
/// library that takes a host goes through this; so should callers that resolve themselves.
#[must_use]
pub fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn resolve(
    host: &str,
    port: u16,
    deadline: Deadline,
    interrupt: Option<&UnixStream>,
) -> Result<Vec<SocketAddr>> {
    let host = bare_host(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    // The system's resolver cannot be told how long to try: it works on a thread that is left behind if it is late.
    let (tell, told) = crossbeam_channel::bounded(1);
    let name = host.to_owned();
    let failed =
        |error| Error::with_source(ErrorKind::Resolve, format!("cannot resolve host {host:?}"), error);
    std::thread::Builder::new()
        .name("switchwire-resolve".into())
        .spawn(move || tell.send((name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>)))
        .map_err(failed)?;
    let answer = loop {
        let left = deadline.left().unwrap_or(Duration::MAX);
        // A resolver cannot be polled: an interruption is looked for a few times a second.
        let time = if interrupt.is_some() { left.min(Duration::from_millis(50)) } else { left };
        match told.recv_timeout(time) {
            Ok(answer) => break answer,
            Err(_) if is_interrupted(interrupt) => return Err(interrupted()),
            Err(RecvTimeoutError::Timeout) if !deadline.passed() => {}
            Err(_) => return Err(Error::timeout(Phase::Resolve)),
        }
    };
    match answer {
        Ok(addresses) if addresses.is_empty() => {
            Err(Error::new(ErrorKind::Resolve, format!("host {host:?} has no address")))
        }
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(failed(error)),
    }
}

const PROBES: u32 = 5;
