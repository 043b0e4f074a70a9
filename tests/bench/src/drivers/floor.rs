//! What must be done at least: receive; receive and look at every byte; receive and frame.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Result, bail, ensure};
use switchwire::proto::{ContentType, Decoder};

use super::{Task, Work};
use crate::stamp::{self, STAMP};
use crate::stream::{Format, Stream};
use crate::turn::{Clock, Sum};

/// Receives the bytes of so many events and only looks at them with `scan`.
pub(super) fn run(task: Task, scan: impl Fn(&[u8]) -> usize) -> Result<()> {
    let mut socket = log_in(task.port)?;
    let mut room = vec![0; 64 << 10];
    if task.work == Work::Serial {
        return ask(task, socket, &mut room);
    }
    if task.work == Work::Latency {
        return delays(task, socket, &mut room);
    }
    if task.work != Work::Events {
        bail!("a floor does not do that");
    }
    let answer = "Content-Type: api/response\nContent-Length: 3\n\n+OK".len();
    let total = answer + Stream::load(Format::Plain)?.size_of(task.count);
    let clock = Clock::start()?;
    write!(socket, "api {}\n\n", task.stream())?;
    let mut received = 0;
    let mut lines = 0;
    while received < total {
        let count = socket.read(&mut room)?;
        ensure!(count > 0, "the server hung up");
        lines += scan(&room[..count]);
        received += count;
    }
    std::hint::black_box(lines);
    let mut sum = Sum::new(false);
    sum.events = task.count as u64;
    Ok(clock.stop(sum)?)
}

/// Finds each line's end, one after the other, as any parser must.
pub(super) fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).fold(0, |sum, at| sum + std::hint::black_box(at & 1))
}

/// Receives and frames with the library's decoder, without looking into the events.
pub(super) fn frames(task: Task) -> Result<()> {
    if task.work != Work::Events {
        bail!("a floor does not do that");
    }
    let mut socket = log_in(task.port)?;
    let mut decoder = Decoder::default();
    let clock = Clock::start()?;
    write!(socket, "api {}\n\n", task.stream())?;
    let mut sum = Sum::new(false);
    while sum.events < task.count as u64 {
        let count = socket.read(decoder.spare(64 << 10))?;
        ensure!(count > 0, "the server hung up");
        decoder.commit(count);
        while let Some(frame) = decoder.next_frame()? {
            if frame.content_type() == ContentType::EventPlain {
                sum.events += 1;
            }
        }
    }
    Ok(clock.stop(sum)?)
}

/// Bare round trips: a write and a read each.
fn ask(task: Task, mut socket: TcpStream, room: &mut [u8]) -> Result<()> {
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    while sum.events < task.count as u64 {
        socket.write_all(b"api x\n\n")?;
        ensure!(socket.read(room)? > 0, "the server hung up");
        sum.events += 1;
    }
    Ok(clock.stop(sum)?)
}

/// Looks for the times alone.
fn delays(task: Task, mut socket: TcpStream, room: &mut [u8]) -> Result<()> {
    let before = format!("{STAMP}: ");
    let finder = memchr::memmem::Finder::new(&before);
    let mut clock = Clock::start()?;
    write!(socket, "api {}\n\n", task.stream())?;
    let (mut delays, mut rest) = (Vec::with_capacity(task.count), Vec::new());
    while delays.len() < task.count {
        let count = socket.read(room)?;
        ensure!(count > 0, "the server hung up");
        rest.extend_from_slice(&room[..count]);
        let mut done = 0;
        while let Some(at) = finder.find(&rest[done..]).map(|at| done + at + before.len()) {
            let Some(length) = memchr::memchr(b'\n', &rest[at..]) else { break };
            let now = stamp::now();
            let sent: u64 = std::str::from_utf8(&rest[at..at + length])?.parse()?;
            delays.push(now - sent);
            done = at + length;
        }
        // (What may be the beginning of the next one stays.)
        done = done.max(rest.len().saturating_sub(before.len() + 32));
        rest.drain(..done);
    }
    clock.hold();
    let mut sum = Sum::new(false);
    sum.events = delays.len() as u64;
    clock.delays(delays)?;
    Ok(clock.stop(sum)?)
}

fn log_in(port: u16) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_nodelay(true)?;
    socket.write_all(b"auth ClueCon\n\nevent plain ALL\n\n")?;
    let mut text = Vec::new();
    while !text.ends_with(b"enabled plain\n\n") {
        let mut room = [0; 256];
        let count = socket.read(&mut room)?;
        ensure!(count > 0, "the server hung up");
        text.extend_from_slice(&room[..count]);
    }
    Ok(socket)
}
