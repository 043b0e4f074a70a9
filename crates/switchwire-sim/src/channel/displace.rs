//! What plays in the place of what a channel says: `uuid_displace`.

use std::time::Duration;

use super::ChannelId;
use crate::world::{Timer, World};

/// A file that plays.
#[derive(Debug)]
pub(crate) struct Displacing {
    path: String,
    serial: u64,
}

const FUNCTION: &str = "displace";

impl World {
    /// Plays a file in the place of what a channel says, for so many seconds unless that is 0: whether there is such a
    /// file.
    pub(crate) fn displace(&mut self, id: ChannelId, path: &str, limit: u64) -> bool {
        if self.is_missing(path) {
            return false;
        }
        let serial = self.channels.next_serial();
        if let Some(channel) = self.channels.get_mut(id) {
            channel.displacing.push(Displacing { path: path.to_owned(), serial });
            self.media_bug(id, true, FUNCTION, path);
        }
        if limit > 0 {
            self.timers.after(Duration::from_secs(limit), Timer::DisplacingEnds(id, serial));
        }
        true
    }

    /// Ends what plays that file: whether something did.
    pub(crate) fn stop_displacing(&mut self, id: ChannelId, path: &str) -> bool {
        self.end_displacing(id, |one| one.path == path)
    }

    /// Its time is over.
    pub(crate) fn displacing_ends(&mut self, id: ChannelId, serial: u64) {
        self.end_displacing(id, |one| one.serial == serial);
    }

    fn end_displacing(&mut self, id: ChannelId, which: impl Fn(&Displacing) -> bool) -> bool {
        let Some(channel) = self.channels.get_mut(id) else { return false };
        let Some(at) = channel.displacing.iter().position(which) else { return false };
        let Displacing { path, .. } = channel.displacing.remove(at);
        self.media_bug(id, false, FUNCTION, &path);
        true
    }
}
