//! A server that replays recorded events as fast as its client takes them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use switchwire::proto::Decoder;

/// The events of a recording, each as the bytes it was sent in.
pub(crate) struct Stream {
    frames: Vec<Vec<u8>>,
}

impl Stream {
    pub(crate) fn load(format: &str) -> Result<Self> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../captures/events_{format}/server.bin"));
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next_frame()? {
            if frame.content_type().is_event() {
                frames.push(frame.bytes().to_vec());
            }
        }
        Ok(Self { frames })
    }

    /// The bytes of so many events, the login's answers included.
    pub(crate) fn size_of(&self, events: usize) -> usize {
        let login = "Content-Type: auth/request\n\n".len() + reply("+OK accepted").len();
        let login = login + reply("+OK event listener enabled").len();
        login + self.frames.iter().cycle().take(events).map(Vec::len).sum::<usize>()
    }
}

fn reply(text: &str) -> String {
    format!("Content-Type: command/reply\nReply-Text: {text}\n\n")
}

/// Serves `count` events to every client, for the life of the process; gives the port.
pub(crate) fn serve(plain: Stream, json: Stream, count: usize, two_pieces: bool) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let streams = Arc::new((plain, json));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let streams = streams.clone();
            // A client that goes away early ends its own turn only.
            std::thread::spawn(move || drop(serve_one(stream, &streams, count, two_pieces)));
        }
    });
    Ok(port)
}

/// As [`serve`], and prints the port.
pub(crate) fn serve_for_ever(count: usize, two_pieces: bool) -> Result<()> {
    println!("{}", serve(Stream::load("plain")?, Stream::load("json")?, count, two_pieces)?);
    loop {
        std::thread::park();
    }
}

fn serve_one(
    mut stream: TcpStream,
    streams: &(Stream, Stream),
    count: usize,
    two_pieces: bool,
) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"Content-Type: auth/request\n\n")?;
    let mut commands = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    loop {
        line.clear();
        if commands.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let text = match line.trim_end() {
            "" => continue,
            line if line.starts_with("event") => "+OK event listener enabled",
            line if line.starts_with("auth") => "+OK accepted",
            _ => "+OK",
        };
        stream.write_all(reply(text).as_bytes())?;
        if line.starts_with("event") {
            break;
        }
    }
    let frames = if line.contains("json") { &streams.1.frames } else { &streams.0.frames };
    if two_pieces {
        for frame in frames.iter().cycle().take(count) {
            let head = frame.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
            stream.write_all(&frame[..head])?;
            stream.write_all(&frame[head..])?;
        }
    } else {
        // Whole passes in one write each: the server must never be the bottleneck.
        let pass = frames.concat();
        for _ in 0..count / frames.len() {
            stream.write_all(&pass)?;
        }
        stream.write_all(&frames[..count % frames.len()].concat())?;
    }
    commands.read_line(&mut line)?;
    Ok(())
}
