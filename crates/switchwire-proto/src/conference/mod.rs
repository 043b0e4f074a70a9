//! Conferences: the api command `conference` as values, its list of members, and its events, typed.
//!
//! In scope: what is sent ([`ConferenceCommand`]), what `json_list` replies ([`ConferenceInfo`]), what a
//! `conference::maintenance` event says ([`ConferenceEvent`]). Joining is an application
//! ([`application::Conference`](crate::application::Conference)).

mod command;
mod event;
mod info;

pub use crate::vocabulary::ConferenceAction;
pub use command::{ConferenceCommand, Members, Relation};
pub use event::ConferenceEvent;
pub use info::{ConferenceInfo, InfoError, Member};
