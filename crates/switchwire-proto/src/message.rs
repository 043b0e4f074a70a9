use std::borrow::Cow;
use std::sync::Arc;

use crate::event::Shape;
use crate::format::{Rules, json, xml};
use crate::text::lossy;
use crate::{
    ContentType, DisconnectNotice, Event, Frame, HeaderLines, LogRecord, ParseError, Reply, percent,
};

/// One message from the server: its header block and its body, in one shared buffer.
///
/// Cloning is cheap (the bytes are shared); it may be sent to and shared with other threads.
#[derive(Clone)]
pub struct Message {
    bytes: Arc<[u8]>,
    head: u32,
    body: u32,
    has_body: bool,
    content_type: ContentType,
    /// Of a JSON event that can be read in place.
    shape: Option<Shape>,
}

impl Message {
    pub(crate) fn from_frame(frame: &Frame<'_>) -> Self {
        let (head, body, has_body) = frame.spans();
        // Limits keep a whole frame under 4 GiB, so spans always fit.
        let span = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let content_type = frame.content_type();
        // Found out now, while the bytes are in this processor's cache.
        let shape = match content_type {
            ContentType::EventJson => Shape::of(&frame.bytes()[body..], span(body)),
            _ => None,
        };
        Self {
            bytes: Arc::from(frame.bytes()),
            head: span(head),
            body: span(body),
            has_body,
            content_type,
            shape,
        }
    }

    /// What it is.
    #[must_use]
    pub fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// The header lines, in order: name and raw (not percent-decoded) value.
    #[must_use]
    pub fn headers(&self) -> HeaderLines<'_> {
        HeaderLines::new(&self.bytes[..self.head as usize])
    }

    /// The raw value of the first header of that name (any letter case), as it came.
    #[must_use]
    pub fn raw_header(&self, name: &str) -> Option<&[u8]> {
        self.headers().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The percent-decoded value of the first header of that name (any letter case). Bytes that are not UTF-8 come
    /// as U+FFFD.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(lossy(percent::decode(self.raw_header(name)?)))
    }

    /// The body; `None` when there was no `Content-Length`.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.has_body.then(|| &self.bytes[self.body as usize..])
    }

    /// The message as an event of type `SOCKET_DATA`, as the classic object model shows replies: an `Event-Name:
    /// SOCKET_DATA` header first, then its own headers, and its body.
    #[must_use]
    pub fn outer_event(&self) -> Event {
        let body = self.has_body.then_some((self.body, self.size()));
        Event::from_head(self.bytes.clone(), self.head, body)
    }

    /// The event that the message carries, as the server sent it.
    ///
    /// # Errors
    /// [`ParseError`] when it carries none (see [`ContentType::is_event`]) or its JSON or XML is broken.
    pub fn event(&self) -> Result<Event, ParseError> {
        let body = self.event_text()?;
        match self.content_type {
            ContentType::EventJson => self.json_event(body, Rules::AsSent),
            ContentType::EventXml => xml::parse(body, Rules::AsSent),
            _ => Ok(self.plain_event(Rules::AsSent)),
        }
    }

    /// The event that a receive call gives: the carried event as the server sent it, or for every other message (and for
    /// an event whose text is broken) the message itself as [`outer_event`](Self::outer_event).
    #[must_use]
    pub fn into_event(self) -> Event {
        self.event().unwrap_or_else(|_| self.outer_event())
    }

    /// As [`into_event`](Self::into_event) by libesl's rules: plain and JSON events are read header after header, each
    /// with what it does to those before it; an XML event stays an outer message.
    #[must_use]
    pub fn into_classic_event(self) -> Event {
        let event = self.event_text().and_then(|text| match self.content_type {
            ContentType::EventPlain => Ok(self.plain_event(Rules::Classic)),
            ContentType::EventJson => self.json_event(text, Rules::Classic),
            _ => Err(ParseError::new("plain or JSON", "the message carries none")),
        });
        event.unwrap_or_else(|_| self.outer_event())
    }

    fn plain_event(&self, rules: Rules) -> Event {
        Event::from_plain_bytes(self.bytes.clone(), self.body, self.size(), rules)
    }

    fn json_event(&self, text: &[u8], rules: Rules) -> Result<Event, ParseError> {
        match self.shape {
            Some(shape) => {
                Ok(Event::from_flat_json(self.bytes.clone(), self.body, self.size(), shape, rules))
            }
            None => json::parse(text, rules),
        }
    }

    fn event_text(&self) -> Result<&[u8], ParseError> {
        let carries = self.content_type.is_event();
        self.body()
            .filter(|_| carries)
            .ok_or_else(|| ParseError::new("plain, JSON or XML", "the message carries none"))
    }

    /// The header block of the message as an event of its own, without a `SOCKET_DATA` header: what the reply to
    /// `connect` (`CHANNEL_DATA`) is.
    #[must_use]
    pub fn head_event(&self) -> Event {
        Event::from_plain_bytes(self.bytes.clone(), 0, self.head, Rules::AsSent)
    }

    /// The message as the reply to a command; `None` when it is not one.
    #[must_use]
    pub fn into_reply(self) -> Option<Reply> {
        self.content_type.is_reply().then(|| Reply::new(self))
    }

    /// The message as a log line (`log/data`); `None` when it is not one.
    #[must_use]
    pub fn log_record(&self) -> Option<LogRecord> {
        (self.content_type == ContentType::LogData).then(|| LogRecord::from_message(self))
    }

    /// The message as a disconnect notice; `None` when it is not one.
    #[must_use]
    pub fn disconnect_notice(&self) -> Option<DisconnectNotice> {
        (self.content_type == ContentType::DisconnectNotice).then(|| DisconnectNotice::from_message(self))
    }

    /// How many bytes it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds no bytes; a decoded message always holds some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("content_type", &self.content_type)
            .field("head", &String::from_utf8_lossy(&self.bytes[..self.head as usize]))
            .field("body_len", &self.body().map(<[u8]>::len))
            .finish()
    }
}
