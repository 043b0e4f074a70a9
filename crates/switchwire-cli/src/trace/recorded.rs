//! The call out of a recording of a server's bytes.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use switchwire::proto::Decoder;
use switchwire::{Incoming, LogLevel};

use super::collect::Collected;
use crate::failure::{Failure, Result};

/// Reads a recording: once to learn which legs there are, and again for all that they did.
pub(crate) fn read(path: &Path, uuid: &str, level: LogLevel) -> Result<Collected> {
    let first = collect(path, Collected::new(uuid), level)?;
    collect(path, first.again(), level)
}

fn collect(path: &Path, mut collected: Collected, level: LogLevel) -> Result<Collected> {
    let cannot = |error: std::io::Error| Failure::failed(format!("cannot read {}: {error}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(cannot)?);
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(cannot)?;
        if count == 0 {
            return Ok(collected);
        }
        decoder.feed(&buffer[..count]);
        loop {
            let message = decoder.next_message().map_err(|error| {
                Failure::failed(format!("{} at byte {}: {error}", path.display(), decoder.offset()))
            })?;
            let Some(message) = message else { break };
            if message.content_type().is_event() {
                // An event that cannot be read is not the call's.
                if let Ok(event) = message.event() {
                    collected.event(&event);
                }
            } else if let Incoming::Log(record) = Incoming::from(message)
                && record.level <= level
            {
                collected.log(&record);
            }
        }
    }
}
