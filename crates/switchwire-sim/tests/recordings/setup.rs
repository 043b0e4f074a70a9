//! What the recorded servers were like: their dialplan, accounts, and what happened beside the recorded connection.

use std::time::Duration;

use switchwire_sim::{Builder, Endpoint, Simulator, Time, User};

use super::dialplan;
use super::recording::Recording;

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
    /// Commands of another connection, and when (ms). `{leg}` is the channel of the connection, `{far}` its other end,
    /// `{first}` the oldest one.
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
        "outbound_linger" => Beside { commands: &[(502, "uuid_kill {leg} USER_BUSY")], ..Beside::default() },
        "outbound_async_full" => Beside {
            commands: &[(1560, "uuid_send_dtmf {far} 12#"), (1600, "uuid_recv_dtmf {leg} 34")],
            ..Beside::default()
        },
        "outbound_no_linger" => Beside { commands: &[(502, "uuid_kill {leg}")], ..Beside::default() },
        "outbound_sync_remote_hangup" => {
            Beside { commands: &[(515, "uuid_kill {leg}")], ..Beside::default() }
        }
        "ivr_pagd_sync" => Beside { commands: &[(600, "uuid_send_dtmf {far} 1234#")], ..Beside::default() },
        "reload_module" => Beside { commands: &[(202, "reload mod_event_socket")], ..Beside::default() },
        "inbound_client_halfclose" => Beside { half_close: true, ..Beside::default() },
        "filters_negative" | "filters_regex" => Beside {
            commands: &[
                (15, "bgapi originate loopback/9196 &park"),
                (35, "uuid_send_dtmf {first} 12"),
                (5520, "uuid_kill {first}"),
            ],
            ..Beside::default()
        },
        _ => Beside::default(),
    }
}

/// A simulator as the recorded server was set up. `old` is the 1.11.3-dev of the first recordings.
pub fn simulator(recording: &Recording, socket: Option<(&str, &str)>) -> Simulator {
    let name = recording.name.as_str();
    let old = ["outbound_", "inbound_", "filters_", "auth_", "userauth_", "weird_", "reload_module"];
    let old = old.iter().any(|prefix| name.starts_with(prefix));
    let mut builder = Simulator::builder().time(Time::Manual).acl_reject(name.starts_with("acl_reject"));
    builder = accounts(builder);
    builder = builder.sound_files(false);
    if name.starts_with("logs") {
        // The gateway that leads back to the server itself.
        builder = builder.endpoint("sofia/gateway/loopgw/*", Endpoint::answers());
    }
    if !old {
        builder = builder.version("1.11.2-release").domain("127.0.0.1");
    }
    let resumed = name == "outbound_full" || name.contains("resume");
    let actions = socket.map(|(_, argument)| [("set", "before_socket=1"), ("socket", argument)]);
    let socket = socket.zip(actions.as_ref());
    let socket = socket.map(|((number, _), actions)| (number, &actions[usize::from(!resumed)..]));
    builder = dialplan::add(builder, old, socket);
    let heartbeat = if old { Duration::from_secs(5) } else { Duration::from_secs(20) };
    let first = recording.time_of("HEARTBEAT").filter(|first| *first <= heartbeat);
    builder = builder.heartbeat(first.map(|_| heartbeat));
    let sim = builder.api("lua", script).start().unwrap();
    if let Some(first) = first {
        // The server has been up for some time; 20 ms are those that events wait for.
        sim.advance((heartbeat - first) + Duration::from_millis(20));
    }
    sim
}

/// What the recorded server's scripts print.
fn script(arguments: &str) -> String {
    match arguments.split_once(' ').unwrap_or((arguments, "")) {
        ("empty.lua", _) => String::new(),
        ("nl.lua", _) => "line1\nline2\r\nline3".into(),
        ("longvar.lua", length) => {
            "0123456789abcdef".chars().cycle().take(length.parse().unwrap_or_default()).collect()
        }
        _ => "-ERR Cannot execute script\n".into(),
    }
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
