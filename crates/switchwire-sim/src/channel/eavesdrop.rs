//! `eavesdrop`: a channel hears another one's call.

use super::apps::Start;
use super::{ChannelId, Kind};
use crate::world::{Work, World};

/// `UUID`: until one of the two ends. Its digits choose which leg hears the listener, which no event shows.
pub(super) fn eavesdrop(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let Some(target) = world.channels.by_uuid(arg.trim()).filter(|target| *target != id) else {
        return Start::Done;
    };
    world.pre_answer_channel(id);
    world.read_codec_again(id);
    world.media_bug(target, true, FUNCTION, arg.trim());
    let shown = world
        .channels
        .get(target)
        .map(|target| (target.profile.caller_name.clone(), target.profile.caller_number.clone()));
    if let (Some((name, number)), Some(channel)) = (shown, world.channels.get_mut(id)) {
        channel.variables.set("last_sent_callee_id_name", name);
        channel.variables.set("last_sent_callee_id_number", number);
    }
    Start::Run(Kind::Eavesdrop { target }, None)
}

impl World {
    /// The listener leaves.
    pub(super) fn close_eavesdrop(&mut self, id: ChannelId, target: ChannelId) {
        let uuid = self.uuid_of(target);
        let listens = |channel: &super::Channel| channel.bugs.iter().any(|(_, to)| *to == uuid);
        if self.channels.get(target).is_some_and(listens) {
            self.media_bug(target, false, FUNCTION, &uuid);
        }
        self.read_codec_again(id);
    }

    /// A channel ends: so does what listens to it.
    pub(super) fn stop_listeners(&mut self, target: ChannelId) {
        let listener = |channel: &super::Channel| {
            channel.stack.iter().any(|running| running.kind == Kind::Eavesdrop { target })
        };
        let listeners: Vec<_> =
            self.channels.live().filter(|(_, channel)| listener(channel)).map(|(id, _)| id).collect();
        for id in listeners {
            let uuid = self.uuid_of(target);
            self.media_bug(target, false, FUNCTION, &uuid);
            let Some(channel) = self.channels.get_mut(id) else { continue };
            for running in channel.stack.iter_mut().filter(|r| r.kind == Kind::Eavesdrop { target }) {
                running.over = true;
            }
            self.work.push_back(Work::Step(id));
        }
    }

    /// What `uuid_buglist` prints.
    pub(crate) fn bug_report(&self, id: ChannelId) -> String {
        let mut text = String::from("<media-bugs>\n");
        for (function, target) in self.channels.get(id).iter().flat_map(|channel| &channel.bugs) {
            text.push_str(&format!(
                " <media-bug>\n  <function>{function}</function>\n  <target>{target}</target>\n  \
                 <thread-locked>0</thread-locked>\n </media-bug>\n"
            ));
        }
        text + "</media-bugs>\n"
    }
}

const FUNCTION: &str = "eavesdrop";
