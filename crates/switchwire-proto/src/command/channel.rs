//! Commands about one channel: the session's own, and `sendmsg`.

use super::{BuildError, Builder, Command};
use crate::Event;

impl Command {
    /// `connect`: on an outbound connection, asks for the channel's data; the first thing to send there.
    #[must_use]
    pub fn connect() -> Self {
        Self::plain("connect")
    }

    /// `linger [SECONDS]`: the connection stays up after the call has ended, for that long or until `exit`.
    #[must_use]
    pub fn linger(seconds: Option<u32>) -> Self {
        seconds.map_or_else(|| Self::plain("linger"), |seconds| Self::plain(&format!("linger {seconds}")))
    }

    /// `nolinger`: takes [`linger`](Self::linger) back.
    #[must_use]
    pub fn nolinger() -> Self {
        Self::plain("nolinger")
    }

    /// `resume`: after the connection the dialplan goes on.
    #[must_use]
    pub fn resume() -> Self {
        Self::plain("resume")
    }

    /// `getvar NAME`: a channel variable. The server replies with the bare value in one line that it neither encodes nor
    /// delimits, cut at 511 bytes: a value with blank lines breaks the stream. Prefer `api uuid_getvar UUID NAME`
    /// wherever the connection may use `api`.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty name.
    pub fn getvar(name: &str) -> Result<Self, BuildError> {
        if name.is_empty() {
            return Err(BuildError::Empty { argument: "variable name" });
        }
        Ok(Builder::new("getvar").argument("variable name", name)?.finish())
    }

    /// `sendmsg [UUID]` with the event's headers and body, `Event-Name` left out.
    ///
    /// # Errors
    /// [`BuildError`] when the uuid or a header holds a line break.
    pub fn sendmsg(uuid: Option<&str>, event: &Event) -> Result<Self, BuildError> {
        let mut event = event.clone();
        event.del_header("Event-Name");
        Ok(Self::message_to(uuid.map(str::as_bytes))?.event(&event)?.finish())
    }

    /// `sendmsg`, `call-command: hangup`: ends the call. The cause is a name such as `USER_BUSY`; without one the
    /// server takes `NORMAL_CLEARING`.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn hangup(uuid: Option<&str>, cause: Option<&str>) -> Result<Self, BuildError> {
        let mut builder =
            Self::message_to(uuid.map(str::as_bytes))?.header("command", "call-command", "hangup")?;
        if let Some(cause) = cause {
            builder = builder.header("hangup cause", "hangup-cause", cause)?;
        }
        Ok(builder.finish())
    }

    /// `sendmsg`, `call-command: nomedia`: takes the server out of the media path of that channel.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn nomedia(uuid: Option<&str>, nomedia_uuid: &str) -> Result<Self, BuildError> {
        let builder =
            Self::message_to(uuid.map(str::as_bytes))?.header("command", "call-command", "nomedia")?;
        Ok(builder.header("nomedia uuid", "nomedia-uuid", nomedia_uuid)?.finish())
    }

    /// `sendmsg`, `call-command: xferext`: transfers the channel to a list of (application, argument), as a dialplan
    /// extension would.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty list.
    pub fn xferext(uuid: Option<&str>, applications: &[(&str, &str)]) -> Result<Self, BuildError> {
        if applications.is_empty() {
            return Err(BuildError::Empty { argument: "application list" });
        }
        let mut builder =
            Self::message_to(uuid.map(str::as_bytes))?.header("command", "call-command", "xferext")?;
        for (application, argument) in applications {
            let between = if argument.is_empty() { "" } else { " " };
            let line = format!("{application}{between}{argument}");
            builder = builder.header("application", "application", &line)?;
        }
        Ok(builder.finish())
    }

    /// `sendmsg` or `sendmsg UUID`: an empty uuid still puts a blank after the word, as libesl does.
    pub(crate) fn message_to(uuid: Option<&[u8]>) -> Result<Builder, BuildError> {
        let builder = Builder::new("sendmsg");
        match uuid {
            Some(uuid) => builder.argument_bytes("channel uuid", uuid),
            None => Ok(builder),
        }
    }
}
