//! No string that a user gives can start a second command: every argument of every builder, read as the server would.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use proptest::prelude::*;
use support::server::{Packet, read};
use switchwire_proto::{
    BuildError, Command, Event, EventFormat, EventType, Execute, LogLevel, Login, LoginStep, Subscription,
    Unicast,
};

type Build = fn(&str) -> Result<Vec<Command>, BuildError>;

fn one(command: Result<Command, BuildError>) -> Result<Vec<Command>, BuildError> {
    command.map(|command| vec![command])
}

fn event(name: &str, value: &str) -> Event {
    let mut event = Event::new(EventType::Notify);
    event.add_header_verbatim(name, value);
    event
}

fn login(login: Result<Login, BuildError>) -> Result<Vec<Command>, BuildError> {
    let mut decoder = switchwire_proto::Decoder::default();
    decoder.feed(b"Content-Type: auth/request\n\n");
    match login?.step(&decoder.next_message().unwrap().unwrap()) {
        LoginStep::Send(command) => Ok(vec![command]),
        other => panic!("{other:?}"),
    }
}

/// Every argument that is one line on the wire.
const LINES: &[(&str, Build)] = &[
    ("auth", |x| one(Command::auth(x))),
    ("userauth user", |x| one(Command::userauth(x, "secret"))),
    ("userauth password", |x| one(Command::userauth("user@domain", x))),
    ("login password", |x| login(Login::password(x))),
    ("login user", |x| login(Login::user(x, "secret"))),
    ("login user's password", |x| login(Login::user("user", x))),
    ("api command", |x| one(Command::api(x, ""))),
    ("console line", |x| one(Command::console(x))),
    ("api arguments", |x| one(Command::api("status", x))),
    ("bgapi command", |x| one(Command::bgapi(x, "", None))),
    ("bgapi arguments", |x| one(Command::bgapi("status", x, None))),
    ("bgapi job", |x| one(Command::bgapi("status", "", Some(x)))),
    ("event names", |x| one(Command::event(EventFormat::Plain, x))),
    ("nixevent names", |x| one(Command::nixevent(x))),
    ("myevents uuid", |x| one(Command::myevents(Some(x), Some(EventFormat::Json)))),
    ("filter header", |x| one(Command::filter(x, "value"))),
    ("filter value", |x| one(Command::filter("Header", x))),
    ("filter delete header", |x| one(Command::filter_delete(x, None))),
    ("filter delete value", |x| one(Command::filter_delete("Header", Some(x)))),
    ("getvar", |x| one(Command::getvar(x))),
    ("sendevent header name", |x| one(Command::sendevent(&event(x, "value")))),
    ("sendevent header value", |x| one(Command::sendevent(&event("Name", x)))),
    ("sendevent subclass", |x| one(Command::sendevent(&Event::custom(x)))),
    ("sendmsg uuid", |x| one(Command::sendmsg(Some(x), &Event::bare(EventType::Custom)))),
    ("sendmsg header name", |x| one(Command::sendmsg(None, &event(x, "value")))),
    ("sendmsg header value", |x| one(Command::sendmsg(None, &event("Name", x)))),
    ("hangup uuid", |x| one(Command::hangup(Some(x), None))),
    ("hangup cause", |x| one(Command::hangup(None, Some(x)))),
    ("nomedia uuid", |x| one(Command::nomedia(Some(x), "uuid"))),
    ("nomedia other uuid", |x| one(Command::nomedia(None, x))),
    ("xferext uuid", |x| one(Command::xferext(Some(x), &[("answer", "")]))),
    ("xferext application", |x| one(Command::xferext(None, &[("answer", ""), (x, "argument")]))),
    ("xferext argument", |x| one(Command::xferext(None, &[("playback", x), ("hangup", "")]))),
    ("execute application", |x| one(Execute::new(x).argument("argument").build())),
    ("execute argument line", |x| one(Execute::new("playback").argument_line(x).build())),
    ("execute uuid", |x| one(Execute::new("playback").uuid(x).build())),
    ("execute event uuid", |x| one(Execute::new("playback").event_uuid(x).build())),
    ("execute event uuid name", |x| one(Execute::new("playback").event_uuid_name(x).build())),
    ("execute with a body, application", |x| one(Execute::new(x).argument("a\nb").build())),
    ("unicast uuid", |x| one(Unicast::new().uuid(x).local("127.0.0.1", 9000).build())),
    ("unicast local", |x| one(Unicast::new().local(x, 9000).build())),
    ("unicast remote", |x| one(Unicast::new().remote(x, 9000).build())),
    ("unicast transport", |x| one(Unicast::new().transport(x).build())),
    ("unicast flags", |x| one(Unicast::new().flags(x).build())),
    ("subscription subclass", |x| Subscription::new().custom(x).commands()),
    ("subscription filter header", |x| Subscription::all().filter(x, "value").log(LogLevel::Info).commands()),
    ("subscription filter value", |x| Subscription::all().filter("Header", x).commands()),
];

/// Every argument that may hold line breaks, because it goes out as a body or is taken apart before.
const BODIES: &[(&str, Build)] = &[
    ("execute argument", |x| one(Execute::new("playback").argument(x).event_lock(true).build())),
    ("execute argument as body", |x| {
        one(Execute::new("playback").argument(x).argument_as_body(true).build())
    }),
    ("sendevent body", |x| one(Command::sendevent(Event::new(EventType::Notify).set_body(x)))),
    ("sendmsg body", |x| one(Command::sendmsg(Some("uuid"), Event::bare(EventType::Custom).set_body(x)))),
    ("subscription list", |x| Subscription::from_list(EventFormat::Plain, x).commands()),
    ("raw", |x| one(Command::raw(x))),
    ("raw with a length", |x| {
        one(Command::raw(format!("sendevent NOTIFY\nContent-Length: {}\n\n{x}", x.len())))
    }),
    ("raw after a first line", |x| one(Command::raw(format!("sendevent NOTIFY\n{x}")))),
];

/// The server reads one packet per command, and nothing is left but blank lines.
fn packets(commands: &[Command], context: &str) -> Vec<Packet> {
    let read_one = |command: &Command| {
        let mut packets =
            read(command.as_bytes()).unwrap_or_else(|error| panic!("{context}: the server {error}"));
        assert_eq!(packets.len(), 1, "{context}: {:?}", String::from_utf8_lossy(command.as_bytes()));
        packets.remove(0)
    };
    commands.iter().map(read_one).collect()
}

#[test]
fn a_line_break_in_any_argument_of_one_line_is_refused() {
    for (name, build) in LINES {
        assert!(build("plain").is_ok(), "{name}");
        for bad in ["\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\0", "\n\nexit\n\n"] {
            for text in [format!("a{bad}b"), format!("{bad}b"), format!("a{bad}")] {
                let refused = matches!(build(&text), Err(BuildError::LineBreak { .. }));
                assert!(refused, "{name}: {text:?} gave {:?}", build(&text));
            }
        }
    }
}

#[test]
fn line_breaks_in_a_body_stay_in_the_body() {
    for text in ["a\nb", "a\r\nb", "a\n\nexit\n\n", "a\r\n\r\nexit\r\n\r\n", "\n\n", "a\n\0b"] {
        for (name, build) in &BODIES[..4] {
            let packets = packets(&build(text).unwrap(), name);
            assert_eq!(packets[0].body, text.as_bytes(), "{name}");
        }
    }
}

#[test]
fn the_argument_that_was_given_is_what_the_server_reads() {
    let packet = |command: Result<Command, BuildError>| packets(&[command.unwrap()], "").remove(0);
    assert_eq!(packet(Command::api("status", "as json")).line, b"api status as json");
    assert_eq!(packet(Command::filter("A", " b  c ")).line, b"filter A  b  c ");
    let transfer = packet(Command::xferext(None, &[("playback", " two  blanks "), ("hangup", "")]));
    let lines: Vec<_> = transfer.headers.iter().map(|(_, value)| String::from_utf8_lossy(value)).collect();
    assert_eq!(lines, ["xferext", "playback  two  blanks ", "hangup"]);
}

#[test]
fn names_that_the_server_reads_as_content_length_are_refused() {
    for name in ["Content-Length", "content-length:x", "CONTENT-LENGTH:", " Content-Length"] {
        let refused = Command::sendmsg(None, &event(name, "5"));
        let dropped = name == "Content-Length";
        assert_eq!(refused.is_ok(), dropped, "{name}: {refused:?}");
    }
    let own = Command::sendevent(event("Content-Length", "500").set_body("body")).unwrap();
    assert_eq!(packets(&[own], "sender's own length")[0].body, b"body");
}

#[test]
fn a_raw_command_is_judged_as_the_server_reads_it() {
    let ok = [
        "api status",
        "api status\n",
        "api status\n\n",
        "\r\n\napi status\r\n\r\n",
        "a\nContent-Length: 3\n\nb\n\n",
        "event plain HEARTBEAT\nX: y\r\n\r\n",
        "a\r\nContent-Length: 3\r\n\r\nb\r\n",
        "a\n \nb",
        "a\nContent-Length: 0\n\n",
        "a\nContent-Length: 2\nContent-Length: 3\n\n12345",
    ];
    for text in ok {
        packets(&[Command::raw(text).unwrap()], text);
    }
    let crlf = packets(&[Command::raw("event plain HEARTBEAT\nX: y\r\n\r\n").unwrap()], "mixed line ends");
    assert_eq!((&crlf[0].line[..], crlf[0].headers.len()), (&b"event plain HEARTBEAT"[..], 1));
    for (text, error) in [
        ("", BuildError::Empty { argument: "command" }),
        ("\r\n\n", BuildError::Empty { argument: "command" }),
        ("api status\n\nexit", BuildError::SecondCommand),
        ("api status\n\r\nexit", BuildError::SecondCommand),
        ("api status\r\n\r\r\nexit", BuildError::SecondCommand),
        // A length in the first line is none, and one after another colon is another one.
        ("Content-Length: 4\n\nexit", BuildError::SecondCommand),
        ("a\ncontent-length:0: 4\n\nexit", BuildError::SecondCommand),
        ("a\nX-Content-Length: 4\n\nexit", BuildError::SecondCommand),
        ("a\nContent-Length: 5\n\nexit", BuildError::BodyTooShort),
        // The server reads a body for each of the lengths.
        ("a\nContent-Length: 4\nContent-Length: 2\n\nexit", BuildError::BodyTooShort),
        ("a\nContent-Length: 4\nX: a\rb\n\nexit", BuildError::LineBreak { argument: "command" }),
        ("a\0\nContent-Length: 4\n\nexit", BuildError::LineBreak { argument: "command" }),
        ("a\nContent-Length: -4294967292\n\nexit", too_long("Content-Length", 16 << 20)),
        ("a\nContent-Length: 4294967300\n\nexit", too_long("Content-Length", 16 << 20)),
        ("a\nContent-Length: 16777217\n\n", too_long("Content-Length", 16 << 20)),
    ] {
        assert_eq!(Command::raw(text), Err(error), "{text:?}");
    }
}

fn too_long(argument: &'static str, limit: usize) -> BuildError {
    BuildError::TooLong { argument, limit }
}

/// The server takes 10 MiB of header text for a whole command: what follows would be the next one.
#[test]
fn an_argument_that_the_server_would_cut_in_two_is_refused() {
    let long = "x".repeat(10 << 20) + "exit";
    for (name, build) in LINES {
        assert!(matches!(build(&long), Err(BuildError::TooLong { .. })), "{name}");
    }
    assert!(matches!(Command::raw(&long), Err(BuildError::TooLong { .. })));
    let fits = "x".repeat((10 << 20) - 200);
    packets(&[Command::api("echo", &fits).unwrap()], "just short enough");
    let mut event = Event::new(EventType::Notify);
    event.set_body(vec![b'x'; (16 << 20) + 1]);
    assert_eq!(Command::sendevent(&event).unwrap_err(), too_long("body", 16 << 20));
    event.set_body(vec![b'x'; 16 << 20]);
    packets(&[Command::sendevent(&event).unwrap()], "the longest body");
}

#[test]
fn commands_without_arguments_are_one_packet_each() {
    let mut all = vec![
        Command::exit(),
        Command::connect(),
        Command::linger(None),
        Command::linger(Some(u32::MAX)),
        Command::nolinger(),
        Command::resume(),
        Command::nolog(),
        Command::noevents(),
        Command::filter_delete_all(),
        Command::divert_events(true),
        Command::divert_events(false),
        Command::myevents(None, None).unwrap(),
        Execute::nothing().build().unwrap(),
        Unicast::new().build().unwrap(),
    ];
    all.extend(LogLevel::ALL.map(Command::log));
    packets(&all, "no arguments");
}

/// Text that tries: line ends, colons, lengths, blanks, and anything else.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "\n", "\r", "\n\n", "\r\n", "\0", ":", ": ", " ", "\t", "Content-Length: ", "content-length:", "3", "0", "-1",
            "exit", "ARRAY::a|:b", "[1]", "%0a", "_body", "\u{85}", "\u{2028}",
        ]).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9]{0,8}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn config(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(0x5EED);
    ProptestConfig { cases, failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn any_argument_is_refused_or_stays_in_its_own_command(text in hostile()) {
        for (name, build) in LINES.iter().chain(BODIES) {
            if let Ok(commands) = build(&text) {
                packets(&commands, &format!("{name} with {text:?}"));
            }
        }
    }
}

#[test]
fn a_name_that_is_no_events_is_refused_with_the_nearest() {
    let built = |text: &str| Subscription::from_list(EventFormat::Plain, text).commands();
    for (text, nearest) in [
        ("CHANNEL_ANSWER CHANNEL_HANGP", Some("CHANNEL_HANGUP")),
        ("channel_hangup_complet", Some("CHANNEL_HANGUP_COMPLETE")),
        ("HANGUP_COMPLETE DTMF", Some("CHANNEL_HANGUP_COMPLETE")),
        ("ANSWER", Some("CHANNEL_ANSWER")),
        ("BACKGROUNDJOB", Some("BACKGROUND_JOB")),
        ("HEART-BEAT", Some("HEARTBEAT")),
        ("Event-Name", None),
        ("X", None),
    ] {
        let Err(BuildError::UnknownEvent { name, nearest: found }) = built(text) else {
            panic!("{text}: {:?}", built(text));
        };
        assert!(text.contains(&name));
        assert_eq!(found, nearest, "{text}");
        let message = BuildError::UnknownEvent { name, nearest: found }.to_string();
        assert_eq!(message.contains("did you mean"), nearest.is_some(), "{message}");
    }
    let long = "CHANNEL_".repeat(20_000);
    assert!(matches!(built(&long), Err(BuildError::UnknownEvent { nearest: None, .. })));
    assert!(matches!(built("DTMF a::b"), Err(BuildError::SubclassAsName { name }) if name == "a::b"));
    // What is refused in one form is in the other.
    let wanted = Subscription::new().event_named("CHANNEL_HANGP").custom("a::b");
    assert_eq!(wanted.commands().unwrap_err(), wanted.removal().unwrap_err());
    for bad in ["a\nb", "\nDTMF", "DTMF\0"] {
        let refused = Subscription::new().event_named(bad).commands();
        assert!(matches!(refused, Err(BuildError::LineBreak { .. })), "{bad:?}");
    }
}

#[test]
fn names_one_by_one_are_as_strict_as_a_list() {
    let built = |names: &[&str]| {
        let commands = Subscription::from_names(EventFormat::Plain, names).commands()?;
        Ok::<_, BuildError>(commands.iter().map(Command::summary).collect::<Vec<_>>())
    };
    for (names, sent) in [
        (&["HEARTBEAT", "CUSTOM a::b", "DTMF"][..], "event plain HEARTBEAT DTMF CUSTOM a::b"),
        (&["CUSTOM a::b", "custom c::d"], "event plain CUSTOM a::b c::d"),
        (&["CUSTOM mine", "HEARTBEAT"], "event plain HEARTBEAT CUSTOM mine"),
        (&["CUSTOM", "a::b", "HEARTBEAT"], "event plain HEARTBEAT CUSTOM a::b"),
        (&["CHANNEL_ANSWER DTMF"], "event plain CHANNEL_ANSWER DTMF"),
    ] {
        assert_eq!(built(names).unwrap(), [sent], "{names:?}");
    }
    assert!(
        matches!(built(&["CUSTOM a::b", "c::d"]), Err(BuildError::SubclassAsName { name }) if name == "c::d")
    );
    assert!(matches!(built(&["CUSTOM a::b", "CHANNEL_HANGP"]), Err(BuildError::UnknownEvent { .. })));
    assert!(matches!(built(&["CUSTOM", "CHANNEL_HANGP"]), Err(BuildError::UnknownEvent { .. })));
    assert!(matches!(built(&["DTMF", ""]), Err(BuildError::Empty { .. })));
    assert!(matches!(built(&[" "]), Err(BuildError::Blank { .. })));
    assert_eq!(built(&[]).unwrap(), [""; 0]);
}

#[test]
fn names_in_any_case_and_subclasses_where_they_belong_are_taken() {
    for (list, sent) in [
        ("dtmf custom a::b Heartbeat", "dtmf Heartbeat CUSTOM a::b"),
        ("SWITCH_EVENT_DTMF", "DTMF"),
        ("all", "ALL"),
        ("CUSTOM", "CUSTOM"),
    ] {
        let wanted = Subscription::from_list(EventFormat::Json, list);
        let commands = wanted.commands().unwrap();
        let line = String::from_utf8_lossy(commands[0].as_bytes()).into_owned();
        assert!(line.eq_ignore_ascii_case(&format!("event json {sent}\n\n")), "{line}");
        let removal = wanted.removal().unwrap().unwrap();
        let line = String::from_utf8_lossy(removal.as_bytes()).into_owned();
        assert!(line.eq_ignore_ascii_case(&format!("nixevent {sent}\n\n")), "{line}");
    }
    assert_eq!(Subscription::new().filter("a", "b").removal().unwrap(), None);
}

#[test]
fn a_log_level_has_its_names_and_numbers_and_nothing_else() {
    for level in LogLevel::ALL {
        let number = (level as u8).to_string();
        for text in [level.name().to_owned(), level.name().to_lowercase(), number] {
            assert_eq!(text.parse(), Ok(level), "{text}");
        }
    }
    assert_eq!("warn".parse(), Ok(LogLevel::Warning));
    assert_eq!("Error".parse(), Ok(LogLevel::Err));
    for bad in ["", "8", "-1", "07", " 7", "loud", "debug1", "7.0"] {
        let refused = bad.parse::<LogLevel>().unwrap_err();
        assert!(refused.to_string().contains("notice, info, debug, or 0 to 7"), "{refused}");
    }
}
