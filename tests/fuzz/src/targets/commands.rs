//! Whatever a user passes, one command comes out, as the server reads it.

use switchwire_proto::{BuildError, Command, Event, EventFormat, EventType, Execute, Subscription, Unicast};
use switchwire_sim::fuzz::{Understanding, understand};

/// The text as each argument: refused, or one command to the server's reader, with nothing left of it and every argument
/// in its place.
///
/// # Panics
/// When that does not hold.
pub fn commands(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    one_liners(&text, input);
    with_headers(&text, input);
    with_body(input);
    raw(input);
    verbatim(input);
}

type Built = Result<Command, BuildError>;

/// Commands of one line: it is the word, a blank, and the arguments as they were given.
fn one_liners(text: &str, input: &[u8]) {
    let lines: [(Built, Vec<u8>); 10] = [
        (Command::auth(text), format!("auth {text}").into()),
        (Command::auth_bytes(input), [b"auth ", input].concat()),
        (Command::userauth(text, "secret"), format!("userauth {text}:secret").into()),
        (Command::api(text, text), format!("api {text} {text}").into()),
        (Command::api_bytes(b"status", input), [b"api status ", input].concat()),
        (Command::bgapi("status", text, None), format!("bgapi status {text}").into()),
        (Command::event(EventFormat::Plain, text), format!("event plain {text}").into()),
        (Command::nixevent(text), format!("nixevent {text}").into()),
        (Command::filter_bytes(b"Unique-ID", input), [b"filter Unique-ID ", input].concat()),
        (Command::getvar(text), format!("getvar {text}").into()),
    ];
    for (command, line) in lines {
        if let Some(seen) = sole(command) {
            assert_eq!(seen.line.trim_ascii_end(), line.trim_ascii_end());
            assert!(seen.headers.is_empty() && seen.body.is_none(), "{seen:?}");
        }
    }
    for command in [
        Command::filter(text, text),
        Command::filter_delete(text, Some(text)),
        Command::userauth(text, text),
        Command::myevents(Some(text), Some(EventFormat::Json)),
    ] {
        sole(command);
    }
    let subscription = Subscription::from_list(EventFormat::Json, text).filter(text, text);
    for command in subscription.commands().unwrap_or_default() {
        sole(Ok(command));
    }
}

fn with_headers(text: &str, input: &[u8]) {
    if let Some(seen) = sole(Command::bgapi("status", "", Some(text))) {
        assert_eq!(header(&seen, "Job-UUID"), Some(text.trim_start_matches(' ').as_bytes()));
    }
    let built = Execute::new("playback").argument_line(text).uuid(text).event_uuid(text).build();
    if let Some(seen) = sole(built) {
        assert_eq!(
            header(&seen, "execute-app-arg").map(<[u8]>::trim_ascii),
            Some(text.trim_ascii().as_bytes())
        );
        assert_eq!(header(&seen, "call-command"), Some(&b"execute"[..]));
        assert!(seen.body.is_none());
    }
    let mut fired = Event::new(EventType::Notify);
    fired.add_header_verbatim("Value", input).add_header_verbatim(input, "value");
    let unicast = Unicast::new().uuid(text).local(text, 1).remote(text, 2).transport(text).flags(text);
    for command in [
        Command::hangup(Some(text), Some(text)),
        Command::nomedia(Some(text), text),
        Command::xferext(Some(text), &[(text, text), ("park", text)]),
        Command::sendevent(&fired),
        Command::sendmsg(Some(text), &fired),
        unicast.build(),
    ] {
        if let Some(seen) = sole(command) {
            assert!(seen.body.is_none(), "{seen:?}");
        }
    }
}

/// A body may hold anything; it arrives whole (up to a NUL: the server takes it for a C string).
fn with_body(input: &[u8]) {
    let mut event = Event::new(EventType::Notify);
    event.set_body(input);
    let until_nul = input.split(|byte| *byte == 0).next().unwrap_or_default();
    let expected = (!input.is_empty()).then_some(until_nul);
    for command in [
        Command::sendevent(&event),
        Command::sendmsg(None, &event),
        Execute::new("playback").argument(input).argument_as_body(true).build(),
    ] {
        if let Some(seen) = sole(command) {
            assert_eq!(seen.body.as_deref(), expected);
        }
    }
}

/// What a user writes as a whole command is one, or is refused.
fn raw(input: &[u8]) {
    let Ok(command) = Command::raw(input) else { return };
    let seen = sole(Ok(command.clone()));
    // A command made so is taken again as it is.
    let again = Command::raw(command.as_bytes());
    assert_eq!(again.map(|again| sole(Ok(again))).ok(), Some(seen));
}

/// Sent as it is by those who know what they do: only its end is made sure of.
fn verbatim(input: &[u8]) {
    let command = Command::verbatim(input);
    assert!(command.as_bytes().starts_with(input) && command.as_bytes().ends_with(b"\n\n"));
}

/// What the server makes of a command that was built: exactly one, with nothing begun behind it.
fn sole(command: Built) -> Option<Understanding> {
    let command = command.ok()?;
    let bytes = command.as_bytes();
    let understood = understand([bytes]);
    assert!(!understood.hung_up, "the server hangs up on {bytes:?}");
    assert!(!understood.partial, "something is left of {bytes:?}");
    assert_eq!(understood.commands.len(), 1, "not one command: {bytes:?}");
    understood.commands.into_iter().next()
}

fn header<'a>(seen: &'a Understanding, name: &str) -> Option<&'a [u8]> {
    let found = seen.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()));
    found.map(|(_, value)| &value[..])
}
