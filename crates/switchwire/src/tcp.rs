//! From a host name to a TCP connection: every address is tried, within one time.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::{Error, ErrorKind, Options, Phase, Result};

pub(crate) fn dial(host: &str, port: u16, options: &Options) -> Result<TcpStream> {
    let deadline = Deadline::after(options.connect_timeout);
    let addresses = resolve(host, port, deadline)?;
    let mut last = None;
    for (at, address) in addresses.iter().enumerate() {
        // A silent address must not use up the time of those after it.
        let share = u32::try_from(addresses.len() - at).unwrap_or(1);
        let left = deadline.left().unwrap_or(options.connect_timeout) / share;
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, left) {
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
    Ok(())
}

/// The host without the brackets that an IPv6 address may stand in (`[::1]`): what a resolver takes. Every call of this
/// library that takes a host goes through this; so should callers that resolve themselves.
#[must_use]
pub fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn resolve(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>> {
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
    let answer = match deadline.left() {
        Some(left) => told.recv_timeout(left).map_err(|_| Error::timeout(Phase::Resolve))?,
        None => told.recv().map_err(|_| Error::timeout(Phase::Resolve))?,
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
