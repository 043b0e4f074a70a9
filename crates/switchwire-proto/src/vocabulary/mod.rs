//! The words of calls: hangup causes, states, directions, header names and channel variables.
//!
//! Each list is one table ([`HangupCause`], [`ChannelState`], [`CallState`], [`AnswerState`], [`CallDirection`],
//! [`headers::ALL`], [`variables::ALL`]; event names are [`EventType`](crate::EventType)). Other languages are
//! generated from [`tables`]. A word that is not in a table is kept as it came, never an error.
//!
//! ```
//! use switchwire_proto::{Event, EventType, HangupCause};
//! let mut event = Event::new(EventType::ChannelHangup);
//! event.add_header("Hangup-Cause", "USER_BUSY");
//! event.add_header("variable_campaign", "spring");
//! assert_eq!(event.hangup_cause(), Some(HangupCause::UserBusy));
//! assert_eq!(event.hangup_cause().unwrap().q850(), 17);
//! assert_eq!(event.variable("campaign").unwrap(), "spring");
//! assert_eq!(HangupCause::from("FROM_THE_FUTURE").name(), "FROM_THE_FUTURE");
//! ```

mod conference_action;
mod hangup_cause;
pub mod headers;
mod profile;
mod read;
mod say;
mod states;
mod tables;
pub mod variables;
mod word;

pub use conference_action::ConferenceAction;
pub use hangup_cause::HangupCause;
pub use headers::HeaderName;
pub use profile::CallerProfile;
pub use say::{SayGender, SayMethod, SayType};
pub use states::{AnswerState, CallDirection, CallState, ChannelState};
pub use tables::tables;
pub use variables::{VariableKind, VariableName};
