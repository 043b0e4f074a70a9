//! The project's rules that no other tool checks.

use anyhow::{Result, bail};

use crate::run::{command, output, root};
use crate::{copies, generate, lengths, licenses, references, versions, words};

/// What the top folder may hold.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "bindings",
    "clippy.toml",
    "crates",
    "docs",
    "include",
    "node",
    "python",
    "rustfmt.toml",
    "target",
    "tests",
];

/// Checks all rules; `parts` are the names of the tests' parts, which the documents may name.
pub(crate) fn run(parts: &[&str]) -> Result<()> {
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(root())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !TOP.contains(&name.as_str()) {
            faults.push(format!("{name}: does not belong in the top folder"));
        }
    }
    let files = texts()?;
    faults.extend(merge_marks(&files));
    faults.extend(lengths::faults(&files));
    faults.extend(words::faults(&files)?);
    faults.extend(references::faults(&files, parts)?);
    faults.extend(copies::faults()?);
    faults.extend(generate::faults());
    faults.extend(versions::faults()?);
    faults.extend(licenses::faults()?);
    if !faults.is_empty() {
        bail!("{} fault(s):\n  {}", faults.len(), faults.join("\n  "));
    }
    println!("tidy");
    Ok(())
}

/// The path and the text of every file that git has, or would have with `git add`, and that is text.
fn texts() -> Result<Vec<(String, String)>> {
    let list = command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = output(list)?;
    let paths = list.split_terminator('\0');
    // Some are deleted and not committed yet, some are not text.
    let read = |path: &str| Some((path.to_owned(), std::fs::read_to_string(root().join(path)).ok()?));
    Ok(paths.filter_map(read).collect())
}

/// Lines that a merge left undecided.
fn merge_marks(files: &[(String, String)]) -> Vec<String> {
    let is_mark = |line: &str| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
    let in_file = |(path, text): &(String, String)| {
        let found = text.lines().position(is_mark);
        found.map(|at| format!("{path}:{}: a merge's mark", at + 1))
    };
    files.iter().filter_map(in_file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_that_was_not_decided_is_found() {
        let text = |text: &str| vec![("a.md".to_owned(), text.to_owned())];
        assert_eq!(merge_marks(&text("one\n<<<<<<< HEAD\ntwo\n")), ["a.md:2: a merge's mark"]);
        assert_eq!(merge_marks(&text("one\n>>>>>>> main\n")).len(), 1);
        assert!(merge_marks(&text("a <<<<<<< b\n=======\n")).is_empty());
    }
}
