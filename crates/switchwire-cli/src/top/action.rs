//! What reaches a call: hang up, hold, record, transfer.

use std::sync::Arc;

use parking_lot::Mutex;
use switchwire::application::{ApiCommand, Transfer};
use switchwire::{Fleet, HangupCause, Result};

use crate::failure::one_line;

/// What is to be done with a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) server: Arc<str>,
    pub(crate) uuid: String,
    pub(crate) what: What,
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    HangUp,
    Hold(bool),
    /// To that file on the server.
    Record(String),
    /// To that extension.
    Transfer(String),
}

/// The last thing to be said.
pub(crate) type Messages = Arc<Mutex<String>>;

impl Action {
    /// The question before it is done.
    pub(crate) fn question(&self) -> String {
        let leg = crate::describe::short(&self.uuid);
        match &self.what {
            What::HangUp => format!("Hang up {leg}?"),
            What::Hold(true) => format!("Hold {leg}?"),
            What::Hold(false) => format!("Take {leg} off hold?"),
            What::Record(file) => format!("Record {leg} to {file}?"),
            What::Transfer(to) => format!("Transfer {leg} to {to}?"),
        }
    }

    /// The api command that does it.
    pub(crate) fn command(&self) -> Result<ApiCommand> {
        let uuid = &self.uuid;
        Ok(match &self.what {
            What::HangUp => ApiCommand::hangup(uuid, &HangupCause::NormalClearing),
            What::Hold(on) => ApiCommand::hold(uuid, *on),
            What::Record(file) => ApiCommand::start_recording(uuid, file, None),
            What::Transfer(to) => ApiCommand::transfer(uuid, &Transfer::new(to.as_str())),
        }?)
    }

    /// Sends it, and says what came of it in `messages`. Does not wait: the reply comes on a thread of its own.
    pub(crate) fn start(self, fleet: &Fleet, messages: Messages) {
        let fleet = fleet.clone();
        let question = self.question();
        let done = question.trim_end_matches('?').to_owned();
        *messages.lock() = format!("{done} …");
        let act = move || {
            let reply = self.command().and_then(|command| {
                let reply = fleet.api_on(&self.server, command.name(), command.arguments())?;
                Ok(reply.into_result()?)
            });
            *messages.lock() = match reply {
                Ok(reply) => format!("{done}: {}", one_line(&reply.text())),
                Err(error) => format!("{done}: {}", one_line(&error.to_string())),
            };
        };
        // Without a thread nothing is sent, and the message stays as it is.
        let _ = std::thread::Builder::new().name("action".into()).spawn(act);
    }
}
