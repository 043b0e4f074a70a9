//! Api commands: one registry, a file for each family.

mod core;
mod expr;
mod originate;
mod show;
mod system;
mod uuid;

use switchwire_proto::EventType;

use crate::conn::ConnId;
use crate::event::origin::{self, Origin};
use crate::wire::frame;
use crate::world::{Work, World};

/// Who asked, and what.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    who: Who,
    command: String,
    arg: String,
}

#[derive(Debug, Clone)]
enum Who {
    /// A connection that waits for the api/response.
    Conn(ConnId),
    /// A background job: the answer is an event.
    Job { uuid: String, owner: Option<String>, origin: Origin },
}

/// An api command: its answer, or `None` when that comes later through [`World::answer`].
type Api = fn(&mut World, &Asker, &str) -> Option<String>;

/// A family of commands.
type Family = &'static [(&'static str, Api)];

const FAMILIES: &[Family] =
    &[core::COMMANDS, expr::COMMANDS, originate::COMMANDS, show::COMMANDS, system::COMMANDS, uuid::COMMANDS];

/// A random uuid.
pub(crate) fn new_uuid() -> String {
    ::uuid::Uuid::new_v4().to_string()
}

/// Whether there is an api command of that name.
pub(crate) fn exists(name: &str) -> bool {
    find(name).is_some()
}

/// Every command's name, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = FAMILIES.iter().flat_map(|family| family.iter().map(|(name, _)| *name)).collect();
    names.sort_unstable();
    names
}

fn find(name: &str) -> Option<Api> {
    let mut all = FAMILIES.iter().flat_map(|family| family.iter());
    all.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, api)| *api)
}

impl Asker {
    /// For a command that is run inside of another one.
    fn nobody() -> Self {
        Self { who: Who::Conn(0), command: String::new(), arg: String::new() }
    }
}

impl World {
    /// Runs an api command for a connection, which is blocked until the answer.
    pub(crate) fn run_api_for(&mut self, conn: ConnId, command: &str, arg: &str) {
        let asker = Asker { who: Who::Conn(conn), command: command.to_owned(), arg: arg.to_owned() };
        self.run_api(asker);
    }

    /// Runs an api command as a background job, after the step at hand.
    pub(crate) fn background(&mut self, uuid: String, owner: Option<String>, command: String, arg: String) {
        let origin = origin::of(EventType::BackgroundJob);
        self.start_job(uuid, owner, origin, command, arg);
    }

    fn start_job(
        &mut self,
        uuid: String,
        owner: Option<String>,
        origin: Origin,
        command: String,
        arg: String,
    ) {
        self.work.push_back(Work::Api(Asker { who: Who::Job { uuid, owner, origin }, command, arg }));
    }

    pub(crate) fn run_api(&mut self, asker: Asker) {
        match find(&asker.command) {
            Some(api) => {
                if let Some(text) = api(self, &asker, &asker.arg) {
                    self.answer(&asker, &text);
                }
            }
            None => self.deliver(&asker, &format!("-ERR {} Command not found!\n", asker.command)),
        }
    }

    /// The answer to an api command.
    pub(crate) fn answer(&mut self, asker: &Asker, text: &str) {
        let mut event = self.stamped(EventType::Api, origin::of(EventType::Api));
        event.add_header("API-Command", &asker.command);
        event.add_header("API-Command-Argument", &asker.arg);
        self.dispatch(&event);
        self.deliver(asker, if text.is_empty() { "-ERR no reply\n" } else { text });
    }

    fn deliver(&mut self, asker: &Asker, text: &str) {
        match &asker.who {
            Who::Conn(id) => {
                if let Some(conn) = self.conns.get_mut(id) {
                    conn.blocked = false;
                    self.reply_frame(*id, frame::api_response(text.as_bytes()));
                }
            }
            Who::Job { uuid, owner, origin } => {
                let mut event = self.stamped(EventType::BackgroundJob, *origin);
                event.add_header("Job-UUID", uuid);
                event.add_header("Job-Owner-UUID", owner.as_deref().unwrap_or_default());
                event.add_header("Job-Command", &asker.command);
                event.add_header("Job-Command-Arg", &asker.arg);
                event.set_body(text);
                self.dispatch(&event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_sorted_and_no_name_is_twice() {
        for family in FAMILIES {
            assert!(family.is_sorted_by_key(|(name, _)| *name), "{:?}", family.first().map(|(n, _)| n));
        }
        let names = names();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
