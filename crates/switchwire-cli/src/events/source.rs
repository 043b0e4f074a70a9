//! Where events come from: one connection to its end, or servers whose connections come back.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use switchwire::{
    Error, Event, EventType, Fleet, FleetItem, FleetUpdate, LogRecord, ManagedState, Message, StreamItem,
    Subscription,
};

use crate::failure::{Failure, Result, one_line};
use crate::live;
use crate::server::{ServerArgs, Session, Several};

/// A stream of events (and log lines, as events).
pub(crate) enum Source {
    One { session: Box<Session>, received: Receiver<Message> },
    Many { fleet: Fleet, several: Several, connected: bool },
}

/// What comes next.
pub(crate) enum Next {
    /// An event, and its server's name where there are several.
    Event(Event, Option<String>),
    /// Nothing within that time.
    Nothing,
}

impl Source {
    /// Connects and subscribes.
    pub(crate) fn open(server: &ServerArgs, subscription: &Subscription, reconnect: bool) -> Result<Self> {
        if !reconnect && !server.names_several() {
            let session = Box::new(server.connect()?);
            session.connection().subscribe(subscription)?;
            let received = session.connection().message_channel()?;
            return Ok(Self::One { session, received });
        }
        let several = server.several()?;
        Ok(Self::Many { fleet: live::fleet(&several, subscription)?, several, connected: false })
    }

    /// The next event, waited for up to `patience`.
    ///
    /// # Errors
    /// Why there will be no more.
    pub(crate) fn next(&mut self, patience: Duration) -> Result<Next> {
        match self {
            Self::One { session, received } => match received.recv_timeout(patience) {
                Ok(message) => Ok(Next::Event(message.into_event(), None)),
                Err(error) if error.is_timeout() => Ok(Next::Nothing),
                Err(_) => {
                    let reason = session.connection().disconnect_reason();
                    Err(reason.map_or_else(|| Failure::failed("the events ended"), Failure::from))
                }
            },
            Self::Many { fleet, several, connected } => {
                let deadline = Instant::now() + patience;
                let named = several.servers.len() > 1;
                while let Some(left) = deadline.checked_duration_since(Instant::now()) {
                    let Some(item) = fleet.recv_timeout(left.min(LOOK))? else {
                        match hopeless(fleet, *connected) {
                            Some(error) => return Err(error.into()),
                            None => continue,
                        }
                    };
                    let FleetItem { server, update: FleetUpdate::Stream(update), .. } = item else {
                        continue;
                    };
                    let name = named.then(|| server.to_string());
                    match update {
                        StreamItem::Event(event) => return Ok(Next::Event(event, name)),
                        StreamItem::Log(record) => return Ok(Next::Event(log(&record), name)),
                        StreamItem::Connected(_) => *connected = true,
                        other => say(&server, &other),
                    }
                }
                Ok(Next::Nothing)
            }
        }
    }

    /// How many events this program has dropped so far.
    pub(crate) fn dropped(&self) -> u64 {
        match self {
            Self::One { session, .. } => session.connection().stats().dropped_events,
            Self::Many { fleet, .. } => fleet.health_of_all().iter().map(|(_, health)| health.dropped).sum(),
        }
    }
}

/// Why nothing will come: no server has been reached yet, and each has been tried; or all have given up.
fn hopeless(fleet: &Fleet, connected: bool) -> Option<Error> {
    let mut last = None;
    for name in fleet.servers() {
        let status = fleet.connection(&name).ok()?.status();
        let tried = !connected && status.state != ManagedState::Up && status.failures > 0;
        if !tried && status.state != ManagedState::GaveUp {
            return None;
        }
        last = status.last_error;
    }
    last
}

fn say(server: &str, item: &StreamItem) {
    match item {
        StreamItem::Lost(lost) => {
            eprintln!("switchwire: {server}: lost: {}", one_line(&lost.reason.to_string()));
        }
        StreamItem::Restored(back) => eprintln!(
            "switchwire: {server}: back after {:.1} s; its events of that time are missing",
            back.outage.as_secs_f64()
        ),
        StreamItem::GaveUp(error) => eprintln!("switchwire: {server}: {}", one_line(&error.to_string())),
        _ => {}
    }
}

/// A log line as the event that it comes as on one connection.
fn log(record: &LogRecord) -> Event {
    let mut event = Event::bare(EventType::SocketData);
    event
        .add_header("Content-Type", "log/data")
        .add_header("Log-Level", (record.level as u8).to_string())
        .add_header("Text-Channel", record.text_channel.to_string())
        .add_header("Log-File", &record.file)
        .add_header("Log-Func", &record.function)
        .add_header("Log-Line", record.line.to_string())
        .add_header("User-Data", record.channel_uuid.as_deref().unwrap_or_default())
        .set_body(&record.text);
    event
}

const LOOK: Duration = Duration::from_millis(100);
