//! The login as data: what to send, what the replies mean. [`Login`] is the modern rule; libesl's differs in what counts as
//! success ([`Login::is_accepted_classic`]) and gives every other first message one error.

use std::fmt;

use crate::{BuildError, Command, ContentType, Message};

/// A login in progress: give it each message from the server, do what it says.
///
/// ```text
///   auth/request ──► send auth or userauth ──► +OK accepted ──► Done(Permissions)
///        │                                └──► -ERR …       ──► Failed(Refused)
///        ├─ text/rude-rejection ──► Failed(RejectedByAcl)
///        └─ anything else       ──► Failed(NotFreeSwitch)   (a second auth/request, a reply before it was asked for)
/// ```
#[derive(Debug)]
pub struct Login {
    /// Taken when it is sent.
    credentials: Option<Command>,
}

/// What to do after a message.
#[derive(Debug)]
pub enum LoginStep {
    /// Send this command and wait for the next message.
    Send(Command),
    /// Logged in.
    Done(Permissions),
    /// Not logged in, and never will be on this connection.
    Failed(LoginError),
}

/// What the server lets the user do, by the reply to `userauth`. All `None` after `auth`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permissions {
    /// `Allowed-Events`: `all` or a list of event names.
    pub events: Option<String>,
    /// `Allowed-API`: `all` or a list of api commands.
    pub api: Option<String>,
    /// `Allowed-LOG`.
    pub log: Option<bool>,
}

/// Why a login failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginError {
    /// The server's access list refuses our address (`text/rude-rejection`).
    RejectedByAcl {
        /// The text that came with it.
        text: String,
    },
    /// The user or the password is wrong.
    Refused {
        /// The server's `Reply-Text`, e.g. `-ERR invalid`.
        text: String,
    },
    /// The peer does not speak the event socket protocol.
    NotFreeSwitch {
        /// What it said instead, cut short.
        said: String,
    },
    /// The server hung up instead of replying (it waits 25 s for a login, or is shutting down).
    Disconnected {
        /// The text of its notice.
        text: String,
    },
}

impl Login {
    /// Logs in with the event socket's password (`auth`).
    ///
    /// # Errors
    /// [`BuildError`] when the password holds a line break.
    pub fn password(password: &str) -> Result<Self, BuildError> {
        Ok(Self { credentials: Some(Command::auth(password)?) })
    }

    /// Logs in as a directory user (`userauth user@domain:password`).
    ///
    /// # Errors
    /// [`BuildError`] when an argument holds a line break.
    pub fn user(user: &str, password: &str) -> Result<Self, BuildError> {
        Ok(Self { credentials: Some(Command::userauth(user, password)?) })
    }

    /// Whether that `Reply-Text` says that `auth` or `userauth` succeeded: it begins with `+OK`.
    #[must_use]
    pub fn is_accepted(reply_text: &[u8]) -> bool {
        reply_text.starts_with(b"+OK")
    }

    /// The same by libesl's rule: exactly `+OK accepted`. C's handles use it, since programs for libesl may be built on what
    /// it refuses.
    #[must_use]
    pub fn is_accepted_classic(reply_text: &[u8]) -> bool {
        reply_text == b"+OK accepted"
    }

    /// Takes the next message from the server.
    pub fn step(&mut self, message: &Message) -> LoginStep {
        let body = || String::from_utf8_lossy(message.body().unwrap_or_default()).trim_end().to_owned();
        match (message.content_type(), self.credentials.take()) {
            (ContentType::AuthRequest, Some(credentials)) => LoginStep::Send(credentials),
            (ContentType::CommandReply, None) if message.raw_header("Reply-Text").is_some() => {
                let text = message.header("Reply-Text").unwrap_or_default().into_owned();
                if Self::is_accepted(text.as_bytes()) {
                    LoginStep::Done(Permissions::from_message(message))
                } else {
                    LoginStep::Failed(LoginError::Refused { text })
                }
            }
            (ContentType::RudeRejection, _) => LoginStep::Failed(LoginError::RejectedByAcl { text: body() }),
            (ContentType::DisconnectNotice, _) => {
                LoginStep::Failed(LoginError::Disconnected { text: body() })
            }
            _ => LoginStep::Failed(LoginError::not_freeswitch(message.headers().text())),
        }
    }
}

impl Permissions {
    fn from_message(message: &Message) -> Self {
        let text = |name| message.header(name).map(std::borrow::Cow::into_owned);
        Self {
            events: text("Allowed-Events"),
            api: text("Allowed-API"),
            log: text("Allowed-LOG").map(|allowed| allowed.eq_ignore_ascii_case("true")),
        }
    }
}

impl LoginError {
    /// The error for a peer that said something else.
    #[must_use]
    pub fn not_freeswitch(said: &[u8]) -> Self {
        const SHOWN: usize = 80;
        Self::NotFreeSwitch { said: String::from_utf8_lossy(&said[..said.len().min(SHOWN)]).into_owned() }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RejectedByAcl { text } => said(f, "the server's access list refused our address", text),
            Self::Refused { text } => said(f, "the server refused the user or password", text),
            Self::NotFreeSwitch { said } => {
                write!(f, "the peer is not a FreeSWITCH event socket, it said {said:?}")
            }
            Self::Disconnected { text } => said(f, "the server hung up during login", text),
        }
    }
}

/// What happened, and the server's words where it gave any.
fn said(f: &mut fmt::Formatter<'_>, what: &str, words: &str) -> fmt::Result {
    match words.trim() {
        "" => f.write_str(what),
        words => write!(f, "{what}: {words}"),
    }
}

impl std::error::Error for LoginError {}
