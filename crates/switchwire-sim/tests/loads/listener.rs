//! A client that does nothing but count.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection that is subscribed.
pub struct Listener {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    body: Vec<u8>,
    /// What has been read.
    pub bytes: u64,
}

impl Listener {
    /// Logs in and subscribes to the events of these names.
    pub fn new(address: SocketAddr, names: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let stream = BufReader::with_capacity(1 << 16, stream);
        let mut listener = Self { stream, line: Vec::new(), body: Vec::new(), bytes: 0 };
        assert!(listener.frame());
        for command in ["auth ClueCon", &format!("event plain {names}")] {
            listener.stream.get_mut().write_all(format!("{command}\n\n").as_bytes()).unwrap();
            assert!(listener.frame());
        }
        listener
    }

    /// The text of the next event; `None` if none comes for a long time or the connection ends.
    pub fn event(&mut self) -> Option<&str> {
        while self.frame() {
            if !self.body.is_empty() {
                return Some(std::str::from_utf8(&self.body).unwrap());
            }
        }
        None
    }

    fn frame(&mut self) -> bool {
        let mut length = 0;
        loop {
            self.line.clear();
            match self.stream.read_until(b'\n', &mut self.line) {
                Ok(0) | Err(_) => return false,
                Ok(read) => self.bytes += read as u64,
            }
            if self.line == b"\n" {
                break;
            }
            if let Some(number) = self.line.strip_prefix(b"Content-Length: ") {
                length = std::str::from_utf8(number).unwrap().trim().parse().unwrap();
            }
        }
        self.body.resize(length, 0);
        self.bytes += length as u64;
        self.stream.read_exact(&mut self.body).is_ok()
    }
}

/// A header's value, as it came.
pub fn header<'a>(event: &'a str, name: &str) -> Option<&'a str> {
    event.split('\n').find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// No listener waits longer for an event that is missing.
const LIMIT: Duration = Duration::from_secs(20);
