//! `record FILE`: what a server sends to a client, to a file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;

use clap::Args;

use crate::failure::{Failure, Result};
use crate::output;

/// Record what a server sends to a client, for `replay` and `decode`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct RecordArgs {
    /// Where the client connects to; port 0 takes a free one
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    bind: String,

    /// The server
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:8021")]
    to: String,

    /// Write what the client sends to this file; its password is part of it
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,

    /// Where to write what the server sends
    file: PathBuf,
}

const AFTER: &str = "\
The address is printed on stdout once it listens: `listening on 127.0.0.1:40123`. One client is served: whatever it and
the server send each other is passed on, and the server's bytes are written to FILE as they are. It ends when both have
closed.";

pub(crate) fn run(args: &RecordArgs) -> Result {
    let cannot = |what: &str, error: io::Error| Failure::failed(format!("cannot {what}: {error}"));
    let create = |path: &PathBuf| {
        File::create(path).map_err(|error| cannot(&format!("write {}", path.display()), error))
    };
    let mut server_file = create(&args.file)?;
    let mut client_file = args.client.as_ref().map(create).transpose()?;
    let listener =
        TcpListener::bind(&args.bind).map_err(|error| cannot(&format!("listen on {}", args.bind), error))?;
    output::line(format!("listening on {}", listener.local_addr().map_err(|e| cannot("listen", e))?))?;
    let (client, _) = listener.accept().map_err(|error| cannot("take a client", error))?;
    let server =
        TcpStream::connect(&args.to).map_err(|error| cannot(&format!("connect to {}", args.to), error))?;
    let both = |stream: &TcpStream| stream.set_nodelay(true).and_then(|()| stream.try_clone());
    let (from_client, to_server) = (both(&client), both(&server));
    let (from_client, to_server) =
        (from_client.map_err(|e| cannot("serve", e))?, to_server.map_err(|e| cannot("serve", e))?);
    let upward = thread::spawn(move || pass_on(from_client, to_server, client_file.as_mut()));
    let recorded = pass_on(server, client, Some(&mut server_file));
    let passed = upward.join().unwrap_or(Ok(()));
    recorded.and(passed).map_err(|error| cannot("record", error))
}

/// Passes on and records until the sender closes. A receiver that has gone ends the passing on, not the recording.
fn pass_on(mut from: TcpStream, mut to: TcpStream, mut file: Option<&mut File>) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut gone = false;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // A reset is an end too.
            Err(_) => break,
        };
        if let Some(file) = file.as_mut() {
            file.write_all(&buffer[..count])?;
        }
        gone = gone || to.write_all(&buffer[..count]).is_err();
    }
    // The other side may be closed already.
    let _ = to.shutdown(Shutdown::Write);
    Ok(())
}
