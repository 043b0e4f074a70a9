//! How long a source file may be.

use std::path::Path;

use crate::generate;

/// A source file with more lines than this serves more than one purpose. CONTRIBUTING.md says it, too.
pub(crate) const MOST_LINES: usize = 600;

/// What is written by hand, as far as it is limited in length.
const SOURCES: &[&str] = &["rs", "c", "cc", "cpp", "h", "i", "py", "pyi", "js", "mjs", "cjs", "ts"];

/// Files that cannot be split: the stub of a native module is one file.
const WHOLE: &[&str] = &["python/src/switchwire/_native.pyi"];

/// The source files among `files` (path and text) that are too long.
pub(crate) fn faults(files: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in files {
        let is_source = Path::new(path).extension().is_some_and(|ext| SOURCES.iter().any(|s| ext == *s));
        let lines = text.lines().count();
        let is_whole = WHOLE.contains(&path.as_str());
        if is_source && !is_whole && lines > MOST_LINES && !generate::is_generated(text) {
            faults.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
        }
    }
    faults
}
