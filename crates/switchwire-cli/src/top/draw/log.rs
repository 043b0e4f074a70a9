//! The log pane.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use switchwire::LogLevel;

use super::boxed;
use crate::printable;
use crate::top::log::LogPane;

pub(crate) fn draw(frame: &mut Frame<'_>, log: &LogPane, area: Rect) {
    let mut title = format!(" log: {} and more severe", log.level.name().to_ascii_lowercase());
    if !log.text.is_empty() {
        title.push_str(&format!(", with \"{}\"", log.text));
    }
    title.push_str(&format!(", {} so far ", log.total));
    let inside = boxed(frame, &title, area);
    let width = usize::from(inside.width);
    let line = |line: &super::super::log::LogLine| {
        Line::styled(printable::cell(&line.text, width), Style::new().fg(colour(line.level)))
    };
    let lines: Vec<_> = log.last(usize::from(inside.height)).into_iter().map(line).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn colour(level: LogLevel) -> Color {
    match level {
        LogLevel::Alert | LogLevel::Crit | LogLevel::Err => Color::Red,
        LogLevel::Warning => Color::Magenta,
        LogLevel::Notice => Color::Cyan,
        LogLevel::Info => Color::Green,
        LogLevel::Debug => Color::Yellow,
        LogLevel::Console => Color::Reset,
    }
}
