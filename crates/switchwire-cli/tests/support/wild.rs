//! Values that an attacker chose.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use switchwire::{Event, EventType};

/// Clears the screen, sets the title, turns the writing, ends the line, and more.
pub const WILD: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}a\0b\u{202e}c\u{9b}1m\r\nd";
pub const UUID: &str = "deadbeef-0000-4000-8000-000000000001";

/// A call that has it everywhere, and a megabyte besides.
pub fn wild() -> Event {
    let mut event = Event::new(EventType::ChannelCreate);
    event
        .add_header("Unique-ID", UUID)
        .add_header("Channel-Name", format!("sofia/{WILD}"))
        .add_header("Caller-Caller-ID-Name", WILD)
        .add_header("Caller-Caller-ID-Number", WILD)
        .add_header("Caller-Destination-Number", WILD)
        .add_header("X-Big", "M".repeat(1 << 20));
    event
}

/// Nothing of it reaches a terminal as it is.
#[track_caller]
pub fn is_harmless(raw: &str) {
    for harmful in ["\u{1b}]0;owned", "\u{202e}", "\u{9b}", "\0", "\u{7}"] {
        assert!(!raw.contains(harmful), "{harmful:?} is in {:?}", raw.chars().take(2000).collect::<String>());
    }
}
