//! The report, which is kept in the repository: a section per step, so that one step can be run again by itself.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use crate::run::root;

/// Where it is kept.
pub(crate) const PATH: &str = "tests/packages/REPORT.md";

const HEAD: &str = "\
# What `cargo xtask release --dry-run` built and ran

Written by that command; a step alone is run again by `--only STEP`. Sizes and checksums are of the last run. What is not in
here was not built or not run.
";

/// Puts a step's section in the place of its last one, in the order of the steps.
pub(super) fn replace(name: &str, title: &str, lines: &[String], order: &[&str]) -> Result<()> {
    let path = root().join(PATH);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let text = with_section(&old, name, title, lines, order)?;
    std::fs::create_dir_all(path.parent().context("the report is in no folder")?)?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {PATH}"))
}

fn with_section(old: &str, name: &str, title: &str, lines: &[String], order: &[&str]) -> Result<String> {
    let new = format!("## {title}\n\n{}", lines.join("\n"));
    let mut text = HEAD.to_owned();
    for step in order.iter().copied().chain(["artifacts"]) {
        let section = if step == name { Some(new.as_str()) } else { section(old, step) };
        if let Some(section) = section {
            writeln!(text, "\n<!-- {step} -->\n\n{}\n\n<!-- /{step} -->", section.trim())?;
        }
    }
    Ok(text)
}

fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.split_once(&format!("<!-- {name} -->"))?.1;
    Some(rest.split_once(&format!("<!-- /{name} -->"))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_in_its_place_and_the_others_stay() {
        let order = ["one", "two"];
        let lines = |text: &str| vec![text.to_owned()];
        let text = with_section("", "two", "Two", &lines("second"), &order).unwrap();
        let text = with_section(&text, "artifacts", "Artefacts", &lines("| 3rd |"), &order).unwrap();
        let text = with_section(&text, "one", "One", &lines("1st"), &order).unwrap();
        let text = with_section(&text, "two", "Two", &lines("2nd"), &order).unwrap();
        assert!(text.starts_with(HEAD) && !text.contains("second"), "{text}");
        let at = |word| text.find(word).unwrap();
        assert!(at("1st") < at("2nd") && at("2nd") < at("3rd"), "{text}");
    }
}
