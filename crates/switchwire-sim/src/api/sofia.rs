//! `sofia`: profiles, gateways and registrations of the recorded server.

use super::stores::Registration;
use super::{ApiRequest, Family, Outcome};
use crate::event::clock::Moment;
use crate::world::World;

pub(super) const COMMANDS: Family = &[("sofia", sofia)];

fn sofia(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    match words.as_slice() {
        [] | ["help"] => text("help"),
        ["status"] => text("status"),
        ["xmlstatus"] => text("xmlstatus"),
        ["jsonstatus"] => text("jsonstatus"),
        ["status", "profile", name, "reg" | "user", rest @ ..] if PROFILES.contains(name) => {
            registrations(world, rest.first().copied())
        }
        ["xmlstatus", "profile", name, "reg" | "user", rest @ ..] if PROFILES.contains(name) => {
            registrations_xml(world, rest.first().copied())
        }
        [verb @ ("status" | "xmlstatus"), "profile", name, ..] => match PROFILES.contains(name) {
            true => {
                let count = world.stores.registrations.len();
                let Outcome::Reply(text) = text(&format!("{verb} profile {name}")) else { return "".into() };
                // Phones register at the first profile.
                if *name == "internal" {
                    text.replace("REGISTRATIONS    \t0", &format!("REGISTRATIONS    \t{count}")).into()
                } else {
                    text.into()
                }
            }
            false => "Invalid Profile!\n".into(),
        },
        [verb @ ("status" | "xmlstatus"), "gateway"] => text(&format!("{verb} gateway")),
        [verb @ ("status" | "xmlstatus"), "gateway", name, ..] => match *name {
            "loopgw" => text(&format!("{verb} gateway loopgw")),
            _ => "Invalid Gateway!\n".into(),
        },
        ["status", ..] => text("status gateway"),
        ["profile", name, verb, rest @ ..] => profile(world, name, verb, rest),
        ["profile", ..] => "Invalid Args!\n".into(),
        ["global", what @ ("siptrace" | "capture" | "watchdog"), on @ ("on" | "off"), ..] => {
            format!("+OK Global {what} {on}").into()
        }
        ["global", ..] => {
            "-ERR Usage: siptrace <on|off>|capture <on|off>|watchdog <on|off>|debug <sla|presence|none".into()
        }
        ["loglevel", component, level] => {
            format!("Sofia log level for component [{component}] has been set to [{level}]").into()
        }
        _ => "Unknown Command!\n".into(),
    }
}

fn profile(world: &mut World, name: &str, verb: &str, rest: &[&str]) -> Outcome {
    if !PROFILES.contains(&name) {
        return "Invalid Profile!\n".into();
    }
    match (verb, rest) {
        ("gwlist", _) => "".into(),
        ("rescan", _) => "Reload XML [Success]\n+OK scan complete\n".into(),
        ("start", _) => format!("Reload XML [Success]\n{name} started successfully\n").into(),
        ("siptrace" | "watchdog" | "capture", ["on", ..]) => {
            format!("Enabled sip debugging on {name}").into()
        }
        ("siptrace" | "watchdog" | "capture", ["off", ..]) => {
            format!("Disabled sip debugging on {name}").into()
        }
        ("flush_inbound_reg", _) => {
            let who = rest.first().copied();
            world.stores.registrations.retain(|phone| who.is_some_and(|who| !is(phone, who)));
            "+OK flushing all registrations matching specified call_id\n".into()
        }
        ("check_sync", _) => "+OK syncing all registrations\n".into(),
        ("register", ["loopgw", ..]) => "-ERR NOREG gateway [loopgw] can't be registered!\n".into(),
        ("register" | "unregister" | "killgw", [_, ..]) => "Invalid gateway!\n".into(),
        _ => "-ERR Unknown command!\n".into(),
    }
}

/// By user, by `user@domain` or by call.
fn is(phone: &Registration, who: &str) -> bool {
    who == phone.user || who == phone.call_id || who.split_once('@') == Some((&phone.user, &phone.domain))
}

fn matching<'a>(world: &'a World, who: Option<&'a str>) -> impl Iterator<Item = &'a Registration> {
    world.stores.registrations.iter().filter(move |phone| who.is_none_or(|who| is(phone, who)))
}

fn registrations(world: &World, who: Option<&str>) -> Outcome {
    let line = "=".repeat(97);
    let mut out = format!("\nRegistrations:\n{line}\n");
    let mut count = 0;
    for phone in matching(world, who) {
        count += 1;
        let Registration { user, domain, contact, call_id, expires } = phone;
        let until = Moment::from_epoch_seconds(*expires).local();
        let left = expires.saturating_sub(Moment::now().seconds());
        out.push_str(&format!(
            "Call-ID:    \t{call_id}\nUser:       \t{user}@{domain}\nContact:    \t\"\" <sip:{user}@{contact}>\nAgent:      \t{AGENT}\nStatus:     \tRegistered(UDP)(unknown) EXP({until}) EXPSECS({left})\nPing-Status:\tReachable\nPing-Time:\t0.00\nHost:       \t{}\nIP:         \t{}\nPort:       \t{}\nAuth-User:  \t{user}\nAuth-Realm: \t{domain}\nMWI-Account:\t{user}@{domain}\n\n",
            world.config.switchname, contact.ip(), contact.port()
        ));
    }
    out.push_str(&format!("Total items returned: {count}\n{line}\n"));
    out.into()
}

fn registrations_xml(world: &World, who: Option<&str>) -> Outcome {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<profile>\n  <registrations>\n");
    for phone in matching(world, who) {
        let Registration { user, domain, contact, call_id, expires } = phone;
        let until = Moment::from_epoch_seconds(*expires).local();
        let left = expires.saturating_sub(Moment::now().seconds());
        out.push_str("    <registration>\n");
        for (name, value) in [
            ("call-id", call_id.clone()),
            ("user", format!("{user}@{domain}")),
            ("contact", format!("&quot;&quot; &lt;sip:{user}@{contact}&gt;")),
            ("agent", AGENT.into()),
            ("status", format!("Registered(UDP)(unknown) exp({until}) expsecs({left})")),
            ("ping-status", "Reachable".into()),
            ("ping-time", "0.00".into()),
            ("host", world.config.switchname.clone()),
            ("network-ip", contact.ip().to_string()),
            ("network-port", contact.port().to_string()),
            ("sip-auth-user", user.clone()),
            ("sip-auth-realm", domain.clone()),
            ("mwi-account", format!("{user}@{domain}")),
        ] {
            out.push_str(&format!("        <{name}>{value}</{name}>\n"));
        }
        out.push_str("    </registration>\n");
    }
    out.push_str("  </registrations>\n</profile>\n");
    out.into()
}

fn text(name: &str) -> Outcome {
    let line = TEXTS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
    line.unwrap_or_default().replace("\\n", "\n").replace("\\t", "\t").into()
}

const PROFILES: [&str; 3] = ["internal", "external", "127.0.0.1"];
const AGENT: &str = "Lab Phone 1.0";
const TEXTS: &str = include_str!("data/sofia.tsv");
