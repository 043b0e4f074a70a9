//! The dialplans of the recorded servers, in their order: what is tried before an extension applies is told in the log.

use switchwire_sim::{Builder, Extension};

/// Name, pattern, applications.
type Known = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Adds a server's dialplan; `socket` is a number and what runs for it.
pub fn add(builder: Builder, old: bool, socket: Option<(&str, &[(&str, &str)])>) -> Builder {
    let known = if old { OLD } else { NEW };
    let mut builder = known.iter().fold(builder, |builder, (name, pattern, actions)| {
        let ours = socket.filter(|(number, _)| regex::Regex::new(pattern).unwrap().is_match(number));
        let actions = ours.map_or(*actions, |(_, actions)| actions);
        let extension = Extension::matching(pattern).unwrap().named(name).context("default");
        builder.dialplan(actions.iter().fold(extension, |own, (app, arg)| own.run(app, arg)))
    });
    if let Some((number, actions)) = socket {
        // Where the pattern is not known.
        builder = builder.extension(number, actions);
    }
    builder
}

const TONE: &str = "tone_stream://%(500,500,440);loops=-1";

/// 1.11.2-release.
const NEW: &[Known] = &[
    ("users", r"^(10\d\d)$", &[("bridge", "user/$1")]),
    ("conference", r"^(30\d\d)$", &[("answer", ""), ("conference", "$1@default")]),
    ("socket_async_full", r"^500\d$", &[]),
    ("socket_sync_full", r"^5010$", &[]),
    ("socket_plain", r"^5020$", &[]),
    ("socket_async_nofull", r"^5021$", &[]),
    ("socket_port_async_full", r"^510*(\d{4,5})$", &[]),
    ("socket_port_sync_full", r"^520*(\d{4,5})$", &[]),
    ("socket_port_plain", r"^530*(\d{4,5})$", &[]),
    ("socket_port_async", r"^540*(\d{4,5})$", &[]),
    ("socket_then_more", r"^5030$", &[]),
    ("early_then_answer", r"^7006$", &[("pre_answer", ""), ("sleep", "400"), ("answer", ""), ("park", "")]),
    ("ring_then_answer", r"^7007$", &[("ring_ready", ""), ("sleep", "500"), ("answer", ""), ("park", "")]),
    ("ring_then_busy", r"^7008$", &[("ring_ready", ""), ("sleep", "500"), ("hangup", "USER_BUSY")]),
    (
        "ring_then_answer_hangup",
        r"^7009$",
        &[
            ("ring_ready", ""),
            ("sleep", "300"),
            ("answer", ""),
            ("sleep", "700"),
            ("hangup", "NORMAL_CLEARING"),
        ],
    ),
    (
        "limited",
        r"^72(\d)(\d)$",
        &[("limit", "hash realm$2 res$2 $1 !USER_BUSY"), ("answer", ""), ("park", "")],
    ),
    (
        "limited_db",
        r"^73(\d)(\d)$",
        &[("limit", "db realm$2 res$2 $1 7002 XML default"), ("answer", ""), ("park", "")],
    ),
    ("cause", r"^77([A-Z_]+)$", &[("hangup", "$1")]),
    (
        "bridged",
        r"^78(\d{4})$",
        &[
            ("set", "hangup_after_bridge=true"),
            ("export", "nolocal:b_only=yes"),
            ("bridge", "loopback/$1/default"),
        ],
    ),
    ("to_sip", r"^79(\d{4})$", &[("bridge", "sofia/gateway/loopgw/$1")]),
    ("cc_queue", r"^8000$", &[("answer", ""), ("callcenter", "support@default")]),
    ("vm", r"^81(\d{4})$", &[]),
    ("park", r"^6000$", &[("answer", ""), ("park", "")]),
    ("park_noanswer", r"^6001$", &[("park", "")]),
    ("valet", r"^(61\d\d)$", &[("answer", ""), ("valet_park", "lot $1")]),
    ("fifo_in", r"^6200$", &[("answer", ""), ("fifo", "q1@$${domain} in")]),
    ("fifo_out", r"^6201$", &[("answer", ""), ("fifo", "q1@$${domain} out nowait")]),
    ("digits", r"^7000$", &[]),
    ("short_call", r"^7001$", &[("answer", ""), ("sleep", "1000"), ("hangup", "NORMAL_CLEARING")]),
    ("busy", r"^7002$", &[("hangup", "USER_BUSY")]),
    ("reject", r"^7003$", &[("hangup", "CALL_REJECTED")]),
    ("ring", r"^7004$", &[("ring_ready", ""), ("sleep", "60000")]),
    (
        "early_media",
        r"^7005$",
        &[("pre_answer", ""), ("playback", "tone_stream://%(2000,4000,440,480);loops=5")],
    ),
    ("lua", r"^7100$", &[]),
    ("echo", r"^9196$", &[("answer", ""), ("echo", "")]),
    ("milliwatt", r"^9197$", &[("answer", ""), ("playback", "tone_stream://%(251,0,1004);loops=-1")]),
    ("hold_music", r"^9664$", &[("answer", ""), ("playback", TONE)]),
];

/// 1.11.3-dev, of the first recordings.
const OLD: &[Known] = &[
    ("echo", r"^9196$", &[("answer", ""), ("playback", "tone_stream://%(200,50,440);loops=2"), ("echo", "")]),
    ("park", r"^9000$", &[("park", "")]),
    (
        "tone_hangup",
        r"^9001$",
        &[("answer", ""), ("playback", "tone_stream://%(100,20,660);loops=1"), ("hangup", "NORMAL_CLEARING")],
    ),
    ("conference", r"^9002$", &[("answer", ""), ("conference", "9002@default")]),
    ("busy", r"^9003$", &[("hangup", "USER_BUSY")]),
];
