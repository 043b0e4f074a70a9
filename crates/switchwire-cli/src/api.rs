//! `api COMMAND ARGUMENTS…`, on one server or several.

use std::time::{Duration, Instant};

use clap::Args;
use switchwire::{ManagedState, ServerOutcome, Subscription};

use crate::failure::{Failure, Result, one_line};
use crate::live;
use crate::server::ServerArgs;
use crate::{command_line, output};

/// Run an api command and print its output
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ApiArgs {
    /// The command and its arguments; write `--` before words that begin with a hyphen
    #[arg(required = true, value_name = "COMMAND", allow_negative_numbers = true)]
    words: Vec<String>,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
On several servers it runs on all at once; each output stands under a line with the server's name in brackets.";

pub(crate) fn run(args: ApiArgs, outer: ServerArgs) -> Result {
    let server = args.server.over(outer)?;
    let line = args.words.join(" ");
    if server.names_several() {
        return on_all(&server, &line);
    }
    let session = server.connect()?;
    command_line::api(session.connection(), &line)
}

/// Runs it on all servers at once. Fails when one of them refused it or could not be reached.
fn on_all(server: &ServerArgs, line: &str) -> Result {
    let several = server.several()?;
    let fleet = live::fleet(&several, &Subscription::new())?;
    let deadline = Instant::now() + PATIENCE;
    for name in fleet.servers() {
        let connection = fleet.connection(&name)?;
        // One that has failed once is not waited for.
        while connection.status().state == ManagedState::Connecting
            && connection.status().failures == 0
            && Instant::now() < deadline
        {
            let _ = connection.wait_up(LOOK);
        }
    }
    let (command, arguments) = command_line::split(line);
    let (mut refused, mut away) = (Ok(()), Ok(()));
    for one in fleet.api_all(command, arguments, PATIENCE)? {
        output::line(format!("[{}]", one.server))?;
        match one.outcome {
            ServerOutcome::Reply(reply) => {
                output::reply(&reply.text_bytes())?;
                if reply.error().is_some() {
                    refused = Err(command_line::refused(command));
                }
            }
            ServerOutcome::Failed(error) | ServerOutcome::Unknown(error) => {
                let last = fleet.connection(&one.server)?.status().last_error;
                let error = last.filter(|_| error.is_disconnected()).unwrap_or(error);
                output::line(format!("-ERR {}", one_line(&error.to_string())))?;
                away = Err(Failure::from(error));
            }
        }
    }
    away.and(refused)
}

/// For connecting, and for the replies.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
