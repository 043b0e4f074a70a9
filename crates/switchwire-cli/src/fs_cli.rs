//! `fs_cli` as a second name of this program: its command line, and its exit codes.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Parser};
use switchwire::{ErrorKind, Phase};

use crate::failure::{Failure, Result};
use crate::server::ServerArgs;
use crate::{bgapi, console, oneshot, retry};

/// The options of `fs_cli` that are about its console.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Console")]
pub(crate) struct ConsoleArgs {
    /// Lines of the log from that level on (a name or 0 to 7) [default: the profile's, else debug]
    #[arg(short, long, value_name = "LEVEL")]
    loglevel: Option<String>,

    /// The channel's uuid before each log line
    #[arg(short = 'U', long)]
    log_uuid: bool,

    /// The first eight characters of the channel's uuid before each log line
    #[arg(short = 'S', long)]
    log_uuid_short: bool,

    /// Only log lines of that channel
    #[arg(short = 's', long, value_name = "UUID")]
    set_log_uuid: Option<String>,

    /// No log lines
    #[arg(short, long)]
    quiet: bool,

    /// Batch mode: no line editing, no colours; the prompt is printed before each line that is read
    #[arg(short, long)]
    batchmode: bool,

    /// Neither read nor write the history of typed lines
    #[arg(short = 'Q', long)]
    no_history_file: bool,

    /// Try to connect again for two minutes when it fails
    #[arg(short, long)]
    retry: bool,

    /// Connect again when the connection is lost
    #[arg(short = 'R', long)]
    reconnect: bool,

    /// Control-c ends the program
    #[arg(short, long)]
    interrupt: bool,

    /// No colours
    #[arg(short, long)]
    no_color: bool,

    /// Level of the program's own messages, 0 to 7
    #[arg(short, long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..8))]
    debug: Option<u8>,

    /// Print help
    #[arg(short = '?', hide = true, action = clap::ArgAction::HelpShort)]
    help_as_fs_cli: Option<bool>,
}

/// The whole command line under the name `fs_cli`.
#[derive(Debug, Parser)]
#[command(name = "fs_cli", version, about = "FreeSWITCH's console over its event socket", after_help = EXIT_CODES)]
struct FsCli {
    /// Run a line of the server's console, print its output and end; of several the last is run
    #[arg(short = 'x', long, value_name = "COMMAND", allow_hyphen_values = true, overrides_with = "execute")]
    execute: Option<String>,

    /// Run an api command in the background, wait for its job and print what it gives
    #[arg(short = 'X', long, value_name = "COMMAND", allow_hyphen_values = true, conflicts_with = "execute")]
    execute_background: Option<String>,

    #[command(flatten)]
    server: ServerArgs,

    #[command(flatten)]
    console: ConsoleArgs,

    /// A profile of ~/.fs_cli_conf or /etc/fs_cli.conf, or of switchwire's own file
    profile: Option<String>,
}

/// Whether the program was started under that name.
pub(crate) fn is_name(program: &OsString) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == "fs_cli")
}

/// Runs it as `fs_cli`; its exit codes are 0, 1 for a wrong command line, 254 for a reply that does not come in time
/// and 255 when there is no connection.
pub(crate) fn run() -> ExitCode {
    let args = match FsCli::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run_with(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err((failure, code)) => {
            let _ = failure.report();
            ExitCode::from(code)
        }
    }
}

fn run_with(args: FsCli) -> Result<(), (Failure, u8)> {
    let FsCli { execute, execute_background, server, console, profile } = args;
    let wrong = |failure| (failure, WRONG);
    let profile = profiles(profile.as_deref()).map_err(wrong)?;
    let server = server.under(&profile);
    if let Some(line) = execute_background {
        crate::signals::end_the_program().map_err(wrong)?;
        let session = server.connect().map_err(|failure| (failure, NOT_CONNECTED))?;
        return bgapi::wait_for(session.connection(), &line, std::time::Duration::MAX).map_err(wrong);
    }
    let Some(line) = execute else {
        crate::signals::end_the_console().map_err(wrong)?;
        return self::console(&server, console, profile, 0).map_err(|failure| {
            let code = if failure.is_of_connection() { NOT_CONNECTED } else { WRONG };
            (failure, code)
        });
    };
    crate::signals::end_the_program().map_err(wrong)?;
    let opener = server.opener().map_err(wrong)?;
    match oneshot::as_fs_cli(&line, &opener, console.tries()) {
        Ok(printed) => printed.map_err(wrong),
        Err(error) if error.phase() == Some(Phase::Reply) => {
            println!("Request timed out.");
            Err((Failure::silent(), TIMED_OUT))
        }
        Err(error) if error.kind() == ErrorKind::InvalidArgument => Err((error.into(), WRONG)),
        Err(error) => Err((error.into(), NOT_CONNECTED)),
    }
}

/// The profile of that name. A name that is not known gives the default, with a warning, as `fs_cli` takes it silently.
fn profiles(name: Option<&str>) -> Result<console::Profile> {
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let all = console::all_profiles(home.as_deref())?;
    match console::pick_profile(all.clone(), name) {
        Err(failure) if name.is_some() => {
            let _ = failure.report();
            console::pick_profile(all, None)
        }
        picked => picked,
    }
}

/// The console, by its options and a profile; the program ends with `lost_code` when the connection is lost.
pub(crate) fn console(
    server: &ServerArgs,
    args: ConsoleArgs,
    mut profile: console::Profile,
    lost_code: i32,
) -> Result {
    let tries = args.tries();
    if let Some(level) = args.loglevel {
        profile.log_level = Some(level);
        profile.quiet = false;
    }
    profile.quiet |= args.quiet;
    profile.batch |= args.batchmode;
    profile.no_history |= args.no_history_file;
    if args.log_uuid {
        profile.log_uuid = Some(usize::MAX);
    }
    if args.log_uuid_short {
        profile.log_uuid = Some(console::SHORT_UUID);
    }
    let (host, port) = server.host_and_port()?;
    console::run(console::Settings {
        opener: server.opener()?,
        host,
        port,
        tries,
        reconnect: args.reconnect,
        interrupt: args.interrupt,
        colour: !args.no_color && colours_wanted(),
        lost_code,
        only_uuid: args.set_log_uuid,
        profile,
    })
}

/// `NO_COLOR`, as programs agree on it, and `FS_CLI_COLOR`, fs_cli's own.
fn colours_wanted() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("FS_CLI_COLOR").is_none_or(|value| console::is_true(&value))
}

impl ConsoleArgs {
    /// How often connecting is tried.
    pub(crate) fn tries(&self) -> u32 {
        if self.retry { retry::TRIES } else { 1 }
    }
}

const WRONG: u8 = 1;
const TIMED_OUT: u8 = 254;
const NOT_CONNECTED: u8 = 255;
const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 wrong command line; 254 the reply did not come within --timeout; 255 no connection.";
