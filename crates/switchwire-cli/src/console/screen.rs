//! Where the console's text goes: above the line that is being typed, or plainly to stdout.

use std::io::{IsTerminal, Write, stdout};

use parking_lot::Mutex;
use rustyline::ExternalPrinter;

use super::render::Look;
use super::style::Colour;

/// The screen, for both threads.
pub(crate) struct Screen {
    /// Prints above the line that is being typed; none when lines come from a pipe.
    above: Option<Mutex<Box<dyn ExternalPrinter + Send>>>,
    /// Colours and escapes.
    pub(crate) look: Look,
    output: Option<Colour>,
}

impl Screen {
    /// Plain output to stdout.
    pub(crate) fn plain(colour: bool) -> Self {
        Self { above: None, look: look(colour), output: None }
    }

    /// Output above the line that the editor edits.
    pub(crate) fn above(
        printer: impl ExternalPrinter + Send + 'static,
        colour: bool,
        output: Option<Colour>,
    ) -> Self {
        Self { above: Some(Mutex::new(Box::new(printer))), look: look(colour), output }
    }

    /// Shows text that came on its own, while a line may be being typed.
    pub(crate) fn show(&self, text: &str) -> std::io::Result<()> {
        match &self.above {
            None => write(text.as_bytes()),
            Some(printer) => {
                let text = text.strip_suffix('\n').unwrap_or(text);
                printer.lock().print(format!("{text}\n")).map_err(std::io::Error::other)
            }
        }
    }

    /// Prints the reply to a line; no line is being typed. Bytes go out as they came unless it is to a terminal.
    pub(crate) fn reply(&self, bytes: &[u8]) -> std::io::Result<()> {
        if !self.look.terminal {
            return write(bytes).and_then(|()| write(b"\n"));
        }
        let text = String::from_utf8_lossy(bytes);
        let text = self.look.safe(&text);
        match self.output.filter(|_| self.look.colour) {
            Some(colour) => write(format!("{}\n", colour.paint(&text)).as_bytes()),
            None => write(format!("{text}\n").as_bytes()),
        }
    }
}

fn look(colour: bool) -> Look {
    let terminal = stdout().is_terminal();
    Look { colour: colour && terminal, terminal }
}

fn write(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}
