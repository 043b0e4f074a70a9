//! The command `switchwire`: FreeSWITCH's event socket from a shell.
//!
//! In scope: a console (no command, or the name `fs_cli`), one-shot commands (`-x`, `api`, `bgapi`, `send`), a tail of events (`events`), the simulator on a port
//! (`sim`), recordings of the server's bytes read (`decode`) and served (`replay`), a call from start to
//! end (`demo`), and views of what is up (`calls`, `top`, `trace`: `live` follows the servers, `story` tells a call).
//!
//! Out of scope: the protocol (crate `switchwire-proto`), connections (crate `switchwire`), playing a server (crate
//! `switchwire-sim`). Here words and options become calls of those, and what they give becomes text or JSON.
//!
//! This file parses and dispatches; each subcommand has a file of its own, with its options on top. Exit codes are
//! listed in [`failure`].
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

mod api;
mod bench;
mod bgapi;
mod calls;
mod cli;
mod command_line;
mod console;
mod decode;
mod demo;
mod describe;
mod doctor;
mod duration;
mod events;
mod exporter;
mod failure;
mod fs_cli;
mod json;
mod legs;
mod live;
mod oneshot;
mod output;
mod pages;
mod picture;
mod printable;
mod record;
mod recording;
mod replay;
mod retry;
mod screen;
mod secret;
mod send;
mod server;
mod signals;
mod sim;
#[cfg(test)]
mod snapshot;
mod story;
mod top;
mod trace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::failure::{Failure, Result};

fn main() -> ExitCode {
    if std::env::args_os().next().is_some_and(|name| fs_cli::is_name(&name)) {
        return fs_cli::run();
    }
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(cli: Cli) -> Result {
    let Cli { server, execute, execute_background, console, profile: name, command } = cli;
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let profile = || console::pick_profile(console::all_profiles(home.as_deref())?, name.as_deref());
    if command.is_none() && execute.is_empty() && execute_background.is_none() {
        signals::end_the_console()?;
        let profile = profile()?;
        return fs_cli::console(&server.under(&profile), console, profile, failure::NO_CONNECTION);
    }
    signals::end_the_program()?;
    match command {
        Some(_) if !execute.is_empty() || execute_background.is_some() => {
            Err(Failure::usage("-x and -X cannot be combined with a subcommand"))
        }
        Some(Command::Api(args)) => api::run(args, server.under(&profile()?)),
        Some(Command::Bgapi(args)) => bgapi::run(args, server.under(&profile()?)),
        Some(Command::Send(args)) => send::run(args, server.under(&profile()?)),
        Some(Command::Events(args)) => events::run(&args, server.under(&profile()?)),
        Some(Command::Calls(args)) => calls::run(args, server.under(&profile()?)),
        Some(Command::Top(args)) => top::run(&args, server.under(&profile()?)),
        Some(Command::Trace(args)) => trace::run(&args, server.under(&profile()?)),
        Some(Command::Doctor(args)) => doctor::run(args, server.under(&profile()?)),
        Some(Command::Bench(args)) => bench::run(args, server.under(&profile()?)),
        Some(Command::Exporter(args)) => exporter::run(&args, server.under(&profile()?)),
        Some(Command::Demo(args)) => demo::run(args, server),
        Some(_) if server.is_given() => {
            Err(Failure::usage("this subcommand connects to no server; give its own options after its name"))
        }
        Some(Command::Sim(args)) => sim::run(args),
        Some(Command::Decode(args)) => decode::run(args),
        Some(Command::Replay(args)) => replay::run(&args),
        Some(Command::Record(args)) => record::run(&args),
        Some(Command::Completions(args)) => {
            pages::completions(&args);
            Ok(())
        }
        Some(Command::Man(args)) => pages::man(&args),
        None if execute.is_empty() => {
            let session = server.under(&profile()?).connect()?;
            bgapi::wait_for(
                session.connection(),
                &execute_background.unwrap_or_default(),
                std::time::Duration::MAX,
            )
        }
        None => oneshot::run(&execute, &server.under(&profile()?).opener()?, console.tries()),
    }
}
