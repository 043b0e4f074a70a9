//! `top`: one screen of what happens on a server, or several.
//!
//! [`app`] is what is known and looked at, [`keys`] what a key changes, [`draw`] the screen; [`action`] is what reaches
//! the server. One thread does it all: nothing of it waits for a server.

mod action;
mod app;
mod draw;
mod keys;
mod log;
mod timelines;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use switchwire::{EventFormat, LogLevel, Subscription};

use self::app::App;
use self::keys::Todo;
use crate::duration;
use crate::failure::Result;
use crate::live::{Live, Watching};
use crate::screen::{self, Screen};
use crate::server::ServerArgs;

/// Watch calls, events and log lines on one screen, of one server or several
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct TopArgs {
    /// Only watch: no key reaches a call
    #[arg(long)]
    read_only: bool,

    /// Log lines of that level and more severe (a name, or 0 to 7)
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LogLevel,

    /// End after that time (seconds, or 500ms, 2m …)
    #[arg(long = "for", value_name = "SECONDS", value_parser = duration::seconds)]
    span: Option<Duration>,

    /// At the end, write the screen to that file as a picture (SVG)
    #[arg(long, value_name = "FILE", hide = true, requires = "span")]
    picture: Option<PathBuf>,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
Keys: arrows choose a call, Enter shows its timeline, h hangs up, o holds, r records, t transfers (each asks first), l and /
choose log lines, ? helps, q ends.";

pub(crate) fn run(args: &TopArgs, outer: ServerArgs) -> Result {
    let server = args.server.clone().over(outer)?;
    let mut app = App::new(args.read_only, server.names_several(), Instant::now());
    let subscription = Subscription::from_list(EventFormat::Plain, "ALL").log(args.log);
    let mut live =
        Live::start(server.several()?, Watching { subscription, keep_events: true, changes: false })?;
    live.wait_ready(|item| app.item(item, Instant::now()))?;
    let deadline = args.span.and_then(|span| Instant::now().checked_add(span));
    let mut screen = Screen::new(args.picture.is_some())?;
    loop {
        app.refresh(&live, Instant::now(), SystemTime::now());
        screen.draw(|frame| draw::draw(frame, &app))?;
        let until = Instant::now() + screen::FRAME;
        let until = deadline.map_or(until, |deadline| until.min(deadline));
        live.pump(|item| app.item(item, Instant::now()), || screen.has_key() || Instant::now() >= until)?;
        while let Some(key) = screen.key()? {
            match keys::press(&mut app, key) {
                Todo::Nothing => {}
                Todo::End => return Ok(()),
                Todo::Act(action) => action.start(live.fleet(), app.messages()),
            }
        }
        if let Some(error) = live.gave_up() {
            return Err(error.into());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return args.picture.as_deref().map_or(Ok(()), |file| screen.picture(file));
        }
    }
}
