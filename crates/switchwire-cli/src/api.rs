//! `api COMMAND ARGUMENTS…`

use clap::Args;

use crate::command_line;
use crate::failure::Result;
use crate::server::ServerArgs;

/// Run an api command and print its output
#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// The command and its arguments; write `--` before words that begin with a hyphen
    #[arg(required = true, value_name = "COMMAND", allow_negative_numbers = true)]
    words: Vec<String>,

    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: ApiArgs, outer: ServerArgs) -> Result {
    let session = args.server.over(outer)?.connect()?;
    command_line::api(session.connection(), &args.words.join(" "))
}
