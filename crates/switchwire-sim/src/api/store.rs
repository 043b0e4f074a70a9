//! `db`, `hash`, `limit` and `group`: small stores in the server.

use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("db", db),
    ("group", group),
    ("hash", hash),
    ("hash_dump", hash_dump),
    ("hash_remote", hash_remote),
    ("limit_hash_usage", |world, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        let [realm, resource, rest @ ..] = words.as_slice() else {
            return "USAGE: limit_hash_usage <realm> <id> [rate] (Using deprecated limit api, check limit_usage with \
                    backend param)\n"
                .into();
        };
        usage(world, realm, resource, rest).into()
    }),
    ("limit_interval_reset", |_, _, arg| {
        if arg.split_whitespace().count() < 3 {
            return "USAGE: limit_interval_reset <backend> <realm> <resource>\n".into();
        }
        "+OK".into()
    }),
    (
        "limit_reset",
        |_, _, arg| {
            if arg.is_empty() { "USAGE: limit_reset <backend>\n".into() } else { "-ERR".into() }
        },
    ),
    ("limit_status", |_, _, arg| match arg {
        "" => "USAGE: limit_status <backend>\n".into(),
        "hash" => "-ERR not supported yet (locking problems).".into(),
        _ => "-ERR".into(),
    }),
    ("limit_usage", |world, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        let [_, realm, resource, rest @ ..] = words.as_slice() else {
            return "USAGE: limit_usage <backend> <realm> <id> [rate]\n".into();
        };
        usage(world, realm, resource, rest).into()
    }),
    ("uuid_limit", uuid_limit),
    ("uuid_limit_release", uuid_limit_release),
];

fn db(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let store = &mut world.stores.db;
    let mut parts = arg.splitn(4, '/');
    let (verb, realm) = (parts.next().unwrap_or_default(), parts.next());
    let (key, value) = (parts.next(), parts.next());
    let found = |store: &std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>| {
        store.get(realm?).and_then(|keys| keys.get(key?)).cloned()
    };
    match (verb.to_ascii_lowercase().as_str(), realm, key, value) {
        ("insert", Some(realm), Some(key), Some(value)) => {
            store.entry(realm.into()).or_default().insert(key.into(), value.into());
            "+OK".into()
        }
        ("select", Some(_), Some(_), None) => found(store).unwrap_or_default().into(),
        ("exists", Some(_), Some(_), None) => found(store).is_some().to_string().into(),
        // Only a key can be deleted; a realm alone is left as it is.
        ("delete", Some(realm), key, None) => {
            if let Some(keys) = store.get_mut(realm) {
                keys.remove(key.unwrap_or_default());
                if keys.is_empty() {
                    store.remove(realm);
                }
            }
            "+OK".into()
        }
        ("count", Some(""), None, None) => store.len().to_string().into(),
        ("count", Some(realm), None, None) => {
            store.get(realm).map_or(0, std::collections::BTreeMap::len).to_string().into()
        }
        ("list", Some(""), None, None) => store.keys().cloned().collect::<Vec<_>>().join(",").into(),
        ("list", Some(realm), None, None) => {
            let keys = store.get(realm).map(|keys| keys.keys().cloned().collect::<Vec<_>>());
            keys.unwrap_or_default().join(",").into()
        }
        _ => "!err!".into(),
    }
}

fn hash(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    const USAGE: &str =
        "-ERR Usage: hash insert|insert_ifempty|select|delete|delete_ifmatch/realm/key[/value]\n";
    let store = &mut world.stores.hash;
    let parts: Vec<&str> = arg.splitn(4, '/').collect();
    let [verb, realm, key, value @ ..] = parts.as_slice() else { return USAGE.into() };
    let key = format!("{realm}_{key}");
    match (verb.to_ascii_lowercase().as_str(), value) {
        ("insert", [value]) => {
            store.insert(key, (*value).to_owned());
            "+OK\n".into()
        }
        ("insert_ifempty", [value]) => {
            if store.contains_key(&key) {
                return "-ERR key already exists\n".into();
            }
            store.insert(key, (*value).to_owned());
            "+OK\n".into()
        }
        ("select", _) => store.get(&key).cloned().unwrap_or_default().into(),
        ("delete", _) => if store.remove(&key).is_some() { "+OK\n" } else { "-ERR Not found\n" }.into(),
        ("delete_ifmatch", [value]) => match store.get(&key) {
            Some(stored) if stored == value => {
                store.remove(&key);
                "+OK\n".into()
            }
            Some(_) => "-ERR Doesn't match\n".into(),
            None => "-ERR Not found\n".into(),
        },
        _ => USAGE.into(),
    }
}

fn hash_dump(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.split_whitespace();
    let (what, realm) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (limits, values) = match what {
        "all" => (true, true),
        "limit" => (true, false),
        "db" => (false, true),
        _ => return "Usage: all|limit|db [<realm>]\n".into(),
    };
    let mut text = String::new();
    if limits {
        for ((of, resource), holders) in &world.stores.limits {
            let key = format!("{of}_{resource}");
            if !holders.is_empty() && key.starts_with(realm) {
                text.push_str(&format!("L/{key}/{}/0/0/0\n", holders.len()));
            }
        }
    }
    if values {
        for (key, value) in world.stores.hash.iter().filter(|(key, _)| key.starts_with(realm)) {
            text.push_str(&format!("D/{key}/{value}\n"));
        }
    }
    text.into()
}

fn hash_remote(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    match arg.split_whitespace().next() {
        Some("list") => "+OK\n".into(),
        Some("rescan") => "+OK\n".into(),
        _ => "-ERR Usage: list|kill [name]|rescan\n".into(),
    }
}

fn usage(world: &mut World, realm: &str, resource: &str, rest: &[&str]) -> String {
    let count = world.resource_usage(realm, resource);
    if rest.first() == Some(&"rate") { format!("{count}/0") } else { count.to_string() }
}

fn uuid_limit(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, backend, realm, resource, rest @ ..] = words.as_slice() else {
        return "USAGE: uuid_limit <uuid> <backend> <realm> <resource> [<max>[/interval]] [number [dialplan \
                [context]]]\n"
            .into();
    };
    let Some(id) = world.channels.by_uuid(uuid) else {
        return format!("-ERR Cannot find session with uuid {uuid}\n").into();
    };
    let max = rest.first().and_then(|max| max.split('/').next()?.parse::<i64>().ok()).unwrap_or(-1);
    if world.limit_resource(id, backend, realm, resource, max) { "+OK".into() } else { "-ERR".into() }
}

fn uuid_limit_release(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [uuid, _, which @ ..] = words.as_slice() else {
        return "USAGE: uuid_limit_release <uuid> <backend> [realm] [resource]\n".into();
    };
    let Some(id) = world.channels.by_uuid(uuid) else {
        return format!("-ERR Cannot find session with uuid {uuid}\n").into();
    };
    for ((realm, resource), holders) in &mut world.stores.limits {
        let named = match which {
            [of, what, ..] => of == realm && what == resource,
            _ => true,
        };
        if named {
            holders.retain(|holder| *holder != id);
        }
    }
    "+OK".into()
}

fn group(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let groups = &mut world.stores.groups;
    let mut parts = arg.splitn(3, ':');
    match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
        ("insert", Some(name), Some(url)) => {
            groups.entry(name.into()).or_default().push(url.into());
            "+OK".into()
        }
        ("delete", Some(name), Some(url)) => {
            if let Some(urls) = groups.get_mut(name) {
                urls.retain(|known| url != "*" && known != url);
            }
            "+OK".into()
        }
        ("call", Some(name), how) => {
            let between = if how == Some("order") { "|" } else { "," };
            groups.get(name).map(|urls| urls.join(between)).unwrap_or_default().into()
        }
        _ => "!err!".into(),
    }
}
