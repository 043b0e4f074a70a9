//! Api commands: one registry, a file for each family.

mod completion;
mod cond;
mod conference;
mod config;
mod console;
mod core;
mod directory;
mod expansion;
mod expr;
mod fifo;
mod fsctl;
mod help;
mod interfaces;
mod leg;
mod math;
mod modules;
mod network;
mod originate;
mod outcome;
pub(crate) mod request;
mod sched;
mod show;
mod sofia;
mod store;
pub(crate) mod stores;
mod system;
mod text;
mod uuid;
mod wrapped;

use switchwire_proto::EventType;

pub(crate) use outcome::{NewCall, Outcome};
pub(crate) use request::ApiRequest;
use request::ReplyTo;
pub(crate) use system::full_version;

use crate::conn::ConnId;
use crate::event::origin::{self, Origin};
use crate::wire::frame;
use crate::world::{Timer, Work, World};

/// An api command.
type Api = fn(&mut World, &ApiRequest, &str) -> Outcome;

/// A family of commands.
type Family = &'static [(&'static str, Api)];

const FAMILIES: &[Family] = &[
    completion::COMMANDS,
    cond::COMMANDS,
    conference::COMMANDS,
    core::COMMANDS,
    directory::COMMANDS,
    expr::COMMANDS,
    fifo::COMMANDS,
    fsctl::COMMANDS,
    help::COMMANDS,
    leg::COMMANDS,
    math::COMMANDS,
    modules::COMMANDS,
    network::COMMANDS,
    originate::COMMANDS,
    sched::COMMANDS,
    show::COMMANDS,
    sofia::COMMANDS,
    store::COMMANDS,
    system::COMMANDS,
    text::COMMANDS,
    uuid::COMMANDS,
    wrapped::COMMANDS,
];

/// The global variables that a server has.
pub(crate) fn default_globals() -> std::collections::BTreeMap<String, String> {
    let lines = include_str!("data/globals.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// Their order.
const OWN_GLOBALS: &[&str] = &[
    "hostname",
    "local_mask_v4",
    "local_ip_v6",
    "base_dir",
    "recordings_dir",
    "sound_prefix",
    "sounds_dir",
    "conf_dir",
    "log_dir",
    "run_dir",
    "db_dir",
    "mod_dir",
    "htdocs_dir",
    "script_dir",
    "temp_dir",
    "grammar_dir",
    "fonts_dir",
    "images_dir",
    "certs_dir",
    "storage_dir",
    "cache_dir",
    "data_dir",
    "localstate_dir",
    "local_ip_v4",
    "domain",
    "domain_name",
    "global_codec_prefs",
    "default_password",
    "hold_music",
    "default_language",
    "loopback_bowout",
    "core_uuid",
];

/// A random uuid.
pub(crate) fn new_uuid() -> String {
    ::uuid::Uuid::new_v4().to_string()
}

fn find(name: &str) -> Option<Api> {
    let mut all = FAMILIES.iter().flat_map(|family| family.iter());
    let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, api)| *api);
    found.or_else(|| help::fixed(name))
}

impl World {
    /// Runs an api command for a connection, which is blocked until the reply.
    pub(crate) fn run_api_for(&mut self, conn: ConnId, command: String, arg: String) {
        self.run_api(ApiRequest { reply_to: ReplyTo::Conn(conn), command, arg, console: None });
    }

    /// Runs an api command as a background job, after the present step.
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
        let reply_to = ReplyTo::Job { uuid, owner, origin };
        self.work.push_back(Work::Api(ApiRequest { reply_to, command, arg, console: None }));
    }

    pub(crate) fn run_api(&mut self, request: ApiRequest) {
        if let Some(handler) = self.config.apis.get(&request.command.to_ascii_lowercase()).cloned() {
            return self.ask_api(&handler, request);
        }
        let Some(api) = find(&request.command) else { return self.unknown(request) };
        // A console wants the blanks of an unfinished line.
        let completing = request.command.to_ascii_lowercase().starts_with("console_complete");
        let arg = if completing { request.arg.clone() } else { request.arg.trim().to_owned() };
        // What an originate runs expands its arguments itself.
        let literal = completing || request.command.eq_ignore_ascii_case("originate");
        let expands = self.stores.settings.api_expansion && !literal && arg.contains('$');
        let arg = if expands { self.expand_globally(&request, &arg, 0) } else { arg };
        match api(self, &request, &arg) {
            Outcome::Reply(text) => self.api_reply(request, &text),
            Outcome::After(time, text) => self.timers.after(time, Timer::Reply(request, text)),
            Outcome::Call(call) => self.call_for(request, *call),
        }
    }

    /// Fires the API event of a command that has run, and replies.
    pub(crate) fn api_reply(&mut self, request: ApiRequest, text: &str) {
        self.fire_api(&request.command, &request.arg);
        if request.console.is_some() {
            return self.continue_console(request, Some(text));
        }
        self.deliver(&request, text);
    }

    /// Fires the API event of a command.
    pub(crate) fn fire_api(&mut self, command: &str, argument: &str) {
        let mut event = self.stamped(EventType::Api, origin::of(EventType::Api));
        event.add_header("API-Command", command);
        event.add_header("API-Command-Argument", argument);
        self.dispatch(&event);
    }

    fn unknown(&mut self, request: ApiRequest) {
        if request.console.is_some() {
            return self.continue_console(request, None);
        }
        self.deliver(&request, &format!("-ERR {} Command not found!\n", request.command));
    }

    fn deliver(&mut self, request: &ApiRequest, text: &str) {
        match &request.reply_to {
            ReplyTo::Conn(id) => {
                if let Some(conn) = self.conns.get_mut(id) {
                    conn.blocked = false;
                    // The body of a job's event stays empty.
                    let text = if text.is_empty() { NO_REPLY } else { text };
                    self.reply_frame(*id, frame::api_response(text.as_bytes()));
                }
            }
            ReplyTo::Job { uuid, owner, origin } => {
                let mut event = self.stamped(EventType::BackgroundJob, *origin);
                event.add_header("Job-UUID", uuid);
                event.add_header("Job-Owner-UUID", owner.as_deref().unwrap_or_default());
                event.add_header("Job-Command", &request.command);
                event.add_header("Job-Command-Arg", &request.arg);
                event.set_body(text);
                self.dispatch(&event);
            }
        }
    }
}

/// The reply to `api` when a command prints nothing.
const NO_REPLY: &str = "-ERR no reply\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_sorted_and_no_name_is_twice() {
        for family in FAMILIES {
            assert!(family.is_sorted_by_key(|(name, _)| *name), "{:?}", family.first().map(|(n, _)| n));
        }
        let mut names: Vec<_> =
            FAMILIES.iter().flat_map(|family| family.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
