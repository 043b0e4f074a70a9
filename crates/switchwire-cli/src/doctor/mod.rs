//! `doctor`: what keeps a program from working with a server, and what to do about it.
//!
//! [`reach`] looks at the way to the server up to the login, [`server`] at what it lets us do and how it is doing;
//! [`finding`] is what either says.

mod finding;
mod reach;
mod server;

use clap::Args;

use self::finding::{Finding, Verdict};
use crate::failure::{Failure, Result};
use crate::server::ServerArgs;
use crate::{output, screen};

/// Check a server and the way to it: reachable, access list, password, permissions, version, lag, queue, clock; say what to do
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct DoctorArgs {
    /// Print a JSON line for each check
    #[arg(short, long)]
    json: bool,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
Nothing is changed on the server: a CUSTOM event switchwire::doctor is fired and received back.
Exit code 0 when no check has failed, 1 when one has, 3 when there is no connection.";

pub(crate) fn run(args: DoctorArgs, outer: ServerArgs) -> Result {
    let server = args.server.over(outer)?;
    let json = args.json;
    let mut failed = 0;
    let mut say = |finding: Finding| {
        failed += usize::from(finding.verdict == Verdict::Bad);
        if json { output::json(&finding.json()) } else { output::line(finding.text(screen::columns())) }
    };
    let opener = server.opener()?;
    reach::network(opener.destination(), &mut say)?;
    let connection = match opener.connect() {
        Ok(connection) => connection,
        Err(error) => {
            say(reach::refused(&error, opener.destination()))?;
            return Err(error.into());
        }
    };
    say(reach::logged_in(opener.destination()))?;
    server::examine(&connection, &mut say)?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::failed("one check has failed")),
        _ => Err(Failure::failed(format!("{failed} checks have failed"))),
    }
}
