//! The applications: one table, one function each.

use std::time::{Duration, Instant};

use switchwire_proto::EventType;

use super::conference::conference;
use super::consult::att_xfer;
use super::digits::{play_and_get_digits, read};
use super::eavesdrop::eavesdrop;
use super::fifo::fifo;
use super::intercept::intercept;
use super::limit::limit;
use super::pickup::pickup;
use super::play::{endless, gentones, leading_number, phrase, playback, say};
use super::record::record;
use super::session_heartbeat::enable_heartbeat;
use super::session_record::{record_session, stop_record_session};
use super::valet::valet_park;
use super::{ChannelId, HangupBy, Kind, Line};
use crate::conn::Target;
use crate::world::World;

/// What starting an application came to.
pub(crate) enum Start {
    /// It is over already.
    Done,
    /// It runs: for that long, or until something else ends it.
    Run(Kind, Option<Duration>),
}

/// How an application ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// By another hand than its own: it is not run again.
    pub(super) interrupted: bool,
    /// Before its time.
    pub(super) cut: bool,
}

/// Starts an application; the number is that of its run.
pub(crate) type App = fn(&mut World, ChannelId, u64, &str) -> Start;

const TABLE: &[(&str, App)] = &[
    ("answer", answer),
    ("att_xfer", att_xfer),
    ("bridge", World::app_bridge),
    ("conference", conference),
    ("deflect", nothing),
    ("detect_speech", nothing),
    ("displace_session", nothing),
    ("eavesdrop", eavesdrop),
    ("echo", |_, _, _, _| Start::Run(Kind::Echo, None)),
    ("enable_heartbeat", enable_heartbeat),
    ("endless_playback", endless),
    ("event", nothing),
    ("export", export),
    ("fifo", fifo),
    ("flush_dtmf", nothing),
    ("gentones", gentones),
    ("hangup", hangup),
    ("hold", nothing),
    ("info", nothing),
    ("intercept", intercept),
    ("limit", limit),
    ("log", log),
    ("multiset", multiset),
    ("multiunset", nothing),
    ("park", park),
    ("phrase", phrase),
    ("pickup", pickup),
    ("play_and_get_digits", play_and_get_digits),
    ("playback", playback),
    ("pre_answer", pre_answer),
    ("push", |world, id, _, arg| push(world, id, arg, false)),
    ("queue_dtmf", send_dtmf),
    ("read", read),
    ("record", record),
    ("record_session", record_session),
    ("ring_ready", ring_ready),
    ("say", say),
    ("sched_hangup", nothing),
    ("send_dtmf", send_dtmf),
    ("set", set),
    ("set_name", nothing),
    ("set_user", nothing),
    ("sleep", sleep),
    ("socket", socket),
    ("speak", say),
    ("start_dtmf", nothing),
    ("stop_displace_session", nothing),
    ("stop_dtmf", nothing),
    ("stop_record_session", stop_record_session),
    ("transfer", transfer),
    ("unhold", nothing),
    ("unset", unset),
    ("unshift", |world, id, _, arg| push(world, id, arg, true)),
    ("valet_park", valet_park),
    ("verbose_events", nothing),
];

/// The application of that name, in any case.
pub(crate) fn find(name: &str) -> Option<App> {
    TABLE.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, app)| *app)
}

impl World {
    /// The events that end an application of that kind, before its CHANNEL_EXECUTE_COMPLETE.
    pub(super) fn close_app(&mut self, id: ChannelId, kind: &Kind, started: Instant, how: Ends) {
        match kind {
            Kind::Playback(play) => self.close_play(id, play, how.cut),
            Kind::Park => self.channel_event(id, EventType::ChannelUnpark),
            Kind::Socket { asynchronous: true, connected: true, .. } => {
                self.channel_event(id, EventType::ChannelUnpark);
            }
            Kind::Bridge { peer } => self.unbridge(id, *peer),
            Kind::Dialling { effort } => self.give_up_dialling(*effort),
            Kind::Digits(ask) => self.close_digits(id, ask, how.interrupted),
            Kind::Record { path } => self.close_record(id, path, started),
            Kind::Valet(parked) => self.close_valet(id, parked),
            Kind::Fifo(side) => self.close_fifo(id, side),
            Kind::Eavesdrop { target } => self.close_eavesdrop(id, *target),
            Kind::Conference { member } => self.leave_conference(id, *member),
            Kind::Time | Kind::Custom | Kind::Echo | Kind::Socket { .. } => {}
        }
    }
}

fn nothing(_: &mut World, _: ChannelId, _: u64, _: &str) -> Start {
    Start::Done
}

fn answer(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.answer_channel(id);
    Start::Done
}

fn pre_answer(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.pre_answer_channel(id);
    Start::Done
}

fn ring_ready(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.ring_channel(id);
    Start::Done
}

fn hangup(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    world.hang_up_by(id, super::cause::named(arg), HangupBy::Application);
    Start::Done
}

fn park(world: &mut World, id: ChannelId, _: u64, _: &str) -> Start {
    world.channel_event(id, EventType::ChannelPark);
    Start::Run(Kind::Park, None)
}

fn sleep(_: &mut World, _: ChannelId, _: u64, arg: &str) -> Start {
    Start::Run(Kind::Time, Some(Duration::from_millis(leading_number(arg).max(1))))
}

fn set(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    if let (Some(channel), Some((name, value))) = (world.channels.get_mut(id), arg.split_once('=')) {
        channel.variables.set(name.trim(), value);
        world.tell_set(id, "SET", name.trim(), value);
    }
    Start::Done
}

fn unset(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    if let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set(arg.trim(), "");
        world.tell(id, Line::Session, (DPTOOLS, "unset_function", 1744), |_| {
            format!("UNSET [{}]", arg.trim())
        });
    }
    Start::Done
}

/// Several `name=value`, blank-separated or by the character given with `^^`.
fn multiset(world: &mut World, id: ChannelId, serial: u64, arg: &str) -> Start {
    let (separator, list) = match arg.strip_prefix("^^").and_then(|rest| rest.chars().next()) {
        Some(separator) => (separator, &arg[2 + separator.len_utf8()..]),
        None => (' ', arg),
    };
    for pair in list.split(separator) {
        set(world, id, serial, pair);
    }
    Start::Done
}

fn export(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    if let (Some(channel), Some((name, value))) = (world.channels.get_mut(id), arg.split_once('=')) {
        channel.variables.set(name.trim(), value);
        let (name, only) = match name.trim().strip_prefix("nolocal:") {
            Some(name) => (name, " (REMOTE ONLY)"),
            None => (name.trim(), ""),
        };
        let origin = ("switch_channel.c", "switch_channel_export_variable_var_check", 1456);
        world.tell(id, Line::Session, origin, |_| format!("EXPORT (export_vars){only} [{name}]=[{value}]"));
    }
    if let (Some(channel), Some((name, _))) = (world.channels.get_mut(id), arg.split_once('=')) {
        let list = match channel.variables.get("export_vars") {
            Some(old) => format!("{},{name}", String::from_utf8_lossy(old)),
            None => name.to_owned(),
        };
        channel.variables.set("export_vars", list);
    }
    Start::Done
}

const DPTOOLS: &str = "mod_dptools.c";

impl World {
    /// A variable was set by an application.
    fn tell_set(&mut self, id: ChannelId, how: &str, name: &str, value: &str) {
        self.tell(id, Line::Session, (DPTOOLS, "base_set", 1686), |c| {
            format!("{how} {} [{name}]=[{value}]", c.name)
        });
    }
}

fn push(world: &mut World, id: ChannelId, arg: &str, first: bool) -> Start {
    if let (Some(channel), Some((name, value))) = (world.channels.get_mut(id), arg.split_once('=')) {
        channel.variables.push(name.trim(), value.as_bytes(), first);
        world.tell_set(id, if first { "UNSHIFT" } else { "PUSH" }, name.trim(), value);
    }
    Start::Done
}

fn log(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let (level, text) = arg.split_once(' ').unwrap_or(("DEBUG", arg));
    let known = switchwire_proto::LogLevel::ALL.iter().find(|l| l.name().eq_ignore_ascii_case(level));
    let level = known.copied().unwrap_or(switchwire_proto::LogLevel::Debug);
    world.tell_at(id, level, Line::Session, ("mod_dptools.c", "log_function", 1881), |_| text.to_owned());
    Start::Done
}

fn send_dtmf(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    world.send_digits(id, arg);
    Start::Done
}

fn transfer(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let mut words = arg.split_whitespace();
    let Some(extension) = words.next() else { return Start::Done };
    let own = world.channels.get(id).map(|channel| channel.profile.context.clone()).unwrap_or_default();
    let dialplan = words.next().unwrap_or("XML");
    world.transfer_to(id, extension, dialplan, words.next().unwrap_or(&own));
    Start::Done
}

fn socket(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let target = Target::parse(arg);
    if let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set("socket_host", &target.host);
        if let Some(path) = &target.path {
            channel.variables.set("socket_path", path);
        }
    }
    match world.connect_out(id, &target) {
        Some(conn) => {
            let kind =
                Kind::Socket { conn, asynchronous: target.asynchronous, connected: false, parked: false };
            Start::Run(kind, None)
        }
        None => Start::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by_key(|(name, _)| *name));
    }
}
