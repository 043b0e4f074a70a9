//! Pictures: a terminal's screen as SVG, and the frame that all pictures share.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A picture of that size around shapes.
pub(crate) fn frame(width: u64, height: u64, shapes: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <style>text{{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;fill:#d8dee9}}\
         .head{{font-weight:bold;fill:#ebcb8b}}.bar{{font-size:11px}}.tick{{stroke:#81909f;stroke-width:1}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#1d2229\"/>\n{shapes}</svg>"
    )
}

/// Text inside an element. What XML cannot hold is not in it: control characters are escaped before.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A screen, cell by cell.
pub(crate) fn screen(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let mut out = String::new();
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            // As far as the looks stay the same.
            let (first, mut run, mut end) = (&buffer[(column, row)], String::new(), column);
            while end < columns && same_look(first, &buffer[(end, row)]) {
                let symbol = buffer[(end, row)].symbol();
                run.push_str(symbol);
                end += u16::try_from(symbol.width().max(1)).unwrap_or(1);
            }
            draw_run(&mut out, &run, column, end, row, first);
            column = end.max(column + 1);
        }
    }
    frame(u64::from(columns) * CELL + 2 * MARGIN, u64::from(rows) * LINE + 2 * MARGIN, &out)
}

fn same_look(a: &ratatui::buffer::Cell, b: &ratatui::buffer::Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn draw_run(out: &mut String, run: &str, from: u16, to: u16, row: u16, look: &ratatui::buffer::Cell) {
    let reversed = look.modifier.contains(Modifier::REVERSED);
    let (mut fg, mut bg) = (colour(look.fg).unwrap_or("#d8dee9"), colour(look.bg));
    if reversed {
        let text = bg.unwrap_or("#1d2229");
        bg = Some(fg);
        fg = text;
    }
    let x = MARGIN + u64::from(from) * CELL;
    let y = MARGIN + u64::from(row) * LINE;
    let width = u64::from(to - from) * CELL;
    if let Some(bg) = bg {
        let _ =
            writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{LINE}\" fill=\"{bg}\"/>");
    }
    if run.trim().is_empty() {
        return;
    }
    let weight = if look.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" style=\"fill:{fg}\"{weight}>{}</text>",
        y + LINE - 4,
        escape(run)
    );
}

fn colour(colour: Color) -> Option<&'static str> {
    Some(match colour {
        Color::Black => "#1d2229",
        Color::Red | Color::LightRed => "#e06c75",
        Color::Green | Color::LightGreen => "#98c379",
        Color::Yellow | Color::LightYellow => "#e5c07b",
        Color::Blue | Color::LightBlue => "#61afef",
        Color::Magenta | Color::LightMagenta => "#c678dd",
        Color::Cyan | Color::LightCyan => "#56b6c2",
        Color::Gray | Color::White => "#d8dee9",
        Color::DarkGray => "#81909f",
        _ => return None,
    })
}

/// A cell's width and height.
const CELL: u64 = 8;
const LINE: u64 = 16;
const MARGIN: u64 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn a_screen_becomes_text_with_its_colours() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, "a<日", Style::new());
        buffer.set_string(4, 0, "up", Style::new().fg(Color::Green).add_modifier(Modifier::BOLD));
        let svg = screen(&buffer);
        assert!(
            svg.contains(">a&lt;日<") && svg.contains("style=\"fill:#98c379\" font-weight=\"bold\">up<"),
            "{svg}"
        );
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
    }
}
