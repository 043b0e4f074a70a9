//! Words of the project's old dialect that are not to come back. Only words that can be found without false alarms.

use std::path::Path;

use anyhow::Result;
use regex::Regex;

/// What not to write, and what to write instead.
const BANNED: &[(&str, &str)] = &[
    ("time-outs?", "timeout"),
    ("hand-sha(kes?|king)", "handshake"),
    ("for ever", "indefinitely, no limit"),
    ("nobody", "no thread, no caller, no client"),
    ("somebody", "the thread, the caller, the client"),
    ("(any|every)body", "any caller, every waiter"),
    ("whom(ever)?", "the thread, the caller, the client"),
    ("in vain", "name what does not happen"),
    ("(tells?|told) of", "reports"),
    ("stands? on", "is built on, uses"),
];

/// Folders that still have such words. Delete a line when its folder is clean: `tidy` says when.
const NOT_YET: &[&str] = &[];

/// The words of others: licences, servers, history; and this list.
const SKIPPED: &[&str] = &[
    "CHANGELOG.md",
    "crates/xtask/src/words.rs",
    "tests/captures",
    "tests/dialogues/replies.tsv",
    "tests/fuzz/corpus",
    "tests/vectors",
];
const SKIPPED_NAMES: &[&str] =
    &["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.md", "Cargo.lock", "package-lock.json"];

/// Every banned word in `files` (path and text), and every folder in [`NOT_YET`] that has none.
pub(crate) fn faults(files: &[(String, String)]) -> Result<Vec<String>> {
    let words = Words::new()?;
    let mut faults = Vec::new();
    let mut unclean = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !is_skipped(Path::new(path))) {
        let found = words.find(text);
        match NOT_YET.iter().find(|folder| Path::new(path).starts_with(folder)) {
            Some(folder) if !found.is_empty() => unclean.push(*folder),
            Some(_) => {}
            None => faults.extend(found.into_iter().map(|(line, word, instead)| {
                format!("{path}:{line}: \"{word}\": write {instead} (xtask/src/words.rs)")
            })),
        }
    }
    let clean = NOT_YET.iter().filter(|folder| !unclean.contains(folder));
    faults.extend(clean.map(|folder| {
        format!("{folder}: has none of the banned words; delete it from NOT_YET in crates/xtask/src/words.rs")
    }));
    Ok(faults)
}

fn is_skipped(path: &Path) -> bool {
    SKIPPED.iter().any(|skipped| path.starts_with(skipped))
        || SKIPPED_NAMES.iter().any(|name| path.file_name().is_some_and(|file| file == *name))
}

struct Words(Vec<(Regex, &'static str)>);

impl Words {
    fn new() -> Result<Self> {
        let regex = |(word, instead): &(&str, &'static str)| {
            Ok((Regex::new(&format!(r"(?i)\b(?:{word})\b"))?, *instead))
        };
        BANNED.iter().map(regex).collect::<Result<_>>().map(Self)
    }

    /// Line number, word, and what to write instead.
    fn find<'a>(&self, text: &'a str) -> Vec<(usize, &'a str, &'static str)> {
        let mut found = Vec::new();
        for (word, instead) in &self.0 {
            for hit in word.find_iter(text) {
                let line = text[..hit.start()].matches('\n').count() + 1;
                found.push((line, hit.as_str(), *instead));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found_in_any_case_with_their_line() {
        let words = Words::new().unwrap();
        let found = words.find("fine\nA Time-Out; Nobody\nwaits for ever\n");
        let found: Vec<_> = found.into_iter().map(|(line, word, _)| (line, word)).collect();
        assert_eq!(found, [(2, "Time-Out"), (3, "for ever"), (2, "Nobody")]);
        for fine in ["timeout", "for every event", "serve_forever", "tellnobody", "body"] {
            assert!(words.find(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_word_in_a_file_is_a_fault_and_a_clean_folder_is_no_exception() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let faults = faults(&[file("docs/a.md", "a time-out"), file("CHANGELOG.md", "a time-out")]).unwrap();
        assert_eq!(faults.len(), 1 + NOT_YET.len());
        assert!(faults[0].starts_with("docs/a.md:1: \"time-out\": write timeout"), "{}", faults[0]);
    }
}
