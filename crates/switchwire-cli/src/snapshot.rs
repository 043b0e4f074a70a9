//! Screens as they are drawn, kept as `screens/NAME.txt`. With `UPDATE_SCREENS=1` the tests write these files.

use std::path::PathBuf;

use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};

use crate::screen::Look;

/// The text of a screen of that size.
pub(crate) fn screen(columns: u16, rows: u16, look: Look, draw: impl FnOnce(&mut Frame<'_>)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let draw = |frame: &mut Frame<'_>| {
        draw(frame);
        look.apply(frame.buffer_mut());
    };
    let drawn = terminal.draw(draw).unwrap();
    if !look.colour {
        let reset = ratatui::style::Color::Reset;
        assert!(drawn.buffer.content.iter().all(|cell| (cell.fg, cell.bg) == (reset, reset)));
    }
    let line = |row: u16| {
        let symbols = (0..columns).map(|column| drawn.buffer[(column, row)].symbol());
        symbols.collect::<String>().trim_end().to_owned()
    };
    let mut lines: Vec<_> = (0..rows).map(line).collect();
    lines.push(String::new());
    lines.join("\n")
}

/// Compares what was drawn, or printed, with what is kept.
#[track_caller]
pub(crate) fn is_as_kept(name: &str, drawn: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/screens").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        std::fs::write(&file, drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(drawn, kept, "{name}: drawn\n{drawn}\nkept\n{kept}");
}
