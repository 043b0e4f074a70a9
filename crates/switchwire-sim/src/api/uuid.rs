//! Commands about one channel, and about all of them.

use super::{Asker, Family};
use crate::channel::{Call, ChannelId, Message, cause_named};
use crate::event::{Format, origin};
use crate::world::{Work, World};

pub(super) const COMMANDS: Family = &[
    ("hupall", |world, _, arg| {
        Some(hang_up_all(world, if arg.is_empty() { "MANAGER_REQUEST" } else { arg }))
    }),
    ("uuid_answer", |world, _, arg| {
        on(world, arg, |world, id, _| {
            world.answer_channel(id);
            OK.into()
        })
    }),
    ("uuid_break", |world, _, arg| on(world, arg, stop_application)),
    ("uuid_bridge", bridge),
    ("uuid_broadcast", |world, _, arg| on(world, arg, broadcast)),
    ("uuid_displace", |world, _, arg| on(world, arg, |_, _, _| OK.into())),
    ("uuid_dump", |world, _, arg| on(world, arg, dump)),
    ("uuid_exists", |world, _, arg| Some(world.channels.by_uuid(arg.trim()).is_some().to_string())),
    ("uuid_getvar", |world, _, arg| on(world, arg, get_variable)),
    ("uuid_hold", |world, _, arg| hold(world, arg)),
    ("uuid_kill", |world, _, arg| on(world, arg, kill)),
    ("uuid_media", |world, _, arg| on(world, last_word(arg), |_, _, _| "+OK Success\n".into())),
    ("uuid_park", |world, _, arg| on(world, arg, park)),
    ("uuid_phone_event", |world, _, arg| on(world, arg, |_, _, _| OK.into())),
    ("uuid_pre_answer", |world, _, arg| {
        on(world, arg, |world, id, _| {
            world.pre_answer_channel(id);
            OK.into()
        })
    }),
    ("uuid_record", |world, _, arg| on(world, arg, |_, _, _| "+OK Success\n".into())),
    ("uuid_recv_dtmf", |world, _, arg| on(world, arg, receive_dtmf)),
    ("uuid_send_dtmf", |world, _, arg| on(world, arg, send_dtmf)),
    ("uuid_setvar", |world, _, arg| on(world, arg, set_variable)),
    ("uuid_setvar_multi", |world, _, arg| on(world, arg, set_variables)),
    ("uuid_transfer", |world, _, arg| on(world, arg, transfer)),
];

/// Runs something on the channel that the first word names.
fn on(
    world: &mut World,
    arg: &str,
    run: impl FnOnce(&mut World, ChannelId, &str) -> String,
) -> Option<String> {
    let (uuid, rest) = arg.trim_start().split_once(' ').unwrap_or((arg, ""));
    if uuid.is_empty() {
        return Some("-USAGE: <uuid>\n".into());
    }
    Some(match world.channels.by_uuid(uuid.trim()) {
        Some(id) => run(world, id, rest.trim_start()),
        None => NO_CHANNEL.into(),
    })
}

pub(super) fn hang_up_all(world: &mut World, cause: &str) -> String {
    let cause = cause_named(cause.split_whitespace().next().unwrap_or_default());
    let all: Vec<ChannelId> = world.channels.live().map(|(id, _)| id).collect();
    all.into_iter().for_each(|id| world.hang_up(id, cause));
    format!("+OK hangup all channels with cause {cause}\n")
}

fn kill(world: &mut World, id: ChannelId, cause: &str) -> String {
    world.hang_up(id, cause_named(cause.trim()));
    OK.into()
}

fn get_variable(world: &mut World, id: ChannelId, name: &str) -> String {
    let value = world.channels.get(id).and_then(|channel| channel.variable(name.trim()));
    value.map_or_else(|| "_undef_".into(), |value| String::from_utf8_lossy(&value).into_owned())
}

fn set_variable(world: &mut World, id: ChannelId, arg: &str) -> String {
    let (name, value) = arg.split_once(' ').unwrap_or((arg, ""));
    if name.is_empty() {
        return "-USAGE: <uuid> <var> [value]\n".into();
    }
    if let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set(name, value);
    }
    OK.into()
}

fn set_variables(world: &mut World, id: ChannelId, arg: &str) -> String {
    for (name, value) in arg.split(';').filter_map(|pair| pair.split_once('=')) {
        if let Some(channel) = world.channels.get_mut(id) {
            channel.variables.set(name.trim(), value);
        }
    }
    OK.into()
}

fn dump(world: &mut World, id: ChannelId, form: &str) -> String {
    let format =
        Format::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(form.trim())).unwrap_or_default();
    let event = world.channel_data(id, origin::UUID_DUMP);
    let text = event.map(|event| format.serialize(&event)).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

fn broadcast(world: &mut World, id: ChannelId, arg: &str) -> String {
    let what = arg.split_whitespace().next().unwrap_or_default();
    // `app::arg` runs an application, anything else is played.
    let (app, data) = what.split_once("::").unwrap_or(("playback", what));
    let call = Call { lock: true, ..Call::new(app, data) };
    let headers = [
        ("call-command", "execute"),
        ("execute-app-name", app),
        ("execute-app-arg", data),
        ("event-lock", "true"),
        ("lead-frames", "5"),
    ];
    let headers = headers.map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).to_vec();
    if let Some(channel) = world.channels.get_mut(id) {
        channel.queue.push_back(Message::Execute { call, headers, broadcast: true });
    }
    world.work.push_back(Work::Step(id));
    "+OK Message sent\n".into()
}

fn stop_application(world: &mut World, id: ChannelId, arg: &str) -> String {
    world.break_application(id, arg.trim() == "all");
    OK.into()
}

fn park(world: &mut World, id: ChannelId, _: &str) -> String {
    world.run_instead(id, &[("park", "")]);
    OK.into()
}

fn transfer(world: &mut World, id: ChannelId, arg: &str) -> String {
    let mut words = arg.split_whitespace().skip_while(|word| word.starts_with('-'));
    let Some(extension) = words.next() else { return "-USAGE: <uuid> [-bleg|-both] <dest-exten>\n".into() };
    match extension.split_once("inline").map_or(extension.split_once(':'), |_| None) {
        // An inline dialplan: `app:arg`.
        Some((app, arg)) => world.run_instead(id, &[(app, arg)]),
        None => world.transfer(id, extension),
    }
    OK.into()
}

fn bridge(world: &mut World, _: &Asker, arg: &str) -> Option<String> {
    let (a, b) = arg.split_once(' ')?;
    let (Some(one), Some(two)) = (world.channels.by_uuid(a), world.channels.by_uuid(b.trim())) else {
        return Some("-ERR Invalid uuid\n".into());
    };
    world.bridge_channels(one, two);
    Some(format!("+OK {}\n", b.trim()))
}

fn hold(world: &mut World, arg: &str) -> Option<String> {
    let (off, toggle) = (arg.starts_with("off "), arg.starts_with("toggle "));
    let _ = toggle;
    on(world, last_word(arg), |world, id, _| {
        world.hold(id, !off);
        "+OK Success\n".into()
    })
}

fn receive_dtmf(world: &mut World, id: ChannelId, digits: &str) -> String {
    for digit in digits.split('@').next().unwrap_or_default().chars() {
        world.receive_digit(id, digit);
    }
    OK.into()
}

fn send_dtmf(world: &mut World, id: ChannelId, digits: &str) -> String {
    let far = world.channels.get(id).and_then(|channel| channel.other_leg.or(channel.bridged));
    far.map_or_else(|| OK.into(), |far| receive_dtmf(world, far, digits))
}

fn last_word(arg: &str) -> &str {
    arg.split_whitespace().last().unwrap_or_default()
}

const OK: &str = "+OK\n";
const NO_CHANNEL: &str = "-ERR No such channel!\n";
