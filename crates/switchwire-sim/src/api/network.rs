//! Addresses, access lists, files and the environment.

use std::net::IpAddr;

use super::{ApiRequest, Family, Outcome, config};
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("acl", acl),
    ("file_exists", |_, _, arg| (!arg.is_empty() && std::path::Path::new(arg).exists()).to_string().into()),
    ("getenv", |_, _, _| "_undef_".into()),
    ("gethost", |_, _, arg| host(arg).map_or_else(|| "-ERR".into(), |ip| ip.to_string().into())),
    ("host_lookup", |_, _, arg| match arg {
        "" => "parameter missing\n".into(),
        name => host(name).map_or_else(|| "!err!".into(), |ip| ip.to_string().into()),
    }),
    ("interface_ip", |world, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        match words.as_slice() {
            ["auto" | "ipv4", "lo"] => "127.0.0.1".into(),
            ["ipv6", "lo"] => "::1".into(),
            ["auto" | "ipv4", _] => world.config.ipv4.clone().into(),
            ["ipv6", _] => world.config.ipv6.clone().into(),
            _ => "USAGE: interface_ip [auto|ipv4|ipv6] <ifname>\n".into(),
        }
    }),
    ("is_lan_addr", |_, _, arg| {
        let lan = LAN.iter().any(|network| within(arg, network) == Some(true));
        lan.to_string().into()
    }),
    ("nat_map", |_, _, _| "false".into()),
    ("stun", |_, _, arg| match arg {
        "" => "-STUN Failed! NO STUN SERVER\n".into(),
        _ => "-STUN Failed! [Timeout]\n".into(),
    }),
];

/// Whether an address lies in a network, `10.0.0.0/8`; `None` when one of them cannot be read.
fn within(ip: &str, network: &str) -> Option<bool> {
    let (base, bits) = network.split_once('/')?;
    let (ip, base): (IpAddr, IpAddr) = (ip.trim().parse().ok()?, base.parse().ok()?);
    let bits: u32 = bits.parse().ok()?;
    Some(match (ip, base) {
        (IpAddr::V4(ip), IpAddr::V4(base)) => {
            let mask = u32::MAX.checked_shl(32u32.checked_sub(bits)?).unwrap_or(0);
            u32::from(ip) & mask == u32::from(base) & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(base)) => {
            let mask = u128::MAX.checked_shl(128u32.checked_sub(bits)?).unwrap_or(0);
            u128::from(ip) & mask == u128::from(base) & mask
        }
        _ => false,
    })
}

/// `address list` or `address network`.
fn acl(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.split_whitespace();
    let (Some(ip), Some(list)) = (words.next(), words.next()) else { return "false".into() };
    if ip.parse::<IpAddr>().is_err() {
        return "false".into();
    }
    if let Some(inside) = within(ip, list) {
        return inside.to_string().into();
    }
    let any = |networks: &[&str]| networks.iter().any(|network| within(ip, network) == Some(true));
    match list {
        "rfc1918.auto" => any(&LAN[..3]),
        "nat.auto" => any(&LAN[..3]),
        "rfc6598.auto" => any(&["100.64.0.0/10"]),
        // The networks of the server's own interfaces, but not the loopback one.
        "localnet.auto" => false,
        "wan.auto" | "wan_v4.auto" => !any(LAN) && !any(&["127.0.0.0/8"]),
        "any_v4.auto" => ip.contains('.'),
        "any_v6.auto" => ip.contains(':'),
        "loopback.auto" => any(&["127.0.0.0/8", "::1/128"]),
        name => listed(ip, name),
    }
    .to_string()
    .into()
}

/// The lists of the configuration: the last node that the address matches decides.
fn listed(ip: &str, name: &str) -> bool {
    let configuration = config::section("configuration");
    let lists = config::inside(configuration).filter(|e| e.name == "list");
    let Some(list) = lists.into_iter().find(|e| e.attribute("name") == Some(name)) else { return false };
    let mut allowed = list.attribute("default") == Some("allow");
    for node in config::inside(Some(list)).filter(|e| e.name == "node") {
        if node.attribute("cidr").and_then(|network| within(ip, network)) == Some(true) {
            allowed = node.attribute("type") == Some("allow");
        }
    }
    allowed
}

/// An address, or the name that every machine has; others are not asked for.
fn host(name: &str) -> Option<IpAddr> {
    if name == "localhost" { Some(IpAddr::from([127, 0, 0, 1])) } else { name.parse().ok() }
}

const LAN: &[&str] =
    &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"];

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn addresses_lie_in_networks() {
        for (ip, network, inside) in [
            ("10.1.2.3", "10.0.0.0/8", Some(true)),
            ("11.1.2.3", "10.0.0.0/8", Some(false)),
            ("172.31.255.255", "172.16.0.0/12", Some(true)),
            ("1.2.3.4", "0.0.0.0/0", Some(true)),
            ("1.2.3.4", "1.2.3.4/32", Some(true)),
            ("1.2.3.4", "1.2.3.4/33", None),
            ("fe80::1", "fe80::/10", Some(true)),
            ("::1", "10.0.0.0/8", Some(false)),
            ("nosuch", "10.0.0.0/8", None),
        ] {
            assert_eq!(within(ip, network), inside, "{ip} {network}");
        }
    }
}
