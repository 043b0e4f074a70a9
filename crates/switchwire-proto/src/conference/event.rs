//! What a `conference::maintenance` event says.

use crate::vocabulary::ConferenceAction;
use crate::{Event, EventType};

/// Something that happened in a conference. The event has the rest: the caller's profile, variables, what a recording
/// or a playback says of itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConferenceEvent {
    /// The conference.
    pub conference: String,
    /// Its uuid.
    pub conference_uuid: String,
    /// What happened.
    pub action: ConferenceAction,
    /// How many members there are.
    pub size: u32,
    /// The member that it is about, where it is about one; at `floor-change` the one that has the floor now.
    pub member: Option<u32>,
    /// The uuid of that member's channel.
    pub uuid: Option<String>,
    /// The member's state.
    pub hears: Option<bool>,
    /// Whether the member is heard.
    pub speaks: Option<bool>,
    /// Whether the member talks.
    pub talking: Option<bool>,
    /// Whether the member has the floor.
    pub has_floor: Option<bool>,
    /// At `floor-change`: the member that had the floor before.
    pub old_floor: Option<u32>,
    /// Digits, the file, the path or the text that it is about.
    pub detail: Option<String>,
    /// What went wrong (`Error`); at `bgdial-result` the cause, `SUCCESS` where there is none.
    pub result: Option<String>,
    /// At `bgdial-result`: the Job-UUID that `bgdial` replied.
    pub job_uuid: Option<String>,
    /// The event.
    pub event: Event,
}

impl ConferenceEvent {
    /// The subclass to subscribe to.
    pub const SUBCLASS: &'static str = "conference::maintenance";

    /// Reads the event; `None` for any other event.
    #[must_use]
    pub fn read(event: &Event) -> Option<Self> {
        if event.event_type() != EventType::Custom
            || event.header("Event-Subclass").as_deref() != Some(Self::SUBCLASS)
        {
            return None;
        }
        let text =
            |name: &str| event.header(name).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned);
        let number = |name: &str| text(name)?.parse().ok();
        let flag = |name: &str| text(name).map(|word| word == "true");
        let action = ConferenceAction::from(&*event.header("Action").unwrap_or_default());
        let member = match action {
            ConferenceAction::FloorChange => number("New-ID"),
            _ => number("Member-ID"),
        };
        Some(Self {
            conference: text("Conference-Name").unwrap_or_default(),
            conference_uuid: text("Conference-Unique-ID").unwrap_or_default(),
            size: number("Conference-Size").unwrap_or_default(),
            member,
            uuid: text("Unique-ID"),
            hears: flag("Hear"),
            speaks: flag("Speak"),
            talking: flag("Talking"),
            has_floor: flag("Floor"),
            old_floor: number("Old-ID"),
            detail: ["Digits", "DTMF-Key", "File", "Path", "Text"].into_iter().find_map(text),
            result: ["Error", "Result"].into_iter().find_map(text),
            job_uuid: text("Job-UUID"),
            action,
            event: event.clone(),
        })
    }
}
