//! The same commands from arguments that need not be UTF-8, and from events that are kept elsewhere than in an
//! [`Event`](crate::Event): what the C layer builds on. The `str` constructors are built on these.

use super::{BuildError, Builder, Command};
use crate::{EventFormat, EventType};

/// What the bindings build on: no part of the stable API.
#[doc(hidden)]
impl Command {
    /// The text as it is, a blank line being added when it does not end in one: nothing is checked. For layers whose
    /// callers are promised that their bytes go out unchanged, as libesl's `esl_send` does; everywhere else use
    /// [`raw`](Self::raw).
    #[must_use]
    pub fn verbatim(text: &[u8]) -> Self {
        let mut bytes = text.to_vec();
        super::build::terminate(&mut bytes);
        let shown = super::session::secret_free(&bytes);
        Self::from_parts(bytes, shown)
    }

    /// As [`auth`](Self::auth).
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn auth_bytes(password: &[u8]) -> Result<Self, BuildError> {
        Ok(Builder::new("auth").argument_bytes("password", password)?.finish_shown("auth".len()))
    }

    /// As [`userauth`](Self::userauth).
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn userauth_bytes(user: &[u8], password: &[u8]) -> Result<Self, BuildError> {
        super::one_line("user", user)?;
        let both = [user, b":", password].concat();
        let builder = Builder::new("userauth").argument_bytes("password", &both)?;
        Ok(builder.finish_shown("userauth ".len() + user.len()))
    }

    /// As [`api`](Self::api), for bytes that need not be UTF-8.
    ///
    /// # Errors
    /// As [`api`](Self::api).
    pub fn api_bytes(command: &[u8], arguments: &[u8]) -> Result<Self, BuildError> {
        Ok(Builder::new("api").command(command)?.argument_bytes("api arguments", arguments)?.finish())
    }

    /// As [`bgapi`](Self::bgapi), for bytes that need not be UTF-8.
    ///
    /// # Errors
    /// As [`bgapi`](Self::bgapi).
    pub fn bgapi_bytes(
        command: &[u8],
        arguments: &[u8],
        job_uuid: Option<&[u8]>,
    ) -> Result<Self, BuildError> {
        let mut builder =
            Builder::new("bgapi").command(command)?.argument_bytes("api arguments", arguments)?;
        if let Some(job_uuid) = job_uuid {
            builder = builder.header_bytes("job uuid", b"Job-UUID", job_uuid)?;
        }
        Ok(builder.finish())
    }

    /// As [`filter`](Self::filter); a header with a blank is sent as it is, as libesl does.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn filter_bytes(header: &[u8], value: &[u8]) -> Result<Self, BuildError> {
        Ok(Builder::new("filter")
            .argument_bytes("filter header", header)?
            .argument_bytes("filter value", value)?
            .finish())
    }

    /// As [`event`](Self::event).
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn event_bytes(format: EventFormat, names: &[u8]) -> Result<Self, BuildError> {
        Ok(Builder::new("event")
            .argument("format", format.name())?
            .argument_bytes("event names", names)?
            .finish())
    }

    /// As [`sendevent`](Self::sendevent), from the parts of an event.
    ///
    /// # Errors
    /// [`BuildError`] when a header holds a line break.
    pub fn sendevent_parts<'a>(
        event_type: EventType,
        headers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        body: &[u8],
    ) -> Result<Self, BuildError> {
        Ok(Builder::new("sendevent")
            .word("event type", event_type.name())?
            .parts(headers)?
            .body(body)?
            .finish())
    }

    /// As [`sendmsg`](Self::sendmsg), from the parts of an event; `Event-Name` is left out here too.
    ///
    /// # Errors
    /// [`BuildError`] when the uuid or a header holds a line break.
    pub fn sendmsg_parts<'a>(
        uuid: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        body: &[u8],
    ) -> Result<Self, BuildError> {
        let headers = headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case(b"event-name"));
        Ok(Self::message_to(uuid)?.parts(headers)?.body(body)?.finish())
    }
}

impl Builder {
    fn parts<'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, BuildError> {
        for (name, value) in headers {
            self = self.event_header(name, value)?;
        }
        Ok(self)
    }
}
