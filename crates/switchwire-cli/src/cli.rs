//! The command line as a whole.

use clap::{Parser, Subcommand};

use crate::failure::EXIT_CODES;
use crate::fs_cli::ConsoleArgs;
use crate::server::ServerArgs;
use crate::{
    api, bench, bgapi, calls, decode, demo, doctor, events, exporter, pages, record, replay, send, sim, top,
    trace,
};

/// Control FreeSWITCH over its event socket. Without a command it is a console, as fs_cli.
#[derive(Debug, Parser)]
#[command(name = "switchwire", version, after_help = EXIT_CODES, subcommand_precedence_over_arg = true)]
pub(crate) struct Cli {
    /// Run a line of the server's console and print its output, as `fs_cli -x` does: an api command, several with `;;`
    /// between them, or an alias; may be repeated: all are run, in order
    #[arg(short = 'x', long, value_name = "COMMAND", allow_hyphen_values = true)]
    pub(crate) execute: Vec<String>,

    /// Run an api command in the background, wait for its job and print what it gives
    #[arg(short = 'X', long, value_name = "COMMAND", allow_hyphen_values = true, conflicts_with = "execute")]
    pub(crate) execute_background: Option<String>,

    #[command(flatten)]
    pub(crate) server: ServerArgs,

    #[command(flatten)]
    pub(crate) console: ConsoleArgs,

    /// A profile of the configuration file, or of fs_cli's: its server, and its console's habits [default: the profile
    /// `default`, else the first]
    pub(crate) profile: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Api(api::ApiArgs),
    Bgapi(bgapi::BgapiArgs),
    Send(send::SendArgs),
    Events(events::EventsArgs),
    Calls(calls::CallsArgs),
    Top(top::TopArgs),
    Trace(trace::TraceArgs),
    Doctor(doctor::DoctorArgs),
    Bench(bench::BenchArgs),
    Exporter(exporter::ExporterArgs),
    Demo(demo::DemoArgs),
    Sim(sim::SimArgs),
    Decode(decode::DecodeArgs),
    Replay(replay::ReplayArgs),
    Record(record::RecordArgs),
    Completions(pages::CompletionsArgs),
    Man(pages::ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
