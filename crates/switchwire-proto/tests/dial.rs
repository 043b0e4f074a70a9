//! Dial strings: what is printed is read back, by us and by a second reading of the server's rules (freeswitch-types,
//! which is checked against the server's C), and recorded texts give what the real server made of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use std::collections::BTreeMap;

use freeswitch_types::commands::{
    DialStringCarrier, FlattenedDialString, FlattenedLeg, LegTarget, originate_split, originate_unquote,
};
use proptest::prelude::*;
use support::vectors;
use switchwire_proto::HangupCause;
use switchwire_proto::dial::{
    Carrier, DialError, DialString, Endpoint, Leg, Originate, Originated, Target, Thread, Variables,
};

/// What a leg's channel gets: its own variables, then the shared ones, then those of its thread; the last one wins.
fn on_channel(dial: &DialString, thread: &Thread, leg: &Leg) -> BTreeMap<String, String> {
    let all = leg.variables.iter().chain(dial.shared.iter()).chain(thread.variables.iter());
    all.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect()
}

/// The same by freeswitch-types: for each leg, its variables, and its endpoint where that is no type of its own there.
fn by_oracle(text: &str, carrier: DialStringCarrier) -> Vec<(Option<String>, BTreeMap<String, String>)> {
    let flat =
        FlattenedDialString::parse_for(text, carrier).unwrap_or_else(|error| panic!("{text}: {error}"));
    let leg = |leg: &FlattenedLeg| {
        let endpoint = match leg.target() {
            LegTarget::Unparsed(unparsed) => Some(unparsed.endpoint().to_owned()),
            _ => None,
        };
        let variables = leg.variables().map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        (endpoint, variables.collect())
    };
    flat.legs().map(leg).collect()
}

fn legs(dial: &DialString) -> Vec<(Option<String>, BTreeMap<String, String>)> {
    let of_thread = |thread: &Thread| {
        let legs = thread.groups.iter().flatten();
        legs.map(|leg| (Some(leg.endpoint.to_string()), on_channel(dial, thread, leg))).collect::<Vec<_>>()
    };
    dial.threads.iter().flat_map(of_thread).collect()
}

/// Compares what freeswitch-types reads with what is meant.
fn same_by_oracle(text: &str, carrier: DialStringCarrier, dial: &DialString) {
    let (theirs, ours) = (by_oracle(text, carrier), legs(dial));
    assert_eq!(theirs.len(), ours.len(), "{text}");
    for ((endpoint, variables), (own_endpoint, own_variables)) in theirs.iter().zip(&ours) {
        assert_eq!(variables, own_variables, "{text}");
        assert!(endpoint.is_none() || endpoint == own_endpoint, "{text}: {endpoint:?}");
    }
}

/// Prints and reads, by each way; `Err` when it is refused.
fn check(dial: &DialString) -> Result<(), DialError> {
    let originate = Originate::new(dial.clone(), Target::application("park"));
    let text = originate.to_text()?;
    assert_eq!(Originate::parse(&text).unwrap(), originate, "{text}");
    let words = originate_split(&text, ' ').unwrap();
    assert_eq!(words.len(), 2, "{text}");
    same_by_oracle(&originate_unquote(&words[0]), DialStringCarrier::Direct, dial);
    if let Ok(text) = dial.to_text(Carrier::Application) {
        assert_eq!(DialString::parse(&text, Carrier::Application).unwrap(), *dial, "{text}");
        same_by_oracle(&text, DialStringCarrier::Dialplan, dial);
    }
    Ok(())
}

/// What dial strings are made of, and what breaks them.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "a=1",
    "b=",
    "c='x y'",
    ",",
    "|",
    ":_:",
    "null/1",
    "user/a@b",
    "error/X",
    "^^:",
    "^^",
    ":",
    "'",
    "\\",
    "\\,",
    "\\'",
    " ",
    "&park()",
    "undef",
    "loopback/1/default",
    "sofia/gateway/g/1",
    "ż",
    "(",
    ")",
    "m:|:",
    "=",
    "${x}",
];

fn nasty_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b7",
        " ",
        "  ",
        ",",
        "'",
        "''",
        "\\",
        "\\\\",
        "\\,",
        "\\'",
        "\"",
        "|",
        ":",
        ";",
        "=",
        "^^",
        "^^:",
        "$",
        "{a}",
        "[b]",
        "<c>",
        "(",
        ")",
        "&",
        "n",
        "s",
        "\n",
        "\r",
        "\t",
        "%20",
        "ż",
        "日本",
        "ARRAY::a|:b",
        "#",
        "+",
        "~",
        "!",
        "*",
        "@",
        "undef",
        "{",
        "]",
        "${x}",
        ":_:",
        ">",
    ]);
    prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
}

fn variables(names: &'static [&'static str]) -> impl Strategy<Value = Variables> {
    let pair = (prop::sample::select(names), nasty_text());
    prop::collection::vec(pair, 0..3).prop_map(|pairs| pairs.into_iter().collect())
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let word = "[a-z0-9.+-]{1,8}";
    prop_oneof![
        (word, word).prop_map(|(user, domain)| Endpoint::user(&format!("{user}@{domain}"))),
        word.prop_map(|user| Endpoint::user(&user)),
        (word, nasty_text()).prop_map(|(gateway, number)| Endpoint::gateway(gateway, number)),
        (word, nasty_text())
            .prop_filter("not a gateway", |(profile, _)| profile != "gateway")
            .prop_map(|(profile, address)| Endpoint::sofia(profile, address)),
        (word, word).prop_map(|(extension, context)| Endpoint::loopback(extension, context)),
        word.prop_map(|group| Endpoint::Group { group, domain: None }),
        prop::sample::select(HangupCause::ALL).prop_map(Endpoint::Error),
        word.prop_map(Endpoint::Null),
        nasty_text().prop_map(|text| Endpoint::Other(format!("verto.rtc/{text}"))),
    ]
}

fn leg() -> impl Strategy<Value = Leg> {
    (endpoint(), variables(&["only", "leg_timeout", "sip_h_X-Id"]))
        .prop_map(|(endpoint, variables)| Leg { endpoint, variables })
}

fn thread() -> impl Strategy<Value = Thread> {
    let groups = prop::collection::vec(prop::collection::vec(leg(), 1..3), 1..3);
    (groups, variables(&["a", "B", "origination_uuid"]))
        .prop_map(|(groups, variables)| Thread { variables, groups })
}

fn dial_string() -> impl Strategy<Value = DialString> {
    (prop::collection::vec(thread(), 1..3), variables(&["g", "shared"]))
        .prop_map(|(threads, shared)| DialString { shared, threads })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn what_is_printed_is_read_back(dial in dial_string()) {
        // Refused is fine: nothing was sent.
        let _ = check(&dial);
    }

    #[test]
    fn one_value_reaches_the_channel_or_is_refused(value in nasty_text()) {
        let to = || Leg::new(Endpoint::Null("1".to_owned()));
        let _ = check(&DialString::new(to()).variable("v", &*value).variable("w", "1"));
        let _ = check(&DialString::new(to()).shared("v", &*value).shared("w", "1"));
        let _ = check(&DialString::new(to().variable("v", &*value).variable("w", "1")).and(to()));
    }

    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_can_be_said_again(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..14),
    ) {
        let text = pieces.concat();
        for text in [text.clone(), format!("{text} &park"), format!("null/1 {text}"), format!("null/1 {text} inline")] {
            let Ok(parsed) = Originate::parse(&text) else { continue };
            if let Ok(again) = parsed.to_text() {
                prop_assert_eq!(Originate::parse(&again).unwrap(), parsed, "{} -> {}", text, again);
            }
        }
        if let Ok(parsed) = DialString::parse(&text, Carrier::Application)
            && let Ok(again) = parsed.to_text(Carrier::Application)
        {
            prop_assert_eq!(DialString::parse(&again, Carrier::Application).unwrap(), parsed);
        }
    }

    #[test]
    fn arguments_of_originate_are_read_back(
        name in nasty_text(),
        extension in nasty_text(),
        inline in prop::collection::vec(("[a-z_]{1,8}", prop::option::of(nasty_text())), 1..4),
        argument in prop::option::of(nasty_text()),
    ) {
        let dial = DialString::new(Endpoint::Null("1".to_owned()));
        let targets = [
            Target::Extension(extension),
            Target::Inline(inline),
            Target::Application { name: "set".to_owned(), argument },
        ];
        for target in targets {
            let originate = Originate::new(dial.clone(), target).caller_id(&*name, "1").timeout(5);
            if let Ok(text) = originate.to_text() {
                prop_assert_eq!(Originate::parse(&text).unwrap(), originate, "{}", text);
            }
        }
    }
}

fn refused(error: &DialError) -> String {
    format!("refused: {error}")
}

/// What is dialled as `originate` takes it, without the target.
fn originate(dial: &DialString) -> String {
    match Originate::new(dial.clone(), Target::application("park")).to_text() {
        Ok(text) => text.strip_suffix(" &park()").unwrap().to_owned(),
        Err(error) => refused(&error),
    }
}

#[test]
fn nasty_values_are_written_as_in_the_table() {
    let rows = vectors("dial_value");
    assert!(rows.len() >= 80, "{}", rows.len());
    for row in rows {
        let value = row["value"].as_str().unwrap();
        let null = || Leg::new(Endpoint::Null("1".to_owned()));
        for (column, dial) in [
            ("legs", DialString::new(null()).variable("v", value)),
            ("leg", DialString::new(null().variable("v", value))),
        ] {
            assert_eq!(originate(&dial), row[column].as_str().unwrap(), "{value:?}");
            // freeswitch-types reads the value from it, or it is refused.
            if let Err(error) = check(&dial) {
                assert_eq!(row[column].as_str().unwrap(), refused(&error), "{value:?}");
            }
        }
    }
}

/// Recorded texts that the server could not read, or read as something else than was meant: no value of ours.
const UNREADABLE: [&str; 3] = ["DESTINATION_OUT_OF_ORDER", "CHAN_NOT_IMPLEMENTED", "USAGE"];

#[test]
fn recorded_originates_are_read_as_the_server_read_them() {
    let (mut set, mut failed) = (0, 0);
    for row in vectors("originate") {
        let (text, reply) = (row["text"].as_str().unwrap(), row["reply"].as_str().unwrap());
        let parsed = match Originate::parse(text) {
            Ok(parsed) => parsed,
            Err(error) => {
                assert!(UNREADABLE.iter().any(|word| reply.contains(word)), "{text}: {error}, but {reply}");
                failed += 1;
                continue;
            }
        };
        let recorded = row["variables"].as_object().unwrap();
        let on_leg = |thread: &Thread, leg: &Leg| {
            let variables = on_channel(&parsed.dial, thread, leg);
            let same = |(name, value): (&String, &serde_json::Value)| {
                // The leg that picks a call up takes the place of the one that waits for it.
                let taken = name == "origination_uuid" && text.contains("pickup/");
                let own = variables.get(&name.to_lowercase()).filter(|_| !taken);
                own.is_none_or(|own| {
                    // An array of one element is that element.
                    own.strip_prefix("ARRAY::").filter(|own| !own.contains("|:")).unwrap_or(own) == value
                })
            };
            recorded.iter().all(same)
        };
        let threads = parsed.dial.threads.iter();
        let mut legs =
            threads.flat_map(|thread| thread.groups.iter().flatten().map(move |leg| (thread, leg)));
        assert!(legs.any(|(thread, leg)| on_leg(thread, leg)), "{text}: {parsed:?}, but {recorded:?}");
        set += recorded.len();
        // What was read can be said, and means the same.
        match parsed.to_text() {
            Ok(again) => assert_eq!(Originate::parse(&again).unwrap(), parsed, "{text} -> {again}"),
            Err(error) => println!("not said again: {text}: {error}"),
        }
    }
    assert!(set > 100 && failed >= 5, "{set} variables, {failed} unreadable");
}

#[test]
fn targets_are_read_as_recorded() {
    let target = |text: &str| Originate::parse(&format!("null/1 {text}")).unwrap().target;
    let with = |name: &str, argument: &str| Target::application_with(name, argument);
    assert_eq!(target("&park"), Target::application("park"));
    assert_eq!(target("&park()"), Target::application("park"));
    assert_eq!(target("&hangup(USER_BUSY)"), with("hangup", "USER_BUSY"));
    // originate_forms: the application ran with these arguments.
    assert_eq!(
        target("&playback(tone_stream://%(300,0,440))"),
        with("playback", "tone_stream://%(300,0,440")
    );
    assert_eq!(target("'&set(a=b c)'"), with("set", "a=b c"));
    let inline = target(r"'set:x=y,playback:tone_stream://%(200\,0\,440),hangup:CALL_REJECTED' inline");
    let actions = [("set", "x=y"), ("playback", "tone_stream://%(200,0,440)"), ("hangup", "CALL_REJECTED")];
    let actions: Vec<_> = actions.map(|(name, argument)| (name.to_owned(), Some(argument.to_owned()))).into();
    assert_eq!(inline, Target::Inline(actions.clone()));
    let said = Originate::new(Endpoint::Null("1".to_owned()), Target::Inline(actions)).to_text().unwrap();
    assert_eq!(said, r"null/1 set:x=y,playback:tone_stream://%(200\\,0\\,440),hangup:CALL_REJECTED inline");
    assert_eq!(
        Originate::new(Endpoint::Null("1".to_owned()), with("playback", "a)b")).to_text(),
        Err(DialError::Character { what: "application's argument", character: ')' })
    );
}

#[test]
fn what_the_server_would_misread_is_refused() {
    let null = || Endpoint::Null("1".to_owned());
    let refuse = |dial: DialString| dial.to_text(Carrier::Api).unwrap_err();
    let character = |character| DialError::Character { what: "endpoint", character };
    assert_eq!(refuse(DialString::new(Endpoint::user(""))), DialError::Empty { what: "user" });
    assert_eq!(refuse(DialString::new(Endpoint::gateway("", "1"))), DialError::Empty { what: "gateway" });
    assert!(matches!(refuse(DialString::new(Endpoint::gateway("a/b", "1"))), DialError::Character { .. }));
    assert!(matches!(
        refuse(DialString::new(Endpoint::sofia("gateway", "a/1"))),
        DialError::Character { .. }
    ));
    assert_eq!(refuse(DialString::new(Endpoint::Other("{a=b}null/1".to_owned()))), character('{'));
    assert_eq!(refuse(DialString::new(Endpoint::Other("[a=b]null/1".to_owned()))), character('['));
    assert_eq!(refuse(DialString::new(Endpoint::user("1\n"))), character('\n'));
    assert!(refuse(DialString::new(null()).variable("a b", "1")).to_string().contains("' '"));
    assert!(matches!(refuse(DialString::new(null()).variable("a=b", "1")), DialError::Character { .. }));
    let none = DialString { shared: Variables::new(), threads: Vec::new() };
    assert_eq!(refuse(none), DialError::Empty { what: "dial string" });
    let many = (0..130).fold(DialString::new(null()), |dial, _| dial.and(null()));
    assert_eq!(refuse(many), DialError::TooMany { what: "legs of one group", limit: 128 });
    let park = || Target::application("park");
    let refuse = |originate: Originate| originate.to_text().unwrap_err();
    assert_eq!(
        refuse(Originate::new(null(), park()).caller_id("Undef", "1")),
        DialError::Undefined { what: "caller id name" }
    );
    assert!(matches!(
        refuse(Originate::new(null(), Target::Extension("&park".into()))),
        DialError::Character { .. }
    ));
    assert_eq!(refuse(Originate::new(null(), park()).timeout(0)), DialError::Range { what: "timeout" });
    let reference = DialString::new(null()).variable("a", "${b}");
    assert!(reference.to_text(Carrier::Api).is_err());
    let allowed = reference.variable("origination_nested_vars", "true");
    assert!(allowed.to_text(Carrier::Api).is_ok() && allowed.to_text(Carrier::Application).is_err());
}

#[test]
fn arrays_are_joined() {
    let variables = Variables::new().set_array("v", ["one", "two"]).unwrap();
    assert_eq!(variables.get("V"), Some("ARRAY::one|:two"));
    assert_eq!(Variables::new().set_array("v", ["solo"]).unwrap().get("v"), Some("solo"));
    assert!(Variables::new().set_array("v", ["a|:b", "c"]).is_err());
}

/// Numbers the uuids that are made.
fn identified(text: &str) -> (String, Vec<String>) {
    let mut originate = Originate::parse(text).unwrap();
    let mut made = 0;
    let uuids = originate.identify_legs(|| {
        made += 1;
        format!("new-{made}")
    });
    (originate.to_text().unwrap(), uuids)
}

#[test]
fn every_leg_has_a_uuid_that_is_known_before_it_is_dialled() {
    for (given, expected, uuids) in [
        ("user/1 &park()", "{origination_uuid=new-1}user/1 &park()", &["new-1"][..]),
        (
            "{a=b}null/1,null/2|null/3 &park()",
            "{a=b}[origination_uuid=new-1]null/1,[origination_uuid=new-2]null/2|[origination_uuid=new-3]null/3 &park()",
            &["new-1", "new-2", "new-3"],
        ),
        (
            "[origination_uuid=mine]null/1,null/2 &park()",
            "[origination_uuid=mine]null/1,[origination_uuid=new-1]null/2 &park()",
            &["mine", "new-1"],
        ),
        ("{origination_uuid=mine}null/1,null/2 &park()", "", &["mine"]),
        ("<origination_uuid=mine>null/1:_:null/2 &park()", "", &["mine"]),
        // For the server the thread's goes before the leg's.
        ("{origination_uuid=mine}[origination_uuid=other]null/1 &park()", "", &["mine"]),
    ] {
        let expected = if expected.is_empty() { given } else { expected };
        assert_eq!(
            identified(given),
            (expected.to_owned(), uuids.iter().map(|uuid| (*uuid).to_owned()).collect())
        );
    }
}

#[test]
fn what_came_of_an_originate_is_read() {
    let up = |uuid: &str| Originated::Up { uuid: uuid.to_owned() };
    let failed = |cause| Originated::Failed { cause };
    for (text, expected) in [
        ("+OK 11111111-2222-4333-8444-000000000009\n", up("11111111-2222-4333-8444-000000000009")),
        ("-ERR USER_BUSY\n", failed(HangupCause::UserBusy)),
        ("-ERR A_NEW_ONE\n", failed(HangupCause::from("A_NEW_ONE"))),
        ("-USAGE: <call url> <exten>|&<application_name>(<app_args>)\n", Originated::Refused),
        ("-ERR permission denied\n", Originated::Refused),
        ("-ERR \n", Originated::Refused),
        ("+OK\n", Originated::Refused),
        ("", Originated::Refused),
    ] {
        assert_eq!(Originated::read(text), expected, "{text:?}");
    }
}
