/// What a message is, by its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentType {
    /// `auth/request`: the server waits for `auth` or `userauth`.
    AuthRequest,
    /// `command/reply`: the reply to a command.
    CommandReply,
    /// `api/response`: the reply to `api`.
    ApiResponse,
    /// `text/event-plain`.
    EventPlain,
    /// `text/event-json`.
    EventJson,
    /// `text/event-xml`.
    EventXml,
    /// `log/data`: a log line.
    LogData,
    /// `text/disconnect-notice`: the server ends the connection, or the call (see [`DisconnectNotice`](crate::DisconnectNotice)).
    DisconnectNotice,
    /// `text/rude-rejection`: the server's access list refuses our address.
    RudeRejection,
    /// Anything else, or no `Content-Type` at all. The header has the text.
    Other,
}

impl ContentType {
    /// Every kind that has a name on the wire.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("text/event-plain", Self::EventPlain),
        ("command/reply", Self::CommandReply),
        ("api/response", Self::ApiResponse),
        ("text/event-json", Self::EventJson),
        ("log/data", Self::LogData),
        ("text/event-xml", Self::EventXml),
        ("text/disconnect-notice", Self::DisconnectNotice),
        ("auth/request", Self::AuthRequest),
        ("text/rude-rejection", Self::RudeRejection),
    ];

    /// Reads a header value, in any letter case.
    #[must_use]
    pub fn from_value(value: &[u8]) -> Self {
        let named = |(name, _): &&(&str, Self)| crate::lines::same_name(value, name.as_bytes());
        Self::NAMED.iter().find(named).map_or(Self::Other, |(_, kind)| *kind)
    }

    /// Whether it replies to a command (`command/reply` or `api/response`).
    #[must_use]
    pub fn is_reply(self) -> bool {
        matches!(self, Self::CommandReply | Self::ApiResponse)
    }

    /// Whether it carries an event.
    #[must_use]
    pub fn is_event(self) -> bool {
        matches!(self, Self::EventPlain | Self::EventJson | Self::EventXml)
    }
}
