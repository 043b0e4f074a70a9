//! One turn of one client: receive so many events, read three headers of each and the body's length.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use switchwire::proto::{ContentType, Decoder};
use switchwire::{Connection, Event, EventFormat};

/// The clients built into this program.
pub(crate) const CLIENTS: &[&str] = &["floor-recv", "floor-scan", "floor-frame", "rust-plain", "rust-json"];

pub(crate) fn drive(client: &str, port: u16, events: usize) -> Result<()> {
    let start = (Instant::now(), cpu());
    let (delivered, checksum) = match client {
        "floor-recv" => floor(port, events, |_| 0)?,
        "floor-scan" => floor(port, events, lines)?,
        "floor-frame" => frames(port, events)?,
        "rust-plain" => rust(port, events, EventFormat::Plain)?,
        "rust-json" => rust(port, events, EventFormat::Json)?,
        other => bail!("no client is called {other}"),
    };
    println!("{delivered} {checksum} {} {}", start.0.elapsed().as_nanos(), cpu() - start.1);
    Ok(())
}

fn rust(port: u16, events: usize, format: EventFormat) -> Result<(usize, u64)> {
    let connection = Connection::connect("127.0.0.1", port, "ClueCon")?;
    connection.events(format, "ALL")?;
    let mut checksum = 0;
    for _ in 0..events {
        checksum += read(&connection.recv_event()?);
    }
    Ok((events, checksum))
}

/// The work that every client does: lengths are added up, so that nothing can be left out.
fn read(event: &Event) -> u64 {
    let header = |name: &str| event.header(name).map_or(0, |value| value.len());
    let body = event.body().map_or(0, <[u8]>::len);
    (header("Event-Name") + header("Unique-ID") + header("Channel-State") + body) as u64
}

fn log_in(port: u16) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"auth ClueCon\n\nevent plain ALL\n\n")?;
    Ok(stream)
}

/// Receives the bytes of so many events and only looks at them with `scan`.
fn floor(port: u16, events: usize, scan: impl Fn(&[u8]) -> usize) -> Result<(usize, u64)> {
    let stream = crate::replay::Stream::load("plain")?;
    let total = stream.size_of(events);
    let mut socket = log_in(port)?;
    let mut room = vec![0; 64 * 1024];
    let (mut received, mut lines) = (0, 0);
    while received < total {
        let count = socket.read(&mut room)?;
        ensure!(count > 0, "the server hung up");
        lines += scan(&room[..count]);
        received += count;
    }
    Ok((events, lines as u64))
}

/// Receives and frames, without looking into the events.
fn frames(port: u16, events: usize) -> Result<(usize, u64)> {
    let mut socket = log_in(port)?;
    let mut decoder = Decoder::default();
    let (mut seen, mut bytes) = (0, 0);
    while seen < events {
        let count = socket.read(decoder.spare(64 * 1024))?;
        ensure!(count > 0, "the server hung up");
        decoder.commit(count);
        while let Some(frame) = decoder.next_frame()? {
            if frame.content_type() == ContentType::EventPlain {
                seen += 1;
                bytes += frame.bytes().len() as u64;
            }
        }
    }
    Ok((seen, bytes))
}

/// CPU time of this process, user and system, in nanoseconds.
fn cpu() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Finds each line's end, one after the other, as any parser must.
fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).fold(0, |sum, at| sum + std::hint::black_box(at & 1))
}
