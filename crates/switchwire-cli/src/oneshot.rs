//! `-x LINE`: lines of the server's console, one after the other, on one connection.

use crate::command_line;
use crate::failure::Result;
use crate::server::ServerArgs;

/// Runs them all, also after one that the server refuses; fails when any was refused.
pub(crate) fn run(commands: &[String], server: &ServerArgs) -> Result {
    let session = server.connect()?;
    let mut outcome = Ok(());
    for command in commands {
        let done = command_line::console(session.connection(), command);
        if done.is_err() && !session.connection().connected() {
            return done;
        }
        outcome = outcome.and(done);
    }
    outcome
}
