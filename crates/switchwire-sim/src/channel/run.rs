//! Runs channels: messages, nested applications, the dialplan.

use std::time::{Duration, Instant};

use switchwire_proto::{Event, EventType, LogLevel};

use super::apps::{Ends, Start};
use super::message::Private;
use super::variables::expand;
use super::{Answer, Call, ChannelId, HangupBy, Kind, Line, Message, Running, State};
use crate::api::new_uuid;
use crate::custom::Respond;
use crate::event::origin;
use crate::world::{Timer, Work, World, clock};

impl World {
    /// Does whatever a channel can do now without waiting.
    pub(crate) fn step(&mut self, id: ChannelId) {
        loop {
            let Some(channel) = self.channels.get_mut(id) else { return };
            if channel.gone {
                return;
            }
            if channel.hangup.is_some() {
                return self.tear_down(id);
            }
            let depth = channel.stack.len();
            if let Some(top) = channel.stack.last() {
                if top.over {
                    let taken = channel.to_route || channel.taken.is_some();
                    if let Kind::Bridge { peer } = top.kind
                        && self.part(id, peer)
                    {
                        // The other side goes first.
                        return self.work.push_back(Work::Step(id));
                    }
                    if taken || !self.asks_on(id) && !self.plays_next(id) && !self.parks_on(id) {
                        self.complete_top(id, taken);
                    }
                    continue;
                }
                if self.serves_on(id) {
                    continue;
                }
                let Some(channel) = self.channels.get_mut(id) else { return };
                let Some(top) = channel.stack.last() else { return };
                let open = !top.call.lock && depth < MAX_NESTING && top.kind.takes_messages();
                let open = open && (!top.kind.plays() || channel.looks.is_none_or(|at| at <= clock::now()));
                let Some(message) = open.then(|| channel.queue.pop_front()).flatten() else { return };
                self.run_message(id, message);
                continue;
            }
            if channel.to_route {
                self.set_state(id, State::Routing);
                return self.route(id);
            }
            if let Some(taken) = channel.taken {
                return self.arrive(id, taken);
            }
            if let Some(message) = channel.queue.pop_front() {
                self.run_message(id, message);
                continue;
            }
            match channel.running {
                State::Execute => {}
                // What the dialplan had called goes on with it.
                State::SoftExecute if !channel.outbound => {
                    self.set_state(id, State::Execute);
                    continue;
                }
                State::SoftExecute => return self.hang_up(id, "NORMAL_CLEARING"),
                _ => return,
            }
            match channel.plan.pop_front() {
                Some((app, arg)) => self.execute(id, Call::new(&app, &arg)),
                None => return self.hang_up(id, "NORMAL_CLEARING"),
            }
        }
    }

    /// Gives a channel a message. What plays takes it with its next frame, anything else at once.
    pub(crate) fn send_message(&mut self, id: ChannelId, message: Message) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        if channel.queue.is_empty() && channel.stack.last().is_some_and(|top| top.kind.plays()) {
            let at = clock::now() + NEXT_FRAME;
            channel.looks = Some(at);
            self.timers.at(at, Timer::Step(id));
        }
        channel.queue.push_back(message);
        self.work.push_back(Work::Step(id));
    }

    /// Carries out a message.
    pub(crate) fn run_message(&mut self, id: ChannelId, message: Message) {
        self.park_session(id);
        match message {
            Message::Execute { mut call, headers, broadcast } => {
                // Without media a parked channel drops the event of what it has carried out.
                let media = self.channels.get(id).is_some_and(|channel| channel.answer != Answer::Ringing);
                if call.holds_other {
                    self.hold_other(id);
                }
                call.private = (media || broadcast).then_some(Private { headers, broadcast });
                self.execute(id, call);
            }
            Message::Hangup { cause, headers } => {
                self.hang_up_by(id, super::cause::named(&cause), HangupBy::Message);
                self.private_command(id, &Private { headers, broadcast: false });
            }
            Message::Transfer { actions } => {
                if let Some(channel) = self.channels.get_mut(id) {
                    channel.plan = actions.into();
                    channel.stack.iter_mut().for_each(|running| running.over = true);
                }
                self.work.push_back(Work::Step(id));
            }
            Message::Unicast(request) => self.begin_unicast(id, &request),
            Message::Nothing => {}
        }
    }

    fn private_command(&mut self, id: ChannelId, private: &Private) {
        let kind = EventType::PrivateCommand;
        let mut event = Event::bare(kind);
        if private.broadcast {
            // A real broadcast's event was made as a COMMAND and is stamped twice.
            event.set_event_type(EventType::Command);
            self.stamp(&mut event, ("switch_ivr_async.c", "switch_ivr_broadcast", 5732));
            event.set_event_type(kind);
        }
        for (name, value) in &private.headers {
            event.add_header(name, value);
        }
        self.stamp(&mut event, origin::of(kind));
        self.add_channel(id, &mut event, true, false);
        self.dispatch(&event);
    }

    /// Starts an application. One that is unknown hangs the channel up.
    pub(crate) fn execute(&mut self, id: ChannelId, mut call: Call) {
        call.arg = self.with_commands_run(&call.arg);
        let globals = &self.globals;
        let Some(channel) = self.channels.get_mut(id) else { return };
        let own = self.config.applications.get(&call.app.to_ascii_lowercase()).cloned();
        let built_in = super::apps::find(&call.app);
        if own.is_none() && built_in.is_none() {
            // The sender gets its reply although there is nothing to run.
            if let Some(conn) = call.reply_to {
                self.application_done(conn);
            }
            self.hang_up(id, "DESTINATION_OUT_OF_ORDER");
            if let Some(private) = &call.private {
                self.private_command(id, private);
            }
            return;
        }
        let look_up = |name: &str| {
            channel.variable(name).or_else(|| globals.get(name).map(|value| value.clone().into_bytes()))
        };
        call.arg = String::from_utf8_lossy(&expand(&call.arg, look_up)).into_owned();
        if let Some(total) = call.total {
            channel.variables.set("current_loop", (total - call.loops + 1).max(1).to_string());
            channel.variables.set("total_loops", total.to_string());
        }
        channel.variables.set("current_application", &call.app);
        channel.variables.set("current_application_data", &call.arg);
        channel.variables.set(RESPONSE, "");
        let origin = ("switch_core_session.c", "switch_core_session_exec", 2907);
        self.tell_at(id, LogLevel::Info, Line::Clean, origin, |c| {
            format!("EXECUTE [depth={}] {} {}({})", c.stack.len(), c.name, call.app, call.arg)
        });
        let uuid = call.uuid.clone().unwrap_or_else(new_uuid);
        let uuid_name = call.uuid_name.clone().unwrap_or_default();
        let after = [
            ("Application", call.app.as_str()),
            ("Application-Data", &call.arg),
            ("Application-UUID", &uuid),
            ("Application-UUID-Name", &uuid_name),
        ];
        self.channel_event_with(id, EventType::ChannelExecute, &[], &after);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("current_application", &call.app);
        }
        let now = clock::now();
        self.pause_top(id, now);
        let serial = self.channels.next_serial();
        let start = match (&own, built_in) {
            (Some(handler), _) => {
                let asked = self.asked_about(id, &call.app, &call.arg);
                handler.call(asked, Respond::application(&self.replies, id, serial));
                Start::Run(Kind::Custom, None)
            }
            (None, Some(app)) => app(self, id, serial, &call.arg),
            (None, None) => Start::Done,
        };
        let Some(channel) = self.channels.get_mut(id) else { return };
        let (kind, time) = match start {
            Start::Done => (Kind::Time, Some(Duration::ZERO)),
            Start::Run(kind, time) => (kind, time),
        };
        let done = time == Some(Duration::ZERO);
        let ends = time.and_then(|time| now.checked_add(time));
        channel.stack.push(Running {
            serial,
            call,
            uuid,
            kind,
            started: now,
            ends,
            paused: None,
            over: done,
        });
        if done {
            self.complete_top(id, false);
        } else if let Some(ends) = ends {
            self.timers.at(ends, Timer::AppDone(id, serial));
        }
    }

    /// Time does not pass for an application while another one runs inside of it.
    fn pause_top(&mut self, id: ChannelId, now: Instant) {
        let Some(top) = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut()) else {
            return;
        };
        if let Some(ends) = top.ends.take() {
            top.paused = Some(ends.saturating_duration_since(now));
        }
    }

    fn resume_top(&mut self, id: ChannelId) {
        let Some(top) = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut()) else {
            return;
        };
        if let Some(left) = top.paused.take() {
            let ends = clock::now() + left;
            top.ends = Some(ends);
            let serial = top.serial;
            self.timers.at(ends, Timer::AppDone(id, serial));
        }
    }

    /// Lets an application that waits for something else end after that time.
    pub(crate) fn ends_after(&mut self, id: ChannelId, serial: u64, time: Duration) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(running) = channel.stack.iter_mut().find(|running| running.serial == serial) else { return };
        match clock::now().checked_add(time).filter(|_| time > Duration::ZERO) {
            Some(ends) => {
                running.ends = Some(ends);
                self.timers.at(ends, Timer::AppDone(id, serial));
            }
            None => running.over = true,
        }
    }

    /// An application's time may be over: a paused one's is not.
    pub(crate) fn app_time_over(&mut self, id: ChannelId, serial: u64) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(running) = channel.stack.iter_mut().find(|running| running.serial == serial) else { return };
        if running.ends.is_some_and(|ends| ends <= clock::now()) {
            running.over = true;
            self.work.push_back(Work::Step(id));
        }
    }

    /// Ends the innermost application: its last events, CHANNEL_EXECUTE_COMPLETE, the reply to its waiter, the next
    /// of its loops. An interrupted one does not start again.
    pub(crate) fn complete_top(&mut self, id: ChannelId, interrupted: bool) {
        let Some(running) = self.channels.get_mut(id).and_then(|channel| channel.stack.pop()) else { return };
        let cut = interrupted || !running.ran_its_time();
        let Running { call, uuid, kind, started, .. } = running;
        self.close_app(id, &kind, started, Ends { interrupted, cut });
        if call.silent {
            if matches!(kind, Kind::Bridge { .. }) {
                self.talk_over(id);
            }
            return self.work.push_back(Work::Step(id));
        }
        let response = self.respond(id, &call, interrupted);
        let uuid_name = call.uuid_name.clone().unwrap_or_default();
        let after = [
            ("Application", call.app.as_str()),
            ("Application-Data", &call.arg),
            ("Application-Response", &response),
            ("Application-UUID", &uuid),
            ("Application-UUID-Name", &uuid_name),
        ];
        self.channel_event_with(id, EventType::ChannelExecuteComplete, &[], &after);
        if self.channels.get(id).is_some_and(|channel| !channel.is_up()) {
            let origin = ("switch_core_session.c", "switch_core_session_exec", 2984);
            self.tell(id, Line::Channel, origin, |c| {
                let name = &c.name;
                format!("{name} skip receive message [APPLICATION_EXEC_COMPLETE] (channel is hungup already)")
            });
        }
        // A run of less than half a second ends the loop; below zero there is no limit.
        let loops = if call.loops < 0 { call.loops } else { call.loops - 1 };
        if !interrupted && loops != 0 && clock::since(started) >= SHORT_RUN {
            return self.execute(id, Call { loops, ..call });
        }
        if call.total.is_some()
            && let Some(channel) = self.channels.get_mut(id)
        {
            channel.variables.set("current_loop", "");
            channel.variables.set("total_loops", "");
        }
        if let Some(private) = &call.private {
            self.private_command(id, private);
        }
        if call.holds_other {
            self.release_other(id);
        }
        self.resume_top(id);
        self.listen_again(id);
        if let Some(conn) = call.reply_to {
            self.application_done(conn);
        }
        self.work.push_back(Work::Step(id));
    }

    /// What the application that runs answers.
    pub(super) fn set_response(&mut self, id: ChannelId, response: &str) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set(RESPONSE, response);
        }
    }

    /// The `Application-Response` of an application that ends. Few set one; an outer application reports that of the last
    /// inner one.
    fn respond(&mut self, id: ChannelId, call: &Call, interrupted: bool) -> String {
        let Some(channel) = self.channels.get_mut(id) else { return String::new() };
        let unset = channel.variables.get(RESPONSE).is_none();
        if call.app.eq_ignore_ascii_case("playback") && unset {
            channel.variables.set(RESPONSE, if interrupted { "PLAYBACK ERROR" } else { "FILE PLAYED" });
        }
        channel
            .variables
            .get(RESPONSE)
            .map_or_else(|| "_none_".to_owned(), |value| String::from_utf8_lossy(value).into_owned())
    }
}

impl World {
    /// Ends the innermost application, or all of them; a session's `socket` stays.
    pub(crate) fn break_application(&mut self, id: ChannelId, all: bool) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let running = channel.stack.iter_mut().rev().filter(|r| {
            matches!(r.kind, Kind::Playback { .. } | Kind::Record { .. } | Kind::Time | Kind::Digits(_))
        });
        for running in running.take(if all { usize::MAX } else { 1 }) {
            running.over = true;
        }
        self.work.push_back(Work::Step(id));
    }

    /// Puts a channel on hold, or takes it off.
    pub(crate) fn hold(&mut self, id: ChannelId, on: bool) {
        let (kind, state) = if on {
            (EventType::ChannelHold, super::CallState::Held)
        } else {
            (EventType::ChannelUnhold, super::CallState::Active)
        };
        self.channel_event(id, kind);
        self.set_callstate(id, state);
    }
}

impl Running {
    /// Whether its time is over, rather than that something ended it.
    pub(super) fn ran_its_time(&self) -> bool {
        self.ends.is_some_and(|ends| ends <= clock::now())
    }
}

impl Kind {
    /// Whether it reads or writes media, one frame after the other.
    fn plays(&self) -> bool {
        matches!(self, Self::Playback(_) | Self::Digits(_) | Self::Record { .. })
    }

    /// Whether messages to the channel are carried out while this runs.
    fn takes_messages(&self) -> bool {
        !matches!(self, Self::Socket { asynchronous: false, .. } | Self::Dialling { .. })
    }
}

/// The deepest nesting of applications.
const MAX_NESTING: usize = 16;
/// The variable that holds the last application's response.
const RESPONSE: &str = "current_application_response";
/// How long the next frame is off, on average.
const NEXT_FRAME: Duration = Duration::from_millis(10);
const SHORT_RUN: Duration = Duration::from_millis(500);
