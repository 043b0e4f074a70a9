//! For the project's fuzz targets: the command reader, which is private otherwise.

use crate::wire::reader::CommandReader;

/// What the server makes of the bytes of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Understood {
    /// The commands, in order.
    pub commands: Vec<Understanding>,
    /// The server disconnected after them: a length was invalid.
    pub hung_up: bool,
    /// A command was begun and not ended.
    pub partial: bool,
}

/// One command as the server sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understanding {
    /// The command line.
    pub line: Vec<u8>,
    /// The header lines: name and value.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// Reads commands from bytes that come in these pieces.
pub fn understand<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Understood {
    let mut reader = CommandReader::default();
    let mut understood = Understood::default();
    for piece in pieces {
        reader.feed(piece);
        loop {
            match reader.take() {
                Ok(Some(command)) => understood.commands.push(Understanding {
                    line: command.line().to_vec(),
                    headers: command.headers().to_vec(),
                    body: command.body().map(<[u8]>::to_vec),
                }),
                Ok(None) => break,
                Err(_) => {
                    understood.hung_up = true;
                    return understood;
                }
            }
        }
    }
    understood.partial = reader.is_partial();
    understood
}
