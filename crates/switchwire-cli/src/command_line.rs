//! An api command as it is typed, and its reply.

use switchwire::{Connection, Reply};

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

/// Runs an api command and prints the reply; a refusal is printed too, and is a failure.
pub(crate) fn api(connection: &Connection, line: &str) -> Result {
    let (command, arguments) = split(line);
    let reply = connection.api(command, arguments)?;
    print(&reply, command)
}

/// Prints a reply. `what` names the command if it was refused.
pub(crate) fn print(reply: &Reply, what: &str) -> Result {
    output::reply(&reply.text_bytes())?;
    match reply.error() {
        Some(_) => Err(refused(what)),
        None => Ok(()),
    }
}

/// The server's reply has been printed; this names the command.
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
