//! `sendmsg` with options: running an application, sending media elsewhere.

use super::{BuildError, Command};

/// `sendmsg`, `call-command: execute`: runs a dialplan application on a channel.
///
/// ```
/// use switchwire_proto::Execute;
/// let command = Execute::new("playback").argument("/tmp/hello.wav").loops(2).event_lock(true).build()?;
/// assert!(command.as_bytes().starts_with(b"sendmsg\ncall-command: execute\nexecute-app-name: playback\n"));
/// # Ok::<(), switchwire_proto::BuildError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Execute {
    application: Option<Vec<u8>>,
    argument: Option<Vec<u8>>,
    argument_as_body: bool,
    uuid: Option<Vec<u8>>,
    event_uuid: Option<Vec<u8>>,
    event_uuid_name: Option<Vec<u8>>,
    loops: Option<u32>,
    event_lock: bool,
    event_lock_pri: bool,
    asynchronous: bool,
    hold_bleg: bool,
    lead_frames: Option<u32>,
}

impl Execute {
    /// Runs that application.
    #[must_use]
    pub fn new(application: impl AsRef<[u8]>) -> Self {
        Self { application: Some(application.as_ref().to_vec()), ..Self::default() }
    }

    /// No application at all, as libesl sends it for a NULL one; the server replies `+OK` and does nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The application's argument (`execute-app-arg`). An argument with line breaks is sent as the body.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<[u8]>) -> Self {
        let argument = argument.as_ref().to_vec();
        self.argument_as_body |= memchr::memchr2(b'\n', b'\r', &argument).is_some();
        self.argument = Some(argument);
        self
    }

    /// The application's argument, refused by [`build`](Self::build) when it holds a line break.
    #[must_use]
    pub fn argument_line(mut self, argument: impl AsRef<[u8]>) -> Self {
        self.argument = Some(argument.as_ref().to_vec());
        self.argument_as_body = false;
        self
    }

    /// Sends the argument as the body (`content-type: text/plain`), whatever it holds.
    #[must_use]
    pub fn argument_as_body(mut self, as_body: bool) -> Self {
        self.argument_as_body = as_body;
        self
    }

    /// The channel; needed on an inbound connection that is not bound to one.
    #[must_use]
    pub fn uuid(mut self, uuid: impl AsRef<[u8]>) -> Self {
        self.uuid = Some(uuid.as_ref().to_vec());
        self
    }

    /// `Event-UUID`: comes back as `Application-UUID` in CHANNEL_EXECUTE and CHANNEL_EXECUTE_COMPLETE.
    #[must_use]
    pub fn event_uuid(mut self, event_uuid: impl AsRef<[u8]>) -> Self {
        self.event_uuid = Some(event_uuid.as_ref().to_vec());
        self
    }

    /// `Event-UUID-Name`: comes back as `Application-UUID-Name`.
    #[must_use]
    pub fn event_uuid_name(mut self, name: impl AsRef<[u8]>) -> Self {
        self.event_uuid_name = Some(name.as_ref().to_vec());
        self
    }

    /// How often it is run. The server stops early when one run takes less than half a second.
    #[must_use]
    pub fn loops(mut self, loops: u32) -> Self {
        self.loops = Some(loops);
        self
    }

    /// `event-lock: true`: the next message waits until this application has ended.
    #[must_use]
    pub fn event_lock(mut self, lock: bool) -> Self {
        self.event_lock = lock;
        self
    }

    /// `event-lock-pri: true`: as [`event_lock`](Self::event_lock), before others of normal priority.
    #[must_use]
    pub fn event_lock_pri(mut self, lock: bool) -> Self {
        self.event_lock_pri = lock;
        self
    }

    /// `async: true`: the reply does not wait for the application's end, on a sync socket too.
    #[must_use]
    pub fn asynchronous(mut self, asynchronous: bool) -> Self {
        self.asynchronous = asynchronous;
        self
    }

    /// `hold-bleg: true`: the other leg is put on hold meanwhile.
    #[must_use]
    pub fn hold_bleg(mut self, hold: bool) -> Self {
        self.hold_bleg = hold;
        self
    }

    /// `lead-frames`: how many media frames to wait for before the application starts.
    #[must_use]
    pub fn lead_frames(mut self, frames: u32) -> Self {
        self.lead_frames = Some(frames);
        self
    }

    /// Of what is set: the application.
    #[must_use]
    pub fn get_application(&self) -> Option<&[u8]> {
        self.application.as_deref()
    }

    /// Of what is set: the channel.
    #[must_use]
    pub fn get_uuid(&self) -> Option<&[u8]> {
        self.uuid.as_deref()
    }

    /// Of what is set: the `Event-UUID`.
    #[must_use]
    pub fn get_event_uuid(&self) -> Option<&[u8]> {
        self.event_uuid.as_deref()
    }

    /// Of what is set: whether it carries `async: true`.
    #[must_use]
    pub fn is_asynchronous(&self) -> bool {
        self.asynchronous
    }

    /// Encodes it.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`] when the application, the uuid or a name holds a line break.
    pub fn build(&self) -> Result<Command, BuildError> {
        let mut builder =
            Command::message_to(self.uuid.as_deref())?.header("command", "call-command", "execute")?;
        let argument = self.argument.as_deref();
        let flag = |on: bool| on.then(|| b"true".to_vec());
        let number = |number: Option<u32>| number.map(|number| number.to_string().into_bytes());
        let lines = [
            ("app", "execute-app-name", self.application.clone()),
            (
                "app argument",
                "execute-app-arg",
                argument.filter(|_| !self.argument_as_body).map(<[u8]>::to_vec),
            ),
            ("loops", "loops", number(self.loops)),
            ("event uuid", "event-uuid", self.event_uuid.clone()),
            ("event uuid name", "event-uuid-name", self.event_uuid_name.clone()),
            ("event lock", "event-lock", flag(self.event_lock)),
            ("event lock", "event-lock-pri", flag(self.event_lock_pri)),
            ("hold bleg", "hold-bleg", flag(self.hold_bleg)),
            ("lead frames", "lead-frames", number(self.lead_frames)),
            ("async", "async", flag(self.asynchronous)),
        ];
        for (what, name, value) in lines {
            if let Some(value) = value {
                builder = builder.header_bytes(what, name.as_bytes(), &value)?;
            }
        }
        if let Some(argument) = argument.filter(|argument| self.argument_as_body && !argument.is_empty()) {
            builder = builder.header("content type", "content-type", "text/plain")?.body(argument)?;
        }
        Ok(builder.finish())
    }
}

/// `sendmsg`, `call-command: unicast`: the channel's media goes to and comes from a socket of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unicast {
    uuid: Option<String>,
    lines: Vec<(&'static str, String)>,
}

impl Unicast {
    /// A request with none of its options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The channel; needed on an inbound connection that is not bound to one.
    #[must_use]
    pub fn uuid(mut self, uuid: impl Into<String>) -> Self {
        self.uuid = Some(uuid.into());
        self
    }

    /// Where the server binds: `local-ip` and `local-port`.
    #[must_use]
    pub fn local(self, ip: impl Into<String>, port: u16) -> Self {
        self.line("local-ip", ip.into()).line("local-port", port.to_string())
    }

    /// Where it sends to: `remote-ip` and `remote-port`.
    #[must_use]
    pub fn remote(self, ip: impl Into<String>, port: u16) -> Self {
        self.line("remote-ip", ip.into()).line("remote-port", port.to_string())
    }

    /// `transport`: `udp` or `tcp`.
    #[must_use]
    pub fn transport(self, transport: impl Into<String>) -> Self {
        self.line("transport", transport.into())
    }

    /// `flags`, e.g. `native` (no transcoding to linear audio).
    #[must_use]
    pub fn flags(self, flags: impl Into<String>) -> Self {
        self.line("flags", flags.into())
    }

    /// Encodes it.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`] when an option holds a line break.
    pub fn build(&self) -> Result<Command, BuildError> {
        let mut builder = Command::message_to(self.uuid.as_deref().map(str::as_bytes))?.header(
            "command",
            "call-command",
            "unicast",
        )?;
        for (name, value) in &self.lines {
            builder = builder.header("unicast option", name, value)?;
        }
        Ok(builder.finish())
    }

    fn line(mut self, name: &'static str, value: String) -> Self {
        self.lines.retain(|(other, _)| *other != name);
        self.lines.push((name, value));
        self
    }
}
