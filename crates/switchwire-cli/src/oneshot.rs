//! `-x LINE`: lines of the server's console, one after the other, on one connection.

use std::io::{Write, stdout};

use switchwire::{Command, Connection, Error};

use crate::command_line;
use crate::console;
use crate::failure::{Failure, Result};
use crate::server::Opener;
use crate::{output, retry};

/// Runs them all, also after one that the server refuses; fails when any was refused.
pub(crate) fn run(commands: &[String], opener: &Opener, tries: u32) -> Result {
    let connection = connect(opener, tries)?;
    let mut outcome = Ok(());
    for line in commands {
        let command = Command::console(line.trim()).map_err(Error::from)?;
        let reply = connection.request(&command)?;
        print(&console::body(&reply))?;
        if reply.error().is_some() {
            outcome = outcome.and(Err(command_line::refused(command_line::split(line).0)));
        }
    }
    outcome
}

/// Runs one line and prints what `fs_cli -x` prints. A refusal by the server is output like any other.
pub(crate) fn as_fs_cli(line: &str, opener: &Opener, tries: u32) -> Result<Result, Error> {
    let command = Command::console(line)?;
    let reply = connect(opener, tries)?.request(&command)?;
    Ok(print(&console::body(&reply)))
}

fn connect(opener: &Opener, tries: u32) -> Result<Connection, Error> {
    retry::open(tries, || opener.connect(), retry::say)
}

/// The body and a line break, as `fs_cli` prints it: most bodies end in one of their own.
fn print(body: &[u8]) -> Result {
    let body = output::shown(body);
    let mut out = stdout().lock();
    let written =
        out.write_all(&body).and_then(|()| if body.is_empty() { Ok(()) } else { out.write_all(b"\n") });
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}
