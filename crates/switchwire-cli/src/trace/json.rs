//! A story as one JSON object.

use serde_json::{Value, json};
use switchwire::calls::CallLeg;

use crate::calls::leg_json;
use crate::story::{Story, spans};

/// `{"legs": […], "entries": […], "spans": […]}`; times are microseconds since 1970.
pub(crate) fn story(story: &Story) -> Value {
    let entry = |entry: &crate::story::Entry| json!({ "at": entry.at, "leg": &*entry.uuid, "what": entry.what.name(), "detail": entry.detail });
    let span = |span: crate::story::Span| json!({ "leg": &*span.uuid, "what": span.what, "from": span.from, "to": span.to });
    json!({
        "legs": story.legs.iter().map(|leg: &CallLeg| leg_json(leg)).collect::<Vec<_>>(),
        "entries": story.entries.iter().map(entry).collect::<Vec<_>>(),
        "spans": spans(&story.entries).into_iter().map(span).collect::<Vec<_>>(),
    })
}
