//! The `socket` application's connection: to the user's listener.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mio::net::TcpStream;

use super::{ConnId, Phase, Session};
use crate::channel::ChannelId;
use crate::world::World;

/// What the argument of `socket` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Where to go, in the order to try.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) host: String,
    pub(crate) path: Option<String>,
    pub(crate) asynchronous: bool,
    pub(crate) full: bool,
}

impl Target {
    /// Reads `host:port[/path][|host:port] [async] [full]`. Hosts are addresses or `localhost`: the simulator does
    /// not ask name servers.
    pub(crate) fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        let options: Vec<&str> = words.collect();
        let mut target = Self {
            addresses: Vec::new(),
            host: String::new(),
            path: None,
            asynchronous: options.iter().any(|o| o.eq_ignore_ascii_case("async")),
            full: options.iter().any(|o| o.eq_ignore_ascii_case("full")),
        };
        for choice in first.split('|') {
            let (place, path) = match choice.split_once('/') {
                Some((place, path)) => (place, Some(path)),
                None => (choice, None),
            };
            let (host, port) = match place.rsplit_once(':') {
                Some((host, port)) => (host, port.parse().unwrap_or(DEFAULT_PORT)),
                None => (place, DEFAULT_PORT),
            };
            let address = if host == "localhost" {
                Some(IpAddr::V4(Ipv4Addr::LOCALHOST))
            } else {
                host.trim_matches(['[', ']']).parse().ok()
            };
            if target.addresses.is_empty() {
                target.host = host.to_owned();
                target.path = path.map(str::to_owned);
            }
            target.addresses.extend(address.map(|ip| SocketAddr::new(ip, port)));
        }
        target
    }
}

impl World {
    /// Begins to connect a channel to the user's listener; `None` when no address can be tried.
    pub(crate) fn connect_out(&mut self, channel: ChannelId, target: &Target) -> Option<ConnId> {
        let owner = self.channels.get(channel)?;
        let mut session = Session {
            channel,
            uuid: owner.uuid.clone(),
            channel_name: owner.name.clone(),
            outbound: true,
            asynchronous: target.asynchronous,
            full: target.full,
            linger: None,
            lingering: false,
            divert: false,
            fallbacks: target.addresses.iter().rev().copied().collect(),
        };
        while let Some(address) = session.fallbacks.pop() {
            if self.config.outbound_only_to.is_some_and(|only| only != address) {
                continue;
            }
            let Ok(stream) = TcpStream::connect(address) else { continue };
            let id = self.adopt(stream, Phase::Connecting)?;
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.session = Some(session);
            }
            if let Some(owner) = self.channels.get_mut(channel) {
                owner.holders.insert(id);
            }
            return Some(id);
        }
        None
    }

    /// The socket of an outbound session is ready, or will never be.
    pub(crate) fn connected(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let failed = matches!(conn.stream.take_error(), Ok(Some(_)) | Err(_));
        if !failed && conn.stream.peer_addr().is_err() {
            return; // Not there yet.
        }
        if failed {
            return self.connect_failed(id);
        }
        conn.phase = Phase::Open;
        conn.swallow = true;
        let channel = conn.session.as_ref().map(|session| session.channel);
        if let Some(channel) = channel {
            self.socket_connected(channel);
        }
    }

    /// Tries the next address of an outbound session, or gives up.
    pub(crate) fn connect_failed(&mut self, id: ConnId) {
        let Some(session) = self.conns.get_mut(&id).and_then(|conn| conn.session.take()) else { return };
        self.remove(id);
        let channel = session.channel;
        if let Some(owner) = self.channels.get_mut(channel) {
            owner.holders.remove(&id);
        }
        let target = Target {
            addresses: session.fallbacks.iter().rev().copied().collect(),
            host: String::new(),
            path: None,
            asynchronous: session.asynchronous,
            full: session.full,
        };
        let next = self.connect_out(channel, &target);
        self.socket_moved(channel, id, next);
    }
}

const DEFAULT_PORT: u16 = 8084;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_paths_fallbacks_and_options_are_read() {
        let target = Target::parse("127.0.0.1:8084/some/path|localhost:9000|[::1]:7 async full");
        let addresses: Vec<String> = target.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["127.0.0.1:8084", "127.0.0.1:9000", "[::1]:7"]);
        assert_eq!((target.host.as_str(), target.path.as_deref()), ("127.0.0.1", Some("some/path")));
        assert!(target.asynchronous && target.full);
        let target = Target::parse("127.0.0.1:1");
        assert!(!target.asynchronous && !target.full && target.path.is_none());
        assert!(Target::parse("no.such.host:1").addresses.is_empty());
    }
}
