//! Connections on sockets that are there already: the login inbound, `connect` outbound.

use std::os::fd::OwnedFd;

use switchwire_proto::{Login, Message};

use super::{Connection, Opening};
use crate::options::Options;
use crate::{Event, Result};

impl Connection {
    /// Logs in on a stream socket that is connected to an event socket already (a tunnel, a Unix socket).
    ///
    /// # Errors
    /// As [`Builder::connect`](crate::Builder::connect).
    pub fn log_in(socket: OwnedFd, login: Login, options: Options) -> Result<Self> {
        Opening::login(socket, login, options).finish()
    }

    /// Takes a call's socket, that the server has connected to us: sends `connect` and keeps the channel's data as
    /// [`info`](Self::info). [`Listener`](crate::Listener) does this for every call.
    ///
    /// The descriptor is owned from now on and closed with the connection; give a duplicate (`try_clone`) where
    /// somebody else closes it too. Blocks for at most the login time-out.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`, `Protocol`, or `Refused` when the peer has no call on this socket.
    pub fn outbound(socket: OwnedFd, options: Options) -> Result<Self> {
        Opening::outbound(socket, options)?.finish()
    }
}

/// What the server told about the call when it was connected.
pub(super) fn info_event(message: &Message) -> Event {
    message.head_event()
}
