//! Channels and calls as tables.

use super::forms::Table;
use crate::channel::{Channel, ChannelId};
use crate::event::clock::Moment;
use crate::world::World;

/// Every channel, the oldest first.
pub(super) fn channels(world: &World) -> Table {
    let rows = world
        .channels
        .live()
        .map(|(_, channel)| CHANNEL.iter().map(|column| cell(world, channel, column)).collect());
    Table { columns: CHANNEL, rows: rows.collect() }
}

/// Every call: a channel, with the one that it is bridged to.
pub(super) fn calls(world: &World, bridged: bool) -> Table {
    rows(world, CALL, bridged)
}

pub(super) fn detailed(world: &World, bridged: bool) -> Table {
    rows(world, DETAILED, bridged)
}

fn rows(world: &World, columns: &'static [&'static str], bridged: bool) -> Table {
    let mut rows = Vec::new();
    for (id, channel) in world.channels.live() {
        let peer = peer(world, channel);
        // The leg that was called stands in its caller's row.
        if peer.is_some_and(|(other, _)| other < id) || (bridged && peer.is_none()) {
            continue;
        }
        let row = columns.iter().map(|column| match (*column, peer) {
            ("call_created_epoch", Some((_, other))) => {
                (channel.profile.bridged.max(other.profile.bridged) / 1_000_000).to_string()
            }
            ("call_created_epoch", None) => String::new(),
            (column, peer) => match column.strip_prefix("b_") {
                Some(column) => peer.map(|(_, other)| cell(world, other, column)).unwrap_or_default(),
                None => cell(world, channel, column),
            },
        });
        rows.push(row.collect());
    }
    Table { columns, rows }
}

fn peer<'a>(world: &'a World, channel: &Channel) -> Option<(ChannelId, &'a Channel)> {
    let id = channel.bridged?;
    world.channels.get(id).map(|channel| (id, channel))
}

fn cell(world: &World, channel: &Channel, column: &str) -> String {
    let profile = &channel.profile;
    let variable = |name: &str| {
        channel.variables.get(name).map(|v| String::from_utf8_lossy(v).into_owned()).unwrap_or_default()
    };
    let created = profile.channel_created / 1_000_000;
    // A channel that was sent through no dialplan has none.
    let dialplan = if channel.outbound { "" } else { "XML" };
    let updated = channel.updated_callee.as_ref();
    match column {
        "uuid" => channel.uuid.clone(),
        "call_uuid" => {
            let call = variable("call_uuid");
            if call.is_empty() { channel.uuid.clone() } else { call }
        }
        "direction" => if channel.outbound { "outbound" } else { "inbound" }.into(),
        "created" => Moment::from_epoch_seconds(created).local(),
        "created_epoch" => created.to_string(),
        "name" => channel.name.clone(),
        "state" => channel.running.name().into(),
        "cid_name" => profile.caller_name.clone(),
        "cid_num" => profile.caller_number.clone(),
        "initial_cid_name" => profile.orig_caller_name.clone(),
        "initial_cid_num" => profile.orig_caller_number.clone(),
        "dest" | "initial_dest" => profile.destination.clone(),
        "application" => variable("current_application"),
        "application_data" => variable("current_application_data"),
        "dialplan" | "initial_dialplan" => dialplan.into(),
        "context" | "initial_context" => profile.context.clone(),
        "read_codec" | "write_codec" => "L16".into(),
        "read_rate" | "write_rate" => "8000".into(),
        "read_bit_rate" | "write_bit_rate" => "128000".into(),
        "hostname" => world.config.switchname.clone(),
        "callstate" => channel.callstate.name().into(),
        // The table is written when a CALL_UPDATE comes, not when a bridge changes the profile.
        "callee_name" => updated.map_or(&profile.callee_name, |(name, _)| name).clone(),
        "callee_num" => updated.map_or(&profile.callee_number, |(_, number)| number).clone(),
        "callee_direction" if updated.is_some() => "RECV".into(),
        "presence_id" => variable("presence_id"),
        "accountcode" => variable("accountcode"),
        _ => String::new(),
    }
}

const CHANNEL: &[&str] = &[
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "application",
    "application_data",
    "dialplan",
    "context",
    "read_codec",
    "read_rate",
    "read_bit_rate",
    "write_codec",
    "write_rate",
    "write_bit_rate",
    "secure",
    "hostname",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "sent_callee_name",
    "sent_callee_num",
    "initial_cid_name",
    "initial_cid_num",
    "initial_ip_addr",
    "initial_dest",
    "initial_dialplan",
    "initial_context",
];
const CALL: &[&str] = &[
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "hostname",
    "sent_callee_name",
    "sent_callee_num",
    "b_uuid",
    "b_direction",
    "b_created",
    "b_created_epoch",
    "b_name",
    "b_state",
    "b_cid_name",
    "b_cid_num",
    "b_ip_addr",
    "b_dest",
    "b_presence_id",
    "b_presence_data",
    "b_accountcode",
    "b_callstate",
    "b_callee_name",
    "b_callee_num",
    "b_callee_direction",
    "b_sent_callee_name",
    "b_sent_callee_num",
    "call_created_epoch",
];
const DETAILED: &[&str] = &[
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "application",
    "application_data",
    "dialplan",
    "context",
    "read_codec",
    "read_rate",
    "read_bit_rate",
    "write_codec",
    "write_rate",
    "write_bit_rate",
    "secure",
    "hostname",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "sent_callee_name",
    "sent_callee_num",
    "b_uuid",
    "b_direction",
    "b_created",
    "b_created_epoch",
    "b_name",
    "b_state",
    "b_cid_name",
    "b_cid_num",
    "b_ip_addr",
    "b_dest",
    "b_application",
    "b_application_data",
    "b_dialplan",
    "b_context",
    "b_read_codec",
    "b_read_rate",
    "b_read_bit_rate",
    "b_write_codec",
    "b_write_rate",
    "b_write_bit_rate",
    "b_secure",
    "b_hostname",
    "b_presence_id",
    "b_presence_data",
    "b_accountcode",
    "b_callstate",
    "b_callee_name",
    "b_callee_num",
    "b_callee_direction",
    "b_call_uuid",
    "b_sent_callee_name",
    "b_sent_callee_num",
    "call_created_epoch",
];
