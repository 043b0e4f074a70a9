//! What changes a channel's media beside its application: `uuid_displace` and `uuid_audio`.

use std::time::Duration;

use super::ChannelId;
use crate::world::{Timer, World};

/// One of them at work.
#[derive(Debug, Clone)]
pub(crate) struct Bug {
    function: &'static str,
    target: String,
    serial: u64,
}

const DISPLACE: &str = "displace";
const AUDIO: &str = "audio";

impl World {
    /// Plays a file in the place of what a channel says, for so many seconds unless that is 0: whether there is such a
    /// file.
    pub(crate) fn displace(&mut self, id: ChannelId, path: &str, limit: u64) -> bool {
        if self.is_missing(path) {
            return false;
        }
        let serial = self.bug_starts(id, DISPLACE, path);
        if limit > 0 {
            self.timers.after(Duration::from_secs(limit), Timer::BugEnds(id, serial));
        }
        true
    }

    /// Ends what plays that file: whether something did.
    pub(crate) fn stop_displacing(&mut self, id: ChannelId, path: &str) -> bool {
        self.stop_bug(id, |bug| bug.function == DISPLACE && bug.target == path)
    }

    /// Changes what a channel says or hears; a second change takes the first one's place.
    pub(crate) fn change_audio(&mut self, id: ChannelId, how: &str) {
        let channel = self.channels.get(id);
        if channel.is_some_and(|channel| !channel.bugs.iter().any(|bug| bug.function == AUDIO)) {
            self.bug_starts(id, AUDIO, how);
        }
    }

    pub(crate) fn restore_audio(&mut self, id: ChannelId) {
        self.stop_bug(id, |bug| bug.function == AUDIO);
    }

    /// Its time is over.
    pub(crate) fn bug_ends(&mut self, id: ChannelId, serial: u64) {
        self.stop_bug(id, |bug| bug.serial == serial);
    }

    fn bug_starts(&mut self, id: ChannelId, function: &'static str, target: &str) -> u64 {
        let serial = self.channels.next_serial();
        if let Some(channel) = self.channels.get_mut(id) {
            channel.bugs.push(Bug { function, target: target.to_owned(), serial });
            self.media_bug(id, true, function, target);
        }
        serial
    }

    fn stop_bug(&mut self, id: ChannelId, which: impl Fn(&Bug) -> bool) -> bool {
        let Some(channel) = self.channels.get_mut(id) else { return false };
        let Some(at) = channel.bugs.iter().position(which) else { return false };
        let bug = channel.bugs.remove(at);
        self.media_bug(id, false, bug.function, &bug.target);
        true
    }
}
