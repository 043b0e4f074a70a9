use crate::Message;

/// A `text/disconnect-notice`: the server says that the connection, or the call it controls, ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DisconnectNotice {
    /// Whether the connection is over, or stays up after its call.
    pub disposition: Disposition,
    /// `Controlled-Session-UUID`: the call, on a connection bound to one.
    pub session_uuid: Option<String>,
    /// `Channel-Name` of that call (linger notices only).
    pub channel_name: Option<String>,
    /// The text of the notice, e.g. `Disconnected, goodbye.` or `The system is being shut down.`
    pub text: String,
}

/// What becomes of the connection after the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is closed.
    Disconnect,
    /// The call has ended; the connection stays up (`linger`).
    Linger {
        /// `Linger-Time` in seconds; `None`: until we say `exit`.
        seconds: Option<u64>,
    },
}

impl DisconnectNotice {
    pub(crate) fn from_message(message: &Message) -> Self {
        let text = |name| message.header(name).map(std::borrow::Cow::into_owned);
        let lingers = message.raw_header("Content-Disposition").is_some_and(Self::says_linger);
        let seconds = text("Linger-Time").and_then(|seconds| seconds.parse().ok());
        Self {
            disposition: if lingers { Disposition::Linger { seconds } } else { Disposition::Disconnect },
            session_uuid: text("Controlled-Session-UUID"),
            channel_name: text("Channel-Name"),
            text: String::from_utf8_lossy(message.body().unwrap_or_default()).trim_end().to_owned(),
        }
    }

    /// Whether that `Content-Disposition` says that the connection stays up.
    fn says_linger(disposition: &[u8]) -> bool {
        disposition.eq_ignore_ascii_case(b"linger")
    }

    /// Whether a notice ends the connection by libesl's rule: one without a body does not, whatever else it says. (By the
    /// modern rule every notice does that is not [`lingers`](Self::lingers).)
    #[must_use]
    pub fn ends_connection_classic(disposition: Option<&[u8]>, has_body: bool) -> bool {
        has_body && !disposition.is_some_and(Self::says_linger)
    }

    /// Whether the connection stays up for now.
    #[must_use]
    pub fn lingers(&self) -> bool {
        matches!(self.disposition, Disposition::Linger { .. })
    }
}
