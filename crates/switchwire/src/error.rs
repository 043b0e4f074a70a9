//! What can go wrong, as one opaque error with a kind to match.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchwire_proto::dial::DialError;
use switchwire_proto::{BuildError, DecodeError, DisconnectNotice, Event, HangupCause, LoginError, Refusal};

/// The result of nearly every call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Match [`kind`](Self::kind); the rest is for people to read.
///
/// A `-ERR` reply fails the methods that are to bring something about ([`ErrorKind::Refused`]); where the server's words
/// are what is asked for (`api`, `send_recv`, `request`) it is a reply like others: see
/// [`Reply::into_result`](crate::Reply::into_result). Cheap to clone; passwords never show in it.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    phase: Option<Phase>,
    detail: String,
    notice: Option<DisconnectNotice>,
    hangup: Option<Hangup>,
    /// The server's own words.
    reply: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// It has ended the connection.
    over: AtomicBool,
}

/// What is known of the end of a call.
struct Hangup {
    cause: Option<String>,
    event: Option<Event>,
}

/// The kinds of errors. `ALL` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The host name could not be resolved.
    Resolve,
    /// No address of the host could be connected to (or the listener could not be bound).
    Connect,
    /// The server's access list refuses our address (`text/rude-rejection`).
    RejectedByAcl,
    /// The user or the password is wrong.
    Authentication,
    /// The peer does not speak the event socket protocol.
    NotFreeSwitch,
    /// The operation timed out; [`Error::phase`] says in which phase. The connection stays usable.
    Timeout,
    /// The connection is over: closed by the server ([`Error::notice`] has its words, where it gave any), broken, or
    /// closed by us.
    Disconnected,
    /// The server's bytes make no sense; the connection is closed.
    Protocol,
    /// An argument holds a line break or is empty where it must not be; or a call that waits was made in a callback of an event
    /// loop ([`SessionHandler`](crate::SessionHandler)). Nothing was sent.
    InvalidArgument,
    /// A limit was hit: a message larger than allowed, the event queue with [`Overflow::Fail`](crate::Overflow::Fail), too much unsent.
    LimitExceeded,
    /// The server replied `-ERR` to a command that must succeed.
    Refused,
    /// The call ended before the application that was waited for, or during it; or a call that was to be made
    /// ([`Connection::originate`](crate::Connection::originate)) has failed: [`Error::hangup_cause`] and
    /// [`Error::event`] say more.
    Hangup,
    /// Waiting would never end: the connection is not subscribed to the event that is waited for.
    NotSubscribed,
    /// The connection belongs to another process: this one is a child made by `fork`, which cannot use it.
    Forked,
    /// The connection was lost after the command had been sent and before its reply, or the end of what it started, came:
    /// the server may have run it or not. It is not sent again. Only on a [`ManagedConnection`](crate::ManagedConnection).
    OutcomeUnknown,
    /// The operating system refused something else; or, in [`Listener::on_error`](crate::Listener::on_error), a handler
    /// failed with an error that is not one of these.
    Io,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Resolve,
        Self::Connect,
        Self::RejectedByAcl,
        Self::Authentication,
        Self::NotFreeSwitch,
        Self::Timeout,
        Self::Disconnected,
        Self::Protocol,
        Self::InvalidArgument,
        Self::LimitExceeded,
        Self::Refused,
        Self::Hangup,
        Self::NotSubscribed,
        Self::Forked,
        Self::OutcomeUnknown,
        Self::Io,
    ];

    /// A stable word for it, e.g. `rejected-by-acl`: what the bindings' error codes are made from.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::RejectedByAcl => "rejected-by-acl",
            Self::Authentication => "authentication",
            Self::NotFreeSwitch => "not-freeswitch",
            Self::Timeout => "timeout",
            Self::Disconnected => "disconnected",
            Self::Protocol => "protocol",
            Self::InvalidArgument => "invalid-argument",
            Self::LimitExceeded => "limit-exceeded",
            Self::Refused => "refused",
            Self::Hangup => "hangup",
            Self::NotSubscribed => "not-subscribed",
            Self::Forked => "forked",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Io => "io",
        }
    }
}

/// What was being waited for when a call timed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The host's addresses.
    Resolve,
    /// The TCP connection.
    Connect,
    /// The server's auth/request and its reply to the password; outbound: the reply to `connect`.
    Login,
    /// The reply to a command.
    Reply,
    /// The end of a background job.
    Job,
    /// The end of an application.
    Execute,
    /// Room in the socket for what is to be sent.
    Send,
    /// A state of a call.
    State,
    /// The next digit of a call.
    Digits,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 9] = [
        Self::Resolve,
        Self::Connect,
        Self::Login,
        Self::Reply,
        Self::Job,
        Self::Execute,
        Self::Send,
        Self::State,
        Self::Digits,
    ];

    /// A stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Login => "login",
            Self::Reply => "reply",
            Self::Job => "job",
            Self::Execute => "execute",
            Self::Send => "send",
            Self::State => "state",
            Self::Digits => "digits",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self::made(kind, detail, |_| ())
    }

    fn made(kind: ErrorKind, detail: impl Into<String>, more: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner {
            kind,
            phase: None,
            detail: detail.into(),
            notice: None,
            hangup: None,
            reply: None,
            source: None,
            over: AtomicBool::new(matches!(
                kind,
                ErrorKind::Disconnected | ErrorKind::Protocol | ErrorKind::Forked | ErrorKind::OutcomeUnknown
            )),
        };
        more(&mut inner);
        Self(Arc::new(inner))
    }

    pub(crate) fn with_source(
        kind: ErrorKind,
        detail: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::made(kind, detail, |inner| inner.source = Some(source.into()))
    }

    /// The error of a wait in that phase that a layer above has given up.
    #[doc(hidden)]
    #[must_use]
    pub fn timeout(phase: Phase) -> Self {
        let detail = format!("timed out waiting for {}", phase.awaited());
        Self::made(ErrorKind::Timeout, detail, |inner| inner.phase = Some(phase))
    }

    pub(crate) fn disconnected(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Disconnected, detail)
    }

    /// What was under way when a supervised connection was lost.
    pub(crate) fn outcome_unknown(reason: &Self) -> Self {
        let detail =
            "the connection was lost before the reply came: the server may have run the command or not";
        Self::with_source(ErrorKind::OutcomeUnknown, detail, reason.clone())
    }

    pub(crate) fn notice_received(notice: DisconnectNotice) -> Self {
        let detail = with_words("the server closed the connection", &notice.text);
        Self::made(ErrorKind::Disconnected, detail, |inner| inner.notice = Some(notice))
    }

    /// The call ended; with the event of the application that it ended, when that came.
    pub(crate) fn hung_up(cause: Option<String>, event: Option<Event>) -> Self {
        let when = if event.is_some() { "during the application" } else { "before the application's end" };
        let known = cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        let detail = format!("the call ended {when}{known}");
        Self::made(ErrorKind::Hangup, detail, |inner| inner.hangup = Some(Hangup { cause, event }))
    }

    /// The error is the reason for which the connection is over.
    pub(crate) fn mark_over(&self) {
        self.0.over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn forked() -> Self {
        Self::new(ErrorKind::Forked, "this connection belongs to another process: connect again after fork")
    }

    /// The error of a `-ERR` reply: what was requested, and the server's words.
    #[doc(hidden)]
    #[must_use]
    pub fn refused(what: &str, reply: &str) -> Self {
        let detail = with_words(&format!("the server refused {what}"), reply);
        Self::made(ErrorKind::Refused, detail, |inner| inner.reply = Some(reply.trim_end().to_owned()))
    }

    /// A call that was to be made has failed, with the cause and the server's text.
    pub(crate) fn not_answered(what: &str, cause: &HangupCause, reply: &str) -> Self {
        let detail = with_words(what, reply);
        Self::made(ErrorKind::Hangup, detail, |inner| {
            inner.hangup = Some(Hangup { cause: Some(cause.name().to_owned()), event: None });
            inner.reply = Some(reply.trim_end().to_owned());
        })
    }

    /// An error of kind `Io`: for event loops that watch the socket themselves.
    #[must_use]
    pub fn from_io(detail: impl Into<String>, error: std::io::Error) -> Self {
        Self::with_source(ErrorKind::Io, detail, error)
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// For [`ErrorKind::Timeout`]: what was being waited for.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.0.phase
    }

    /// For [`ErrorKind::Disconnected`]: the server's notice, when it gave one.
    #[must_use]
    pub fn notice(&self) -> Option<&DisconnectNotice> {
        self.0.notice.as_ref()
    }

    /// For [`ErrorKind::Hangup`]: `Hangup-Cause` of the call, where it is known.
    #[must_use]
    pub fn hangup_cause(&self) -> Option<&str> {
        self.0.hangup.as_ref()?.cause.as_deref()
    }

    /// As [`hangup_cause`](Self::hangup_cause), typed.
    #[must_use]
    pub fn cause(&self) -> Option<HangupCause> {
        self.hangup_cause().map(HangupCause::from)
    }

    /// For [`ErrorKind::Refused`], and [`ErrorKind::Hangup`] of a call that was to be made: the server's own text, e.g.
    /// `-ERR USER_BUSY`.
    #[must_use]
    pub fn reply_text(&self) -> Option<&str> {
        self.0.reply.as_deref()
    }

    /// For [`ErrorKind::Hangup`]: the `CHANNEL_EXECUTE_COMPLETE` of the application that the call's end ended, where it
    /// came. After a `bridge` its `variable_originate_disposition` says how the bridge went.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        self.0.hangup.as_ref()?.event.as_ref()
    }

    /// For [`ErrorKind::Protocol`] and [`ErrorKind::LimitExceeded`]: where in the stream (bytes received before) the
    /// message begins that could not be decoded.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        let source = self.0.source.as_deref()?;
        source.downcast_ref::<DecodeError>().map(|error| error.offset)
    }

    /// Whether the operation timed out; the connection stays usable then.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the connection is over, whatever the kind: nothing but a new connection helps.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        self.0.over.load(Ordering::Relaxed)
    }
}

impl Phase {
    const fn awaited(self) -> &'static str {
        match self {
            Self::Resolve => "the host's addresses",
            Self::Connect => "the TCP connection",
            Self::Login => "the server during login",
            Self::Reply => "the reply to a command",
            Self::Job => "the end of a background job",
            Self::Execute => "the end of an application",
            Self::Send => "room to send",
            Self::State => "the call's state",
            Self::Digits => "a digit",
        }
    }
}

/// What happened, and the server's words where it gave any.
fn with_words(what: &str, words: &str) -> String {
    match words.trim_end() {
        "" => what.to_owned(),
        words => format!("{what}: {words}"),
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)?;
        match &self.0.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind);
        if let Some(phase) = self.0.phase {
            out.field("phase", &phase);
        }
        out.field("message", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::with_source(ErrorKind::InvalidArgument, "the command cannot be built", error)
    }
}

impl From<DialError> for Error {
    fn from(error: DialError) -> Self {
        Self::with_source(ErrorKind::InvalidArgument, "this cannot be said to the server", error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        Self::made(ErrorKind::Refused, detail, |inner| inner.reply = Some(refusal.text))
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        let kind = if error.is_limit() { ErrorKind::LimitExceeded } else { ErrorKind::Protocol };
        Self::with_source(kind, "the server's bytes cannot be decoded", error)
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        let kind = match &error {
            LoginError::RejectedByAcl { .. } => ErrorKind::RejectedByAcl,
            LoginError::NotFreeSwitch { .. } => ErrorKind::NotFreeSwitch,
            LoginError::Disconnected { .. } => ErrorKind::Disconnected,
            // `Refused`, and what later versions may add.
            _ => ErrorKind::Authentication,
        };
        Self::with_source(kind, "login failed", error)
    }
}
