//! `trace UUID`: one call as a timeline: the events and log lines of all its legs, with durations.

mod collect;
mod json;
mod recorded;
mod svg;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use parking_lot::Mutex;
use switchwire::application::ApiCommand;
use switchwire::{Connection, EventFormat, Incoming, LogLevel, Subscription};

use self::collect::Collected;
use crate::failure::{Failure, Result};
use crate::server::ServerArgs;
use crate::story::{Line, Story};
use crate::{duration, output, signals};

/// Follow one call to its end: the events and log lines of all its legs as a timeline, with durations
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct TraceArgs {
    /// The uuid of one of the call's legs
    uuid: String,

    /// Read a recording (of `record`) instead of following a server
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Print the whole as one JSON object
    #[arg(short, long)]
    json: bool,

    /// Print a picture (SVG)
    #[arg(long, conflicts_with = "json")]
    svg: bool,

    /// Also log lines of that level and more severe (a name, or 0 to 7)
    #[arg(long, value_name = "LEVEL", default_value = "debug")]
    log: LogLevel,

    /// End after that time (seconds, or 500ms, 2m …), whether the call has ended or not
    #[arg(long = "for", value_name = "SECONDS", value_parser = duration::seconds)]
    span: Option<Duration>,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
A server keeps no history: what happened before is known as far as the channel itself tells (`uuid_dump`). It ends when the
last leg is gone, after --for, or by Ctrl-C, and then prints what it has. Text is printed as it comes, and at the end with
the legs and all durations.

Times are the server's, since the first entry; the second column is the time since the entry before. `[…]` is how long
what the entry began has lasted.";

pub(crate) fn run(args: &TraceArgs, outer: ServerArgs) -> Result {
    if let Some(file) = &args.from {
        let collected = recorded::read(file, &args.uuid, args.log)?;
        if collected.is_empty() {
            return Err(Failure::failed(format!("{} has nothing about {}", file.display(), args.uuid)));
        }
        return args.print(&collected);
    }
    let session = args.server.clone().over(outer)?.connect()?;
    let connection = session.connection();
    let collected = Arc::new(Mutex::new(Collected::new(&args.uuid)));
    args.subscribe(connection)?;
    let mut next = Some(args.uuid.clone());
    while let Some(uuid) = next.take() {
        let asked = ApiCommand::dump(&uuid).map_err(switchwire::Error::from)?;
        let dump = connection.api(asked.name(), asked.arguments())?;
        if dump.error().is_none() {
            // The leg it talks to, and no further: two legs talk to each other.
            next = collected.lock().dump(&dump.text_bytes()).filter(|_| uuid == args.uuid);
        } else if uuid == args.uuid {
            return Err(Failure::failed(format!("no channel {uuid}: {}", dump.text().trim())));
        }
    }
    let (shown, form) = (Arc::clone(&collected), Form::of(args));
    // Ctrl-C ends it with what there is.
    signals::at_the_end(move || form.print(&shown.lock()));
    args.follow(connection, &collected)?;
    let collected = collected.lock();
    args.print(&collected)
}

impl TraceArgs {
    fn subscribe(&self, connection: &Connection) -> Result {
        let subscription = Subscription::from_list(EventFormat::Plain, "ALL").log(self.log);
        Ok(connection.subscribe(&subscription)?)
    }

    /// Collects until the call has ended; prints text as it comes.
    fn follow(&self, connection: &Connection, collected: &Mutex<Collected>) -> Result {
        let received = connection.incoming_channel()?;
        let deadline = self.span.and_then(|span| Instant::now().checked_add(span));
        let live = Form::of(self) == Form::Text;
        let mut shown = 0;
        loop {
            let left = deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
            let next = match received.recv_timeout(left.min(LONG)) {
                Ok(incoming) => incoming,
                Err(error) if error.is_timeout() && left > LONG => continue,
                Err(error) if error.is_timeout() => return Ok(()),
                Err(_) => {
                    let reason = connection.disconnect_reason();
                    return Err(reason.map_or_else(|| Failure::failed("the events ended"), Failure::from));
                }
            };
            let mut collected = collected.lock();
            match &next {
                Incoming::Event(event) => collected.event(event),
                Incoming::Log(record) => collected.log(record),
                _ => {}
            }
            if live {
                for line in collected.since(shown) {
                    output::line(line)?;
                    shown += 1;
                }
            }
            if collected.has_ended() {
                return Ok(());
            }
        }
    }

    fn print(&self, collected: &Collected) -> Result {
        Form::of(self).print(collected)
    }
}

/// The legs, and a line for each entry.
fn text(story: &Story) -> String {
    let heads = story.heads().into_iter().chain([String::new()]);
    let text: Vec<_> = heads.chain(story.lines().iter().map(Line::text)).collect();
    text.join("\n")
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
    Svg,
}

impl Form {
    fn of(args: &TraceArgs) -> Self {
        match (args.json, args.svg) {
            (true, _) => Self::Json,
            (_, true) => Self::Svg,
            _ => Self::Text,
        }
    }

    fn print(self, collected: &Collected) -> Result {
        let story = collected.story();
        match self {
            Self::Json => output::json(&json::story(&story)),
            Self::Svg => output::line(svg::story(&story)),
            Self::Text => output::line(text(&story)),
        }
    }
}

/// As long as a wait may be that a clock can add to now.
const LONG: Duration = Duration::from_secs(3600);
