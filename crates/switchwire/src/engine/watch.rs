//! Watching over a connection: a thread that reads only while no other thread does.
//!
//! A program that takes events reads the socket itself, which costs nothing extra; but a supervised connection must be
//! read also while the program is busy. So the watcher looks, a few times a second, whether the reader has been left
//! unused since its last look, and only then reads itself, until a thread waits that wants to. While a thread sits on
//! the socket and nothing comes, the watcher sleeps. A thread that receives from many connections reads all of them
//! itself: then the watcher only looks whether it is still there.

use std::time::Duration;

use super::Engine;
use crate::deadline::Deadline;
use crate::inbox::{Concern, Inbox};

/// How the watcher treats the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// It reads where no other thread does.
    Lazy,
    /// It is the one that reads: no thread waits for events, they are announced.
    Eager,
    /// The layer above reads.
    Aside,
}

impl Engine {
    /// Waits until `look` finds something; `None` when the deadline has passed. `look` is asked after each read and at
    /// each wake-up, and `watch` before each wait. There is one watcher at most.
    pub(crate) fn watch<T>(
        &self,
        deadline: Deadline,
        watch: impl Fn() -> Watch,
        mut look: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Option<T> {
        let mut inbox = self.inbox.lock();
        let mut seen = None;
        let mut yields = false;
        loop {
            let found = look(&mut inbox);
            if found.is_some() || deadline.passed() || inbox.closed.is_some() {
                inbox.hand_over();
                return found;
            }
            let unused = seen == Some(inbox.reads);
            let watch = watch();
            let reads = match watch {
                Watch::Lazy => unused && !yields,
                Watch::Eager => true,
                Watch::Aside => false,
            };
            if reads && inbox.reader.is_some() && !inbox.is_held_up() {
                self.wait_and_read(&mut inbox, deadline, &Concern::Anything);
                self.run_ready_callbacks(&mut inbox);
                seen = Some(inbox.reads);
                yields = !inbox.followers.is_empty();
                continue;
            }
            inbox.hand_over();
            // While a thread waits on the socket, the watcher has nothing to do before something is read.
            inbox.watcher_asleep = watch == Watch::Lazy && inbox.reader.is_none() && unused;
            if watch == Watch::Aside && unused {
                // Should the layer above not have learnt that something has come, it does so now.
                if inbox.reader.is_some() && !inbox.is_held_up() && self.read(&mut inbox) {
                    continue;
                }
                // (No thread waits on this socket, which would do so.)
                inbox.release();
            }
            let until = if inbox.watcher_asleep { deadline } else { deadline.earlier(Deadline::after(LOOK)) };
            (seen, yields) = (Some(inbox.reads), false);
            match until.instant() {
                Some(at) => drop(self.watcher.wait_until(&mut inbox, at)),
                None => self.watcher.wait(&mut inbox),
            }
            inbox.watcher_asleep = false;
        }
    }

    /// Makes the watcher look.
    pub(crate) fn wake_watcher(&self) {
        drop(self.inbox.lock());
        self.watcher.notify_all();
    }
}

/// How long the reader may be unused before the watcher reads.
const LOOK: Duration = Duration::from_millis(100);
