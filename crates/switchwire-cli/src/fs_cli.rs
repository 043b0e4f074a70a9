//! The options of `fs_cli` that change nothing here, so that scripts written for it run.

use clap::Args;

/// Taken before a subcommand or with `-x`.
#[derive(Debug, Args)]
#[command(next_help_heading = "As in fs_cli, without effect yet")]
pub(crate) struct FsCliArgs {
    /// No log lines; there are none without `events --log`
    #[arg(short, long)]
    quiet: bool,

    /// No interactive console; there is none
    #[arg(short, long)]
    batchmode: bool,

    /// Control-c interrupts; it always does
    #[arg(short, long)]
    interrupt: bool,

    /// No colours; there are none
    #[arg(short, long)]
    no_color: bool,

    /// The uuid with each log line
    #[arg(short = 'U', long)]
    log_uuid: bool,

    /// A short uuid with each log line
    #[arg(short = 'S', long)]
    log_uuid_short: bool,

    /// The level of the console's log lines; `events --log LEVEL` shows them
    #[arg(short, long, value_name = "LEVEL")]
    loglevel: Option<String>,

    /// The level of the client's own debugging
    #[arg(short, long, value_name = "LEVEL")]
    debug: Option<String>,

    /// Connect again where connecting fails
    #[arg(short, long)]
    retry: bool,

    /// Connect again when the connection is lost
    #[arg(short = 'R', long)]
    reconnect: bool,
}

impl FsCliArgs {
    /// Warns about given options whose effect a user would miss.
    pub(crate) fn note(&self) {
        let given = [
            ("--loglevel", self.loglevel.is_some()),
            ("--debug", self.debug.is_some()),
            ("--retry", self.retry),
            ("--reconnect", self.reconnect),
        ];
        for (name, _) in given.into_iter().filter(|(_, given)| *given) {
            eprintln!("switchwire: {name} has no effect yet");
        }
    }
}
