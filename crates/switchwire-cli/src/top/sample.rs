//! Calls for tests: two legs that talk and one that rings, at fixed times.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use switchwire::calls::Tracker;
use switchwire::{Event, EventType, Incoming, LogRecord};

use super::app::{App, ServerLine};

/// The beginning, in microseconds since 1970.
const BEGIN: u64 = 1_795_000_000_000_000;

/// An event of a leg, so many milliseconds after the beginning.
pub(crate) fn event(kind: EventType, uuid: &str, after: u64, headers: &[(&str, &str)]) -> Event {
    let mut event = Event::new(kind);
    event.add_header("Unique-ID", uuid);
    event.add_header("Event-Date-Timestamp", (BEGIN + after * 1000).to_string());
    for (name, value) in headers {
        event.add_header(*name, *value);
    }
    event
}

/// A log line about a leg.
pub(crate) fn log(level: u8, uuid: &str, text: &str) -> LogRecord {
    let head = format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: {level}\nText-Channel: 0\nLog-File: switch.c\nLog-Func: f\nLog-Line: 7\nUser-Data: {uuid}\n\n",
        text.len()
    );
    let mut decoder = switchwire::proto::Decoder::default();
    decoder.feed(head.as_bytes());
    decoder.feed(text.as_bytes());
    match Incoming::from(decoder.next_message().unwrap().unwrap()) {
        Incoming::Log(record) => record,
        other => panic!("{other:?}"),
    }
}

/// A call's events: caller and callee as given.
pub(crate) fn events(name: &str, number: &str, to: &str) -> Vec<Event> {
    let (a, b) = ("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002");
    let created = BEGIN.to_string();
    let answered = (BEGIN + 2_000_000).to_string();
    let who = |channel: &'static str, direction: &'static str| {
        [
            ("Channel-Name", channel.to_owned()),
            ("Call-Direction", direction.to_owned()),
            ("Caller-Caller-ID-Name", name.to_owned()),
            ("Caller-Caller-ID-Number", number.to_owned()),
            ("Caller-Destination-Number", to.to_owned()),
            ("Channel-Call-UUID", a.to_owned()),
            ("Caller-Channel-Created-Time", created.clone()),
        ]
    };
    let make = |kind, uuid, after, channel, direction, more: &[(&str, &str)]| {
        let base = who(channel, direction);
        let base: Vec<_> = base.iter().map(|(name, value)| (*name, value.as_str())).collect();
        event(kind, uuid, after, &[&base[..], more].concat())
    };
    let of_a =
        |kind, after, more: &[(&str, &str)]| make(kind, a, after, "sofia/internal/1000@pbx", "inbound", more);
    let of_b = |kind, after, more: &[(&str, &str)]| {
        make(kind, b, after, "sofia/internal/1001@pbx", "outbound", more)
    };
    let up = [
        ("Answer-State", "answered"),
        ("Channel-Call-State", "ACTIVE"),
        ("Caller-Channel-Answered-Time", &answered),
    ];
    let ringing = [("Answer-State", "ringing"), ("Channel-Call-State", "RINGING")];
    let pair = [up[0], up[1], up[2], ("Bridge-A-Unique-ID", a), ("Bridge-B-Unique-ID", b)];
    let app = [("Application", "bridge"), ("Application-Data", "user/1001"), ("Application-UUID", "app1")];
    vec![
        of_a(EventType::ChannelCreate, 0, &ringing),
        of_a(EventType::ChannelExecute, 15, &app),
        of_b(EventType::ChannelCreate, 20, &[&ringing[..], &[("Other-Leg-Unique-ID", a)]].concat()),
        of_b(EventType::ChannelAnswer, 2000, &up),
        of_b(EventType::ChannelCallstate, 2000, &up),
        of_a(EventType::ChannelAnswer, 2001, &up),
        of_a(EventType::ChannelCallstate, 2001, &up),
        of_a(EventType::ChannelBridge, 2003, &pair),
    ]
}

/// A screen with that call after a minute, some log lines and some seconds of rates.
pub(crate) fn app(name: &str, number: &str, to: &str) -> App {
    let start = Instant::now();
    let server: Arc<str> = "pbx1".into();
    let mut app = App::new(false, false, start);
    let mut tracker = Tracker::new();
    let third = [
        ("Caller-Caller-ID-Number", "2000"),
        ("Caller-Destination-Number", "9196"),
        ("Answer-State", "ringing"),
        ("Channel-Call-State", "RINGING"),
    ];
    let third = event(EventType::ChannelCreate, "cccccccc-0000-4000-8000-000000000003", 50_000, &third);
    let all = events(name, number, to).into_iter().chain([third]);
    for (second, event) in all.enumerate() {
        tracker.event(&event);
        app.timelines.event(&server, &event);
        for _ in 0..=second {
            app.rates.count(&event, start + Duration::from_secs(second as u64));
        }
    }
    for (level, text) in [
        (5, format!("New Channel sofia/internal/1000@pbx [{name}]\n")),
        (7, "State Change CS_NEW -> CS_INIT\n".to_owned()),
        (3, "Cannot find a gateway\n".to_owned()),
    ] {
        let record = log(level, "aaaaaaaa-0000-4000-8000-000000000001", &text);
        app.log.push(None, &record);
        app.timelines.log(&server, &record);
    }
    app.rates.turn(start + Duration::from_secs(12));
    let mut legs: Vec<_> = tracker.legs().map(|leg| (Arc::clone(&server), leg.clone())).collect();
    legs.sort_by(|(_, one), (_, other)| one.uuid.cmp(&other.uuid));
    app.set_legs(legs, now());
    app.servers =
        vec![ServerLine { name: "pbx1".into(), state: "up", facts: "3/1000 sessions, 97% idle".into() }];
    app
}

/// A minute after the beginning.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(BEGIN + 60_000_000)
}
