//! Rows as a table: the columns that fit, on a screen or as text.

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Paragraph, Row as TableRow, Table};

use super::{Row, shown};
use crate::failure::Result;
use crate::{output, screen};

/// A column: its title, its width, and what stands in it.
struct Column {
    title: &'static str,
    width: u16,
    value: fn(&Row) -> &str,
}

/// The columns that a width has room for, the most telling ones first to stay.
fn columns(width: u16, several: bool) -> Vec<Column> {
    let all = [
        (several, 1, Column { title: "SERVER", width: 16, value: |row| &row.server }),
        (true, 0, Column { title: "UUID", width: 8, value: |row| row.uuid.get(..8).unwrap_or(&row.uuid) }),
        (true, 5, Column { title: "DIR", width: 3, value: |row| row.direction }),
        (true, 0, Column { title: "STATE", width: 10, value: |row| &row.state }),
        (true, 0, Column { title: "AGE", width: 7, value: |row| &row.age }),
        (true, 4, Column { title: "TALKING", width: 7, value: |row| &row.talking }),
        (true, 2, Column { title: "FROM", width: 22, value: |row| &row.from }),
        (true, 2, Column { title: "TO", width: 14, value: |row| &row.to }),
        (true, 3, Column { title: "WITH", width: 8, value: |row| &row.with }),
        (true, 6, Column { title: "CHANNEL", width: 30, value: |row| &row.name }),
    ];
    let mut kept: Vec<_> = all.into_iter().filter(|(wanted, ..)| *wanted).collect();
    let needed =
        |kept: &Vec<(bool, u8, Column)>| kept.iter().map(|(_, _, column)| column.width + 1).sum::<u16>();
    while needed(&kept) > width + 1 {
        let over = needed(&kept) - width - 1;
        let Some(least) = kept.iter().map(|(_, rank, _)| *rank).max().filter(|rank| *rank > 0) else { break };
        let at = kept.iter().rposition(|(_, rank, _)| *rank == least).unwrap_or_default();
        match kept[at].2.width.checked_sub(over).filter(|left| *left >= NARROWEST) {
            Some(left) => kept[at].2.width = left,
            None => drop(kept.remove(at)),
        }
    }
    let mut columns: Vec<_> = kept.into_iter().map(|(_, _, column)| column).collect();
    // The room that is left is the last one's.
    let used = columns.iter().map(|column| column.width + 1).sum::<u16>().saturating_sub(1);
    if let Some(last) = columns.last_mut() {
        last.width += width.saturating_sub(used);
    }
    columns
}

/// The table as a widget; the row `selected` is marked, `offset` rows are scrolled away.
pub(crate) fn table<'a>(
    rows: &[Row],
    area: Rect,
    several: bool,
    offset: usize,
    selected: Option<usize>,
) -> Table<'a> {
    let columns = columns(area.width, several);
    let widths = columns.iter().map(|column| Constraint::Length(column.width));
    let titles = columns.iter().map(|column| shown(column.title, usize::from(column.width)));
    let header = TableRow::new(titles).style(Style::new().add_modifier(Modifier::BOLD));
    let visible = rows.iter().enumerate().skip(offset).take(usize::from(area.height));
    let lines = visible.map(|(index, row)| {
        let cells = columns.iter().map(|column| shown((column.value)(row), usize::from(column.width)));
        let style = match row {
            row if row.hung_up => Style::new().fg(Color::DarkGray),
            row if row.answered => Style::new().fg(Color::Green),
            _ => Style::new().fg(Color::Yellow),
        };
        let marked = selected == Some(index);
        TableRow::new(cells).style(if marked { style.add_modifier(Modifier::REVERSED) } else { style })
    });
    Table::new(lines.collect::<Vec<_>>(), widths).header(header).column_spacing(1)
}

/// The whole screen of `calls`.
pub(crate) fn draw(frame: &mut Frame<'_>, rows: &[Row], several: bool, status: &str, offset: &mut usize) {
    let area = frame.area();
    let body = Rect { height: area.height.saturating_sub(1), ..area };
    *offset = (*offset).min(rows.len().saturating_sub(1));
    frame.render_widget(table(rows, body, several, *offset, None), body);
    let calls = rows.iter().filter(|row| row.answered).count();
    let mut text = format!("{} legs, {calls} answered   q ends, arrows scroll", rows.len());
    if !status.is_empty() {
        text = format!("{status}   {text}");
    }
    let line = Rect { y: area.height.saturating_sub(1), height: area.height.min(1), ..area };
    let text = shown(&text, usize::from(area.width));
    frame.render_widget(Paragraph::new(text).style(Style::new().add_modifier(Modifier::REVERSED)), line);
}

/// Scrolls by a key.
pub(crate) fn scroll(key: KeyEvent, rows: usize, offset: &mut usize) {
    *offset = match key.code {
        KeyCode::Up | KeyCode::Char('k') => offset.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => *offset + 1,
        KeyCode::PageUp => offset.saturating_sub(PAGE),
        KeyCode::PageDown => *offset + PAGE,
        KeyCode::Home => 0,
        KeyCode::End => rows,
        _ => *offset,
    }
    .min(rows.saturating_sub(1));
}

/// The table as text.
pub(crate) fn print(rows: &[Row], several: bool) -> Result {
    let width = u16::try_from(screen::columns()).unwrap_or(PRINTED);
    let columns = columns(width, several);
    let line = |value: &dyn Fn(&Column) -> String| {
        let cells: Vec<_> = columns.iter().map(|column| pad(&value(column), column.width)).collect();
        cells.join(" ").trim_end().to_owned()
    };
    output::line(line(&|column| column.title.to_owned()))?;
    rows.iter().try_for_each(|row| {
        output::line(line(&|column| shown((column.value)(row), usize::from(column.width))))
    })
}

fn pad(text: &str, width: u16) -> String {
    use unicode_width::UnicodeWidthStr;
    format!("{text}{}", " ".repeat(usize::from(width).saturating_sub(text.width())))
}

const PAGE: usize = 10;
/// A column with less room than that is left out.
const NARROWEST: u16 = 8;
/// How wide the printed table is where it goes to no terminal.
const PRINTED: u16 = 160;
