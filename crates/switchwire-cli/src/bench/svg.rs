//! The round trips as a picture: how many took how long, on a logarithmic scale.

use std::fmt::Write;

use super::measure::{Measured, time};
use crate::picture::{escape, frame};

/// The picture, as SVG.
pub(crate) fn histogram(measured: &Measured) -> String {
    let times = &measured.round_trips;
    let buckets = buckets(times);
    let most = buckets.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let mut out = String::new();
    let title = measured.lines(0);
    text(&mut out, MARGIN, MARGIN + 12, "head", &title[0]);
    let base = MARGIN + 32 + HEIGHT;
    let width = (WIDTH - 2 * MARGIN) / buckets.len().max(1) as u64;
    for (index, (from, count)) in buckets.iter().enumerate() {
        let x = MARGIN + index as u64 * width;
        let height = count * HEIGHT / most;
        let height = if *count > 0 { height.max(1) } else { 0 };
        let y = base - height;
        let label = escape(&format!("from {}: {count}", time(*from)));
        let bar = width.saturating_sub(2).max(1);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{bar}\" height=\"{height}\" fill=\"#2f6f9f\"><title>{label}</title></rect>"
        );
        if index % 4 == 0 {
            text(&mut out, x, base + 16, "line", &time(*from));
        }
    }
    let line = format!("{:.0} commands and {:.0} events a second", measured.commands, measured.events);
    text(&mut out, MARGIN, base + 40, "line", &line);
    frame(WIDTH, base + 40 + MARGIN, &out)
}

/// From which time on, and how many: each bucket begins a quarter above the one before.
fn buckets(times: &hdrhistogram::Histogram<u64>) -> Vec<(u64, u64)> {
    let mut buckets = Vec::new();
    let mut from = times.min().max(1);
    while from <= times.max() && buckets.len() < MOST {
        let next = (from + from / 4).max(from + 1);
        buckets.push((from, times.count_between(from, next - 1)));
        from = next;
    }
    buckets
}

fn text(out: &mut String, x: u64, y: u64, class: &str, text: &str) {
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
}

const WIDTH: u64 = 1000;
const HEIGHT: u64 = 200;
const MARGIN: u64 = 16;
const MOST: usize = 60;
