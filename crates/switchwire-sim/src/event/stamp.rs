//! The headers that every event has.

use switchwire_proto::Event;

use super::clock::Moment;
use super::origin::Origin;
use crate::world::World;

impl World {
    /// An event with `Event-Name` and the standard headers, ready for its own.
    pub(crate) fn stamped(&mut self, event_type: switchwire_proto::EventType, origin: Origin) -> Event {
        let mut event = Event::bare(event_type);
        self.stamp(&mut event, origin);
        event
    }

    /// Appends `Event-Name` and the standard headers.
    pub(crate) fn stamp(&mut self, event: &mut Event, (file, function, line): Origin) {
        self.sequence += 1;
        let now = Moment::now();
        let name = event.event_type().name();
        let config = &self.config;
        for (header, value) in [
            ("Event-Name", name),
            ("Core-UUID", self.core_uuid.as_str()),
            ("FreeSWITCH-Hostname", config.hostname.as_str()),
            ("FreeSWITCH-Switchname", config.switchname.as_str()),
            ("FreeSWITCH-IPv4", config.ipv4.as_str()),
            ("FreeSWITCH-IPv6", config.ipv6.as_str()),
            ("Event-Date-Local", &now.local()),
            ("Event-Date-GMT", &now.gmt()),
            ("Event-Date-Timestamp", &now.micros().to_string()),
            ("Event-Calling-File", file),
            ("Event-Calling-Function", function),
            ("Event-Calling-Line-Number", &line.to_string()),
            ("Event-Sequence", &self.sequence.to_string()),
        ] {
            event.add_header_verbatim(header, value);
        }
    }
}
