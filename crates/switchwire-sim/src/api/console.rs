//! `console_execute`: a line as it is typed on the server's console: several commands with `;;` between them, aliases.

use std::collections::VecDeque;

use super::{Asker, NO_REPLY, Who};
use crate::conn::ConnId;
use crate::world::{Work, World};

/// A line under way.
#[derive(Debug)]
pub(super) struct Console {
    line: String,
    rest: VecDeque<String>,
    said: String,
    aliases: usize,
}

impl World {
    /// Runs a console's line for a connection, which is blocked until the reply.
    pub(crate) fn run_console_for(&mut self, conn: ConnId, line: String) {
        let rest = commands(&line);
        let console = Console { line, rest, said: String::new(), aliases: 0 };
        let (command, arg) = (String::new(), String::new());
        let asker = Asker { who: Who::Conn(conn), command, arg, console: Some(Box::new(console)) };
        self.console_goes_on(asker, None);
    }

    /// Goes on behind a command that said that; `None` for one that does not exist. The last one decides whether the
    /// line as a whole was understood.
    pub(super) fn console_goes_on(&mut self, mut asker: Asker, said: Option<&str>) {
        let Some(console) = asker.console.as_mut() else { return };
        console.said.push_str(said.unwrap_or_default());
        let Some(next) = console.rest.pop_front() else {
            let text = match said {
                None => format!("-ERR {} Command not found!\n", console.line),
                Some(_) if console.said.is_empty() => NO_REPLY.to_owned(),
                Some(_) => std::mem::take(&mut console.said),
            };
            return self.deliver(&asker, &text);
        };
        let (command, arg) = next.split_once(' ').unwrap_or((&next, ""));
        if let Some(meant) = self.aliases.get(command).filter(|_| console.aliases < MOST_ALIASES) {
            console.aliases += 1;
            console.said.push_str(&format!("\nExpand Alias [{command}]->[{meant}]\n\n"));
            let whole = if arg.is_empty() { meant.clone() } else { format!("{meant} {arg}") };
            commands(&whole).into_iter().rev().for_each(|one| console.rest.push_front(one));
            return self.console_goes_on(asker, None);
        }
        (asker.command, asker.arg) = (command.to_owned(), arg.to_owned());
        // Not from here: a line may be long.
        self.work.push_back(Work::Api(asker));
    }
}

/// The commands of a line. Making an alias takes it whole: what it stands for may be several.
fn commands(line: &str) -> VecDeque<String> {
    if line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("alias")) {
        return [line.to_owned()].into();
    }
    line.split(";;").map(str::to_owned).collect()
}

/// An alias may stand for itself.
const MOST_ALIASES: usize = 100;
