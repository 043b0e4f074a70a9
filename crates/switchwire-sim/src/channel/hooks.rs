//! What a channel's variables have it do at moments of its life: `execute_on_answer`, `api_on_ring`, `api_hangup_hook`.

use switchwire_proto::{Event, EventType};

use super::{Call, ChannelId};
use crate::world::World;

impl World {
    /// Runs the applications and commands that variables name for a moment: `execute_on_MOMENT`, `execute_on_MOMENT_1`
    /// and so on, then `api_on_MOMENT`.
    pub(super) fn run_hooks(&mut self, id: ChannelId, moment: &str) {
        for application in self.hooks(id, &format!("execute_on_{moment}")) {
            let (app, arg) = application
                .split_once("::")
                .or_else(|| application.split_once(' '))
                .unwrap_or((&application, ""));
            self.execute(id, Call::new(app, arg));
        }
        for command in self.hooks(id, &format!("api_on_{moment}")) {
            self.run_hooked_api(&command, None);
        }
    }

    /// `api_hangup_hook`, once a channel is hung up. Its API event shows the channel.
    pub(super) fn run_hangup_hook(&mut self, id: ChannelId) {
        let Some(command) = self.hook(id, "api_hangup_hook") else { return };
        let Some(channel) = self.channels.get(id) else { return };
        let mut event = Event::bare(EventType::Api);
        for (name, value) in channel.variables.iter() {
            event.add_header(name, value);
        }
        self.add_channel(id, &mut event, true, true);
        self.run_hooked_api(&command, Some(event));
    }

    fn run_hooked_api(&mut self, command: &str, about: Option<Event>) {
        let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
        self.run_dropped(name, argument, about);
    }

    fn hook(&self, id: ChannelId, name: &str) -> Option<String> {
        let value = self.channels.get(id)?.variables.get(name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// The values of the variables whose names begin so.
    fn hooks(&self, id: ChannelId, prefix: &str) -> Vec<String> {
        let Some(channel) = self.channels.get(id) else { return Vec::new() };
        let named =
            |name: &str| name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
        let all = channel.variables.iter().filter(|(name, _)| named(name));
        all.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }
}
