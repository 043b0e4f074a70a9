//! Commands about the call that the connection is bound to, and the log.

use switchwire_proto::{Command, EventFormat, LogLevel, Reply};

use super::Connection;
use crate::Result;

impl Connection {
    /// Outbound: the uuid of the call.
    #[must_use]
    pub fn channel_uuid(&self) -> Option<String> {
        let info = self.info()?;
        let uuid = info.header("Unique-ID").or_else(|| info.header("Channel-Unique-ID"))?;
        Some(uuid.into_owned())
    }

    /// Outbound: whether the socket is a sync one (`Socket-Mode: static`), where `execute` is answered only when the
    /// application has ended.
    #[must_use]
    pub fn is_sync(&self) -> bool {
        self.info_message().is_some_and(|info| info.raw_header("Socket-Mode") == Some(b"static"))
    }

    /// `myevents` outbound: the events of this connection's own call.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn myevents(&self, format: Option<EventFormat>) -> Result<Reply> {
        self.request(&Command::myevents(None, format)?)
    }

    /// `myevents UUID` inbound: binds the connection to that channel; it is closed when the channel ends.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn myevents_of(&self, uuid: &str) -> Result<Reply> {
        // With a format word the server checks the uuid; without one a wrong uuid gives the events of every channel.
        self.request(&Command::myevents(Some(uuid), Some(EventFormat::Plain))?)
    }

    /// `linger [SECONDS]`: the connection stays up after the call has ended, for that long or until `exit`, so that
    /// its last events are not lost.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn linger(&self, seconds: Option<u32>) -> Result<Reply> {
        self.request(&Command::linger(seconds))
    }

    /// `nolinger`.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn nolinger(&self) -> Result<Reply> {
        self.request(&Command::nolinger())
    }

    /// `resume`: after this connection the dialplan goes on.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn resume(&self) -> Result<Reply> {
        self.request(&Command::resume())
    }

    /// `divert_events on|off`: events sent to the session come on this connection instead.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn divert_events(&self, on: bool) -> Result<Reply> {
        self.request(&Command::divert_events(on))
    }

    /// A variable of this connection's call; `None` when it is not set. By way of `api uuid_getvar` where the
    /// connection may use `api`. On a connection that may not (outbound without `full`) the raw `getvar` is all there
    /// is: it cuts the value at 511 bytes and cannot carry line breaks.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn variable(&self, name: &str) -> Result<Option<String>> {
        if let Some(uuid) = self.channel_uuid() {
            let reply = self.api("uuid_getvar", &format!("{uuid} {name}"))?;
            if reply.body().is_some() {
                let unset = reply.text_bytes().as_ref() == b"_undef_" || reply.error().is_some();
                return Ok((!unset).then(|| reply.text().into_owned()));
            }
        }
        let reply = self.request(&Command::getvar(name)?)?;
        let text = String::from_utf8_lossy(reply.raw_text()).into_owned();
        Ok((text != "-ERR command not found").then_some(text))
    }

    /// `log LEVEL`: log lines come as [`Incoming::Log`](crate::Incoming::Log).
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn log(&self, level: LogLevel) -> Result<Reply> {
        self.request(&Command::log(level))
    }

    /// `nolog`.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn nolog(&self) -> Result<Reply> {
        self.request(&Command::nolog())
    }
}
