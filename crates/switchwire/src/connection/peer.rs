use std::net::SocketAddr;

use super::Connection;

impl Connection {
    /// The address of the other end; `None` once the connection is over, and on a socket that is not one of IP.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        // (The system goes on giving it until the peer has closed, too.)
        self.is_open().then(|| rustix::net::getpeername(self).ok()??.try_into().ok())?
    }
}
