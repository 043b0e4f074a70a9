//! `events NAMES…`: a tail of the server's events and log lines.

mod columns;
mod progress;
mod sink;
mod source;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use parking_lot::Mutex;
use switchwire::proto::percent::Escape;
use switchwire::{Event, EventFormat, LogLevel, Subscription};

use self::progress::Progress;
use self::sink::{Rotating, Sink};
use self::source::{Next, Source};
use crate::failure::Result;
use crate::server::ServerArgs;
use crate::{describe, duration, output, printable, signals};

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

    /// Print these headers alone, separated by tabs; `Body` is the body
    #[arg(long, value_name = "HEADER,...", value_delimiter = ',', conflicts_with_all = ["json", "full"])]
    columns: Vec<String>,

    /// Connect again when the connection is lost; what was missed is said on stderr. (With several servers always)
    #[arg(long)]
    reconnect: bool,

    /// Write to that file instead of stdout; compressed if its name ends in .zst. One that is there is kept as FILE.1
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Begin another file when it holds that much text (500k, 10M, 1G): FILE becomes FILE.1, that FILE.2 …
    #[arg(long, value_name = "SIZE", value_parser = sink::size, requires = "output")]
    rotate: Option<u64>,

    /// How many files before the present one are kept
    #[arg(long, value_name = "NUMBER", default_value_t = 10, requires = "output")]
    keep: u32,

    /// Say every second on stderr how many events come, also where stderr is no terminal
    #[arg(long)]
    progress: bool,

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
queue is full, new events are dropped, and their number is printed on stderr. While the output goes elsewhere, a terminal on
stderr shows how many events come.

Of several servers each line begins with the server's name; JSON and --full have it as Switchwire-Server.";

pub(crate) fn run(args: &EventsArgs, outer: ServerArgs) -> Result {
    let server = args.server.clone().over(outer)?;
    let sink = Arc::new(Mutex::new(args.sink()?));
    if args.output.is_some() {
        // A signal leaves a file that is whole.
        let sink = Arc::clone(&sink);
        signals::at_the_end(move || sink.lock().finish());
    }
    let mut source = Source::open(&server, &args.subscription(), args.reconnect)?;
    let mut progress = Progress::new(args.progress, args.output.is_some());
    let outcome = args.copy(&mut source, &sink, &mut progress);
    progress.end(source.dropped());
    sink.lock().finish().and(outcome)
}

impl EventsArgs {
    /// Events to the sink, until enough have come or there are no more.
    fn copy(&self, source: &mut Source, sink: &Mutex<Sink>, progress: &mut Progress) -> Result {
        let deadline = self.span.and_then(|span| Instant::now().checked_add(span));
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            let patience = deadline.map_or(LOOK, |at| at.saturating_duration_since(Instant::now()).min(LOOK));
            if patience.is_zero() {
                break;
            }
            if let Next::Event(event, server) = source.next(patience)? {
                sink.lock().line(&self.line(event, server.as_deref()))?;
                progress.count();
                left -= 1;
            }
            if progress.is_due() {
                progress.show(source.dropped());
                sink.lock().flush()?;
            }
        }
        Ok(())
    }

    fn sink(&self) -> Result<Sink> {
        match &self.output {
            Some(path) => Rotating::create(path, self.rotate, self.keep).map(Sink::File),
            None => Ok(Sink::Stdout),
        }
    }

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

    fn line(&self, mut event: Event, server: Option<&str>) -> Vec<u8> {
        if self.json {
            if let Some(server) = server {
                event.add_header(SERVER, server);
            }
            return printable::json(event.to_json()).into();
        }
        if self.full {
            if let Some(server) = server {
                event.add_header(SERVER, server);
            }
            let plain = event.to_plain(Escape::Full);
            // The body is as it came; a file gets it so.
            return match self.output {
                None => output::shown(&plain).into_owned(),
                Some(_) => plain,
            };
        }
        let server = server.map(|server| format!("{server} ")).unwrap_or_default();
        if !self.columns.is_empty() {
            let server = server.trim_end();
            let gap = if server.is_empty() { "" } else { "\t" };
            return format!("{server}{gap}{}", columns::line(&event, &self.columns)).into();
        }
        // The server's own clock, if the event has it: `2026-08-21 14:10:14`.
        let described = describe::event(&event);
        match event.header("Event-Date-Local").as_deref().and_then(|date| date.split_once(' ')) {
            Some((_, time)) => format!("{server}{} {described}", time.escape_debug()).into(),
            None => format!("{server}{described}").into(),
        }
    }
}

fn header_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((header, value)) if !header.is_empty() => Ok((header.to_owned(), value.to_owned())),
        _ => Err("write HEADER=VALUE".to_owned()),
    }
}

/// How soon the clock is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Names the server of an event where there are several.
const SERVER: &str = "Switchwire-Server";
