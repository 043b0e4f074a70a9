//! How the cost of an event, or of a command, grows with what there is much of beside it: ratios of one run.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::drivers::{KINDS, Kind, Task, Work};
use crate::install;
use crate::layers::cost;
use crate::process::{Server, Start};
use crate::server::Sends;

/// How much is measured.
pub(crate) struct Effort {
    pub(crate) most: usize,
    pub(crate) rounds: usize,
    pub(crate) events: usize,
    pub(crate) commands: usize,
}

/// What was measured of one kind.
struct Line {
    kind: &'static Kind,
    /// How many there were, and microseconds of CPU.
    points: Vec<(usize, f64)>,
}

impl Line {
    fn ratios(&self) -> impl Iterator<Item = (usize, f64)> {
        let first = self.points.first().map_or(f64::NAN, |(_, cost)| *cost);
        self.points.iter().map(move |(many, cost)| (*many, cost / first))
    }
}

/// Measures all kinds, or some, and prints them; with `write` also to tests/bench.
pub(crate) fn run(effort: &Effort, only: &[String], write: bool) -> Result<()> {
    ensure!(!write || only.is_empty(), "what is written has every kind");
    let server = Server::start(None)?;
    println!("microseconds of CPU, and the ratio to what it is beside one; least of {} turns", effort.rounds);
    let mut lines = Vec::new();
    let c = install::ours_c();
    for kind in KINDS.iter().filter(|kind| only.is_empty() || only.iter().any(|name| name == kind.name)) {
        let c = match (kind.is_of_c(), &c) {
            (true, Err(why)) => {
                ensure!(!write, "{}: {why:#}", kind.name);
                println!("SKIPPED {}: {why:#}", kind.name);
                continue;
            }
            (true, Ok(folder)) => Some(folder.as_path()),
            (false, _) => None,
        };
        let line = measure(kind, effort, &server, c)?;
        let mut text = format!("{} beside so many {}:", kind.what, kind.name);
        for ((many, cost), (_, ratio)) in line.points.iter().zip(line.ratios()) {
            let _ = write!(text, "  {many}: {cost:.2} ({ratio:.2})");
        }
        println!("{text}");
        lines.push(line);
    }
    if write {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::write(folder.join("GROWTH.md"), table(&lines, effort))?;
        std::fs::write(folder.join("growth.svg"), draw(&lines))?;
    }
    Ok(())
}

/// `c` is the folder of the client in C, where the kind is one of C.
fn measure(kind: &'static Kind, effort: &Effort, server: &Server, c: Option<&Path>) -> Result<Line> {
    let numbers = [1, 10, 100, 1000, 10_000].into_iter().filter(|many| *many <= effort.most);
    let mut points: Vec<_> = numbers.map(|many| (many, f64::MAX)).collect();
    // Round by round, so that a busy moment of the machine does not meet one of them alone.
    for _ in 0..effort.rounds {
        for (many, least) in &mut points {
            let count = if kind.is_of_commands { effort.commands } else { effort.events };
            // (At least one event of so many headers, and whole ones.)
            let count = if kind.is_of_parts { count.max(*many) / *many * *many } else { count };
            let task = Task { work: Work::Events, port: server.port, count, sends: Sends::Bulk };
            let client = format!("grow-{}-{many}", kind.name);
            let start = match c {
                Some(folder) => Start::new(folder.join("growing"), &[kind.name, &many.to_string()])
                    .with("LD_LIBRARY_PATH", folder),
                None => Start::new(std::env::current_exe()?, &["drive", &client]),
            };
            *least = least.min(cost(&start, task).with_context(|| client.clone())?);
        }
    }
    Ok(Line { kind, points })
}

fn table(lines: &[Line], effort: &Effort) -> String {
    let mut text = format!(
        "# What grows\n\n\
         Written by `cargo run --release -p switchwire-bench -- growth --write`. Microseconds of CPU of the client's process (user \
         and system), the least of {} turns each, and the ratio to the first column. {}\n\n\
         ![the ratios](growth.svg)\n\n\
         | the cost of | beside | 1 | 10 | 100 | 1,000 | 10,000 |\n| --- | --- | --: | --: | --: | --: | --: |\n",
        effort.rounds,
        crate::markdown::machine(),
    );
    for line in lines {
        let _ = write!(text, "| {} | {} |", line.kind.what, line.kind.means);
        for ((_, cost), (_, ratio)) in line.points.iter().zip(line.ratios()) {
            let _ = write!(text, " {cost:.2} ({ratio:.2}) |");
        }
        text.push('\n');
    }
    text
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
/// The lines' names stand right of it.
const RIGHT: f64 = 640.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 380.0;
const COLOURS: [&str; 12] = [
    "#1a7f5a", "#c2703d", "#3b6fb6", "#8a4fa3", "#b23a48", "#6b7a1e", "#4a4a4a", "#0f8b8d", "#a0522d",
    "#5b5bd6", "#d6336c", "#2f9e44",
];

/// An SVG that reads on light and dark pages: the ratio, beside 1 to 10,000, both logarithmic.
fn draw(lines: &[Line]) -> String {
    let ratios = || lines.iter().flat_map(Line::ratios).map(|(_, ratio)| ratio);
    let (most, least) = (ratios().fold(2.0, f64::max), ratios().fold(0.5, f64::min));
    let most_many = lines.iter().flat_map(|line| &line.points).map(|(many, _)| *many).max().unwrap_or(10);
    let x = |many: usize| LEFT + (many as f64).log10() / (most_many.max(10) as f64).log10() * (RIGHT - LEFT);
    let y = |ratio: f64| BOTTOM - (ratio / least).ln() / (most / least).ln() * (BOTTOM - TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <style>text {{ fill: #333 }} .axis {{ stroke: #bbb }} polyline {{ fill: none; stroke-width: 2 }} \
         @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .axis {{ stroke: #555 }} }}</style>\n\
         <text x=\"10\" y=\"20\" font-size=\"15\">CPU of an event or command beside so many, as a ratio to beside one \
         (logarithmic)</text>\n"
    );
    for ratio in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0, 1000.0, 10_000.0] {
        if (least..=most).contains(&ratio) {
            let y = y(ratio);
            let _ = writeln!(
                svg,
                "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{ratio}</text>",
                LEFT - 8.0,
                y + 4.0,
            );
        }
    }
    for many in [1, 10, 100, 1000, 10_000].into_iter().filter(|many| *many <= most_many) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{many}</text>",
            x(many),
            BOTTOM + 20.0
        );
    }
    // The names at the lines' ends, from above, none upon another.
    let mut ends: Vec<_> = lines.iter().zip(COLOURS.iter().cycle()).collect();
    let end = |line: &Line| line.ratios().last().map_or(1.0, |(_, ratio)| ratio);
    ends.sort_by(|one, other| end(other.0).total_cmp(&end(one.0)));
    let mut free = TOP;
    for (line, colour) in ends {
        let points: Vec<_> =
            line.ratios().map(|(many, ratio)| format!("{:.1},{:.1}", x(many), y(ratio))).collect();
        let at = (y(end(line)) + 4.0).max(free);
        free = at + 16.0;
        let _ = writeln!(
            svg,
            "<polyline stroke=\"{colour}\" points=\"{}\"/><text x=\"{:.1}\" y=\"{at:.1}\" style=\"fill: {colour}\">{}</text>",
            points.join(" "),
            RIGHT + 10.0,
            line.kind.name,
        );
    }
    svg.push_str("</svg>\n");
    svg
}
