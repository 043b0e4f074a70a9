use std::borrow::Cow;
use std::fmt;

use crate::text::lossy;
use crate::{ContentType, Event, Message, percent};

/// The server's reply to one command: a `command/reply` or an `api/response`.
///
/// `-ERR` is a reply too: it says that the server did not do what was requested, not that the connection is broken.
/// `api` may get a `command/reply` as well (a restricted user's refusal).
#[derive(Debug, Clone)]
pub struct Reply {
    message: Message,
}

impl Reply {
    pub(crate) fn new(message: Message) -> Self {
        Self { message }
    }

    /// Whether the server did not refuse: a `Reply-Text` that begins with `+OK`, or an `api/response` whose body
    /// does not begin with `-ERR` or `-USAGE`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        match self.message.content_type() {
            ContentType::ApiResponse => self.error().is_none(),
            _ => self.text_bytes().starts_with(b"+OK"),
        }
    }

    /// The refusal, e.g. `-ERR command not found`; `None` when it is none. Text that begins with neither `+OK` nor
    /// `-ERR` (the value that `getvar` gives) is no refusal.
    #[must_use]
    pub fn error(&self) -> Option<Cow<'_, str>> {
        let text = self.text_bytes();
        Self::is_refusal(&text).then(|| match lossy(text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
            Cow::Owned(text) => Cow::Owned(text.trim_end().to_owned()),
        })
    }

    /// The reply itself, or the refusal as an error: `api("uuid_kill", …)?.into_result()?`.
    ///
    /// # Errors
    /// [`Refusal`] where [`error`](Self::error) is one.
    pub fn into_result(self) -> Result<Self, Refusal> {
        match self.error() {
            None => Ok(self),
            Some(text) => Err(Refusal { text: text.into_owned() }),
        }
    }

    /// Whether the output of a command (a reply's text, or a background job's) is a refusal: it begins with `-ERR` or
    /// `-USAGE`.
    #[must_use]
    pub fn is_refusal(text: &[u8]) -> bool {
        text.starts_with(b"-ERR") || text.starts_with(b"-USAGE")
    }

    /// The text of the reply: the body of an `api/response`, else the `Reply-Text` (percent-decoded, as libesl does).
    /// Bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        lossy(self.text_bytes())
    }

    /// As [`text`](Self::text), in bytes.
    #[must_use]
    pub fn text_bytes(&self) -> Cow<'_, [u8]> {
        match self.message.content_type() {
            ContentType::ApiResponse => Cow::Borrowed(self.message.body().unwrap_or_default()),
            _ => percent::decode(self.raw_text()),
        }
    }

    /// The `Reply-Text` as it came, not percent-decoded: what `getvar` gives. Empty for an `api/response`.
    #[must_use]
    pub fn raw_text(&self) -> &[u8] {
        self.message.raw_header("Reply-Text").unwrap_or_default()
    }

    /// `Job-UUID`, in the reply to `bgapi`.
    #[must_use]
    pub fn job_uuid(&self) -> Option<Cow<'_, str>> {
        self.message.header("Job-UUID")
    }

    /// Any header of the reply, percent-decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.message.header(name)
    }

    /// The body, where there is one.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.message.body()
    }

    /// The reply in the classic object model: an event of type `SOCKET_DATA`.
    #[must_use]
    pub fn event(&self) -> Event {
        self.message.outer_event()
    }

    /// The message as it came.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Takes the message.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }
}

/// A reply that is a refusal, as an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The server's text, e.g. `-ERR No such channel!`
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refused: {}", self.text)
    }
}

impl std::error::Error for Refusal {}
