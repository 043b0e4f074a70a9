//! What the documents at the top say about the tree must be there: files, links, tasks, variables, limits.

use std::path::Path;

use anyhow::Result;
use regex::Regex;

use crate::lengths::MOST_LINES;
use crate::run::root;

/// The documents whose code spans are looked at. Links are, in every document.
const DOCUMENTS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"];
/// Where a path in a document may begin: ARCHITECTURE.md says `proto/src` for `crates/switchwire-proto/src`.
const BASES: &[&str] = &["", "crates/", "crates/switchwire-", "crates/switchwire/src/"];
/// The entry points of the Node package.
const NOT_PATHS: &[&str] = &["switchwire/modesl", "switchwire/testing"];

/// What the documents name and the repository lacks; `files` are all of its texts, by path, `parts` the names
/// of the tests' parts.
pub(crate) fn faults(files: &[(String, String)], parts: &[&str]) -> Result<Vec<String>> {
    let spans = Regex::new(r"`([^`\n]+)`")?;
    let links = Regex::new(r"\]\(([^)\s#]+)[^)\s]*\)")?;
    let commands = Regex::new(r"cargo xtask ([a-z]+)(?: ([a-z]+)\b)?")?;
    let variables = Regex::new(r"\bSWITCHWIRE_[A-Z_]+\b")?;
    let (root, tasks) = (root(), crate::tasks());
    let mut faults = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        for link in links.captures_iter(text).map(|link| link[1].to_owned()) {
            if !link.contains(':') && !root.join(folder).join(&link).exists() {
                faults.push(format!("{path}: links to {link}, which does not exist"));
            }
        }
        if !DOCUMENTS.contains(&path.as_str()) {
            continue;
        }
        for span in spans.captures_iter(text).map(|span| span[1].to_owned()) {
            // A module is a file or a folder.
            let is_there =
                |base| ["", ".rs"].iter().any(|end| root.join(format!("{base}{span}{end}")).exists());
            if is_path(&span) && !BASES.iter().any(is_there) {
                faults.push(format!("{path}: names {span}, which does not exist"));
            }
        }
        for command in commands.captures_iter(text) {
            let part = command.get(2).filter(|_| &command[1] == "test").map(|part| part.as_str());
            if !tasks.iter().any(|task| *task == command[1]) {
                faults.push(format!("{path}: there is no task cargo xtask {}", &command[1]));
            } else if let Some(part) = part.filter(|part| !parts.contains(part)) {
                faults.push(format!("{path}: cargo xtask test has no part {part}"));
            }
        }
        for variable in variables.find_iter(text).map(|variable| variable.as_str()) {
            let used = |(path, text): &(String, String)| !path.ends_with(".md") && text.contains(variable);
            if !files.iter().any(used) {
                faults.push(format!("{path}: nothing reads {variable}"));
            }
        }
        if path == "CONTRIBUTING.md" && !text.contains(&format!("refuses {MOST_LINES}")) {
            faults.push(format!("{path}: must say that tidy refuses {MOST_LINES} lines"));
        }
    }
    Ok(faults)
}

/// `tests/faces/methods.json`, not `a/b` of a formula, a URL, or `corpus/TARGET`.
fn is_path(span: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
    span.contains('/')
        && !span.contains("//")
        && span.chars().all(|c| is_plain(c) || c.is_ascii_uppercase())
        && span.split('/').all(|part| part.is_empty() || part.contains('.') || part.chars().all(is_plain))
        && !span.starts_with("target")
        && !NOT_PATHS.contains(&span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_names_must_exist() {
        let document = "`proto/src/decoder.rs` `proto/src/gone.rs` `corpus/TARGET/` [a](README.md) [b](gone.md) [c](https://x.org) \
             cargo xtask test rust, cargo xtask test gone, cargo xtask gone, SWITCHWIRE_GONE, refuses 600";
        let files = [("CONTRIBUTING.md".to_owned(), document.to_owned())];
        let faults = faults(&files, &["rust"]).unwrap();
        assert_eq!(
            faults,
            [
                "CONTRIBUTING.md: links to gone.md, which does not exist",
                "CONTRIBUTING.md: names proto/src/gone.rs, which does not exist",
                "CONTRIBUTING.md: cargo xtask test has no part gone",
                "CONTRIBUTING.md: there is no task cargo xtask gone",
                "CONTRIBUTING.md: nothing reads SWITCHWIRE_GONE",
            ]
        );
    }
}
