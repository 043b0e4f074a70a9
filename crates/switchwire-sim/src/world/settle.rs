//! Between two waits: timers that are due, then pending work and input, until nothing is left to do.

use super::{Timer, Work, World};
use crate::conn::Phase;
use crate::wire::frame;

impl World {
    /// Runs a timer that is due. Its connection or channel may be gone or changed by now.
    pub(super) fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::AuthTimeout(id) => {
                let Some(conn) = self.conns.get(&id) else { return };
                match conn.phase {
                    Phase::Connecting => self.connect_failed(id),
                    Phase::Login | Phase::Open if !conn.spoke => self.close_with(id, frame::GOODBYE),
                    _ => {}
                }
            }
            Timer::Write(id) => self.dirty.push(id),
            Timer::Forget(id) => self.remove(id),
            Timer::LingerEnd(id) => {
                if self.conns.get(&id).is_some_and(|c| c.phase != Phase::Closing) {
                    self.flush_events(id);
                    self.close_with(id, frame::GOODBYE);
                }
            }
            Timer::Park(channel) => self.park_session(channel),
            Timer::AppDone(channel, serial) => self.app_time_over(channel, serial),
            Timer::Step(channel) => self.work.push_back(Work::Step(channel)),
            Timer::Digit(channel) => self.read_digits(channel),
            Timer::RecordingEnds(channel, serial) => self.recording_ends(channel, serial),
            Timer::SessionHeartbeat(channel, serial) => self.session_heartbeat(channel, serial),
            Timer::Unicast(channel, serial) => self.unicast_frame(channel, serial),
            Timer::DisplacingEnds(channel, serial) => self.displacing_ends(channel, serial),
            Timer::Reply(request, text) => self.api_reply(request, &text),
            Timer::OriginateTimeout(effort, at, round) => self.originate_timeout(effort, at, round),
            Timer::Task(id) => self.run_task(id),
            Timer::Heartbeat => self.heartbeat(),
            Timer::LateReply(id, frame) => {
                if let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.phase != Phase::Closing) {
                    conn.out.push(frame);
                    self.dirty.push(id);
                }
            }
            Timer::Endpoint(channel, step) => self.endpoint_step(channel, step),
            Timer::Act(act) => self.act(act),
            Timer::Conference(name, uuid) => self.conference_frame(&name, &uuid),
            Timer::ConferenceEnds(name, uuid) => self.end_conference(&name, &uuid),
            Timer::ConferenceFile(ends) => self.conference_file_ends(&ends),
            Timer::Load => self.make_calls(),
        }
    }

    /// Runs pending work and serves the marked connections, until neither is left.
    pub(super) fn settle(&mut self) {
        loop {
            self.take_replies();
            while let Some(work) = self.work.pop_front() {
                match work {
                    Work::Step(channel) => self.step(channel),
                    Work::Advance(channel) => self.advance(channel),
                    Work::NextGroup(effort, at) => self.next_group(effort, at),
                    Work::Failed(effort) => self.effort_failed(effort),
                    Work::Destroy(channel) => self.end_channel(channel),
                    Work::Api(request) => self.run_api(request),
                    Work::Shutdown { notice, stop } => self.shut_down(notice, stop),
                }
            }
            self.publish();
            let mut dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                return;
            }
            dirty.sort_unstable();
            dirty.dedup();
            for id in dirty {
                self.pump(id);
            }
        }
    }
}
