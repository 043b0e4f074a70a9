//! What the recorded servers were like: their dialplan, accounts, and what happened beside the recorded connection.

use switchwire_sim::{Builder, Simulator, Time, User};

/// The kinds of recordings that are held to a share of their own.
pub const CLASSES: &[(&str, &[&str])] = &[
    ("login", &["auth_", "userauth_", "acl_"]),
    (
        "inbound",
        &[
            "inbound_",
            "filters_",
            "reload_module",
            "weird_values",
            "getvar_",
            "bgapi_bodies",
            "custom_bodies",
        ],
    ),
    ("outbound", &["outbound_"]),
    (
        "calls",
        &[
            "call_",
            "bridge_null",
            "bridge_loopback_a",
            "bridge_loopback_b",
            "bridge_dialplan",
            "bridge_fail",
            "originate_",
            "uuid_",
            "att_xfer",
            "eavesdrop",
            "pickup",
            "sched",
            "hangup_causes",
            "heartbeats",
            "limits",
            "modules",
        ],
    ),
    ("ivr", &["ivr_"]),
    ("rooms", &["conference_", "fifo", "valet"]),
    ("logs", &["logs_call"]),
];

/// Recordings that are not compared, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("events_", "other connections made the calls, and what they did was not recorded"),
    ("getvar_desync", "the stream cannot be cut into messages: that is what it shows"),
    ("logs", "other connections made the calls"),
    ("bridge_loopback_bowout", "SIP"),
    ("bridge_incompatible", "SIP"),
    ("bridge_sip", "SIP"),
    ("sip_", "SIP"),
    ("call_update", "SIP"),
    ("callcenter", "mod_callcenter"),
    ("load_", "load"),
    ("server_dies", "the server died"),
];

/// The class of a recording; none if it is left out.
pub fn class_of(name: &str) -> Option<&'static str> {
    let left_out = |(prefix, _): &&(&str, &str)| match *prefix {
        "logs" => name == "logs",
        "bridge_loopback_bowout" => name.starts_with(prefix),
        prefix => name.starts_with(prefix),
    };
    if LEFT_OUT.iter().any(|left| left_out(&left)) {
        return None;
    }
    let class = CLASSES.iter().find(|(_, prefixes)| prefixes.iter().any(|prefix| name.starts_with(prefix)));
    class.map(|(class, _)| *class)
}

/// What happened beside the recorded connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// The call that was up when the connection began; its uuid stands in the client's bytes.
    pub call: Option<&'static str>,
    /// Commands of another connection, and when (ms). `{leg}` is the channel of the connection, `{far}` its other end.
    pub commands: &'static [(u64, &'static str)],
    /// The client left by closing its side.
    pub half_close: bool,
}

pub fn beside(name: &str) -> Beside {
    let tester = Some("{origination_caller_id_name=Tester}loopback/9196 &park");
    match name {
        "inbound_myevents" => {
            Beside { call: tester, commands: &[(2810, "uuid_kill {leg}")], ..Beside::default() }
        }
        "inbound_myevents_bad" => {
            Beside { call: tester, commands: &[(3119, "uuid_kill {leg}")], ..Beside::default() }
        }
        "outbound_linger" => Beside { commands: &[(510, "uuid_kill {leg}")], ..Beside::default() },
        "outbound_no_linger" => Beside { commands: &[(502, "uuid_kill {leg}")], ..Beside::default() },
        "outbound_sync_remote_hangup" => {
            Beside { commands: &[(515, "uuid_kill {leg}")], ..Beside::default() }
        }
        "ivr_pagd_sync" => Beside { commands: &[(600, "uuid_send_dtmf {far} 1234#")], ..Beside::default() },
        "inbound_client_halfclose" => Beside { half_close: true, ..Beside::default() },
        "filters_negative" | "filters_regex" => Beside {
            commands: &[
                (600, "bgapi originate {origination_caller_id_name=Tester}loopback/9196 &park"),
                (1600, "hupall"),
                (3600, "bgapi originate {origination_caller_id_name=Tester}loopback/9196 &park"),
                (4600, "hupall"),
            ],
            ..Beside::default()
        },
        _ => Beside::default(),
    }
}

/// A simulator as the recorded server was set up. `old` is the 1.11.3-dev of the first recordings.
pub fn simulator(name: &str, socket: Option<(&str, &str)>) -> Simulator {
    let old = ["outbound_", "inbound_", "filters_", "auth_", "userauth_", "weird_", "reload_module"];
    let old = old.iter().any(|prefix| name.starts_with(prefix));
    let mut builder = Simulator::builder().time(Time::Manual).acl_reject(name.starts_with("acl_reject"));
    builder = accounts(builder);
    builder = builder.sound_files(false);
    if !old {
        builder = builder.version("1.11.2-release");
    }
    for (number, applications) in DIALPLAN {
        builder = builder.extension(number, applications);
    }
    if old {
        builder = builder.extension(
            "9196",
            &[("answer", ""), ("playback", "tone_stream://%(200,50,440);loops=2"), ("echo", "")],
        );
    }
    for cause in CAUSES {
        builder = builder.extension(&format!("77{cause}"), &[("hangup", cause)]);
    }
    if let Some((number, argument)) = socket {
        let actions = [("set", "before_socket=1"), ("socket", argument)];
        let resumed = name == "outbound_full" || name.contains("resume");
        builder = builder.extension(number, &actions[usize::from(!resumed)..]);
    }
    builder.start().unwrap()
}

fn accounts(builder: Builder) -> Builder {
    builder
        .user(User::new("1000", "localdomain.test", "1234"))
        .user(
            User::new("1001", "localdomain.test", "1234")
                .allow_events("CHANNEL_CREATE,CHANNEL_HANGUP_COMPLETE,HEARTBEAT,BACKGROUND_JOB,CUSTOM,conference::maintenance")
                .allow_api("status,version,show,bgapi,eval")
                .allow_log(false),
        )
        .user(User::new("1002", "localdomain.test", "12:34").allow_api("status version"))
}

const TONE: &str = "tone_stream://%(500,500,440);loops=-1";

const DIALPLAN: &[(&str, &[(&str, &str)])] = &[
    ("9196", &[("answer", ""), ("echo", "")]),
    ("9664", &[("answer", ""), ("playback", TONE)]),
    ("6000", &[("answer", ""), ("park", "")]),
    ("6001", &[("park", "")]),
    ("7001", &[("answer", ""), ("sleep", "1000"), ("hangup", "NORMAL_CLEARING")]),
    ("7002", &[("hangup", "USER_BUSY")]),
    ("7003", &[("hangup", "CALL_REJECTED")]),
    ("7004", &[("ring_ready", ""), ("sleep", "60000")]),
    ("7005", &[("pre_answer", ""), ("playback", "tone_stream://%(2000,4000,440,480);loops=5")]),
    ("7006", &[("pre_answer", ""), ("sleep", "400"), ("answer", ""), ("park", "")]),
    ("7007", &[("ring_ready", ""), ("sleep", "500"), ("answer", ""), ("park", "")]),
    ("7008", &[("ring_ready", ""), ("sleep", "500"), ("hangup", "USER_BUSY")]),
    (
        "7009",
        &[
            ("ring_ready", ""),
            ("sleep", "300"),
            ("answer", ""),
            ("sleep", "700"),
            ("hangup", "NORMAL_CLEARING"),
        ],
    ),
    ("7212", &[("limit", "hash realm2 res2 1 !USER_BUSY"), ("answer", ""), ("park", "")]),
    ("7312", &[("limit", "db realm2 res2 1 7002 XML default"), ("answer", ""), ("park", "")]),
    (
        "789196",
        &[
            ("set", "hangup_after_bridge=true"),
            ("export", "nolocal:b_only=yes"),
            ("bridge", "loopback/9196/default"),
        ],
    ),
    (
        "787002",
        &[
            ("set", "hangup_after_bridge=true"),
            ("export", "nolocal:b_only=yes"),
            ("bridge", "loopback/7002/default"),
        ],
    ),
];

const CAUSES: &[&str] = &[
    "NORMAL_CLEARING",
    "USER_BUSY",
    "NO_ANSWER",
    "CALL_REJECTED",
    "UNALLOCATED_NUMBER",
    "NO_USER_RESPONSE",
    "DESTINATION_OUT_OF_ORDER",
    "NETWORK_OUT_OF_ORDER",
    "NORMAL_TEMPORARY_FAILURE",
    "RECOVERY_ON_TIMER_EXPIRE",
];
