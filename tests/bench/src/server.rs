//! A server that accepts every login, replies to commands at once, and replays recorded events as fast as its client takes
//! them. It understands, after `api ` or `bgapi `:
//! - `stream COUNT MODE`: the reply, then that many events in the format of the last `event` command. MODE says how many
//!   sends an event is: `one`, `two` (head and body apart, as FreeSWITCH does), `bulk` (whole passes in one send),
//!   `crumbs` (cut anywhere, into pieces of any size up to a kilobyte), `paced` (one by one, 250 a second), or `calm` and
//!   `busy` (200 and 20,000 a second, in two sends, with the time of the second in the last header: see `stamped.rs`);
//! - `headers MANY COUNT`: the reply, then COUNT plain events of so many headers each;
//! - `dial PORT COUNT`: calls that port as often, as an outbound session each, and then the reply;
//! - `used`: the CPU time of the server in nanoseconds;
//! - anything else: `+OK`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::stream::{Format, Stream};
use crate::{stamped, turn};

/// Serves until killed, on the core of that number if one is named; prints its port.
pub(crate) fn run(core: Option<usize>) -> Result<()> {
    if let Some(core) = core {
        crate::cores::pin(core)?;
    }
    let streams = Arc::new([Replay::load(Format::Plain)?, Replay::load(Format::Json)?]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for socket in listener.incoming() {
        let (socket, streams) = (socket?, streams.clone());
        let serve = move || {
            // A client that goes away early ends its own turn only.
            drop(Session { socket, streams: &streams, format: 0, job: 0 }.serve(GREETING));
        };
        std::thread::Builder::new().stack_size(64 << 10).spawn(serve)?;
    }
    Ok(())
}

/// A stream, and all of it in one piece.
struct Replay {
    stream: Stream,
    pass: Vec<u8>,
}

impl Replay {
    fn load(format: Format) -> Result<Self> {
        let stream = Stream::load(format)?;
        let pass = stream.frames.concat();
        Ok(Self { stream, pass })
    }
}

struct Session<'a> {
    socket: TcpStream,
    streams: &'a Arc<[Replay; 2]>,
    format: usize,
    job: u64,
}

impl Session<'_> {
    fn serve(&mut self, greeting: &[u8]) -> Result<()> {
        self.socket.set_nodelay(true)?;
        self.socket.write_all(greeting)?;
        let (mut text, mut room) = (Vec::new(), vec![0; 16 << 10]);
        loop {
            let count = self.socket.read(&mut room)?;
            if count == 0 {
                return Ok(());
            }
            text.extend_from_slice(&room[..count]);
            let (mut at, mut answers) = (0, Vec::new());
            // Commands that came together are answered together.
            while let Some(length) = memchr::memmem::find(&text[at..], b"\n\n") {
                let command = &text[at..at + length];
                at += length + 2;
                if command == b"api x" {
                    // What round trips are measured with: the server must not be what is measured.
                    answers.extend_from_slice(OK);
                    continue;
                }
                let command = String::from_utf8_lossy(command).trim().to_owned();
                if let Some(stream) = self.answer(&command, &mut answers)? {
                    self.socket.write_all(&answers)?;
                    answers.clear();
                    self.send(stream)?;
                }
            }
            text.drain(..at);
            self.socket.write_all(&answers)?;
        }
    }

    /// Replies to a command; returns the stream that it requests.
    fn answer(&mut self, command: &str, answers: &mut Vec<u8>) -> Result<Option<(usize, Sends)>> {
        let line = command.lines().next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = match words[..] {
            [_, "used", ..] => turn::cpu().to_string(),
            [_, "dial", port, count, ..] => {
                let (port, count): (u16, usize) = (port.parse()?, count.parse()?);
                (0..count).try_for_each(|_| self.dial(port))?;
                "+OK".to_owned()
            }
            _ => "+OK".to_owned(),
        };
        match words[..] {
            [] => return Ok(None),
            ["api", ..] => {
                write!(answers, "Content-Type: api/response\nContent-Length: {}\n\n{output}", output.len())?;
            }
            ["connect", ..] => {
                let end = memchr::memmem::find(RECORDED_CALL, b"\n\n").map_or(0, |end| end + 2);
                answers.extend_from_slice(&RECORDED_CALL[..end]);
            }
            ["auth", ..] => answers.extend_from_slice(&reply("+OK accepted")),
            ["bgapi", ..] => {
                self.job += 1;
                let job = format!("00000000-0000-0000-0000-{:012}", self.job);
                answers.extend_from_slice(&reply(&format!("+OK Job-UUID: {job}\nJob-UUID: {job}")));
            }
            ["event", format, ..] => {
                self.format = usize::from(format == "json");
                answers.extend_from_slice(&reply(&format!("+OK event listener enabled {format}")));
            }
            _ => answers.extend_from_slice(&reply("+OK")),
        }
        match words[..] {
            [_, "stream", count, sends, ..] => Ok(Some((count.parse()?, sends.parse()?))),
            [_, "headers", many, count, ..] => {
                self.socket.write_all(answers)?;
                answers.clear();
                let event = with_headers(many.parse()?);
                (0..count.parse()?).try_for_each(|_: usize| self.socket.write_all(&event))?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// A call of this server to that port, served as any connection.
    fn dial(&self, port: u16) -> Result<()> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        let (streams, format) = (self.streams.clone(), self.format);
        let serve = move || drop(Session { socket, streams: &streams, format, job: 0 }.serve(b""));
        std::thread::Builder::new().stack_size(64 << 10).spawn(serve)?;
        Ok(())
    }

    fn send(&mut self, (count, sends): (usize, Sends)) -> Result<()> {
        let streams = self.streams;
        let Replay { stream: Stream { frames, heads, .. }, pass } = &streams[self.format];
        match sends {
            Sends::Bulk | Sends::Crumbs => {
                let rest: usize = frames[..count % frames.len()].iter().map(Vec::len).sum();
                let passes = std::iter::repeat_n(&pass[..], count / frames.len());
                for bytes in passes.chain([&pass[..rest]]) {
                    if sends == Sends::Crumbs {
                        self.crumble(bytes)?;
                    } else {
                        self.socket.write_all(bytes)?;
                    }
                }
            }
            Sends::One => {
                frames.iter().cycle().take(count).try_for_each(|frame| self.socket.write_all(frame))?;
            }
            Sends::Paced => {
                let begun = Instant::now();
                for (number, frame) in (0..).zip(frames.iter().cycle().take(count)) {
                    let due = begun + Duration::from_secs(1) * number / sends.rate();
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    self.socket.write_all(frame)?;
                }
            }
            Sends::Calm | Sends::Busy => {
                let mut frames = stamped::frames(frames, heads)?;
                let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
                let (begun, rate) = (Instant::now(), sends.rate());
                let mut at = 0;
                for number in 0..u32::try_from(count)? {
                    let due = begun + Duration::from_secs(1) * number / rate;
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let frame = &mut frames[at];
                    self.socket.write_all(frame.head())?;
                    self.socket.write_all(frame.body_sent_now())?;
                    at = (at + 1) % frames.len();
                }
            }
            Sends::Two => {
                for (frame, head) in frames.iter().zip(heads).cycle().take(count) {
                    self.socket.write_all(&frame[..*head])?;
                    self.socket.write_all(&frame[*head..])?;
                }
            }
        }
        Ok(())
    }

    /// Sends in pieces of any size, always the same ones.
    fn crumble(&mut self, mut rest: &[u8]) -> Result<()> {
        let mut seed = 1_u32;
        while !rest.is_empty() {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (crumb, after) = rest.split_at((1 + (seed >> 22) as usize).min(rest.len()));
            self.socket.write_all(crumb)?;
            rest = after;
        }
        Ok(())
    }
}

/// A plain event of so many headers, all of one length.
fn with_headers(many: usize) -> Vec<u8> {
    let mut body = String::new();
    for number in 0..many {
        body += &format!("variable_{number:05}: value%20{number:05}\n");
    }
    body += "\n";
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len()).into_bytes()
}

const GREETING: &[u8] = b"Content-Type: auth/request\n\n";
/// A server's reply to `connect` is what its recording begins with.
const RECORDED_CALL: &[u8] = include_bytes!("../../captures/outbound_full/server.bin");
const OK: &[u8] = b"Content-Type: api/response\nContent-Length: 3\n\n+OK";

fn reply(text: &str) -> Vec<u8> {
    format!("Content-Type: command/reply\nReply-Text: {text}\n\n").into_bytes()
}

/// How many sends an event is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Sends {
    /// As many events in one as there are.
    Bulk,
    One,
    /// Head and body apart, as FreeSWITCH does.
    Two,
    /// Cut anywhere.
    Crumbs,
    /// One by one, [`PACE`] a second.
    Paced,
    /// A server with little to do: head and body apart, stamped.
    Calm,
    /// The same under load.
    Busy,
}

/// How many events a second a paced stream has.
pub(crate) const PACE: u32 = 250;

impl Sends {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bulk => "bulk",
            Self::One => "one",
            Self::Two => "two",
            Self::Crumbs => "crumbs",
            Self::Paced => "paced",
            Self::Calm => "calm",
            Self::Busy => "busy",
        }
    }

    /// Events a second, of those that have a pace.
    pub(crate) fn rate(self) -> u32 {
        match self {
            Self::Calm => 200,
            Self::Busy => 20_000,
            _ => PACE,
        }
    }
}

impl std::str::FromStr for Sends {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = [Self::Bulk, Self::One, Self::Two, Self::Crumbs, Self::Paced, Self::Calm, Self::Busy];
        match known.into_iter().find(|sends| sends.name() == name) {
            Some(sends) => Ok(sends),
            None => bail!("{name} is no way to send"),
        }
    }
}
