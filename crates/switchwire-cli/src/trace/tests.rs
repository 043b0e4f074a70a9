//! What is printed of a call, and kept (`crate::snapshot`).

use switchwire::EventType;

use super::collect::Collected;
use super::{svg, text};
use crate::snapshot::is_as_kept;
use crate::story::Story;
use crate::top::sample;

/// A call of two legs, from its beginning to its end.
fn story(name: &str, number: &str) -> Story {
    let (a, b) = ("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002");
    let mut collected = Collected::new(a);
    let log = |level, text: &str| sample::log(level, a, text);
    for (index, event) in sample::events(name, number, "1001").iter().enumerate() {
        collected.event(event);
        if index == 1 {
            collected.log(&log(5, &format!("New Channel sofia/internal/1000@pbx [{name}]\n")));
        }
    }
    let cause = [("Hangup-Cause", "NORMAL_CLEARING"), ("Answer-State", "hangup")];
    collected.event(&sample::event(EventType::ChannelUnbridge, a, 62_000, &[]));
    collected.event(&sample::event(EventType::ChannelHangup, b, 62_001, &cause));
    collected.event(&sample::event(EventType::ChannelHangup, a, 62_004, &cause));
    for leg in [b, a] {
        collected.event(&sample::event(EventType::ChannelHangupComplete, leg, 62_010, &cause));
        collected.event(&sample::event(EventType::ChannelDestroy, leg, 62_020, &cause));
    }
    assert!(collected.has_ended());
    collected.story()
}

#[test]
fn a_call_as_text_and_as_a_picture() {
    let story = story("Alice", "1000");
    is_as_kept("trace", &(text(&story) + "\n"));
    is_as_kept("trace-picture", &(svg::story(&story) + "\n"));
}

#[test]
fn malicious_values_are_harmless_and_bounded() {
    let wild = "\u{1b}[2J\u{1b}]0;x\u{7}a\0b\u{202e}c\u{9b}1m\r\n<script>";
    let big = "M".repeat(1 << 20);
    for name in [wild, &big] {
        let story = story(name, name);
        for printed in [text(&story), svg::story(&story)] {
            let harmful = |char| crate::printable::is_harmful(char) && char != '\n';
            assert!(!printed.contains(harmful) && printed.len() < 50_000, "{printed:?}");
            assert!(!printed.starts_with("<svg") || !printed.contains("<script>"), "{printed}");
        }
    }
    is_as_kept("trace-malicious", &(text(&story(wild, wild)) + "\n"));
}
