//! The event model's corners, as the original libesl has them: arrays, indexes, empty values, bodies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use support::shown;
use switchwire_proto::percent::Escape;
use switchwire_proto::{Decoder, Event, EventType, Priority};

/// Each wire text, read as a received event, is shown as its second column says.
fn check_received(cases: &[(&str, &str)]) {
    for (wire, expected) in cases {
        let event = Event::from_plain(wire).unwrap();
        assert_eq!(shown(&event), *expected, "{wire:?}");
        let head = format!("Content-Type: text/event-plain\nContent-Length: {}\n\n", wire.len());
        let mut decoder = Decoder::default();
        decoder.feed(&[head.as_bytes(), wire.as_bytes()].concat());
        let received = decoder.next_message().unwrap().unwrap().into_classic_event();
        assert_eq!(received, event, "{wire:?}");
        // Turning it into the edited form changes nothing that can be seen.
        let mut edited = event.clone();
        edited.set_event_type(event.event_type());
        assert_eq!(edited, event, "{wire:?}");
    }
}

/// As [`check_received`] for lines of a DTMF event that a `Z: z` follows.
fn check_lines(cases: &[(&str, &str)]) {
    for (lines, expected) in cases {
        let between = if expected.is_empty() { "" } else { "; " };
        let wire = format!("Event-Name: DTMF\n{lines}\nZ: z\n\n");
        check_received(&[(&wire, &format!("DTMF; Event-Name=DTMF{between}{expected}; Z=z"))]);
    }
}

#[test]
fn the_last_event_name_stays_at_its_own_place_and_gives_the_type() {
    check_received(&[
        (
            "Event-Name: COMMAND\nA: 1\nEvent-Name: PRIVATE_COMMAND\nB: 2\n\n",
            "PRIVATE_COMMAND; A=1; Event-Name=PRIVATE_COMMAND; B=2",
        ),
        ("A: 1\nEvent-Name: COMMAND\nB: 2\n\n", "COMMAND; A=1; Event-Name=COMMAND; B=2"),
        ("Event-Name: HEARTBEAT\nEvent-Name: HEARTBEAT\n\n", "HEARTBEAT; Event-Name=HEARTBEAT"),
        ("event-name: DTMF\nA: 1\n\n", "DTMF; event-name=DTMF; A=1"),
        ("Event-Name: %44TMF\nA: 1\n\n", "DTMF; Event-Name=DTMF; A=1"),
        ("Event-Name: DTMF\nEvent-Subclass: s\n\n", "DTMF; Event-Name=DTMF; Event-Subclass=s"),
    ]);
}

#[test]
fn an_unknown_event_name_leaves_the_type_as_it_is() {
    check_received(&[
        ("Event-Name: BOGUS\nA: 1\n\n", "CUSTOM; Event-Name=BOGUS; A=1"),
        ("Event-Name: COMMAND\nA: 1\nEvent-Name: BOGUS\n\n", "COMMAND; A=1; Event-Name=BOGUS"),
        ("A: 1\n\n", "CUSTOM; A=1"),
        ("Event-Name: \nA: 1\n\n", "CUSTOM; A=1"),
        ("Event-Name: DTMF\nEvent-Name: \nA: 1\n\n", "DTMF; A=1"),
    ]);
    let event = Event::from_plain("Event-Name: BOGUS\n\n").unwrap();
    assert_eq!((event.name(), event.event_type()), ("BOGUS".into(), EventType::Custom));
}

#[test]
fn an_empty_value_removes_the_headers_before_it() {
    check_lines(&[
        ("Dup: 1\nDup: ", ""),
        ("Dup: 1\nDup:", ""),
        ("Dup: 1\nDup:   ", ""),
        ("Dup: ", ""),
        ("Dup: 1\ndup: 2\nDup: 3", "Dup=1; dup=2; Dup=3"),
        ("Dup: 1\nDUP: \nDup: 3", "Dup=3"),
    ]);
}

#[test]
fn array_text_becomes_an_array_and_joins_an_earlier_header() {
    check_lines(&[
        ("A: x\nA: ARRAY::1|:2", "A=[x,1,2]"),
        ("A: ARRAY::1|:2\nA: y", "A=[1,2]; A=y"),
        ("A: ARRAY::1|:2\nA: ARRAY::3|:4", "A=[1,2,3,4]"),
        ("A: a\nA: b\nA: ARRAY::c|:d", "A=[a,c,d]; A=b"),
        ("A: ARRAY%3A%3A1%7C%3A2", "A=[1,2]"),
        ("A: %41RRAY::1|:2", "A=[1,2]"),
        ("A: A%52RAY%3a%3A1|:2", "A=[1,2]"),
        ("A: ARRA%59::1|:2", "A=[1,2]"),
        ("A: array::1|:2", "A=array::1|:2"),
        ("A: ARRAY", "A=ARRAY"),
    ]);
}

#[test]
fn array_text_is_split_as_libesl_splits_it() {
    check_lines(&[
        // The prefix's seven bytes are cut off wherever it is.
        ("A: xARRAY::1|:2", "A=[:1,2]"),
        ("A: x\nA: xARRAY::1|:2", "A=[x,:1,2]"),
        ("A: ARRAY::ARRAY::b|:c", "A=[b,c]"),
        // An element that is set by its index is not taken apart again.
        ("A[0]: ARRAY::ARRAY::b", "A=[ARRAY::b]"),
        ("A: ARRAY::", ""),
        ("A: ARRAY::|:", ""),
        ("A: ARRAY::|:|:", ""),
        ("A: ARRAY::x", "A=[x]"),
        // An empty element at the front finds no header to be pushed to, one after others stays.
        ("A: ARRAY::|:b", "A=[b]"),
        ("A: ARRAY::a|:|:c", "A=[a,,c]"),
        ("A: ARRAY::a|:", "A=[a,]"),
        ("A: ARRAY::a|b:c|:d", "A=[a|b:c,d]"),
        ("A: ARRAY:: 1 |: 2 ", "A=[ 1 , 2 ]"),
    ]);
    let one = Event::from_plain("A: ARRAY::x\n\n").unwrap();
    assert_eq!(one.header("A").unwrap(), "x", "the value of an array of one is the element");
}

#[test]
fn the_header_list_says_whether_there_is_a_body() {
    for (head, body) in [
        ("Content-Length: 1", Some("b")),
        ("Content-Length[0]: 1", Some("b")),
        ("Content-Length: ARRAY::1|:2", Some("b")),
        ("Content-Length: ARRAY::", None),
        ("Content-Length: 1\nContent-Length:", None),
        ("Content-Length:\nContent-Length: 1", Some("b")),
    ] {
        let event = Event::from_plain(format!("{head}\n\nb")).unwrap();
        assert_eq!(event.body().map(String::from_utf8_lossy).as_deref(), body, "{head}");
    }
}

#[test]
fn a_json_event_may_begin_with_a_byte_order_mark() {
    let event = Event::from_json("\u{feff}{\"A\":\"b\"}").unwrap();
    assert_eq!(event.header("A").unwrap(), "b");
}

#[test]
fn an_index_sets_one_element_over_whatever_was_there() {
    check_lines(&[
        ("X[2]: v", "X=[,,v]"),
        ("X: p\nX[2]: v", "X=[,,v]"),
        ("X: p\nX[0]: v", "X=[v]"),
        ("X: ARRAY::a|:b|:c|:d|:e\nX[7]: v", "X=[a,b,c,d,e,,,v]"),
        ("X: ARRAY::a|:b|:c|:d|:e\nX[5]: v", "X=[a,b,c,d,e,v]"),
        ("X[2]: v\nX: w", "X=[,,v]; X=w"),
        ("X[2]: ", "X=[,,]"),
        ("x: ARRAY::a|:b\nX[2]: v", "x=[a,b,v]"),
        ("X[0]: v\nX[1]: w", "X=[v,w]"),
        // An array text is set element by element: the last one stays, the text is that of the first.
        ("X[2]: ARRAY::a|:b", "X=[,,b] ARRAY::|:|:a"),
        ("X: ARRAY::a|:b\nX[1]: ARRAY::c|:d", "X=[a,d] ARRAY::a|:b"),
        ("X[2]: ARRAY::", ""),
        ("X[1]: xARRAY::a|:b", "X=[,xARRAY::a|:b]"),
    ]);
    // Only on the wire: elsewhere the text stays whole.
    let json = Event::from_json(r#"{"X[1]":"ARRAY::a|:b"}"#).unwrap();
    assert_eq!(json.header_element("X", 1).unwrap(), &b"ARRAY::a|:b"[..]);
}

#[test]
fn what_is_no_index_counts_as_nothing() {
    check_lines(&[
        ("X[abc]: v", "X=[v]"),
        ("X[]: v", "X=[v]"),
        ("X[1: v", "X=[,v]"),
        ("X[1]y: v", "X=[,v]"),
        ("X[1][2]: v", "X=[,v]"),
        ("X[ 2]: v", "X=[,,v]"),
        ("X[2x]: v", "X=[,,v]"),
        ("[1]: v", "=[,v]"),
        ("X]1[: v", "X]1=[v]"),
        ("X]1: v", "X]1=v"),
    ]);
}

#[test]
fn indexes_reach_up_to_4000() {
    check_lines(&[
        ("X[4001]: v", ""),
        ("X[5000]: v", ""),
        ("X[-1]: v", ""),
        ("X[99999999999999999999]: v", ""),
        ("X: p\nX[4001]: v", "X=p"),
    ]);
    let event = Event::from_plain("X[4000]: v\n\n").unwrap();
    assert_eq!(event.array("X").unwrap().len(), 4001);
    assert_eq!(event.header_element("x", 4000).unwrap(), &b"v"[..]);
    assert_eq!(event.header("X").unwrap().len(), "ARRAY::".len() + 2 * 4000 + 1);
}

#[test]
fn replacing_an_element_leaves_the_text_until_the_array_grows() {
    check_lines(&[
        ("X: ARRAY::a|:b|:c\nX[1]: v", "X=[a,v,c] ARRAY::a|:b|:c"),
        ("X: ARRAY::a|:b\nX[0]: ", "X=[,b] ARRAY::a|:b"),
        ("X[2]: v\nX[1]: u\nX[0]: t", "X=[t,u,v] ARRAY::|:|:v"),
    ]);
    let mut event = Event::bare(EventType::Notify);
    event.add_header("X", "ARRAY::a|:b|:c").add_header("X[1]", "v");
    assert_eq!(shown(&event), "NOTIFY; X=[a,v,c] ARRAY::a|:b|:c");
    event.push_header("X", "n");
    assert_eq!(shown(&event), "NOTIFY; X=[a,v,c,n]");
}

#[test]
fn a_body_header_sets_the_body_unless_a_real_one_comes() {
    check_received(&[
        ("_body: hello\nZ: z\n\n", "CUSTOM; _body=hello; Z=z; body \"hello\""),
        ("_body: hello\nContent-Length: 3\n\nabc", "CUSTOM; _body=hello; Content-Length=3; body \"abc\""),
        ("Content-Length: 3\n_body: hello\n\nabc", "CUSTOM; Content-Length=3; _body=hello; body \"abc\""),
        ("_body: he%20llo\n_body: two\n\n", "CUSTOM; _body=he llo; _body=two; body \"two\""),
        ("_body: \nZ: z\n\n", "CUSTOM; Z=z; body \"\""),
        ("_body: x\n_body: \n\n", "CUSTOM; body \"\""),
        ("_body[1]: x\n\n", "CUSTOM; _body=[,x]"),
        ("_body: ARRAY::a|:b\n\n", "CUSTOM; _body=[a,b]; body \"b\""),
        ("_BODY: hello\nZ: z\n\n", "CUSTOM; _BODY=hello; Z=z"),
    ]);
    let json = Event::from_json(r#"{"_BODY":"hello","Z":"z"}"#).unwrap();
    assert_eq!(shown(&json), "CUSTOM; Z=z; body \"hello\"");
}

#[test]
fn any_inner_content_length_makes_the_rest_the_body() {
    for value in ["5", "0", "2", "9", "-1", "abc", "3x", "+3", "%35"] {
        let event = Event::from_plain(format!("Content-Length: {value}\n\nab\n\ne")).unwrap();
        assert_eq!(event.body(), Some(&b"ab\n\ne"[..]), "{value}");
    }
    check_received(&[
        ("content-length: 5\nA: 1\n\nabcde", "CUSTOM; content-length=5; A=1; body \"abcde\""),
        (
            "Content-Length: 3\nContent-Length: 5\n\nab%20",
            "CUSTOM; Content-Length=3; Content-Length=5; body \"ab%20\"",
        ),
        ("Content-Length: 3\n\n", "CUSTOM; Content-Length=3; body \"\""),
        ("Content-Length: 3\n", "CUSTOM; Content-Length=3; body \"\""),
        // An empty length is no header, and without one there is no body.
        ("Content-Length: \n\nabcde", "CUSTOM"),
        ("A: 1\n\nContent-Length: 3\n\nabc", "CUSTOM; A=1"),
        ("A: 1\n\nB: 2\n\n", "CUSTOM; A=1"),
    ]);
}

#[test]
fn blanks_and_tabs_before_a_value() {
    check_lines(&[
        ("N: \t v", "N=\t v"),
        ("N:\tv", "N=\tv"),
        ("N:  v  ", "N=v  "),
        ("N:v", "N=v"),
        ("N: %20x%20", "N= x "),
        (" N : v", " N =v"),
        (": v", "=v"),
        ("N: a: b", "N=a: b"),
        ("N: %2541", "N=%41"),
        ("Na%41me: v", "Na%41me=v"),
        ("N: a%zz%4", "N=a%zz%4"),
    ]);
    let mut decoder = Decoder::default();
    decoder.feed(b"Content-Type: command/reply\nN: \t v\n\n");
    let outer = decoder.next_message().unwrap().unwrap().outer_event();
    assert_eq!(shown(&outer), "SOCKET_DATA; Event-Name=SOCKET_DATA; Content-Type=command/reply; N=v");
}

#[test]
fn lines_end_in_crlf_too_and_those_without_a_colon_are_passed_over() {
    check_lines(&[
        ("A: 1\r\nB: 2\r", "A=1; B=2"),
        ("nocolon\nA: 1", "A=1"),
        ("nocolon\r\nA: 1", "A=1"),
        ("nocolon \nA: 1", "A=1"),
        ("variable_nolocal:v_nolocal: x", "variable_nolocal:v_nolocal=x"),
    ]);
    check_received(&[("A: 1\nB: 2", "CUSTOM; A=1; B=2"), ("", "CUSTOM"), ("x", "CUSTOM"), ("\n", "CUSTOM")]);
}

#[test]
fn an_outer_message_keeps_its_own_event_names() {
    for (wire, expected) in [
        (
            "Content-Type: command/reply\nEvent-Name: DTMF\n\n",
            "SOCKET_DATA; Event-Name=SOCKET_DATA; Content-Type=command/reply; Event-Name=DTMF",
        ),
        ("Event-Name: \nContent-Type: command/reply\n\n", "SOCKET_DATA; Content-Type=command/reply"),
        ("A: ARRAY::1|:2\nX[2]: v\nA: y\n\n", "SOCKET_DATA; Event-Name=SOCKET_DATA; A=[1,2]; X=[,,v]; A=y"),
        ("A: 1\nA: \nB: 2\n\n", "SOCKET_DATA; Event-Name=SOCKET_DATA; B=2"),
        ("_body: hello\n\n", "SOCKET_DATA; Event-Name=SOCKET_DATA; _body=hello; body \"hello\""),
    ] {
        let mut decoder = Decoder::default();
        decoder.feed(wire.as_bytes());
        let message = decoder.next_message().unwrap().unwrap();
        assert_eq!(shown(&message.outer_event()), expected, "{wire:?}");
    }
}

#[test]
fn json_values_that_are_no_strings_are_passed_over() {
    for (json, expected) in [
        (r#"{"n":5,"f":1.5,"neg":-3,"e":1e3,"t":true,"x":null,"o":{"a":"b"},"Z":"z"}"#, "CUSTOM; Z=z"),
        (r#"{"a":["x",1,true,null,{"k":"v"},["q"],"y"]}"#, "CUSTOM; a=[x,y]"),
        (r#"{"a":[1,2],"b":[],"c":""}"#, "CUSTOM"),
        (r#"{"a":["one"]}"#, "CUSTOM; a=[one]"),
        (r#"{"a":["","b",""]}"#, "CUSTOM; a=[b,]"),
        (r#"{"A":"1","A":"2","a":"3"}"#, "CUSTOM; A=1; A=2; a=3"),
        (r#"{"A":"1","A":""}"#, "CUSTOM"),
        (r#"{"A":"1","A":["2","3"]}"#, "CUSTOM; A=[1,2,3]"),
        (r#"{"Event-Name":"COMMAND","A":"1","Event-Name":"DTMF"}"#, "DTMF; A=1; Event-Name=DTMF"),
        (r#"{"Event-Name":5,"A":"1"}"#, "CUSTOM; A=1"),
        (r#"{"_body":5}"#, "CUSTOM"),
        (r#"{"_body":["a","b"]}"#, "CUSTOM; _body=[a,b]; body \"b\""),
        (r#"{"_body":"a","_body":"b"}"#, "CUSTOM; body \"b\""),
        (r#"{"_body":"hello","Content-Length":"5"}"#, "CUSTOM; Content-Length=5; body \"hello\""),
        (r#"{"Content-Length":"5"}"#, "CUSTOM; Content-Length=5"),
        (r#"{"u":"a%20b"} garbage"#, "CUSTOM; u=a%20b"),
    ] {
        assert_eq!(shown(&Event::from_json(json).unwrap()), expected, "{json}");
    }
    for broken in ["", "[\"a\"]", "{", "{\"a\":1", "{\"a\":\"b\",}", "{'a':'b'}"] {
        assert!(Event::from_json(broken).is_err(), "{broken}");
    }
}

#[test]
fn json_splits_array_text_in_strings_but_not_in_lists() {
    let list = Event::from_json(r#"{"a":["x|:y","ARRAY::p|:q","z"]}"#).unwrap();
    assert_eq!(list.array("a").unwrap(), ["x|:y", "ARRAY::p|:q", "z"]);
    let text = Event::from_json(r#"{"X":"ARRAY::a|:b","Y[1]":"v"}"#).unwrap();
    assert_eq!(shown(&text), "CUSTOM; X=[a,b]; Y=[,v]");
}

#[test]
fn pushing_onto_a_header_takes_the_value_as_it_is() {
    let pushed = |first: Option<&str>, value: &str| {
        let mut event = Event::bare(EventType::Custom);
        if let Some(first) = first {
            event.add_header("A", first);
        }
        event.push_header("A", value);
        shown(&event)
    };
    assert_eq!(pushed(None, ""), "CUSTOM");
    assert_eq!(pushed(None, "1"), "CUSTOM; A=[1]");
    assert_eq!(pushed(None, "ARRAY::a|:b"), "CUSTOM; A=[a,b]");
    assert_eq!(pushed(None, "x|:y"), "CUSTOM; A=[x|:y]");
    assert_eq!(pushed(Some("1"), ""), "CUSTOM; A=[1,]");
    assert_eq!(pushed(Some("1"), "ARRAY::a|:b"), "CUSTOM; A=[1,ARRAY::a|:b]");
    assert_eq!(pushed(Some("ARRAY::a|:b"), "c"), "CUSTOM; A=[a,b,c]");
}

#[test]
fn the_second_priority_replaces_the_first() {
    let mut event = Event::new(EventType::Notify);
    event.set_priority(Priority::Low).set_priority(Priority::High);
    assert_eq!(shown(&event), "NOTIFY; priority=HIGH; Event-Name=NOTIFY");
    let mut own = Event::new(EventType::Notify);
    own.add_header("priority", "x").set_priority(Priority::Low);
    assert_eq!(shown(&own), "NOTIFY; Event-Name=NOTIFY; priority=LOW");
}

#[test]
fn an_empty_body_shows_in_json_only() {
    let mut event = Event::new(EventType::Notify);
    event.set_body("");
    assert_eq!(event.to_plain(Escape::Full), b"Event-Name: NOTIFY\n\n");
    assert_eq!(event.to_json(), r#"{"Event-Name":"NOTIFY","Content-Length":"0","_body":""}"#);
    let xml = String::from_utf8(event.to_xml()).unwrap();
    assert!(!xml.contains("Content-Length") && !xml.contains("<body>"), "{xml}");
}

#[test]
fn removing_the_body_header_keeps_the_body() {
    let mut event = Event::new(EventType::Notify);
    event.add_header("_body", "x");
    assert!(event.del_header("_body") && !event.del_header("_body"));
    assert_eq!(shown(&event), "NOTIFY; Event-Name=NOTIFY; body \"x\"");
    assert_eq!(event.header("_body").unwrap(), "x");
    event.clear_body();
    assert_eq!(event.header("_body"), None);
}

#[test]
fn a_duplicate_begins_with_its_subclass_and_drops_leading_empty_elements() {
    let mut event = Event::custom("a::b");
    event.add_header("X[2]", "v").add_header("Y", "ARRAY::1|:|:2");
    assert_eq!(shown(&event.duplicate()), "CUSTOM; Event-Subclass=a::b; Event-Name=CUSTOM; X=[v]; Y=[1,,2]");
    let mut stale = Event::bare(EventType::Notify);
    stale.add_header("X", "ARRAY::a|:b").add_header("X[1]", "v");
    assert_eq!(shown(&stale.duplicate()), "NOTIFY; X=[a,v]");
}

#[test]
fn names_are_found_in_any_case_and_after_any_13_characters() {
    for name in ["DTMF", "dtmf", "SWITCH_EVENT_DTMF", "switch_event_dtmf", "xxxxxxxxxxxxxDTMF"] {
        assert_eq!(EventType::from_name(name), Some(EventType::Dtmf), "{name}");
    }
    for name in ["", " DTMF", "DTMF ", "ESL_EVENT_DTMF", "SWITCH_EVENT_", "SWITCH_EVENT_SWITCH_EVENT_DTMF"] {
        assert_eq!(EventType::from_name(name), None, "{name}");
    }
    assert_eq!(EventType::from_name("all"), Some(EventType::All));
}

#[test]
fn as_sent_every_header_is_read_by_itself() {
    let inner = "Event-Name: COMMAND\nDup: 1\nDup: \ndup: 3\nX[2]: v\nA: x ARRAY::1|:2\nB: ARRAY%3A%3Aone%7C%3A%7C%3Atwo\n\
                 Event-Name: PRIVATE_COMMAND\nContent-Length: 4\n\nbody";
    for inner in [inner.to_owned(), inner.replace('\n', "\r\n")] {
        let text = format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{inner}", inner.len());
        let mut decoder = Decoder::default();
        decoder.feed(text.as_bytes());
        let event = decoder.next_message().unwrap().unwrap().into_event();
        let names: Vec<_> = event.headers().map(|header| header.name().into_owned()).collect();
        let expected = ["Event-Name", "Dup", "Dup", "dup", "X[2]", "A", "B", "Event-Name", "Content-Length"];
        assert_eq!(names, expected);
        assert_eq!(event.event_type(), EventType::Command);
        assert_eq!(event.header("DUP").unwrap(), "1");
        assert_eq!(event.header("x[2]").unwrap(), "v");
        assert_eq!(event.array("A").unwrap(), ["x ARRAY::1|:2"]);
        assert_eq!(event.array("b").unwrap(), ["one", "", "two"]);
        assert_eq!(event.header_element("B", 2).unwrap().as_ref(), b"two");
        assert_eq!(event.header_element("A", 0), None);
        assert_eq!(event.header("nothing"), None);
        assert_eq!(event.body().unwrap(), b"body");
        let mut edited = event.clone();
        edited.add_header("New", "1");
        assert_eq!(edited.headers().count(), event.headers().count() + 1);
        assert_eq!(edited.array("B").unwrap(), ["one", "", "two"]);
        assert_eq!(edited.event_type(), EventType::Command);
    }
}

#[test]
#[cfg_attr(miri, ignore = "three megabytes, a step at a time")]
fn array_text_nested_without_end_is_taken_apart_at_once() {
    let nested = "ARRAY::".repeat(500_000);
    let mut event = Event::new(EventType::Custom);
    event
        .add_header("A", &nested)
        .add_header("B", format!("{nested}x|:y"))
        .push_header("C", format!("{nested}z"));
    assert_eq!(event.header("A"), None);
    assert_eq!(event.array("B").unwrap(), ["x", "y"]);
    assert_eq!(event.array("C").unwrap(), ["z"]);
    let received = Event::from_plain(format!("A: {nested}x\n\n")).unwrap();
    assert_eq!(received.header("A").unwrap(), "x");
}

#[test]
fn a_copy_takes_its_body_from_a_header_called_body_where_there_is_none() {
    let mut event = Event::new(EventType::Custom);
    event.add_header("_body[0]", "text");
    assert_eq!(event.body(), None);
    assert_eq!(event.duplicate().body(), Some(&b"text"[..]), "as esl_event_dup does");
    event.set_body("own");
    assert_eq!(event.duplicate().body(), Some(&b"own"[..]));
}
