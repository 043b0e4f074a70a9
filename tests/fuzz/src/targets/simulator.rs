//! The simulator: whatever a client sends, it goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;
use switchwire_sim::Simulator;
use switchwire_sim::fuzz::understand;

/// The first byte chooses how the rest is cut and who sends it: a client before its login, one that is logged in, one that
/// has a channel, or the listener of an outbound call. The server reads the same commands from any pieces, and replies to
/// another client all the while.
///
/// # Panics
/// When that does not hold.
pub fn simulator(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let bytes = &bytes[..bytes.len().min(MOST)];
    let whole = understand([bytes]);
    for piece in [1, usize::from(*first >> 2) + 2] {
        assert_eq!(understand(bytes.chunks(piece)), whole, "other commands in pieces of {piece}");
    }
    live(*first & 3, usize::from(*first >> 2) + 1, bytes);
}

fn live(role: u8, piece: usize, bytes: &[u8]) {
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else { return };
    let Some(outbound) = listener.local_addr().ok() else { return };
    // What a client says may name any address: none but our own is connected to.
    let Ok(sim) = Simulator::builder().outbound_only_to(outbound).start() else { return };
    talk(&sim, &listener, role, piece, bytes);
    assert!(sim.ends_well(), "the simulator panicked");
}

fn talk(sim: &Simulator, listener: &TcpListener, role: u8, piece: usize, bytes: &[u8]) {
    let Some(mut helper) = connect(sim.addr()) else { return };
    say(&mut helper, b"auth ClueCon\n\napi echo logged-in\n\n");
    await_word(&mut helper, "logged-in");
    let client = match role {
        0 => connect(sim.addr()),
        1 | 2 => connect(sim.addr()).map(|mut client| {
            say(&mut client, b"auth ClueCon\n\nevent plain ALL\n\n");
            if role == 2 {
                say(
                    &mut client,
                    b"api originate {origination_uuid=u}loopback/9196 &park()\n\nmyevents u\n\n",
                );
            }
            client
        }),
        _ => {
            let port = listener.local_addr().map_or(0, |address| address.port());
            let call = format!("bgapi originate loopback/9196 '&socket(127.0.0.1:{port} async full)'\n\n");
            say(&mut helper, call.as_bytes());
            listener.accept().ok().map(|(stream, _)| abrupt(stream))
        }
    };
    let Some(mut client) = client else { return };
    bytes.chunks(bytes.len().div_ceil(piece).max(1)).for_each(|piece| say(&mut client, piece));
    // Two turns: the second is taken after everything that lay in the sockets at the first.
    for word in ["first-turn", "second-turn"] {
        say(&mut helper, format!("api echo {word}\n\n").as_bytes());
        if !await_word(&mut helper, word) {
            return;
        }
    }
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    TcpStream::connect(address).ok().map(abrupt)
}

/// Closed with a reset, so that thousands of runs leave no port in use.
fn abrupt(stream: TcpStream) -> TcpStream {
    let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    stream
}

fn say(stream: &mut TcpStream, bytes: &[u8]) {
    // The simulator may have hung up on what was said before.
    let _ = stream.write_all(bytes);
}

/// Reads until the word comes; `false` when the simulator has hung up: a client may shut it down.
fn await_word(helper: &mut TcpStream, word: &str) -> bool {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if contains(&heard, word) {
            return true;
        }
        match helper.read(&mut buffer) {
            Ok(count) if count > 0 => heard.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the simulator hangs"),
            _ => return false,
        }
    }
}

fn contains(heard: &[u8], word: &str) -> bool {
    heard.windows(word.len()).any(|part| part == word.as_bytes())
}

/// As much as lies in a socket unread.
const MOST: usize = 4096;
/// Far more than the simulator needs for one command.
const PATIENCE: Duration = Duration::from_secs(20);
