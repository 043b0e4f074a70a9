//! A peer that plays a script: a server's side of one connection, under the test's control.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use switchwire::{Builder, Connection};

/// Long enough for anything that happens, short enough for a test that would hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Says that a test is left out; a failure where everything is required.
#[track_caller]
pub fn skip(why: &str) {
    assert!(std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"), "{why} (REQUIRE_ALL=1)");
    println!("skipped: {why}");
}

/// One accepted connection on the peer's side.
pub struct Line {
    pub stream: TcpStream,
    seen: Vec<u8>,
    searched: usize,
}

impl Line {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, seen: Vec::new(), searched: 0 }
    }

    pub fn write(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).unwrap();
    }

    /// The next command (up to its blank line); `None` at the end of the stream.
    pub fn command(&mut self) -> Option<String> {
        let mut room = vec![0; 1 << 16];
        loop {
            if let Some(end) = self.seen[self.searched..].windows(2).position(|pair| pair == b"\n\n") {
                let command = self.seen.drain(..self.searched + end + 2).collect::<Vec<_>>();
                self.searched = 0;
                let text = String::from_utf8(command).unwrap().trim().to_owned();
                if text.is_empty() {
                    continue;
                }
                return Some(text);
            }
            self.searched = self.seen.len().saturating_sub(1);
            match self.stream.read(&mut room) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.seen.extend_from_slice(&room[..count]),
            }
        }
    }

    /// The body of the command that came last.
    pub fn body(&mut self, length: usize) -> String {
        let mut room = vec![0; 1 << 10];
        while self.seen.len() < length {
            let count = self.stream.read(&mut room).unwrap();
            assert!(count > 0, "the stream ended inside a body");
            self.seen.extend_from_slice(&room[..count]);
        }
        self.searched = 0;
        String::from_utf8(self.seen.drain(..length).collect()).unwrap()
    }

    /// Says hello and accepts any password.
    pub fn log_in(&mut self) {
        self.write("Content-Type: auth/request\n\n");
        assert!(self.command().unwrap().starts_with("auth "));
        self.reply("+OK accepted");
    }

    pub fn reply(&mut self, text: &str) {
        self.write(reply(text));
    }

    pub fn api(&mut self, body: &str) {
        self.write(api_response(body));
    }

    pub fn event(&mut self, headers: &str) {
        self.write(event(headers, ""));
    }
}

pub fn reply(text: &str) -> String {
    format!("Content-Type: command/reply\nReply-Text: {text}\n\n")
}

pub fn api_response(body: &str) -> String {
    format!("Content-Type: api/response\nContent-Length: {}\n\n{body}", body.len())
}

/// A plain event of these header lines (each with its line feed) and body.
pub fn event(headers: &str, body: &str) -> String {
    let inner = match body {
        "" => format!("{headers}\n"),
        _ => format!("{headers}Content-Length: {}\n\n{body}", body.len()),
    };
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{inner}", inner.len())
}

pub fn background_job(uuid: &str, body: &str) -> String {
    event(&format!("Event-Name: BACKGROUND_JOB\nJob-UUID: {uuid}\n"), body)
}

/// A listener whose first connection runs `script`.
pub struct Peer {
    pub address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    pub fn new(script: impl FnOnce(&mut Line) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            script(&mut Line::new(stream));
        });
        Self { address, thread: Some(thread) }
    }

    /// A peer that accepts every login and then runs `script`.
    pub fn logged_in(script: impl FnOnce(&mut Line) + Send + 'static) -> Self {
        Self::new(|line| {
            line.log_in();
            script(line);
        })
    }

    pub fn builder(&self) -> Builder {
        Builder::new("127.0.0.1", self.address.port()).login_timeout(PATIENCE).command_timeout(Some(PATIENCE))
    }

    pub fn connect(&self) -> Connection {
        self.builder().connect().unwrap()
    }

    /// Waits for the script's end, and fails when it failed.
    pub fn finish(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}
