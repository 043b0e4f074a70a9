//! Commands about one channel that only say whether they could be done: media, codecs, messages.

use super::{ApiRequest, Family, Outcome};
use crate::channel::{ChannelId, heartbeat_seconds};
use crate::world::World;

/// What such a command needs, and its replies. `{}` in them is the channel's name as it was given.
struct Says {
    name: &'static str,
    /// The least and the largest number of words.
    words: (usize, usize),
    usage: &'static str,
    unknown: &'static str,
    done: &'static str,
}

const fn says(
    name: &'static str,
    words: (usize, usize),
    usage: &'static str,
    unknown: &'static str,
    done: &'static str,
) -> Says {
    Says { name, words, usage, unknown, done }
}

const ANY: usize = usize::MAX;
const NO_CHANNEL: &str = "-ERR No such channel!\n";
const NO_NAMED: &str = "-ERR No such channel {}!\n";
const FAILED: &str = "-ERR Operation failed\n";
const FAILED_TOO: &str = "-ERR Operation Failed\n";
const OK: &str = "+OK\n";
const OK_COLON: &str = "+OK:\n";
const SUCCESS: &str = "+OK Success\n";

const TABLE: &[Says] = &[
    says("pause", (2, ANY), "-USAGE: <uuid> <on|off>\n", NO_CHANNEL, OK),
    says("uuid_chat", (2, ANY), "-USAGE: <uuid> <text>\n", NO_NAMED, "-ERR Send failed\n"),
    says(
        "uuid_codec_debug",
        (3, ANY),
        "-USAGE: <uuid> audio|video <level>\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says(
        "uuid_codec_param",
        (5, ANY),
        "-USAGE: <uuid> audio|video read|write <param> <val>\n-ERR Operation Failed [NOT SENT]\n",
        "-ERR Operation Failed [NOT SENT]\n",
        "+OK Command sent reply: [NOT SENT]\n",
    ),
    says(
        "uuid_debug_media",
        (3, ANY),
        "-USAGE: <uuid> <read|write|both|vread|vwrite|vboth|all> <on|off>\n",
        FAILED,
        SUCCESS,
    ),
    says("uuid_deflect", (2, ANY), "-USAGE: <uuid> <uri>\n", NO_NAMED, OK_COLON),
    says(
        "uuid_drop_dtmf",
        (4, ANY),
        "-USAGE: <uuid> [on | off ] [ mask_digits <digits> | mask_file <file>]\n",
        NO_NAMED,
        OK,
    ),
    says("uuid_early_ok", (1, 1), "-ERROR\n", "-ERROR\n", ""),
    says("uuid_fileman", (2, ANY), "-USAGE: <uuid> <cmd>:<val>\n", NO_CHANNEL, "-ERR No file handle!\n"),
    says("uuid_jitterbuffer", (2, ANY), "-USAGE: <uuid> [0|<min_msec>[:<max_msec>]]\n", FAILED, SUCCESS),
    says("uuid_media_3p", (1, ANY), "-USAGE: [off] <uuid>\n-ERR Operation failed\n", FAILED, FAILED),
    says("uuid_media_params", (2, ANY), "-USAGE: <uuid> <json>\n", FAILED, SUCCESS),
    says(
        "uuid_media_reneg",
        (1, ANY),
        "-USAGE: <uuid>[ <codec_string>]\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says(
        "uuid_msrp_send",
        (2, ANY),
        "-ERR Usage: uuid_msrp_send <uuid> msg\n",
        "-ERR Usage: cannot locate session.\n",
        "-ERR Usage: msrp session not ready.\n",
    ),
    says("uuid_outgoing_answer", (1, ANY), "-USAGE: <uuid>\n", NO_CHANNEL, OK),
    says("uuid_pause", (2, ANY), "-USAGE: <uuid> <on|off>\n", NO_CHANNEL, OK),
    says("uuid_phone_event", (1, ANY), "-USAGE: <uuid>\n-ERR Operation failed\n", FAILED, SUCCESS),
    says("uuid_preprocess", (2, ANY), "-USAGE: <>\n", NO_CHANNEL, OK),
    says("uuid_recovery_refresh", (2, ANY), "-USAGE: <uuid> <uri>\n", NO_NAMED, OK_COLON),
    says("uuid_redirect", (2, ANY), "-USAGE: <uuid> <uri>\n", NO_NAMED, OK_COLON),
    says(
        "uuid_send_info",
        (1, ANY),
        "-USAGE: <uuid> [<mime_type> <mime_subtype>] <message>\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says(
        "uuid_send_message",
        (2, ANY),
        "-USAGE: <uuid> <message>\n",
        "-ERR Unable to find session for UUID\n",
        SUCCESS,
    ),
    says("uuid_send_text", (2, ANY), "-USAGE: <uuid> <text>\n", NO_NAMED, OK),
    says("uuid_set_media_stats", (1, 1), "-USAGE: <uuid>\n", NO_NAMED, OK_COLON),
    says("uuid_simplify", (1, 1), "-USAGE: <uuid>\n", FAILED, SUCCESS),
    says(
        "uuid_video_bandwidth",
        (2, ANY),
        "-USAGE: <uuid> [auto|manual]\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says(
        "uuid_video_bitrate",
        (2, ANY),
        "-USAGE: <uuid> [auto|manual]\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says(
        "uuid_video_refresh",
        (1, ANY),
        "-USAGE: <uuid> [auto|manual]\n-ERR Operation Failed\n",
        FAILED_TOO,
        SUCCESS,
    ),
    says("uuid_xfer_zombie", (1, ANY), "-USAGE: <uuid>\n-ERR Operation Failed\n", FAILED_TOO, SUCCESS),
    says(
        "uuid_zombie_exec",
        (0, ANY),
        "-ERR no such session\n",
        "-ERR no such session\n",
        "+OK MMM Brains...\n",
    ),
];

/// Commands whose whole argument is the channel.
const WHOLE: [&str; 3] = ["uuid_set_media_stats", "uuid_simplify", "uuid_early_ok"];

pub(super) const COMMANDS: Family = &[
    ("pause", run),
    ("uuid_audio", audio),
    ("uuid_buglist", buglist),
    ("uuid_capture_text", capture_text),
    ("uuid_chat", run),
    ("uuid_codec_debug", run),
    ("uuid_codec_param", run),
    ("uuid_debug_media", run),
    ("uuid_deflect", run),
    ("uuid_drop_dtmf", run),
    ("uuid_dual_transfer", dual_transfer),
    ("uuid_early_ok", run),
    ("uuid_fileman", run),
    ("uuid_flush_dtmf", flush_digits),
    ("uuid_jitterbuffer", run),
    ("uuid_loglevel", loglevel),
    ("uuid_media", media),
    ("uuid_media_3p", run),
    ("uuid_media_params", run),
    ("uuid_media_reneg", run),
    ("uuid_msrp_send", run),
    ("uuid_outgoing_answer", run),
    ("uuid_pause", run),
    ("uuid_phone_event", run),
    ("uuid_preprocess", run),
    ("uuid_recovery_refresh", run),
    ("uuid_redirect", run),
    ("uuid_ring_ready", ring_ready),
    ("uuid_send_info", run),
    ("uuid_send_message", run),
    ("uuid_send_text", run),
    ("uuid_session_heartbeat", heartbeat),
    ("uuid_set_media_stats", run),
    ("uuid_simplify", run),
    ("uuid_video_bandwidth", run),
    ("uuid_video_bitrate", run),
    ("uuid_video_refresh", run),
    ("uuid_xfer_zombie", run),
    ("uuid_zombie_exec", run),
];

fn run(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let name = request.command.to_ascii_lowercase();
    let Some(says) = TABLE.iter().find(|says| says.name == name) else { return "".into() };
    let whole = WHOLE.contains(&says.name);
    let words: Vec<&str> =
        if whole && !arg.is_empty() { vec![arg] } else { arg.split_whitespace().collect() };
    if !(says.words.0..=says.words.1).contains(&words.len()) {
        return says.usage.into();
    }
    // `off UUID` and `toggle UUID` name the channel last.
    let off = matches!(words.first(), Some(&("off" | "toggle")));
    let uuid = words.get(usize::from(off)).copied().unwrap_or_default();
    match world.channels.by_uuid(uuid) {
        Some(_) => says.done.into(),
        None => says.unknown.replace("{}", uuid).into(),
    }
}

fn buglist(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let Some(uuid) = arg.split_whitespace().next() else { return "-USAGE: <uuid>\n".into() };
    world.channels.by_uuid(uuid).map(|id| world.bug_report(id)).unwrap_or_default().into()
}

fn audio(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    const USAGE: &str = "-USAGE: <uuid> [start [read|write] [mute|level <level>]|stop]\n";
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, verb, rest @ ..] = words.as_slice() else { return USAGE.into() };
    let Some(id) = world.channels.by_uuid(uuid) else { return NO_CHANNEL.into() };
    match (*verb, rest) {
        ("stop", _) => stop_bug(world, id, "audio"),
        ("start", ["read" | "write", what @ ("mute" | "level"), _, ..]) => {
            // A second change takes the first one's place.
            let bugs = world.channels.get(id).map_or(&[][..], |channel| &channel.bugs);
            if !bugs.iter().any(|(function, _)| function == "audio") {
                world.media_bug(id, true, "audio", what);
            }
        }
        _ => return USAGE.into(),
    }
    OK.into()
}

/// Ends what listens under that name.
fn stop_bug(world: &mut World, id: ChannelId, function: &str) {
    let bugs = world.channels.get(id).map(|channel| channel.bugs.clone()).unwrap_or_default();
    for (_, target) in bugs.into_iter().filter(|(known, _)| known == function) {
        world.media_bug(id, false, function, &target);
    }
}

fn capture_text(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, on, ..] = words.as_slice() else { return "-USAGE: <uuid> <on|off>\n".into() };
    let Some(id) = world.channels.by_uuid(uuid) else { return NO_NAMED.replace("{}", uuid).into() };
    stop_bug(world, id, "capture_text");
    if on.eq_ignore_ascii_case("on") {
        world.media_bug(id, true, "capture_text", uuid);
    }
    "".into()
}

fn media(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    match words.as_slice() {
        [] => "-USAGE: [off] <uuid>\n-ERR Operation failed\n".into(),
        ["off", uuid, ..] if world.channels.by_uuid(uuid).is_some() => SUCCESS.into(),
        _ => FAILED.into(),
    }
}

fn ring_ready(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let ([uuid] | [uuid, _]) = words.as_slice() else { return "-USAGE: <uuid> [queued]\n".into() };
    let Some(id) = world.channels.by_uuid(uuid) else { return "-ERROR\n".into() };
    world.ring_channel(id);
    OK.into()
}

fn heartbeat(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    const USAGE: &str = "USAGE: uuid_session_heartbeat <uuid> [sched] [0|<seconds>]\n";
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, rest @ ..] = words.as_slice() else { return format!("-{USAGE}").into() };
    let seconds = match rest {
        ["sched", seconds, ..] | [seconds, ..] => *seconds,
        [] => return format!("-{USAGE}").into(),
    };
    let Some(id) = world.channels.by_uuid(uuid) else {
        return format!("-ERR Cannot locate session. {USAGE}").into();
    };
    world.set_session_heartbeat(id, heartbeat_seconds(seconds));
    OK.into()
}

fn loglevel(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    const NAMES: [&str; 8] = ["console", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, level, ..] = words.as_slice() else { return "-USAGE: <uuid> <level>\n".into() };
    let known = level.parse::<u8>().is_ok_and(|level| level < 8)
        || NAMES.iter().any(|name| name.eq_ignore_ascii_case(level));
    if !known {
        return "-ERR Invalid log level!\n".into();
    }
    if world.channels.by_uuid(uuid).is_some() { OK.into() } else { NO_NAMED.replace("{}", uuid).into() }
}

fn flush_digits(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let Some(id) = world.channels.by_uuid(arg) else { return "-ERR No such session\n".into() };
    if let Some(channel) = world.channels.get_mut(id) {
        channel.digits.clear();
    }
    OK.into()
}

/// Sends a channel and the one that it is bridged to to an extension each.
fn dual_transfer(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, a, b] = words.as_slice() else {
        return "-USAGE: <uuid> <A-dest-exten>[/<A-dialplan>][/<A-context>] <B-dest-exten>[/<B-dialplan>]\
                [/<B-context>]\n"
            .into();
    };
    let Some(id) = world.channels.by_uuid(uuid) else { return NO_CHANNEL.into() };
    let peer = world.channels.get(id).and_then(|channel| channel.bridged);
    for (leg, place) in [(peer, b), (Some(id), a)] {
        let Some(leg) = leg else { continue };
        let mut parts = place.split('/');
        let extension = parts.next().unwrap_or_default();
        let dialplan = parts.next().filter(|part| !part.is_empty()).unwrap_or("XML");
        let own = world.channels.get(leg).map(|leg| leg.profile.context.clone()).unwrap_or_default();
        world.transfer_to(leg, extension, dialplan, parts.next().unwrap_or(&own));
    }
    OK.into()
}
