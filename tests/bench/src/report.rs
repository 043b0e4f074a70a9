//! One command: installs the peers, measures every client, writes tables and plot, and reports which goals are met.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::goals;
use crate::install::Installed;
use crate::measure::{Contest, Effort, Part};
use crate::{capacity, markdown, plot};

/// Between `NAME: written by …` and `/NAME` stand the figures in a page.
const README: &str = "bench";
const CAPACITY: &str = "capacity";

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
    let all = options.only.is_empty() && options.parts.is_empty();
    let full = markdown::full(results, &goals, all);
    println!("{full}");
    if options.write {
        let bench = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        std::fs::write(bench.join("RESULTS.md"), full)?;
        std::fs::write(bench.join("plot.svg"), plot::draw(results))?;
        let root = bench.join("../..");
        let summary = markdown::summary(results, &goals);
        let summary = format!("![CPU per event](tests/bench/plot.svg)\n\n{summary}");
        splice(&root.join("README.md"), README, &summary)?;
        splice(&root.join("docs/capacity.md"), CAPACITY, &capacity::table(results))?;
    }
    for goal in goals.iter().filter(|goal| all || goal.measured.is_some()) {
        let verdict = match (&goal.measured, goal.met) {
            (None, _) => "NOT MEASURED",
            (_, true) => "MET",
            (_, false) => "NOT MET",
        };
        println!("{verdict:12} {}: {}", goal.text, goal.measured.as_deref().unwrap_or("-"));
    }
    Ok(())
}

fn splice(path: &Path, name: &str, table: &str) -> Result<()> {
    let (begin, end) =
        (format!("<!-- {name}: written by `cargo xtask bench` -->"), format!("<!-- /{name} -->"));
    let text = std::fs::read_to_string(path)?;
    let none = |mark: &str| format!("no {mark:?} in {}", path.display());
    let (before, rest) = text.split_once(&begin).with_context(|| none(&begin))?;
    let (_, after) = rest.split_once(&end).with_context(|| none(&end))?;
    Ok(std::fs::write(path, format!("{before}{begin}\n\n{table}\n{end}{after}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run writes to has its marks, and is found from here.
    #[test]
    fn the_pages_have_room_for_the_figures() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (page, name) in [("README.md", README), ("docs/capacity.md", CAPACITY)] {
            let place = std::env::temp_dir().join(format!("switchwire-bench-{name}-{}", std::process::id()));
            std::fs::copy(root.join(page), &place).unwrap();
            splice(&place, name, "| the table |").unwrap();
            let text = std::fs::read_to_string(&place).unwrap();
            std::fs::remove_file(&place).unwrap();
            assert_eq!(text.matches("| the table |").count(), 1, "{page}");
            assert_eq!(text.matches(&format!("<!-- /{name} -->")).count(), 1, "{page}");
        }
    }
}
