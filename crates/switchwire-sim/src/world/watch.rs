//! Keeps what is seen, and sets off what waits for it.

use switchwire_proto::Event;

use super::{World, clock};
use crate::conn::ConnId;
use crate::journal::{Seen, What};
use crate::wire::command::Command;

impl World {
    /// Whether every event is to be made, be it that no connection wants it.
    pub(crate) fn is_watched(&self) -> bool {
        self.journal.is_some() || !self.script.is_empty()
    }

    pub(crate) fn saw_command(&mut self, id: ConnId, command: &Command) {
        if !self.is_watched() {
            return;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // Many clients end a line with the blank before an argument that is empty.
        let line = text(command.line()).trim_end().to_owned();
        let headers = command.headers().iter().map(|(name, value)| (text(name), text(value))).collect();
        let connection = self.conns.get(&id).map_or(0, |conn| conn.number);
        self.saw(What::Command { connection, line: without_password(line), headers });
    }

    pub(crate) fn saw_event(&mut self, event: &Event) {
        if self.is_watched() {
            self.saw(What::Event(event.clone()));
        }
    }

    fn saw(&mut self, what: What) {
        if !self.script.is_empty() {
            self.trigger(&what);
        }
        if let Some(journal) = &self.journal {
            journal.add(Seen { at: clock::since(self.started), what });
        }
    }
}

fn without_password(line: String) -> String {
    for word in ["auth ", "userauth "] {
        if line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return format!("{word}***");
        }
    }
    line
}
