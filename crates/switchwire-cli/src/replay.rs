//! `replay FILE`: a recording, served to every client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use clap::Args;
use switchwire::proto::Decoder;

use crate::failure::{Failure, Result};
use crate::output;
use crate::recording::{Piece, Recording};

/// Serve recorded bytes of a server to clients
#[derive(Debug, Clone, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ReplayArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    bind: String,

    /// How often each client gets what follows the first reply
    #[arg(short = 'n', long, value_name = "NUMBER", default_value = "1")]
    times: NonZeroU32,

    /// Write pieces of that many bytes
    #[arg(short, long, value_name = "BYTES")]
    chunk: Option<NonZeroUsize>,

    /// Hold back each reply of the recording until the client has sent one more command
    #[arg(short, long)]
    wait_for_commands: bool,

    /// End after one client
    #[arg(long)]
    once: bool,

    /// The recording: what a server sent on one connection
    file: PathBuf,
}

const AFTER: &str = "\
The address is printed on stdout once it listens: `listening on 127.0.0.1:40123`.

Each client gets the recorded bytes as they are, whatever it sends. What precedes the first reply (the
auth/request) is sent at once; the first reply waits for the client's first command, so that a client can log in; the
rest follows at once, unless --wait-for-commands is given. Then the sending side is closed. With --times a notice that
ends the recording comes once, at the very end. Clients are served at the same time, each from the beginning.";

pub(crate) fn run(args: &ReplayArgs) -> Result {
    let bytes = std::fs::read(&args.file);
    let bytes =
        bytes.map_err(|error| Failure::failed(format!("cannot read {}: {error}", args.file.display())))?;
    let recording = Arc::new(Recording::new(bytes));
    let cannot = |error| Failure::failed(format!("cannot listen on {}: {error}", args.bind));
    let listener = TcpListener::bind(&args.bind).map_err(cannot)?;
    output::line(format!("listening on {}", listener.local_addr().map_err(cannot)?))?;
    loop {
        let (client, _) = listener.accept().map_err(cannot)?;
        let (recording, how) = (Arc::clone(&recording), args.clone());
        // A client that disconnects early is not our failure.
        let serving = thread::spawn(move || serve(client, &recording, &how).unwrap_or_default());
        if args.once {
            let _ = serving.join();
            return Ok(());
        }
    }
}

/// Sends everything, then waits until the client closes.
fn serve(client: TcpStream, recording: &Recording, how: &ReplayArgs) -> io::Result<()> {
    client.set_nodelay(true)?;
    let received = Arc::new(Received::default());
    let reader = {
        let (client, received) = (client.try_clone()?, Arc::clone(&received));
        thread::spawn(move || received.count_commands(client))
    };
    let mut sender = Sender { client, buffer: Vec::new(), chunk: how.chunk.map_or(CHUNK, NonZeroUsize::get) };
    let mut replies = 0;
    for piece in schedule(recording.pieces(), how.times) {
        replies += u64::from(piece.is_reply());
        let needed = if how.wait_for_commands { replies } else { replies.min(1) };
        if !received.has(needed) {
            sender.flush()?;
            if !received.wait_for(needed) {
                break;
            }
        }
        sender.send(recording.bytes(piece))?;
    }
    sender.flush()?;
    sender.client.shutdown(Shutdown::Write)?;
    let _ = reader.join();
    Ok(())
}

/// The pieces in the order in which they are sent.
fn schedule(pieces: &[Piece], times: NonZeroU32) -> impl Iterator<Item = &Piece> {
    let opening = pieces.iter().position(Piece::is_reply).map_or(pieces.len(), |at| at + 1);
    let (opening, rest) = pieces.split_at(opening);
    let (body, farewell) = match rest.split_last() {
        Some((last, body)) if last.is_notice() => (body, Some(last)),
        _ => (rest, None),
    };
    let rounds = (0..times.get()).flat_map(move |_| body);
    opening.iter().chain(rounds).chain(farewell)
}

/// What has come from the client.
#[derive(Default)]
struct Received {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    commands: u64,
    closed: bool,
}

impl Received {
    /// Counts commands until the client closes. A command has the form of a message: lines, a blank line, and a body
    /// if it has a Content-Length.
    fn count_commands(&self, mut client: TcpStream) {
        let mut decoder = Decoder::default();
        let mut broken = false;
        while let Ok(read @ 1..) = client.read(decoder.spare(CHUNK)) {
            decoder.commit(read);
            let mut commands = 0;
            while !broken {
                match decoder.next_frame() {
                    Ok(Some(_)) => commands += 1,
                    Ok(None) => break,
                    Err(_) => broken = true,
                }
            }
            if broken {
                // Nothing more is counted, and nothing kept.
                decoder = Decoder::default();
            }
            self.change(|state| state.commands += commands);
        }
        self.change(|state| state.closed = true);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Whether that many commands have come.
    fn has(&self, commands: u64) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).commands >= commands
    }

    /// Waits for that many; `false` when the client closes before.
    fn wait_for(&self, commands: u64) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |state: &mut State| state.commands < commands && !state.closed;
        let state = self.changed.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
        state.commands >= commands
    }
}

/// Writes in pieces of one size.
struct Sender {
    client: TcpStream,
    buffer: Vec<u8>,
    chunk: usize,
}

impl Sender {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        for chunk in self.buffer.chunks(self.chunk) {
            self.client.write_all(chunk)?;
        }
        self.buffer.clear();
        Ok(())
    }
}

const CHUNK: usize = 64 * 1024;
