//! What arrived on a connection, for Python.

use pyo3::prelude::*;
use switchwire::{ContentType, Incoming, Message};

use crate::event::Event;
use crate::log;
use crate::notice::Notices;

/// A message as an event; a log line goes to `logging` instead, a linger notice to `notices`.
#[inline]
pub(crate) fn event(py: Python<'_>, message: Message, notices: &Notices) -> PyResult<Option<Event>> {
    match message.content_type() {
        ContentType::LogData => {
            if let Incoming::Log(record) = message.into() {
                log::emit(py, record)?;
            }
            Ok(None)
        }
        ContentType::DisconnectNotice => {
            if let Incoming::Notice(notice) = message.into() {
                notices.take(py, notice)?;
            }
            Ok(None)
        }
        _ => Ok(Some(Event::new(message.into_event()))),
    }
}
