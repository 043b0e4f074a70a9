//! `console_execute`: a line as it is typed on the server's console: several commands with `;;` between them, aliases.

use std::collections::VecDeque;

use super::NO_REPLY;
use super::request::{ApiRequest, Console, ReplyTo};
use crate::conn::ConnId;
use crate::world::{Work, World};

impl World {
    /// Runs a console's line for a connection, which is blocked until the reply.
    pub(crate) fn run_console_for(&mut self, conn: ConnId, line: String) {
        let rest = commands(&line);
        let console = Console { line, rest, output: String::new(), aliases: 0 };
        let (command, arg) = (String::new(), String::new());
        let request =
            ApiRequest { reply_to: ReplyTo::Conn(conn), command, arg, console: Some(Box::new(console)) };
        self.continue_console(request, None);
    }

    /// Adds a command's output and runs the next one; `None` when the command does not exist. If the last one does not
    /// exist, the reply to the line is `-ERR`.
    pub(super) fn continue_console(&mut self, mut request: ApiRequest, output: Option<&str>) {
        let Some(console) = request.console.as_mut() else { return };
        console.output.push_str(output.unwrap_or_default());
        let Some(next) = console.rest.pop_front() else {
            let text = match output {
                None => format!("-ERR {} Command not found!\n", console.line),
                Some(_) if console.output.is_empty() => NO_REPLY.to_owned(),
                Some(_) => std::mem::take(&mut console.output),
            };
            return self.deliver(&request, &text);
        };
        let (command, arg) = next.split_once(' ').unwrap_or((&next, ""));
        if let Some(meant) = self.aliases.get(command).filter(|_| console.aliases < MAX_ALIASES) {
            console.aliases += 1;
            console.output.push_str(&format!("\nExpand Alias [{command}]->[{meant}]\n\n"));
            let whole = if arg.is_empty() { meant.clone() } else { format!("{meant} {arg}") };
            commands(&whole).into_iter().rev().for_each(|one| console.rest.push_front(one));
            return self.continue_console(request, None);
        }
        (request.command, request.arg) = (command.to_owned(), arg.to_owned());
        // Queued, not run from here: a long line would recurse deeply.
        self.work.push_back(Work::Api(request));
    }
}

/// The commands of a line. An `alias` command is not split: the alias may expand to several commands.
fn commands(line: &str) -> VecDeque<String> {
    if line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("alias")) {
        return [line.to_owned()].into();
    }
    line.split(";;").map(str::to_owned).collect()
}

/// Limits expansion: an alias may expand to itself.
const MAX_ALIASES: usize = 100;
