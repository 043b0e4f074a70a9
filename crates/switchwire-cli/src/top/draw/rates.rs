//! Events a second, by type, as sparklines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::{Paragraph, RenderDirection, Sparkline};

use super::boxed;
use crate::live::{Rate, Rates};
use crate::printable;

/// The types that come most often, as many as there is room for.
pub(crate) fn draw(frame: &mut Frame<'_>, rates: &Rates, area: Rect) {
    let inside = boxed(frame, " events a second ", area);
    let width = inside.width.saturating_sub(NAME + NUMBER + 2);
    let seconds = usize::from(width);
    let all = std::iter::once(rates.all(seconds)).chain(rates.by_type(seconds));
    for (index, rate) in all.take(usize::from(inside.height)).enumerate() {
        let row = Rect { y: inside.y + u16::try_from(index).unwrap_or(0), height: 1, ..inside };
        draw_one(frame, &rate, row, width);
    }
}

fn draw_one(frame: &mut Frame<'_>, rate: &Rate, row: Rect, width: u16) {
    let name = printable::cell(rate.name, usize::from(NAME));
    let text = format!("{name:0$} {1:>2$}", usize::from(NAME), rate.now, usize::from(NUMBER));
    frame.render_widget(Paragraph::new(text), row);
    let line = Rect { x: row.x + NAME + NUMBER + 2, width: width.min(row.width), ..row };
    // The newest at the right edge.
    let newest_first: Vec<_> = rate.history.iter().rev().copied().collect();
    let sparkline = Sparkline::default()
        .data(newest_first)
        .direction(RenderDirection::RightToLeft)
        .style(Style::new().fg(Color::Cyan));
    frame.render_widget(sparkline, line.intersection(row));
}

/// The widths of a type's name and of its number.
const NAME: u16 = 19;
const NUMBER: u16 = 5;
