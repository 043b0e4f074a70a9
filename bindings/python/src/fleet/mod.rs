//! Fleets: what `switchwire.Fleet` and its twin in `switchwire.aio` are built on.

mod commands;
mod python;
mod servers;

pub(crate) use commands::{
    Replies, fleet_api_all, fleet_api_any, fleet_ask_api_all, fleet_ask_api_any, fleet_ask_find,
    fleet_ask_uuid_kill, fleet_find, fleet_uuid_kill,
};
pub(crate) use python::{fleet_item as item, limits};
pub(crate) use servers::Fleet;
