//! One command: installs the peers, measures every client, writes tables and plot, and reports which goals are met.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::goals;
use crate::install::Installed;
use crate::measure::{Contest, Effort, Part};
use crate::{markdown, plot};

/// Between these the README's figures stand.
const BEGIN: &str = "<!-- bench: written by `cargo xtask bench` -->";
const END: &str = "<!-- /bench -->";

pub(crate) struct Options {
    pub(crate) effort: Effort,
    pub(crate) only: Vec<String>,
    /// All where there are none.
    pub(crate) parts: Vec<Part>,
    /// Uses the peers that are there already.
    pub(crate) offline: bool,
    /// Where tests/bench/RESULTS.md and the rest go; nothing is written without.
    pub(crate) write: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let installed = Installed::new(!options.offline)?;
    let mut contest = Contest::new(&installed, options.effort, &options.only)?;
    contest.run(&options.parts)?;
    let results = &contest.results;
    let goals = goals::check(results);
    let full = markdown::full(results, &goals);
    println!("{full}");
    if options.write {
        let bench = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        std::fs::write(bench.join("RESULTS.md"), full)?;
        std::fs::write(bench.join("plot.svg"), plot::draw(results))?;
        splice(&bench.join("../../README.md"), &markdown::summary(results, &goals))?;
    }
    for goal in &goals {
        let verdict = match (&goal.measured, goal.met) {
            (None, _) => "NOT MEASURED",
            (_, true) => "MET",
            (_, false) => "NOT MET",
        };
        println!("{verdict:12} {}: {}", goal.text, goal.measured.as_deref().unwrap_or("-"));
    }
    Ok(())
}

fn splice(path: &Path, table: &str) -> Result<()> {
    let text = std::fs::read_to_string(path)?;
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("no {BEGIN:?} in the README"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("no {END:?} in the README"))?;
    let new = format!("{before}{BEGIN}\n\n![CPU per event](tests/bench/plot.svg)\n\n{table}\n{END}{after}");
    Ok(std::fs::write(path, new)?)
}
