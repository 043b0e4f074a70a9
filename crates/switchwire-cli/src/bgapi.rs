//! `bgapi COMMAND ARGUMENTS…`

use std::time::Duration;

use clap::Args;
use switchwire::{Connection, EventFormat, EventType, Reply};

use crate::failure::Result;
use crate::server::ServerArgs;
use crate::{command_line, duration, output};

/// Run an api command as a background job, wait for it and print its output
#[derive(Debug, Args)]
pub(crate) struct BgapiArgs {
    /// How long to wait for the job (seconds, or 500ms, 2m …); 0 prints the Job-UUID and does not wait
    /// [default: no limit]
    #[arg(short, long, value_name = "SECONDS", value_parser = duration::seconds)]
    wait: Option<Duration>,

    /// The command and its arguments; write `--` before words that begin with a hyphen
    #[arg(required = true, value_name = "COMMAND", allow_negative_numbers = true)]
    words: Vec<String>,

    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: BgapiArgs, outer: ServerArgs) -> Result {
    let session = args.server.over(outer)?.connect()?;
    let line = args.words.join(" ");
    if args.wait.is_some_and(|wait| wait.is_zero()) {
        let (command, arguments) = command_line::split(&line);
        return output::line(session.connection().bgapi(command, arguments)?.uuid());
    }
    wait_for(session.connection(), &line, args.wait.unwrap_or(Duration::MAX))
}

/// Runs a line in the background, waits for its job and prints what it gives.
pub(crate) fn wait_for(connection: &Connection, line: &str, patience: Duration) -> Result {
    let (command, arguments) = command_line::split(line);
    connection.events(EventFormat::Plain, EventType::BackgroundJob.name())?;
    let event = connection.bgapi(command, arguments)?.wait(patience)?;
    let body = event.body().unwrap_or_default();
    output::reply(body)?;
    match Reply::is_refusal(body) {
        true => Err(command_line::refused(command)),
        false => Ok(()),
    }
}
