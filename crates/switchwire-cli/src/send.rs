//! `send RAW`

use std::io::Read;

use clap::Args;
use switchwire::Command;

use crate::command_line;
use crate::failure::{Failure, Result};
use crate::server::ServerArgs;

/// Send one command of the protocol as it is written (`filter …`, `sendevent …`) and print the reply
#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// The command; `-` alone reads it from stdin, with its header lines and its body
    #[arg(required = true, value_name = "RAW", allow_negative_numbers = true)]
    words: Vec<String>,

    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: SendArgs, outer: ServerArgs) -> Result {
    let text = match &args.words[..] {
        [only] if only == "-" => from_stdin()?,
        words => words.join(" ").into_bytes(),
    };
    let command = Command::raw(text).map_err(switchwire::Error::from)?;
    let session = args.server.over(outer)?.connect()?;
    let reply = session.connection().request(&command)?;
    command_line::print(&reply, &command.summary())
}

fn from_stdin() -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut text);
    read.map_err(|error| Failure::failed(format!("cannot read stdin: {error}")))?;
    Ok(text)
}
