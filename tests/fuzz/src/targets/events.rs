//! Texts of events, in three forms and two readings.

use switchwire_proto::percent::Escape;
use switchwire_proto::{Decoder, Event, Header};

/// The text is read as an event in each format, by libesl's rules and as the server sent it. What is read can be shown,
/// copied, edited and written; what was written and read again stays the same from then on.
///
/// # Panics
/// When that does not hold.
pub fn events(text: &[u8]) {
    // Each index may make four thousand elements of eight bytes of text: a few are enough.
    if text.iter().filter(|byte| **byte == b'[').count() > MOST_INDEXES {
        return;
    }
    for form in FORMS {
        for reading in [by_rules, as_sent] {
            if let Some(read) = reading(form, text) {
                event(&read);
                // All nine ways of a long text cost more than they show.
                let others = if text.len() < LONG { &FORMS[..] } else { &[] };
                others.iter().chain([&form]).for_each(|form| settles(&read, form));
            }
        }
    }
}

const FORMS: [&str; 3] = ["plain", "json", "xml"];
const MOST_INDEXES: usize = 8;
const LONG: usize = 512;
const MOST_TURNS: usize = 8;
/// Up to so many headers each is looked for by its name.
const LOOKED_FOR: usize = 64;

/// The event that a message of that form carries, read as it was sent.
fn as_sent(form: &str, text: &[u8]) -> Option<Event> {
    let head = format!("Content-Length: {}\nContent-Type: text/event-{form}\n\n", text.len());
    let mut decoder = Decoder::default();
    decoder.feed(&[head.as_bytes(), text].concat());
    decoder.next_message().ok().flatten()?.event().ok()
}

/// One event's own consistency.
pub(super) fn event(read: &Event) {
    let mut edited = read.clone();
    edited.set_event_type(read.event_type());
    assert_eq!(&edited, read, "turning it into the edited form changes what it shows");
    for header in read.headers().take(LOOKED_FOR) {
        let same = |other: &Header<'_>| other.name_bytes().eq_ignore_ascii_case(header.name_bytes());
        let first = read.headers().find(same).map(|header| header.value_bytes());
        let found = read.header_bytes(header.name_bytes());
        assert_eq!(found, first, "another than the first of a name is found");
    }
    let body = read.body().unwrap_or_default();
    let plain = Event::from_plain(read.to_plain(Escape::Full));
    // Names are never encoded: one with a line feed in it (JSON can carry it) makes other lines.
    let unsafe_name = read.headers().any(|header| header.name_bytes().contains(&b'\n'));
    assert!(
        unsafe_name || body.is_empty() || plain.is_ok_and(|plain| plain.body() == Some(body)),
        "plain lost the body"
    );
    let json = Event::from_json(read.to_json());
    let text = String::from_utf8_lossy(body);
    let kept = json.is_ok_and(|json| json.body() == Some(text.as_bytes()));
    assert!(read.body().is_none() || kept, "JSON lost the body");
    edited.add_header("X-Added", "1").push_header("X-Added", "2").del_header("Event-Name");
    assert!(edited.header("x-added").is_some_and(|value| value.ends_with("|:2")), "an element is lost");
    let copy = read.duplicate();
    assert_eq!(copy.event_type(), read.event_type(), "a copy has another type");
    // A header called `_body` becomes the body of a copy that has none.
    assert!(copy.body() == read.body() || read.body().is_none() && read.header("_body").is_some());
    let _ = (read.to_string(), edited.set_body("b").to_json());
}

/// Writing and reading may change an event a few times (empty elements at the front of an array go, arrays of one become
/// plain values, repeated elements arrays); then it is the same in every later round.
fn settles(read: &Event, form: &str) {
    for again in [by_rules, as_sent] {
        let mut event = read.clone();
        let settled = (0..MOST_TURNS).any(|_| {
            let Some(next) = again(form, &write(form, &event)).map(without_length) else {
                // Any name goes into the XML form, so it may not be readable; the others can always be read.
                assert_eq!(form, "xml", "what was written cannot be read");
                return true;
            };
            let same = next == event;
            event = next;
            same
        });
        assert!(settled, "{form} does not settle: {event:?}");
    }
}

fn write(form: &str, event: &Event) -> Vec<u8> {
    match form {
        "plain" => event.to_plain(Escape::Full),
        "json" => event.to_json().into_bytes(),
        _ => event.to_xml(),
    }
}

/// Reads by libesl's rules.
fn by_rules(form: &str, text: &[u8]) -> Option<Event> {
    match form {
        "plain" => Event::from_plain(text),
        "json" => Event::from_json(text),
        _ => Event::from_xml(text),
    }
    .ok()
}

/// A body brings its `Content-Length` along as a header; writing it again brings another one.
fn without_length(mut event: Event) -> Event {
    event.del_header("Content-Length");
    event
}
