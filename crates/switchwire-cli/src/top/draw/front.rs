//! What is in front of the rest: a call's timeline, help, a question.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph};

use super::boxed;
use crate::printable;
use crate::story::{Story, What};

/// The legs of a call, and what happened on them.
pub(crate) fn timeline(frame: &mut Frame<'_>, story: &Story, scroll: usize, area: Rect) {
    let inside = boxed(frame, " timeline ", area);
    let width = usize::from(inside.width);
    let mut lines: Vec<_> = story
        .heads()
        .iter()
        .map(|head| Line::styled(printable::cell(head, width), Style::new().add_modifier(Modifier::BOLD)))
        .collect();
    lines.push(Line::default());
    let room = usize::from(inside.height).saturating_sub(lines.len());
    let entries = story.lines();
    let from = scroll.min(entries.len().saturating_sub(room));
    let shown = story.entries.iter().zip(&entries).skip(from).take(room);
    lines.extend(shown.map(|(entry, line)| {
        let colour = match entry.what {
            What::Log(_) => Color::DarkGray,
            What::Event(_) => Color::Reset,
        };
        Line::from(Span::styled(printable::cell(&line.text(), width), Style::new().fg(colour)))
    }));
    frame.render_widget(Paragraph::new(lines), inside);
}

/// The keys.
pub(crate) fn help(frame: &mut Frame<'_>, read_only: bool, area: Rect) {
    let keys = KEYS.iter().filter(|(_, _, acts)| !(read_only && *acts));
    let lines: Vec<_> = keys.map(|(key, what, _)| format!("{key:12} {what}")).collect();
    popup(frame, " keys ", &lines, area);
}

/// A question in the middle.
pub(crate) fn question(frame: &mut Frame<'_>, question: &str, area: Rect) {
    popup(
        frame,
        " sure? ",
        &[question.to_owned(), String::new(), "y: yes   any other key: no".to_owned()],
        area,
    );
}

fn popup(frame: &mut Frame<'_>, title: &str, lines: &[String], area: Rect) {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) + 4;
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    let area = Rect { x, y, width, height };
    frame.render_widget(Clear, area);
    let block = Block::bordered().border_type(BorderType::Plain).title(title.to_owned());
    let inside = usize::from(width.saturating_sub(4));
    let text: Vec<_> =
        lines.iter().map(|line| Line::from(format!(" {}", printable::cell(line, inside)))).collect();
    frame.render_widget(Paragraph::new(text).block(block), area);
}

/// Key, what it does, whether it reaches a call.
const KEYS: [(&str, &str, bool); 12] = [
    ("arrows, j k", "choose a call; scroll its timeline", false),
    ("Enter", "the timeline of the chosen call", false),
    ("Esc", "back; no text filter", false),
    ("h", "hang up", true),
    ("o", "hold, or take off hold", true),
    ("r", "record to a file of the server", true),
    ("t", "transfer to an extension", true),
    ("l", "next level of the log lines shown", false),
    ("/", "log lines with a text", false),
    ("PgUp PgDn", "by ten", false),
    ("?", "this", false),
    ("q, Ctrl-C", "end", false),
];
