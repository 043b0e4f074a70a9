//! Subscribing, filtering and firing events.

use super::{BuildError, Builder, Command};
use crate::{Event, EventFormat};

impl Command {
    /// `event FORMAT NAMES`: these events come from now on, in that format. Names are separated by blanks; every word
    /// after `CUSTOM` is a subclass, so `CUSTOM` belongs last ([`Subscription`](crate::Subscription) sees to that).
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn event(format: EventFormat, names: &str) -> Result<Self, BuildError> {
        Self::event_bytes(format, names.as_bytes())
    }

    /// `nixevent NAMES`: these events come no more.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn nixevent(names: &str) -> Result<Self, BuildError> {
        Ok(Builder::new("nixevent").argument("event names", names)?.finish())
    }

    /// `noevents`: no event comes any more; those that the server has queued are dropped.
    #[must_use]
    pub fn noevents() -> Self {
        Self::plain("noevents")
    }

    /// `myevents [UUID] [FORMAT]`: the events of one channel. Without a uuid on an outbound connection; with one it
    /// binds an inbound connection to that channel (the server ignores the format there).
    ///
    /// # Errors
    /// [`BuildError`] for line breaks, blanks or an empty uuid.
    pub fn myevents(uuid: Option<&str>, format: Option<EventFormat>) -> Result<Self, BuildError> {
        let mut builder = Builder::new("myevents");
        if let Some(uuid) = uuid {
            builder = builder.word("channel uuid", uuid)?;
        }
        if let Some(format) = format {
            builder = builder.word("format", format.name())?;
        }
        Ok(builder.finish())
    }

    /// `filter HEADER VALUE`: only events with that header and value come (any one filter suffices). The value may
    /// hold blanks; `/regex/` searches.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks, and for a header that is empty or holds a blank: its rest would be the value.
    pub fn filter(header: &str, value: &str) -> Result<Self, BuildError> {
        Ok(Builder::new("filter").word("filter header", header)?.argument("filter value", value)?.finish())
    }

    /// `filter delete HEADER [VALUE]`: takes filters back.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty header.
    pub fn filter_delete(header: &str, value: Option<&str>) -> Result<Self, BuildError> {
        let mut builder = Builder::new("filter delete").word("filter header", header)?;
        if let Some(value) = value {
            builder = builder.argument("filter value", value)?;
        }
        Ok(builder.finish())
    }

    /// `filter delete all`: takes every filter back.
    #[must_use]
    pub fn filter_delete_all() -> Self {
        Self::plain("filter delete all")
    }

    /// `sendevent NAME` with the event's headers and body: fires the event in the server, which replies with the
    /// event's uuid. Values go out as they are (the server does not decode them).
    ///
    /// A `Content-Length` header of the event is left out: the body's own is sent.
    ///
    /// # Errors
    /// [`BuildError`] when a header holds a line break; send such text as the body.
    pub fn sendevent(event: &Event) -> Result<Self, BuildError> {
        Ok(Builder::new("sendevent").word("event type", event.event_type().name())?.event(event)?.finish())
    }

    /// `divert_events on|off`: events sent to the session come on this connection instead.
    #[must_use]
    pub fn divert_events(on: bool) -> Self {
        Self::plain(if on { "divert_events on" } else { "divert_events off" })
    }
}

impl Builder {
    /// The headers and the body of an event.
    pub(crate) fn event(mut self, event: &Event) -> Result<Self, BuildError> {
        for header in event.headers() {
            self = self.event_header(header.name_bytes(), &header.value_bytes())?;
        }
        self.body(event.body().unwrap_or_default())
    }

    /// One header of an event; its own `Content-Length` is left out.
    pub(crate) fn event_header(self, name: &[u8], value: &[u8]) -> Result<Self, BuildError> {
        match name.eq_ignore_ascii_case(b"content-length") {
            true => Ok(self),
            false => self.header_bytes("header value", name, value),
        }
    }
}
