//! An api command as it is typed, and the answer to it.

use switchwire::{Command, Connection, Reply};

use crate::failure::{Failure, Result};
use crate::output;

/// `originate user/1000 &park()` → (`originate`, `user/1000 &park()`).
pub(crate) fn split(line: &str) -> (&str, &str) {
    let line = line.trim();
    match line.split_once(char::is_whitespace) {
        Some((command, arguments)) => (command, arguments.trim_start()),
        None => (line, ""),
    }
}

/// Runs an api command and prints what it answers; a refusal is printed too, and fails.
pub(crate) fn api(connection: &Connection, line: &str) -> Result {
    let (command, arguments) = split(line);
    let reply = connection.api(command, arguments)?;
    print(&reply, command)
}

/// Runs a line as it would be typed on the server's console, and prints what it replies; a refusal is printed too, and
/// fails.
pub(crate) fn console(connection: &Connection, line: &str) -> Result {
    let command = Command::console(line.trim()).map_err(switchwire::Error::from)?;
    print(&connection.request(&command)?, split(line).0)
}

/// Prints an answer. `what` names the command where it is refused.
pub(crate) fn print(reply: &Reply, what: &str) -> Result {
    output::answer(&reply.text_bytes())?;
    match reply.error() {
        Some(_) => Err(refused(what)),
        None => Ok(()),
    }
}

/// The server's words have been printed; this says whose they were.
pub(crate) fn refused(what: &str) -> Failure {
    Failure::failed(format!("the server refused {what}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_word_is_the_command() {
        assert_eq!(super::split(" status "), ("status", ""));
        assert_eq!(super::split("originate  a &park()"), ("originate", "a &park()"));
        assert_eq!(super::split(""), ("", ""));
    }
}
