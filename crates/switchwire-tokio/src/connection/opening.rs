//! Connecting and logging in.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use switchwire::{Builder, Error, Login, Opening, Options, Result};
use tokio::io::Interest;

use super::Connection;
use crate::driver::{cannot_watch, watch};

impl Connection {
    /// Connects and logs in with the default options; [`open`](Self::open) takes them all.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn connect(host: &str, port: u16, password: &str) -> Result<Self> {
        Self::open(&Builder::new(host, port).password(password)).await
    }

    /// Connects and logs in, as the builder says: host, password or user (`userauth`), timeouts, limits. (Not by the builder's
    /// own `connect`, which blocks.) Resolving and the TCP connection, every address of the host in turn, take a thread of the
    /// runtime's blocking pool; when the future is dropped, the attempt ends.
    ///
    /// ```no_run
    /// # async fn example() -> switchwire::Result<()> {
    /// use switchwire_tokio::{Builder, Connection};
    /// let builder = Builder::new("pbx.example.net", 8021).user("alice@example.net").password("secret");
    /// let connection = Connection::open(&builder).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub async fn open(builder: &Builder) -> Result<Self> {
        let builder = builder.clone();
        let failed = |error| Error::from_io("cannot make a pair of sockets", error);
        let (interrupt, _interrupts_when_dropped) = UnixStream::pair().map_err(failed)?;
        let opened = tokio::task::spawn_blocking(move || builder.open(Some(&interrupt))).await;
        Self::finish(opened.unwrap_or_else(|error| Err(Error::from_io("cannot connect", error.into())))?)
            .await
    }

    /// Logs in on a stream socket that is connected to an event socket already (a tunnel, a Unix socket). The descriptor is
    /// owned from now on.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub async fn log_in(socket: impl Into<OwnedFd>, login: Login, options: Options) -> Result<Self> {
        Self::finish(Opening::login(socket.into(), login, options)).await
    }

    async fn finish(opening: Opening) -> Result<Self> {
        let mut socket = watch(opening, Interest::READABLE)?;
        loop {
            if let Some(connection) = socket.get_mut().advance()? {
                // Its driver watches it next.
                drop(socket);
                return Self::drive(connection);
            }
            // When the time has passed, the next look says so.
            let time = socket.get_ref().time_left();
            if let Ok(ready) = tokio::time::timeout(time, socket.readable()).await {
                ready.map_err(cannot_watch)?.clear_ready();
            }
        }
    }
}
