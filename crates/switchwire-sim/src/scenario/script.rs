//! Scripted events: what the server does by itself.

use std::time::Duration;

use switchwire_proto::{Event, LogLevel};

use super::expect::Expect;
use crate::faults::{End, Faults};
use crate::journal::What;
use crate::world::{Timer, World};

/// One step of a script: when, and what then.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it waits for.
    pub when: When,
    /// How long after that.
    pub after: Duration,
    /// What is done.
    pub act: Act,
}

/// What a step waits for; each step is done once.
#[derive(Debug, Clone)]
pub enum When {
    /// The start.
    Start,
    /// A command or an event, as an expectation describes it.
    Seen(Expect),
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Fires an event: in its headers, too, a header of the event that the step waited for is put in place of `${name}`.
    Fire(Event),
    /// Runs an api command, e.g. an `originate` or `uuid_kill ${Unique-ID}`: a header of the event that the step waited
    /// for is put in place of `${name}`.
    Api(String),
    /// Writes a log line.
    Log(LogLevel, String),
    /// Gives every connection these faults.
    Faults(Faults),
    /// Ends every connection in that way.
    Disconnect(End),
    /// Sends these bytes to every connection that is logged in.
    Raw(Vec<u8>),
    /// Restarts the server: every connection ends, calls are gone, the Core-UUID is another.
    Restart,
}

/// The steps that are still to be done.
#[derive(Debug, Default)]
pub(crate) struct Script {
    waiting: Vec<Step>,
}

impl Script {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl World {
    /// Sets the script going.
    pub(crate) fn start_script(&mut self, steps: Vec<Step>) {
        let (now, later) = steps.into_iter().partition(|step: &Step| matches!(step.when, When::Start));
        self.script = Script { waiting: later };
        for step in now {
            self.timers.after(step.after, Timer::Act(step.act));
        }
    }

    /// Starts the steps that waited for that.
    pub(crate) fn trigger(&mut self, what: &What) {
        let mut at = 0;
        while let Some(step) = self.script.waiting.get(at) {
            if !matches!(&step.when, When::Seen(wanted) if wanted.is(what)) {
                at += 1;
                continue;
            }
            let Step { after, act, .. } = self.script.waiting.remove(at);
            self.timers.after(after, Timer::Act(filled(act, what)));
        }
    }

    /// Does what a step says.
    pub(crate) fn act(&mut self, act: Act) {
        match act {
            Act::Fire(event) => self.fire_injected(&event),
            Act::Api(line) => {
                let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
                self.background(crate::api::new_uuid(), None, command.to_owned(), argument.to_owned());
            }
            Act::Log(level, text) => self.log_text(level, &text),
            Act::Faults(faults) => self.set_faults(faults),
            Act::Disconnect(end) => self.disconnect_all(end),
            Act::Raw(bytes) => self.send_raw(bytes),
            Act::Restart => self.restart(),
        }
    }
}

/// `${name}` in an api command or in an event's headers, from what the step waited for.
fn filled(act: Act, what: &What) -> Act {
    let fill = |text: &str| {
        let filled = crate::channel::expand(text, |name| what.header(name).map(String::into_bytes));
        String::from_utf8_lossy(&filled).into_owned()
    };
    match act {
        Act::Api(line) => Act::Api(fill(&line)),
        Act::Fire(mut event) => {
            let headers =
                event.headers().map(|header| (header.name().into_owned(), header.value().into_owned()));
            let open: Vec<_> = headers.filter(|(_, value)| value.contains("${")).collect();
            for (name, value) in open {
                event.set_header(&name, fill(&value));
            }
            Act::Fire(event)
        }
        other => other,
    }
}
