//! A story as a picture: a lane for each leg with what lasted as bars and events as ticks, and the entries below.

use std::fmt::Write;

use crate::picture::{escape, frame};
use crate::printable;
use crate::story::{Span, Story, seconds, spans};

/// The picture, as SVG.
pub(crate) fn story(story: &Story) -> String {
    let scale = Scale { begin: story.begin(), length: (story.end() - story.begin()).max(1) };
    let spans = spans(&story.entries);
    let mut out = String::new();
    let mut y = MARGIN;
    for (index, head) in story.heads().iter().enumerate() {
        let uuid = &story.legs[index].uuid;
        text(&mut out, MARGIN, y + LINE, "head", &printable::cell(head, COLUMNS));
        y += LINE * 2;
        let own: Vec<_> = spans.iter().filter(|span| *span.uuid == **uuid).collect();
        let rows = rows(&own, story.end());
        for (span, row) in own.iter().zip(&rows) {
            bar(&mut out, &scale, span, story.end(), y + row * (BAR + 4), index);
        }
        let height = rows.iter().max().map_or(1, |most| most + 1) * (BAR + 4);
        for entry in story.entries.iter().filter(|entry| *entry.uuid == **uuid) {
            let x = scale.x(entry.at);
            let title = escape(&printable::cell(&format!("{} {}", entry.what.name(), entry.detail), COLUMNS));
            let (from, to) = (y + height, y + height + 8);
            let _ = writeln!(
                out,
                "<line class=\"tick\" x1=\"{x}\" y1=\"{from}\" x2=\"{x}\" y2=\"{to}\"><title>{title}</title></line>"
            );
        }
        y += height + LINE;
    }
    y += LINE;
    axis(&mut out, &scale, y);
    y += LINE * 2;
    let lines = story.lines();
    for line in lines.iter().take(MOST_LINES) {
        text(&mut out, MARGIN, y, "line", &printable::cell(&line.text(), COLUMNS));
        y += LINE;
    }
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        text(&mut out, MARGIN, y, "line", &format!("… and {more} more"));
        y += LINE;
    }
    frame(WIDTH, y + MARGIN, &out)
}

/// Where a time is on the picture.
struct Scale {
    begin: u64,
    length: u64,
}

impl Scale {
    fn x(&self, at: u64) -> u64 {
        let wide = u128::from(WIDTH - 2 * MARGIN);
        let x = u128::from(at.saturating_sub(self.begin)) * wide / u128::from(self.length);
        MARGIN + u64::try_from(x).unwrap_or(WIDTH).min(WIDTH - 2 * MARGIN)
    }
}

/// A row for each span, so that none covers another.
fn rows(spans: &[&Span], end: u64) -> Vec<u64> {
    let mut ends: Vec<u64> = Vec::new();
    let place = |span: &&Span| {
        let free = ends.iter().position(|end| *end <= span.from).unwrap_or(ends.len());
        let to = span.to.unwrap_or(end).max(span.from + 1);
        match ends.get_mut(free) {
            Some(end) => *end = to,
            None => ends.push(to),
        }
        free as u64
    };
    spans.iter().map(place).collect()
}

fn bar(out: &mut String, scale: &Scale, span: &Span, end: u64, y: u64, leg: usize) {
    let (x, to) = (scale.x(span.from), scale.x(span.to.unwrap_or(end)));
    let width = (to - x).max(2);
    let time = seconds(u128::from(span.to.unwrap_or(end).saturating_sub(span.from)));
    let label = format!("{} {time}", span.what);
    let colour = COLOURS[leg % COLOURS.len()];
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BAR}\" rx=\"2\" fill=\"{colour}\"><title>{}</title></rect>",
        escape(&label)
    );
    let fits = usize::try_from(width / CHARACTER).unwrap_or_default();
    if fits > 3 {
        text(out, x + 3, y + BAR - 4, "bar", &printable::cell(&label, fits));
    }
}

fn axis(out: &mut String, scale: &Scale, y: u64) {
    let to = WIDTH - MARGIN;
    let _ = writeln!(out, "<line class=\"tick\" x1=\"{MARGIN}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\"/>");
    for part in 0..=TICKS {
        let at = scale.begin + scale.length * part / TICKS;
        let x = scale.x(at);
        let label = seconds(u128::from(at - scale.begin));
        let _ = writeln!(out, "<line class=\"tick\" x1=\"{x}\" y1=\"{y}\" x2=\"{x}\" y2=\"{}\"/>", y + 5);
        let x = if part == TICKS { x - label.len() as u64 * CHARACTER } else { x };
        text(out, x, y + LINE, "line", &label);
    }
}

fn text(out: &mut String, x: u64, y: u64, class: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{}</text>",
        escape(text)
    );
}

const WIDTH: u64 = 1000;
const MARGIN: u64 = 16;
const LINE: u64 = 16;
const BAR: u64 = 16;
const TICKS: u64 = 5;
/// A character is that wide.
const CHARACTER: u64 = 7;
const COLUMNS: usize = 136;
const MOST_LINES: usize = 400;
const COLOURS: [&str; 4] = ["#2f6f9f", "#8a5a9e", "#3f7f5f", "#9f6b2f"];
