//! Channel variables: what their values are, and what is none.

mod support;

use std::net::TcpStream;
use std::thread::JoinHandle;

use support::{Line, PATIENCE, Peer};
use switchwire::{Connection, ErrorKind, Listener};

const LINGERS: &str = "Content-Type: text/disconnect-notice\nControlled-Session-UUID: own\n\
                       Content-Disposition: linger\nLinger-Time: -1\nContent-Length: 0\n\n";

enum Said {
    Api(&'static str),
    Reply(&'static str),
}
use Said::{Api, Reply};

fn play(line: &mut Line, script: Vec<(&'static str, Said)>) {
    for (command, said) in script {
        assert_eq!(line.command().as_deref(), Some(command));
        match said {
            Api(body) => line.api(body),
            Reply(text) => line.reply(text),
        }
    }
    assert_eq!(line.command(), None);
}

fn call(words: &'static str, script: Vec<(&'static str, Said)>) -> (Connection, JoinHandle<()>) {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let server = std::thread::spawn(move || {
        let mut line = Line::new(TcpStream::connect(address).unwrap());
        assert_eq!(line.command().unwrap(), "connect");
        line.write(
            "Event-Name: CHANNEL_DATA\nUnique-ID: own\nContent-Type: command/reply\nReply-Text: %2BOK%0A\n\n",
        );
        line.write(words);
        play(&mut line, script);
    });
    (listener.accept().unwrap(), server)
}

#[test]
fn values_that_look_like_refusals_are_values() {
    let query = "api uuid_getvar own v";
    let (call, server) = call(
        "",
        vec![
            (query, Api("plain")),
            (query, Api("-ERR something")),
            (query, Api("-USAGE: x")),
            (query, Api("_undef_")),
            ("getvar v", Reply("_undef_")),
            (query, Api("_undef_")),
            ("getvar v", Reply("-ERR command not found")),
        ],
    );
    for expected in [Some("plain"), Some("-ERR something"), Some("-USAGE: x"), Some("_undef_"), None] {
        assert_eq!(call.variable("v").unwrap().as_deref(), expected);
    }
    drop(call);
    server.join().unwrap();
}

#[test]
fn a_call_that_has_ended_still_has_its_variables_while_it_lingers() {
    // Known or not, the end makes no difference.
    let (call, server) = call(
        "",
        vec![
            ("api uuid_getvar own digits", Api("-ERR No such channel!\n")),
            ("getvar digits", Reply("1234")),
            ("api uuid_getvar own digits", Api("-ERR No such channel!\n")),
            ("getvar digits", Reply("-ERR command not found")),
        ],
    );
    assert_eq!(call.variable("digits").unwrap().as_deref(), Some("1234"));
    assert_eq!(call.variable_of("own", "digits").unwrap(), None);
    drop(call);
    server.join().unwrap();
    let (call, server) = self::call(LINGERS, vec![("getvar digits", Reply("1234"))]);
    while !call.hung_up() {
        std::thread::yield_now();
    }
    assert_eq!(call.variable("digits").unwrap().as_deref(), Some("1234"));
    drop(call);
    server.join().unwrap();
}

#[test]
fn a_socket_that_may_not_use_api_asks_plainly() {
    let (call, server) = call(
        "",
        vec![("api uuid_getvar own v", Reply("-ERR command not found")), ("getvar v", Reply("value"))],
    );
    assert_eq!(call.variable("v").unwrap().as_deref(), Some("value"));
    drop(call);
    server.join().unwrap();
}

#[test]
fn another_channels_variables_come_by_its_uuid() {
    let query = "api uuid_getvar u v";
    let peer = Peer::logged_in(move |line| {
        play(
            line,
            vec![
                (query, Api("a value")),
                (query, Api("_undef_")),
                ("api uuid_dump u", Api("Event-Name: CHANNEL_DATA\nvariable_V: _undef_\n\n")),
                (query, Api("_undef_")),
                ("api uuid_dump u", Api("Event-Name: CHANNEL_DATA\nvariable_vv: _undef_\n\n")),
                (query, Api("-ERR No such channel!\n")),
                (query, Reply("-ERR permission denied")),
            ],
        );
    });
    let connection = peer.connect();
    for expected in [Some("a value"), Some("_undef_"), None] {
        assert_eq!(connection.variable_of("u", "v").unwrap().as_deref(), expected);
    }
    for words in ["No such channel!", "permission denied"] {
        let error = connection.variable_of("u", "v").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains(words), "{error}");
    }
    drop(connection);
    peer.finish();
}

#[test]
fn a_variable_is_waited_for_or_comes_by_callback() {
    let (call, server) = call(
        "",
        vec![
            ("api uuid_getvar own v", Api("_undef_")),
            ("getvar v", Reply("-ERR command not found")),
            ("api uuid_getvar own v", Api("_undef_")),
            ("getvar v", Reply("_undef_")),
        ],
    );
    let waiting = call.event_loop().start_variable(None, "v").unwrap();
    assert_eq!(waiting.wait_timeout(PATIENCE).unwrap(), None);
    let (tell, told) = std::sync::mpsc::channel();
    call.event_loop().variable_with(None, "v", move |value| tell.send(value).unwrap()).unwrap();
    let value = loop {
        let _ = call.event_loop().pump();
        match told.try_recv() {
            Ok(value) => break value,
            Err(_) => std::thread::yield_now(),
        }
    };
    assert_eq!(value.unwrap().as_deref(), Some("_undef_"));
    assert_eq!(call.variable("").unwrap_err().kind(), ErrorKind::InvalidArgument);
    drop(call);
    server.join().unwrap();
}
