//! Files that the repository has more than once, since a package can only hold what is in its folder. No symbolic links:
//! some ways of copying a repository turn them into text files that hold the target's path.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::licenses;
use crate::run::{command, output, root};

/// Every file of the first name must equal the second file.
pub(crate) const SAME: &[(&str, &str)] = &[
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("THIRD-PARTY.md", licenses::LIST),
];

/// Links, files that hold only a path, and copies that differ.
pub(crate) fn faults() -> Result<Vec<String>> {
    let root = root();
    let mut faults = Vec::new();
    for (is_link, path) in tracked()? {
        let whole = root.join(&path);
        let shown = path.display();
        if is_link || whole.is_symlink() {
            faults.push(format!("{shown}: a link; put a real file there"));
            continue;
        }
        // Deleted and not committed yet.
        let Ok(bytes) = std::fs::read(&whole) else { continue };
        if let Some(target) = link_text(&whole, &bytes) {
            faults.push(format!("{shown}: holds only the path {target}; put a real file there"));
        }
        let name = path.file_name().unwrap_or_default();
        for (_, original) in SAME.iter().filter(|(known, _)| name == *known) {
            if bytes
                != std::fs::read(root.join(original)).with_context(|| format!("cannot read {original}"))?
            {
                faults.push(format!("{shown}: differs from {original}"));
            }
        }
    }
    Ok(faults)
}

/// What git has, and whether it has it as a link.
fn tracked() -> Result<Vec<(bool, PathBuf)>> {
    let list = output(command("git", &["ls-files", "--stage", "-z"]))?;
    let files = list.split('\0').filter_map(|line| line.split_once('\t'));
    Ok(files.map(|(stage, path)| (stage.starts_with("120000"), PathBuf::from(path))).collect())
}

/// The file's text, if it is nothing but the path of another file.
pub(crate) fn link_text<'a>(file: &Path, bytes: &'a [u8]) -> Option<&'a str> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let is_path = !text.is_empty() && text.len() < 200 && !text.contains(char::is_whitespace);
    let target = file.parent()?.join(text);
    (is_path && target.is_file() && target != file).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_a_path_is_found_and_one_that_names_nothing_is_not() {
        let place = tempfile::tempdir().unwrap();
        let (inner, file) = (place.path().join("inner"), place.path().join("LICENSE"));
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(&file, "a licence\n").unwrap();
        let at = inner.join("LICENSE");
        assert_eq!(link_text(&at, b"../LICENSE"), Some("../LICENSE"));
        assert_eq!(link_text(&at, b"../LICENSE\n"), Some("../LICENSE"));
        for other in [&b"../NOTHING"[..], b"see ../LICENSE", b"", b"..", b"\xff"] {
            assert_eq!(link_text(&at, other), None);
        }
        assert_eq!(link_text(&file, b"LICENSE"), None, "its own name");
    }

    #[test]
    fn the_repository_has_no_links_and_its_copies_are_the_same() {
        assert_eq!(faults().unwrap(), Vec::<String>::new());
    }
}
