//! The plot: CPU per event of every client, one bar each, on a logarithmic scale.

use std::fmt::Write as _;

use crate::client::{CLIENTS, Side};
use crate::measure::Results;

const WIDTH: f64 = 860.0;
/// Where the bars begin; names stand left of it.
const LEFT: f64 = 290.0;
const RIGHT: f64 = 70.0;
const ROW: f64 = 20.0;
const TOP: f64 = 58.0;

/// An SVG that reads on light and dark pages.
pub(crate) fn draw(results: &Results) -> String {
    let bars: Vec<_> = CLIENTS
        .iter()
        .filter_map(|client| Some((client, results.bulk(client.name)?.cpu)))
        .filter(|(_, cpu)| *cpu > 0.0)
        .collect();
    let least = bars.iter().map(|(_, cpu)| *cpu).fold(f64::MAX, f64::min);
    let most = bars.iter().map(|(_, cpu)| *cpu).fold(f64::MIN, f64::max);
    let (from, to) = (least.log10().floor(), most.log10().ceil());
    let at = |cpu: f64| LEFT + (cpu.log10() - from) / (to - from) * (WIDTH - LEFT - RIGHT);
    let height = TOP + ROW * bars.len() as f64 + 14.0;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <style>text {{ fill: #333 }} .axis {{ stroke: #bbb }} .floor {{ fill: #999 }} .ours {{ fill: #1a7f5a }} \
         .peer {{ fill: #c2703d }} @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .axis {{ stroke: #555 }} }}\
         </style>\n\
         <text x=\"10\" y=\"20\" font-size=\"15\">Microseconds of CPU per event received and read (logarithmic)</text>\n",
    );
    // A line at 1, 2 and 5 of every decade.
    let mut decade = 10_f64.powf(from);
    while decade <= most {
        for step in [1.0, 2.0, 5.0] {
            let (value, x) = (decade * step, at(decade * step));
            if x <= WIDTH - RIGHT + 1.0 {
                let _ = writeln!(
                    svg,
                    "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\
                     <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\">{value}</text>",
                    TOP - 8.0,
                    height - 8.0,
                    TOP - 14.0,
                    value = (value * 100.0).round() / 100.0,
                );
            }
        }
        decade *= 10.0;
    }
    for (row, (client, cpu)) in bars.iter().enumerate() {
        let (y, x) = (TOP + ROW * row as f64, at(*cpu));
        let class = match client.side {
            Side::Floor => "floor",
            Side::Ours => "ours",
            Side::Peer => "peer",
        };
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{cpu:.2}</text>",
            LEFT - 8.0,
            y + 12.0,
            client.title.replace('`', ""),
            y + 2.0,
            (x - LEFT).max(1.0),
            ROW - 6.0,
            x + 5.0,
            y + 12.0,
        );
    }
    svg.push_str("</svg>\n");
    svg
}
