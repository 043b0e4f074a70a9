//! `events NAMES…`: a tail of the server's events and log lines.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use switchwire::proto::percent::Escape;
use switchwire::{Connection, Event, EventFormat, LogLevel, Subscription};

use crate::failure::{Failure, Result};
use crate::server::ServerArgs;
use crate::{describe, duration, output};

/// Show events (and log lines) as they come, until the connection ends
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct EventsArgs {
    /// Names of events; words after CUSTOM that are not event names are subclasses [default: ALL, unless
    /// --subclass or --log is given]
    names: Vec<String>,

    /// Custom events of that subclass, e.g. `conference::maintenance`; may be repeated
    #[arg(short, long, value_name = "SUBCLASS")]
    subclass: Vec<String>,

    /// Only events with that header and value (`/…/` searches with a regular expression); with several, one match is enough
    #[arg(short, long = "filter", value_name = "HEADER=VALUE", value_parser = header_and_value)]
    filters: Vec<(String, String)>,

    /// The form in which the server sends them
    #[arg(long, default_value = "plain")]
    format: Format,

    /// Print JSON lines instead of text
    #[arg(short, long)]
    json: bool,

    /// Print all of each event, in the plain form (values percent-encoded)
    #[arg(long, conflicts_with = "json")]
    full: bool,

    /// End after that many events
    #[arg(short = 'n', long, value_name = "NUMBER")]
    count: Option<u64>,

    /// End after that time (seconds, or 500ms, 2m …)
    #[arg(long = "for", value_name = "SECONDS", value_parser = duration::seconds)]
    span: Option<Duration>,

    /// Also log lines of that level and more severe (a name, or 0 to 7)
    #[arg(long, value_name = "LEVEL")]
    log: Option<LogLevel>,

    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Plain,
    Json,
    Xml,
}

const AFTER: &str = "\
A JSON line is one object: header names and values, an array where the header is one, the body as \"_body\". A header
that the event has twice is there twice, which some JSON parsers drop; `decode` prints headers as lists.
A log line is an object with \"Content-Type\": \"log/data\".

The socket is read on a thread of its own, so a slow reader of the output does not hold up the server. When its
queue is full, new events are dropped, and their number is printed on stderr.";

pub(crate) fn run(args: EventsArgs, outer: ServerArgs) -> Result {
    let session = args.server.clone().over(outer)?.connect()?;
    let connection = session.connection();
    connection.subscribe(&args.subscription())?;
    let deadline = args.span.and_then(|span| Instant::now().checked_add(span));
    let received = connection.message_channel()?;
    let mut dropped = Dropped::default();
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0 {
        let next = match deadline {
            None => received.recv().ok(),
            Some(deadline) => match received.recv_deadline(deadline) {
                Ok(event) => Some(event),
                Err(error) if error.is_timeout() => break,
                Err(_) => None,
            },
        };
        let Some(event) = next else {
            dropped.report(connection);
            let reason = connection.disconnect_reason();
            return Err(reason.map_or_else(|| Failure::failed("the events ended"), Failure::from));
        };
        args.show(&event.into_event())?;
        left -= 1;
        dropped.report_sometimes(connection);
    }
    dropped.report(connection);
    Ok(())
}

impl EventsArgs {
    fn subscription(&self) -> Subscription {
        let format = match self.format {
            Format::Plain => EventFormat::Plain,
            Format::Json => EventFormat::Json,
            Format::Xml => EventFormat::Xml,
        };
        let everything = self.names.is_empty() && self.subclass.is_empty() && self.log.is_none();
        let names = if everything { "ALL".to_owned() } else { self.names.join(" ") };
        let mut subscription = Subscription::from_list(format, &names);
        for subclass in &self.subclass {
            subscription = subscription.custom(subclass);
        }
        for (header, value) in &self.filters {
            subscription = subscription.filter(header, value);
        }
        match self.log {
            Some(level) => subscription.log(level),
            None => subscription,
        }
    }

    fn show(&self, event: &Event) -> Result {
        if self.json {
            return output::line(event.to_json());
        }
        if self.full {
            return output::line(event.to_plain(Escape::Full));
        }
        // The server's own clock, if the event has it: `2026-08-21 14:10:14`.
        match event.header("Event-Date-Local").as_deref().and_then(|date| date.split_once(' ')) {
            Some((_, time)) => output::line(format!("{} {}", time.escape_debug(), describe::event(event))),
            None => output::line(describe::event(event)),
        }
    }
}

/// The number of dropped events that was last reported, and when.
#[derive(Default)]
struct Dropped {
    reported: u64,
    at: Option<Instant>,
}

impl Dropped {
    fn report(&mut self, connection: &Connection) {
        let dropped = connection.stats().dropped_events;
        if dropped > self.reported {
            eprintln!("switchwire: {dropped} events dropped so far: the output is read too slowly");
            self.reported = dropped;
        }
    }

    /// At most once a second.
    fn report_sometimes(&mut self, connection: &Connection) {
        if self.at.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            self.at = Some(Instant::now());
            self.report(connection);
        }
    }
}

fn header_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((header, value)) if !header.is_empty() => Ok((header.to_owned(), value.to_owned())),
        _ => Err("write HEADER=VALUE".to_owned()),
    }
}
