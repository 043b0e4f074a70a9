//! `calls`: the calls that are up, as a table that follows them, or as JSON.

mod json;
mod row;
mod table;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use switchwire::{FleetItem, FleetUpdate, StreamItem};

pub(crate) use self::json::leg as leg_json;
pub(crate) use self::row::Row;
pub(crate) use self::table::table;
use crate::failure::{Failure, Result, one_line};
use crate::live::{Live, Watching};
use crate::printable;
use crate::screen::{self, Screen};
use crate::server::ServerArgs;
use crate::{duration, output};

/// Show the calls that are up: a table that follows them, of one server or several
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct CallsArgs {
    /// Print JSON lines: the legs that are up, and each change
    #[arg(short, long)]
    json: bool,

    /// Print what is up now, and end
    #[arg(long)]
    once: bool,

    /// End after that time (seconds, or 500ms, 2m …)
    #[arg(long = "for", value_name = "SECONDS", value_parser = duration::seconds, conflicts_with = "once")]
    span: Option<Duration>,

    /// At the end, write the screen to that file as a picture (SVG)
    #[arg(long, value_name = "FILE", hide = true, requires = "span")]
    picture: Option<std::path::PathBuf>,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
On a terminal the table follows the calls until q is pressed; elsewhere it is printed once.

A JSON line is an object: \"server\", \"change\" (added, renamed, answered, updated, bridged, unbridged, hung-up, gone,
restarted, missed; lost and restored of a connection) and \"leg\". The legs that are up at first are \"added\", too.";

pub(crate) fn run(args: CallsArgs, outer: ServerArgs) -> Result {
    let server = args.server.clone().over(outer)?;
    if args.json && !args.once {
        return follow_as_json(&server, args.span);
    }
    let mut live = Live::start(server.several()?, Watching::default())?;
    live.wait_ready(|_| {})?;
    if let Some(why) = live.refusals().first() {
        return Err(Failure::failed(why));
    }
    if args.json {
        return live
            .legs()
            .iter()
            .try_for_each(|(server, leg)| output::json(&json::change(server, "added", Some(leg))));
    }
    if args.once || !(screen::is_terminal() || args.picture.is_some()) {
        let now = SystemTime::now();
        let rows: Vec<_> = live.legs().iter().map(|(server, leg)| Row::new(server, leg, now)).collect();
        return table::print(&rows, server.names_several());
    }
    show(live, &args, server.names_several())
}

/// Redraws the table until a key or the time ends it.
fn show(mut live: Live, args: &CallsArgs, several: bool) -> Result {
    let deadline = args.span.and_then(|span| Instant::now().checked_add(span));
    let mut screen = Screen::new(args.picture.is_some())?;
    let mut offset = 0;
    loop {
        let until = Instant::now() + screen::FRAME;
        live.pump(|_| {}, || screen.has_key() || Instant::now() >= until)?;
        let now = SystemTime::now();
        let rows: Vec<_> = live.legs().iter().map(|(server, leg)| Row::new(server, leg, now)).collect();
        let status = live.refusals().join("; ");
        screen.draw(|frame| table::draw(frame, &rows, several, &status, &mut offset))?;
        while let Some(key) = screen.key()? {
            if screen::ends(key) {
                return Ok(());
            }
            table::scroll(key, rows.len(), &mut offset);
        }
        if let Some(error) = live.gave_up() {
            return Err(error.into());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return args.picture.as_deref().map_or(Ok(()), |file| screen.picture(file));
        }
    }
}

fn follow_as_json(server: &ServerArgs, span: Option<Duration>) -> Result {
    let watching = Watching { changes: true, ..Watching::default() };
    let mut live = Live::start(server.several()?, watching)?;
    let deadline = span.and_then(|span| Instant::now().checked_add(span));
    let print = |item: &FleetItem| {
        let FleetUpdate::Stream(update) = &item.update else { return Ok(()) };
        let (what, why) = match update {
            StreamItem::Lost(lost) => ("lost", one_line(&lost.reason.to_string())),
            StreamItem::Restored(_) => ("restored", String::new()),
            StreamItem::GaveUp(error) => ("gave-up", one_line(&error.to_string())),
            _ => return Ok(()),
        };
        let mut line = json::change(&item.server, what, None);
        if !why.is_empty() {
            line["reason"] = why.into();
        }
        output::json(&line)
    };
    let mut outcome = Ok(());
    live.wait_ready(|item| {
        if outcome.is_ok() {
            outcome = print(item);
        }
    })?;
    outcome?;
    loop {
        for (server, change) in live.changes() {
            let line = match change {
                Ok(change) => json::of(&server, &change),
                Err(_) => json::change(&server, "missed", None),
            };
            output::json(&line)?;
        }
        if let Some(why) = live.refusals().first() {
            return Err(Failure::failed(why));
        }
        if let Some(error) = live.gave_up() {
            return Err(error.into());
        }
        let left = deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Ok(());
        }
        // The stream brings only what happens to the connections; a change wakes nothing here.
        let mut next = live.next(left.min(BETWEEN_LOOKS))?;
        while let Some(item) = next {
            print(&item)?;
            next = live.next(Duration::ZERO)?;
        }
    }
}

/// How soon changes are seen.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Text for a cell of a table.
pub(crate) fn shown(text: &str, width: usize) -> String {
    printable::cell(text, width)
}
