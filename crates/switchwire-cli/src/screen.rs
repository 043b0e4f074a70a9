//! A full screen: the terminal taken over and given back, frames, keys; or a screen that becomes a picture.

use std::io::{IsTerminal, Stdout, stdin, stdout};
use std::path::Path;
use std::time::Duration;

use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::style::Color;
use ratatui::{Frame, Terminal};

use crate::failure::{Failure, Result};
use crate::{picture, printable, signals};

/// Where frames are drawn.
pub(crate) struct Screen {
    on: On,
    look: Look,
}

enum On {
    Terminal(Terminal<CrosstermBackend<Stdout>>),
    Picture(Terminal<TestBackend>),
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) colour: bool,
    pub(crate) utf8: bool,
}

/// Whether there is a terminal to read keys from and to draw on.
pub(crate) fn is_terminal() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// The width of the terminal that stdout is; without one there is no limit.
pub(crate) fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(stdout());
    size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(usize::MAX)
}

impl Screen {
    /// Takes the terminal over until this is dropped; or a screen for a picture.
    pub(crate) fn new(for_picture: bool) -> Result<Self> {
        if for_picture {
            let backend = TestBackend::new(PICTURE.0, PICTURE.1);
            let Ok(terminal) = Terminal::new(backend);
            return Ok(Self { on: On::Picture(terminal), look: Look { colour: true, utf8: true } });
        }
        if !is_terminal() {
            return Err(Failure::usage(
                "this needs a terminal; without one, use calls --once, events or trace",
            ));
        }
        signals::before_the_end(restore);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            hook(panic);
        }));
        enable_raw_mode().map_err(cannot)?;
        execute!(stdout(), EnterAlternateScreen, cursor::Hide).map_err(cannot)?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout())).map_err(cannot)?;
        let no_colour = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
        let look = Look { colour: !no_colour, utf8: printable::is_utf8() };
        Ok(Self { on: On::Terminal(terminal), look })
    }

    /// Draws a frame.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result {
        let look = self.look;
        let draw = |frame: &mut Frame<'_>| {
            draw(frame);
            look.apply(frame.buffer_mut());
        };
        match &mut self.on {
            On::Terminal(terminal) => terminal.draw(draw).map(drop).map_err(|error| Failure::output(&error)),
            On::Picture(terminal) => {
                let Ok(_) = terminal.draw(draw);
                Ok(())
            }
        }
    }

    /// Whether a key, or another size of the terminal, waits.
    pub(crate) fn has_key(&self) -> bool {
        matches!(self.on, On::Terminal(_)) && event::poll(Duration::ZERO).unwrap_or(true)
    }

    /// The next key that was pressed; never waits.
    pub(crate) fn key(&self) -> Result<Option<KeyEvent>> {
        while self.has_key() {
            match event::read().map_err(cannot)? {
                Event::Key(key) if key.kind != KeyEventKind::Release => return Ok(Some(key)),
                // The next frame has the new size.
                _ => {}
            }
        }
        Ok(None)
    }

    /// Writes what was drawn last to a file, as SVG.
    pub(crate) fn picture(&self, file: &Path) -> Result {
        let On::Picture(terminal) = &self.on else { return Ok(()) };
        let svg = picture::screen(terminal.backend().buffer());
        std::fs::write(file, svg + "\n")
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", file.display())))
    }
}

impl Look {
    /// Takes out of a frame what the terminal cannot show.
    pub(crate) fn apply(self, buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            if !self.colour {
                cell.set_fg(Color::Reset).set_bg(Color::Reset);
            }
            if !self.utf8 && !cell.symbol().is_ascii() {
                let symbol = printable::ascii(cell.symbol());
                cell.set_symbol(&symbol);
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if matches!(self.on, On::Terminal(_)) {
            restore();
        }
    }
}

/// Gives the terminal back.
fn restore() {
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), LeaveAlternateScreen, cursor::Show);
}

/// Whether a key ends a view: q, or Ctrl-C.
pub(crate) fn ends(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('q')
        || key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn cannot(error: std::io::Error) -> Failure {
    Failure::failed(format!("cannot use the terminal: {error}"))
}

/// A frame is drawn so often, and after each key.
pub(crate) const FRAME: Duration = Duration::from_millis(500);
/// A picture's columns and rows.
const PICTURE: (u16, u16) = (120, 36);
