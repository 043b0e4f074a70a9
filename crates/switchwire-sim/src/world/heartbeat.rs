//! The HEARTBEAT event: the state of the whole server, every so often.

use switchwire_proto::EventType;

use super::{Timer, World, clock};
use crate::channel::MAX_SESSIONS;
use crate::event::clock::{Moment, uptime};
use crate::event::origin;

impl World {
    /// Fires a HEARTBEAT and sets the timer for the next one.
    pub(super) fn heartbeat(&mut self) {
        let mut event = self.stamped(EventType::Heartbeat, origin::of(EventType::Heartbeat));
        let up = clock::since(self.started);
        for (name, value) in [
            ("Event-Info", "System Ready".to_owned()),
            ("Up-Time", uptime(up)),
            ("FreeSWITCH-Version", crate::api::full_version(self)),
            ("Uptime-msec", up.as_millis().to_string()),
            ("Session-Count", self.channels.len().to_string()),
            ("Max-Sessions", MAX_SESSIONS.to_string()),
            ("Session-Per-Sec", "500".into()),
            ("Session-Per-Sec-Last", "0".into()),
            ("Session-Per-Sec-Max", "0".into()),
            ("Session-Per-Sec-FiveMin", "0".into()),
            ("Session-Since-Startup", self.channels.created().to_string()),
            ("Session-Peak-Max", self.channels.peak().to_string()),
            ("Session-Peak-FiveMin", self.channels.peak().to_string()),
            ("Idle-CPU", "98.700000".into()),
        ] {
            event.add_header(name, value);
        }
        self.dispatch(&event);
        if let Some(every) = self.config.heartbeat {
            self.timers.after(every, Timer::Heartbeat);
            // A task of the scheduler, the first one.
            let mut event = self.stamped(EventType::ReSchedule, origin::of(EventType::ReSchedule));
            let next = Moment::now().seconds().saturating_add(every.as_secs());
            for (name, value) in [
                ("Task-ID", "1"),
                ("Task-Desc", "heartbeat"),
                ("Task-Group", "core"),
                ("Task-Runtime", &next.to_string()),
            ] {
                event.add_header(name, value);
            }
            self.dispatch(&event);
        }
    }
}
