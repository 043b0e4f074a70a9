//! Commands about one channel, and about all of them.

use super::{ApiRequest, Family, Outcome};
use crate::channel::{Channel, ChannelId, Digit, DigitSource, HangupBy, Legs, cause_named};
use crate::event::Format;
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("break", |world, _, arg| on(world, arg, &known("<uuid> [all]", 1), stop_application)),
    ("hupall", |world, _, arg| {
        hang_up_all(world, if arg.is_empty() { "MANAGER_REQUEST" } else { arg }).into()
    }),
    ("uuid_answer", |world, _, arg| {
        on(world, arg, &ANSWER, |world, id, _| {
            world.answer_channel(id);
            OK.into()
        })
    }),
    ("uuid_break", |world, _, arg| on(world, arg, &known("<uuid> [all]", 1), stop_application)),
    ("uuid_bridge", bridge),
    ("uuid_broadcast", |world, _, arg| on(world, arg, &BROADCAST, broadcast)),
    ("uuid_displace", |world, _, arg| on(world, arg, &DISPLACE, displace)),
    ("uuid_display", |world, _, arg| on(world, arg, &DISPLAY, |_, _, _| SUCCESS.into())),
    ("uuid_dump", |world, _, arg| on(world, arg, &known("<uuid> [format]", 1), dump)),
    ("uuid_exists", |world, _, arg| world.channels.by_uuid(arg.trim()).is_some().to_string().into()),
    ("uuid_getvar", |world, _, arg| on(world, arg, &known("<uuid> <var>", 2), get_variable)),
    ("uuid_hold", hold),
    ("uuid_kill", |world, _, arg| on(world, arg, &known("<uuid> [cause]", 1), kill)),
    ("uuid_park", |world, _, arg| on(world, arg, &PARK, park)),
    ("uuid_pre_answer", |world, _, arg| {
        on(world, arg, &ANSWER, |world, id, _| {
            world.pre_answer_channel(id);
            OK.into()
        })
    }),
    ("uuid_record", |world, _, arg| on(world, arg, &RECORD, record)),
    ("uuid_recv_dtmf", |world, _, arg| on(world, arg, &DTMF, receive_dtmf)),
    ("uuid_send_dtmf", |world, _, arg| on(world, arg, &DTMF, send_dtmf)),
    ("uuid_setvar", |world, _, arg| on(world, arg, &known("<uuid> <var> [value]", 2), set_variable)),
    ("uuid_setvar_multi", |world, _, arg| match arg.split_whitespace().count() {
        1 => "".into(),
        _ => on(world, arg, &SETVAR_MULTI, set_variables),
    }),
    ("uuid_transfer", |world, _, arg| on(world, arg, &TRANSFER, transfer)),
];

/// What a command about one channel needs, and its replies when that is missing.
struct Needs {
    words: usize,
    /// With fewer words.
    usage: &'static str,
    /// Without such a channel.
    unknown: &'static str,
}

/// Most commands say of a channel that there is none.
const fn known(usage: &'static str, words: usize) -> Needs {
    Needs { words, usage, unknown: NO_CHANNEL }
}

/// Runs something on the channel that the first word names.
fn on(
    world: &mut World,
    arg: &str,
    needs: &Needs,
    run: impl FnOnce(&mut World, ChannelId, &str) -> String,
) -> Outcome {
    let arg = arg.trim_start();
    if arg.split_whitespace().count() < needs.words {
        let usage = needs.usage;
        return if usage.starts_with('-') { usage.into() } else { format!("-USAGE: {usage}\n").into() };
    }
    let (uuid, rest) = arg.split_once(' ').unwrap_or((arg, ""));
    match world.channels.by_uuid(uuid.trim()) {
        Some(id) => run(world, id, rest.trim_start()).into(),
        None => needs.unknown.into(),
    }
}

/// `CAUSE [VARIABLE VALUE]`: every channel, or those whose variable has that value.
pub(super) fn hang_up_all(world: &mut World, arg: &str) -> String {
    let mut words = arg.split_whitespace();
    let cause = cause_named(words.next().unwrap_or_default());
    let only = words.next().zip(words.next());
    let wanted = |channel: &Channel| {
        only.is_none_or(|(name, value)| channel.variable(name).is_some_and(|own| *own == *value.as_bytes()))
    };
    let all = world.channels.live().filter(|(_, channel)| wanted(channel));
    let all: Vec<ChannelId> = all.map(|(id, _)| id).collect();
    all.into_iter().for_each(|id| world.hang_up_by(id, cause, HangupBy::Command));
    match only {
        Some((name, value)) => {
            format!("+OK hangup all channels matching [{name}]=[{value}] with cause: {cause}\n")
        }
        None => format!("+OK hangup all channels with cause {cause}\n"),
    }
}

fn kill(world: &mut World, id: ChannelId, cause: &str) -> String {
    world.hang_up_by(id, cause_named(cause.trim()), HangupBy::Command);
    OK.into()
}

fn get_variable(world: &mut World, id: ChannelId, name: &str) -> String {
    let value = world.channels.get(id).and_then(|channel| channel.variable(name.trim()));
    value.map_or_else(|| "_undef_".into(), |value| String::from_utf8_lossy(&value).into_owned())
}

fn set_variable(world: &mut World, id: ChannelId, arg: &str) -> String {
    let (name, value) = arg.split_once(' ').unwrap_or((arg, ""));
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
    let event = world.channel_dump(id);
    if form.trim().eq_ignore_ascii_case("plain") {
        // By name, this form is another one than the default.
        let headers = event.iter().flat_map(|event| event.headers());
        let lines =
            headers.map(|h| format!("{}: [{}]\n", h.name(), String::from_utf8_lossy(&h.value_bytes())));
        return lines.chain(std::iter::once("\n".to_owned())).collect();
    }
    let text = event.map(|event| format.serialize(&event)).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

fn broadcast(world: &mut World, id: ChannelId, arg: &str) -> String {
    let mut words = arg.split_whitespace();
    let what = words.next().unwrap_or_default();
    world.broadcast(id, what, Legs::named(words.next().unwrap_or_default()));
    "+OK Message sent\n".into()
}

fn stop_application(world: &mut World, id: ChannelId, arg: &str) -> String {
    let arg = arg.trim();
    if arg == "both"
        && let Some(other) = world.channels.get(id).and_then(|channel| channel.bridged)
    {
        world.break_application(other, true);
    }
    world.break_application(id, arg == "all");
    OK.into()
}

fn park(world: &mut World, id: ChannelId, _: &str) -> String {
    world.park_channel(id);
    OK.into()
}

/// `[-bleg|-both] extension [dialplan] [context]`
fn transfer(world: &mut World, id: ChannelId, arg: &str) -> String {
    let mut words = arg.split_whitespace().peekable();
    let legs = words.next_if(|word| word.starts_with('-')).unwrap_or_default().to_ascii_lowercase();
    let Some(extension) = words.next() else {
        return format!("-USAGE: {}\n", TRANSFER.usage);
    };
    let (dialplan, context) = (words.next(), words.next());
    // An inline dialplan is told by its applications.
    let named = extension.contains(':').then_some("inline");
    let dialplan = dialplan.or(named).unwrap_or("XML");
    let peer = world.channels.get(id).and_then(|channel| channel.bridged);
    let chosen = match legs.as_str() {
        "-bleg" if peer.is_none() => return "-ERR No such channel!\n".into(),
        "-bleg" => [peer, None],
        "-both" => [peer, Some(id)],
        _ => [None, Some(id)],
    };
    for leg in chosen.into_iter().flatten() {
        let own = world.channels.get(leg).map(|leg| leg.profile.context.clone()).unwrap_or_default();
        world.transfer_to(leg, extension, dialplan, context.unwrap_or(&own));
    }
    OK.into()
}

fn bridge(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.split_whitespace();
    let (Some(a), Some(b)) = (words.next(), words.next()) else {
        return "-USAGE: <uuid> <other_uuid>\n".into();
    };
    let (Some(one), Some(two)) = (world.channels.by_uuid(a), world.channels.by_uuid(b)) else {
        return "-ERR Invalid uuid\n".into();
    };
    world.bridge_channels(one, two);
    format!("+OK {b}\n").into()
}

/// It says that it went well for a channel that it does not know, too.
fn hold(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let off = arg.starts_with("off ");
    on(world, last_word(arg), &HOLD, |world, id, _| {
        world.hold(id, !off);
        // A recorded server says so, although the call is taken off hold.
        if off { "-ERR Operation failed\n".into() } else { SUCCESS.into() }
    })
}

fn displace(world: &mut World, id: ChannelId, arg: &str) -> String {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let limit = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(0);
    match words.as_slice() {
        ["start", path, ..] if !world.displace(id, path, limit) => "-ERR Cannot displace session!\n".into(),
        ["stop", path, ..] if !world.stop_displacing(id, path) => {
            "-ERR Cannot stop displace session!\n".into()
        }
        ["start" | "stop", _, ..] => SUCCESS.into(),
        _ => format!("-USAGE: {}\n", DISPLACE.usage),
    }
}

fn record(world: &mut World, id: ChannelId, arg: &str) -> String {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let limit = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(0);
    match words.as_slice() {
        ["start", path, ..] => world.start_recording(id, path, limit),
        ["stop", path, ..] if !world.stop_recording(id, path) && *path != "all" => {
            return "-ERR Cannot stop record session!\n".into();
        }
        ["stop" | "mask" | "unmask", ..] => {}
        _ => return format!("-USAGE: {}\n", RECORD.usage),
    }
    SUCCESS.into()
}

/// Digits, perhaps with a duration after `@`, with pauses `w` and `W`.
fn are_digits(text: &str) -> bool {
    let digits = text.split('@').next().unwrap_or_default();
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || "*#ABCDabcdFfwW+".contains(c))
}

fn receive_dtmf(world: &mut World, id: ChannelId, digits: &str) -> String {
    if !are_digits(digits) {
        return format!("-USAGE: {}\n", DTMF.usage);
    }
    for digit in Digit::parse(digits, DigitSource::App) {
        world.receive_digit(id, digit);
    }
    format!("+OK {} received DTMF {digits}.\n", uuid_of(world, id))
}

fn send_dtmf(world: &mut World, id: ChannelId, digits: &str) -> String {
    if !are_digits(digits) {
        return format!("-USAGE: {}\n", DTMF.usage);
    }
    world.send_digits(id, digits);
    format!("+OK {} sent DTMF {digits}.\n", uuid_of(world, id))
}

fn uuid_of(world: &World, id: ChannelId) -> String {
    world.channels.get(id).map(|channel| channel.uuid.clone()).unwrap_or_default()
}

fn last_word(arg: &str) -> &str {
    arg.split_whitespace().last().unwrap_or_default()
}

const OK: &str = "+OK\n";
const NO_CHANNEL: &str = "-ERR No such channel!\n";
const SUCCESS: &str = "+OK Success\n";

const ANSWER: Needs = Needs { words: 1, usage: "-ERROR\n", unknown: "-ERROR\n" };
const BROADCAST: Needs =
    Needs { words: 2, usage: "<uuid> <path> [aleg|bleg|holdb|both]", unknown: "-ERR invalid uuid\n" };
const DISPLACE: Needs =
    Needs { words: 3, usage: "<uuid> [start|stop] <path> [<limit>] [mux]", unknown: NO_SESSION };
const DISPLAY: Needs = Needs { words: 2, usage: "<uuid> <display>", unknown: "-ERR Operation failed\n" };
const DTMF: Needs = Needs { words: 2, usage: "<uuid> <dtmf_data>", unknown: NO_SESSION };
const HOLD: Needs = Needs {
    words: 1,
    usage: "-USAGE: [off|toggle] <uuid> [<display>]\n-ERR Operation failed\n",
    unknown: SUCCESS,
};
const PARK: Needs = Needs { words: 1, usage: NO_CHANNEL, unknown: NO_CHANNEL };
const RECORD: Needs = Needs {
    words: 3,
    usage: "<uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]",
    unknown: NO_SESSION,
};
const SETVAR_MULTI: Needs = Needs {
    words: 1,
    usage: "<uuid> <var>=<value>;<var>=<value>...",
    unknown: "-ERR No such channel!\n-USAGE: <uuid> <var>=<value>;<var>=<value>...\n",
};
const TRANSFER: Needs = known("<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]", 2);
const NO_SESSION: &str = "-ERR Cannot locate session!\n";
