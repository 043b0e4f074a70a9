//! Users, groups and domains: the directory of the configuration.

use super::config::{self, Element};
use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("domain_data", |_, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        let [name, kind, key] = words.as_slice() else { return "".into() };
        let value = domain(name).and_then(|domain| match *kind {
            "attr" => domain.attribute(key),
            kind => own_values(domain, kind, key),
        });
        value.unwrap_or_default().into()
    }),
    (
        "domain_exists",
        |_, _, arg| {
            if arg.is_empty() { "".into() } else { domain(arg).is_some().to_string().into() }
        },
    ),
    ("find_user_xml", |_, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        let [_, id, name] = words.as_slice() else { return "-ERR bad args\n".into() };
        match user(id, name) {
            Some(user) => config::printed(user).into(),
            None => "-ERR can't find user\n".into(),
        }
    }),
    ("group_call", group_call),
    // The recorded server says so of members, too.
    ("in_group", |_, _, _| "false".into()),
    ("list_users", list_users),
    ("reg_url", |world, _, arg| contact(world, arg).into()),
    ("sofia_contact", |world, _, arg| contact(world, arg).into()),
    ("sofia_count_reg", |world, _, arg| match arg {
        "" => "-1".into(),
        who => world
            .stores
            .registrations
            .iter()
            .filter(|r| named(who) == (r.user.as_str(), Some(r.domain.as_str())))
            .count()
            .to_string()
            .into(),
    }),
    ("sofia_username_of", |world, _, arg| {
        let found = world.stores.registrations.iter().find(|r| named(arg).0 == r.user);
        found.map(|r| r.user.clone()).unwrap_or_default().into()
    }),
    ("user_data", user_data),
    ("user_exists", |_, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        match words.as_slice() {
            [_, id, name] => user(id, name).is_some(),
            _ => false,
        }
        .to_string()
        .into()
    }),
    ("xml_flush_cache", |_, _, _| "+OK cleared 0 entries\n".into()),
    ("xml_locate", xml_locate),
];

fn domain(name: &str) -> Option<&'static Element> {
    let directory = config::section("directory");
    config::inside(directory).find(|e| e.name == "domain" && e.attribute("name") == Some(name))
}

fn user(id: &str, domain_name: &str) -> Option<&'static Element> {
    config::inside(Some(domain(domain_name)?)).find(|e| e.name == "user" && e.attribute("id") == Some(id))
}

fn users(of: &'static Element) -> impl Iterator<Item = &'static str> {
    config::inside(Some(of)).filter(|e| e.name == "user").filter_map(|e| e.attribute("id"))
}

/// The value of a `param` or `variable` in an element.
fn value_in(element: &'static Element, kind: &str, key: &str) -> Option<&'static str> {
    let name = if kind == "var" { "variable" } else { kind };
    let mut inside = config::inside(Some(element));
    inside.find(|e| e.name == name && e.attribute("name") == Some(key))?.attribute("value")
}

/// The same, but not from the users inside.
fn own_values(domain: &'static Element, kind: &str, key: &str) -> Option<&'static str> {
    let name = if kind == "var" { "variable" } else { kind };
    let before_groups = config::inside(Some(domain)).take_while(|e| e.name != "groups");
    let mut found = before_groups.filter(|e| e.name == name && e.attribute("name") == Some(key));
    found.next()?.attribute("value")
}

/// `user@domain`, perhaps after `profile/`.
fn named(who: &str) -> (&str, Option<&str>) {
    let who = who.rsplit_once('/').map_or(who, |(_, who)| who);
    who.split_once('@').map_or((who, None), |(user, domain)| (user, Some(domain)))
}

/// The dial string of a registered phone.
fn contact(world: &World, who: &str) -> String {
    let (user, domain) = named(who);
    let own = world.globals.get("domain").map(String::as_str);
    let domain = domain.or(own);
    let found =
        world.stores.registrations.iter().find(|r| r.user == user && Some(r.domain.as_str()) == domain);
    found.map_or_else(|| "error/user_not_registered".into(), super::stores::Registration::url)
}

fn user_data(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [who, kind, key] = words.as_slice() else { return "".into() };
    let Some((id, name)) = who.split_once('@') else { return "".into() };
    let Some(found) = user(id, name) else { return "".into() };
    let value = match *kind {
        "attr" => found.attribute(key),
        kind => value_in(found, kind, key).or_else(|| own_values(domain(name)?, kind, key)),
    };
    value.unwrap_or_default().into()
}

impl World {
    /// The dial string of a user's phones; none if there is no such account.
    pub(crate) fn contact_of(&self, id: &str, domain_name: &str) -> Option<String> {
        let account = |u: &crate::user::User| u.name == id && u.domain == domain_name;
        let known = user(id, domain_name).is_some() || self.config.users.iter().any(account);
        known.then(|| contact(self, &format!("{id}@{domain_name}")))
    }

    /// The dial string of a group's users.
    pub(crate) fn group_dial(&mut self, name: &str) -> String {
        match group(self, name) {
            Outcome::Reply(dial) => dial,
            _ => String::new(),
        }
    }
}

/// `group@domain+A`: the dial strings of a group's users: at once, or with `+F` one after the other, `+E` enterprise.
fn group_call(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    group(world, arg)
}

fn group(world: &World, arg: &str) -> Outcome {
    let (name, order) = arg.split_once('+').unwrap_or((arg, "A"));
    let own = world.globals.get("domain").cloned().unwrap_or_default();
    let (name, of) = name.split_once('@').map_or((name, own.as_str()), |(name, of)| (name, of));
    let group = domain(of).and_then(|domain| {
        config::inside(Some(domain)).find(|e| e.name == "group" && e.attribute("name") == Some(name))
    });
    let Some(group) = group else { return "error/NO_ROUTE_DESTINATION".into() };
    let between = match order {
        "F" => "|",
        "E" => ":_:",
        _ => ",",
    };
    let dials: Vec<String> = users(group)
        .map(|user| {
            let contact = contact(world, &format!("{user}@{of}"));
            format!("[^^:sip_invite_domain={of}:presence_id={user}@{of}]{contact}")
        })
        .collect();
    dials.join(between).into()
}

fn list_users(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let wanted = |kind: &str| words.windows(2).find(|pair| pair[0] == kind).map(|pair| pair[1]);
    let mut text = String::from(
        "userid|context|domain|group|contact|callgroup|effective_caller_id_name|effective_caller_id_number\n",
    );
    let directory = config::section("directory");
    for domain in config::inside(directory).filter(|e| e.name == "domain") {
        let of = domain.attribute("name").unwrap_or_default();
        for group in config::inside(Some(domain)).filter(|e| e.name == "group") {
            let group_name = group.attribute("name").unwrap_or_default();
            for id in users(group) {
                let Some(element) = user(id, of) else { continue };
                let value = |name: &str| value_in(element, "var", name).unwrap_or_default();
                let context = value("user_context");
                let asked = [("domain", of), ("group", group_name), ("user", id), ("context", context)];
                if asked.iter().all(|(kind, value)| wanted(kind).is_none_or(|wanted| wanted == *value)) {
                    let contact = contact(world, &format!("{id}@{of}"));
                    text.push_str(&format!(
                        "{id}|{context}|{of}|{group_name}|{contact}|{}|{}|{}\n",
                        value("callgroup"),
                        value("effective_caller_id_name"),
                        value("effective_caller_id_number")
                    ));
                }
            }
        }
    }
    text.push_str("\n+OK\n");
    text.into()
}

fn xml_locate(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let found = match words.as_slice() {
        [] => return "-ERR bad args\n".into(),
        ["root"] => return config::document().into(),
        [section] => config::section(section),
        [section, tag, attribute, value, ..] => config::section(section).and_then(|section| {
            config::inside(Some(section)).find(|e| e.name == *tag && e.attribute(attribute) == Some(value))
        }),
        _ => return "-ERR bad args\n".into(),
    };
    found.map_or_else(|| "can't find anything\n".into(), |element| config::printed(element).into())
}
