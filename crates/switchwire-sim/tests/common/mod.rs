//! A raw client: sockets and frames, nothing of the library under test.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One frame: its header block without the blank line, and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub head: String,
    pub body: Vec<u8>,
}

impl Frame {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.split('\n').find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether it is the reply to a command.
    pub fn is_reply(&self) -> bool {
        let kind = self.header("Content-Type").unwrap_or_default();
        self.head.contains("Content-Type: ")
            && !kind.starts_with("text/")
            && kind != "log/data"
            && kind != "auth/request"
    }

    /// A header of the event in the body (plain).
    pub fn event(&self, name: &str) -> Option<String> {
        let text = self.text();
        text.split('\n').find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()))
    }
}

pub struct Client {
    pub socket: TcpStream,
    buffer: Vec<u8>,
    asked: String,
}

impl Client {
    pub fn connect(addr: SocketAddr) -> Self {
        Self::new(TcpStream::connect(addr).unwrap())
    }

    pub fn new(socket: TcpStream) -> Self {
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { socket, buffer: Vec::new(), asked: String::new() }
    }

    /// A connection that is logged in with the default password.
    pub fn login(addr: SocketAddr) -> Self {
        let mut client = Self::connect(addr);
        assert_eq!(client.frame().unwrap().head, "Content-Type: auth/request");
        assert_eq!(client.ask("auth ClueCon").header("Reply-Text"), Some("+OK accepted"));
        client
    }

    pub fn send(&mut self, text: impl AsRef<[u8]>) {
        self.socket.write_all(text.as_ref()).unwrap();
    }

    /// The next frame; `None` at the end of the stream.
    pub fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|w| w == b"\n\n") {
                let head = String::from_utf8_lossy(&self.buffer[..at]).into_owned();
                let length = head.split('\n').filter_map(|l| l.strip_prefix("Content-Length: ")).next_back();
                let length: usize = length.map_or(0, |l| l.trim().parse().unwrap());
                if self.buffer.len() >= at + 2 + length {
                    let body = self.buffer[at + 2..at + 2 + length].to_vec();
                    self.buffer.drain(..at + 2 + length);
                    return Some(Frame { head, body });
                }
            }
            let mut chunk = [0; 65536];
            match self.socket.read(&mut chunk) {
                Ok(0) => {
                    assert!(self.buffer.is_empty(), "cut: {}", String::from_utf8_lossy(&self.buffer));
                    return None;
                }
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
                Err(error) => {
                    panic!("{error} after {:?}: {:?}", self.asked, String::from_utf8_lossy(&self.buffer))
                }
            }
        }
    }

    /// The next frame that is the reply to a command; what comes before it is dropped.
    pub fn reply(&mut self) -> Frame {
        loop {
            let frame = self.frame().expect("a reply, not the end");
            if frame.is_reply() {
                return frame;
            }
        }
    }

    /// The same, naming the command if nothing comes.
    pub fn reply_to(&mut self, command: &str) -> Frame {
        self.asked = command.to_owned();
        self.reply()
    }

    /// Sends a command and waits for its reply.
    pub fn ask(&mut self, command: &str) -> Frame {
        self.send(format!("{command}\n\n"));
        self.reply()
    }

    /// The body of `api command`.
    pub fn api(&mut self, command: &str) -> String {
        self.ask(&format!("api {command}")).text()
    }

    /// The next event of that name.
    pub fn event(&mut self, name: &str) -> Frame {
        loop {
            let frame = self.frame().unwrap_or_else(|| panic!("no {name}"));
            if frame.event("Event-Name").as_deref() == Some(name) {
                return frame;
            }
        }
    }

    /// Everything up to the end of the stream.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.buffer);
        self.socket.read_to_end(&mut rest).unwrap();
        rest
    }
}

/// No test waits longer for anything: a hang is a failure.
pub const LIMIT: Duration = Duration::from_secs(20);
