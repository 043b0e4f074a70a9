//! The command `switchwire`: FreeSWITCH's event socket from a shell.
//!
//! In scope: one-shot commands (`-x`, `api`, `bgapi`, `send`), a tail of events (`events`), the simulator on a port
//! (`sim`), recordings of the server's bytes read (`decode`) and served (`replay`), and a call from start to
//! end (`demo`).
//!
//! Out of scope: the protocol (crate `switchwire-proto`), connections (crate `switchwire`), playing a server (crate
//! `switchwire-sim`). Here words and options become calls of those, and what they give becomes text or JSON.
//!
//! This file parses and dispatches; each subcommand has a file of its own, with its options on top. Exit codes are
//! listed in [`failure`].
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

mod api;
mod bgapi;
mod cli;
mod command_line;
mod decode;
mod demo;
mod describe;
mod duration;
mod events;
mod failure;
mod fs_cli;
mod json;
mod legs;
mod oneshot;
mod output;
mod recording;
mod replay;
mod secret;
mod send;
mod server;
mod signals;
mod sim;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::failure::{Failure, Result};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match signals::end_the_program().and_then(|()| dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(cli: Cli) -> Result {
    let Cli { server, execute, fs_cli, command } = cli;
    fs_cli.note();
    match command {
        Some(_) if !execute.is_empty() => Err(Failure::usage("-x cannot be combined with a subcommand")),
        Some(Command::Api(args)) => api::run(args, server),
        Some(Command::Bgapi(args)) => bgapi::run(args, server),
        Some(Command::Send(args)) => send::run(args, server),
        Some(Command::Events(args)) => events::run(args, server),
        Some(Command::Demo(args)) => demo::run(args, server),
        Some(_) if server.is_given() => {
            Err(Failure::usage("this subcommand connects to no server; give its own options after its name"))
        }
        Some(Command::Sim(args)) => sim::run(args),
        Some(Command::Decode(args)) => decode::run(args),
        Some(Command::Replay(args)) => replay::run(&args),
        None if execute.is_empty() => Err(Failure::help(&Cli::command().render_help().to_string())),
        None => oneshot::run(&execute, &server),
    }
}
