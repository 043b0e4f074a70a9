//! Whatever a client sends, the simulator goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::io::{Read, Write};
use std::time::Duration;

use common::Client;
use switchwire_sim::Simulator;

/// A small generator: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.next(list.len())]
    }
}

const COMMANDS: &[&str] = &[
    "api",
    "bgapi",
    "event",
    "nixevent",
    "noevents",
    "filter",
    "filter delete",
    "filter add",
    "log",
    "nolog",
    "sendevent",
    "sendmsg",
    "linger",
    "nolinger",
    "divert_events",
    "myevents",
    "getvar",
    "connect",
    "resume",
    "auth",
    "userauth",
];
const WORDS: &[&str] = &[
    "plain",
    "json",
    "xml",
    "ALL",
    "CUSTOM",
    "a::b",
    "CHANNEL_CREATE",
    "Unique-ID",
    "-x",
    "/(/",
    "/./i",
    "",
    " ",
    "7",
    "-1",
    "99999999999999999999",
    "status",
    "show",
    "channels",
    "as",
    "originate",
    "{a=b",
    "loopback/9196",
    "loopback/1",
    "&park",
    "&park()",
    "&socket(127.0.0.1:1 async)",
    "&bridge(loopback/2)",
    "null/x",
    "error/",
    "uuid_kill",
    "uuid_dump",
    "eval",
    "${",
    "${a}",
    "$${b",
    "żółć",
    "\u{1F3A7}",
    "regex",
    "a|(|$1",
    "strftime",
    "%",
    "%Y%",
    "9|%d",
    "hupall",
    "uuid_bridge",
    "uuid_transfer",
    "uuid_broadcast",
    "a::b",
    "bgapi",
    "expand",
    "&playback(tone_stream://%(18446744073709551615,9,1);loops=9)",
    "&sleep(18446744073709551615)",
    "&multiset(^^)",
    "&multiset(^^ż)",
    "&transfer(3)",
    "&play_and_get_digits(1)",
];
const HEADERS: &[&str] = &[
    "call-command: execute",
    "execute-app-name: set",
    "execute-app-name: playback",
    "execute-app-arg: silence_stream://9",
    "loops: -1",
    "event-lock: true",
    "Content-Type: text/plain",
    "Content-Length: 3",
    "Event-Subclass: x",
    "X[9]: y",
    "X[99999]: y",
    ": empty",
    "no colon",
    "_body: b",
    "Event-Name: Y",
    "ARRAY: ARRAY::a|:b",
    "hangup-cause: 17",
    "call-command: hangup",
    "call-command: xferext",
    "application: set a=b",
    "application:",
    "async: true",
    "unique-id: U",
];

#[test]
fn odd_commands_break_nothing() {
    let sim = Simulator::builder().start().unwrap();
    sim.extension("2", &[("bridge", "loopback/2")]);
    sim.extension("3", &[("transfer", "3")]);
    sim.extension("1", &[("nosuch", "")]);
    let mut numbers = Numbers(0x5EED);
    for round in 0..60 {
        let mut helper = Client::login(sim.addr());
        let uuid = helper.api("originate loopback/9196 &park");
        let uuid = uuid.trim().trim_start_matches("+OK ").to_owned();
        let mut client = Client::login(sim.addr());
        client.socket.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        if round % 3 == 0 {
            client.send(format!("myevents {uuid}\n\n"));
        }
        for _ in 0..60 {
            let mut text = numbers.pick(COMMANDS).to_owned();
            for _ in 0..numbers.next(5) {
                let word = if numbers.next(4) == 0 { uuid.as_str() } else { numbers.pick(WORDS) };
                text = format!("{text} {word}");
            }
            for _ in 0..numbers.next(4) {
                text = format!("{text}\n{}", numbers.pick(HEADERS));
            }
            text.push_str(if text.contains("Content-Length") { "\n\nabc" } else { "\n\n" });
            if client.socket.write_all(text.as_bytes()).is_err() {
                break;
            }
        }
        let _ = client.socket.shutdown(std::net::Shutdown::Write);
        // Keep reading, so that the commands are run and not lost to a reset; some never return.
        while client.socket.read(&mut [0; 65536]).is_ok_and(|count| count > 0) {}
        drop(client);
        helper.api("hupall");
    }
    assert_eq!(Client::login(sim.addr()).api("echo alive"), "alive");
}

#[test]
fn random_bytes_break_nothing() {
    let sim = Simulator::builder().start().unwrap();
    let mut numbers = Numbers(7);
    for _ in 0..100 {
        let mut client = Client::login(sim.addr());
        let bytes: Vec<u8> = (0..2000)
            .map(|_| if numbers.next(8) == 0 { b'\n' } else { u8::try_from(numbers.next(256)).unwrap() })
            .collect();
        let _ = client.socket.write_all(&bytes);
    }
    assert_eq!(Client::login(sim.addr()).api("echo alive"), "alive");
}
