//! `unicast`: while a channel is parked, what it hears is sent to a socket, and what comes from there is said on it.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::{ChannelId, Kind};
use crate::wire::command::Command;
use crate::world::{Timer, World};

/// What such a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    local: SocketAddr,
    remote: SocketAddr,
    tcp: bool,
}

/// A channel's socket.
#[derive(Debug)]
pub(crate) struct Unicast {
    socket: Socket,
    /// Of this setting: a later one takes its place.
    serial: u64,
}

impl Request {
    /// `None` where an address is not one: the simulator does not ask name servers.
    pub(super) fn from_command(command: &Command) -> Option<Self> {
        let text = |name: &str| command.header(name).map(|value| String::from_utf8_lossy(value).into_owned());
        let address = |ip: &str, port: &str, default: u16| {
            let ip = text(ip).map_or(Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)), |ip| ip.parse()).ok()?;
            let port = text(port).map_or(Ok(default), |port| port.parse()).ok()?;
            Some(SocketAddr::new(ip, port))
        };
        Some(Self {
            local: address("local-ip", "local-port", LOCAL_PORT)?,
            remote: address("remote-ip", "remote-port", REMOTE_PORT)?,
            tcp: text("transport").is_some_and(|transport| transport.eq_ignore_ascii_case("tcp")),
        })
    }

    /// A bound socket that is connected or about to be; nothing waits.
    fn open(&self) -> io::Result<Socket> {
        let domain = Domain::for_address(self.remote);
        let socket = if self.tcp {
            Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?
        } else {
            Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?
        };
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(self.tcp)?;
        socket.bind(&self.local.into())?;
        // One in progress is an error too; one that fails is seen by what is sent.
        let _ = socket.connect(&self.remote.into());
        Ok(socket)
    }
}

impl World {
    /// Begins to send a channel's audio; where no socket can be had nothing happens, as on a server, which logs it.
    pub(super) fn begin_unicast(&mut self, id: ChannelId, request: &Request) {
        let serial = self.channels.next_serial();
        let allowed = self.config.outbound_only_to.is_none_or(|only| only == request.remote);
        let Some(channel) = self.channels.get_mut(id).filter(|_| allowed) else { return };
        // Its port may be the new one's.
        channel.unicast = None;
        let Ok(socket) = request.open() else { return };
        channel.unicast = Some(Unicast { socket, serial });
        self.timers.after(FRAME_TIME, Timer::Unicast(id, serial));
    }

    /// Time for the next frame.
    pub(crate) fn unicast_frame(&mut self, id: ChannelId, serial: u64) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        if !channel.is_up() {
            channel.unicast = None;
        }
        let parked = channel.stack.last().is_some_and(|top| {
            matches!(top.kind, Kind::Park | Kind::Socket { asynchronous: true, connected: true, .. })
        });
        let far = channel.other_leg;
        let echoes = far
            .and_then(|far| self.channels.get(far)?.stack.last())
            .is_some_and(|top| matches!(top.kind, Kind::Echo));
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(unicast) = channel.unicast.as_mut().filter(|unicast| unicast.serial == serial) else {
            return;
        };
        if parked {
            unicast.exchange(echoes);
        }
        self.timers.after(FRAME_TIME, Timer::Unicast(id, serial));
    }
}

impl Unicast {
    /// Says what has come, and sends what is heard: silence, or what was said where the far end is an echo.
    fn exchange(&mut self, echoes: bool) {
        let mut said = [0; FRAME_BYTES];
        let mut heard = [0; FRAME_BYTES];
        // A program that does not listen yet, or has ended, does not disturb the call.
        if let Ok(count @ 1..) = self.socket.read(&mut said)
            && echoes
        {
            heard[..count].copy_from_slice(&said[..count]);
        }
        let _ = self.socket.write(&heard);
    }
}

/// Where the server binds, and sends to, unless the message says so.
const LOCAL_PORT: u16 = 8025;
const REMOTE_PORT: u16 = 8026;
const FRAME_TIME: Duration = Duration::from_millis(super::play::FRAME);
/// 20 ms of 16-bit linear samples at 8 kHz, the codec of all channels here: `native` is the same.
const FRAME_BYTES: usize = 320;
