//! The README's table of `fs_cli`: complete, and each of its rows tested in a pseudo-terminal.

mod support;

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use support::{finish, program};

/// The options of `fs_cli`, and their long names (its `getopt_long`).
const OPTIONS: [(&str, &str); 21] = [
    ("-h", "--help"),
    ("-n", "--no-color"),
    ("-H", "--host"),
    ("-P", "--port"),
    ("-u", "--user"),
    ("-p", "--password"),
    ("-d", "--debug"),
    ("-x", "--execute"),
    ("-l", "--loglevel"),
    ("-U", "--log-uuid"),
    ("-S", "--log-uuid-short"),
    ("-q", "--quiet"),
    ("-b", "--batchmode"),
    ("-Q", "--no-history-file"),
    ("-r", "--retry"),
    ("-i", "--interrupt"),
    ("-R", "--reconnect"),
    ("-t", "--timeout"),
    ("-T", "--connect-timeout"),
    ("-s", "--set-log-uuid"),
    ("-?", "--help"),
];
const SLASHES: [&str; 14] = [
    "/help",
    "/exit",
    "/quit",
    "/bye",
    "...",
    "/event",
    "/noevents",
    "/nixevent",
    "/log",
    "/nolog",
    "/uuid",
    "/filter",
    "/logfilter",
    "/debug",
];
const KEYS: [&str; 10] =
    ["Ctrl-C", "Ctrl-D", "Ctrl-Z", "F1", "F12", "Tab", "Up", "Ctrl-R", "Ctrl-A", "Ctrl-E"];

struct Row {
    first: String,
    tests: Vec<String>,
}

/// The rows of the tables whose head begins with `fs_cli`.
fn rows() -> Vec<Row> {
    let readme = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let mut rows = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            inside = false;
        } else if line.starts_with("| `fs_cli`") {
            inside = true;
        } else if inside && !line.starts_with("| ---") {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [first, _, tests] = cells[..] else { panic!("{line}: not three cells") };
            let tests = tests.split(", ").map(|test| test.trim_matches('`').to_owned()).collect();
            rows.push(Row { first: first.to_owned(), tests });
        }
    }
    rows
}

#[test]
fn every_row_names_tests_that_exist_and_run_in_a_terminal() {
    let rows = rows();
    assert!(rows.len() > 50, "{} rows", rows.len());
    for row in rows {
        assert!(!row.tests.is_empty(), "{}: no test", row.first);
        for test in &row.tests {
            let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{}: {test}", row.first));
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/{file}.rs"));
            let text =
                std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}: no {file}.rs", row.first));
            assert!(text.contains(&format!("#[test]\nfn {name}() {{")), "{}: no test {test}", row.first);
            assert!(text.contains("support/terminal.rs"), "{}: {file}.rs has no terminal", row.first);
        }
    }
}

#[test]
fn nothing_of_fs_cli_is_missing() {
    let rows = rows();
    let has = |word: &str| rows.iter().any(|row| row.first.contains(&format!("`{word}")));
    for (short, long) in OPTIONS {
        let row = rows.iter().find(|row| row.first.contains(&format!("`{short}")));
        let row = row.unwrap_or_else(|| panic!("{short} is in no row"));
        assert!(row.first.contains(long), "{short}: without {long}");
    }
    for word in SLASHES {
        assert!(has(word), "{word} is in no row");
    }
    for key in KEYS {
        assert!(rows.iter().any(|row| row.first.contains(key)), "{key} is in no row");
    }
    for code in [0, 1, 254, 255] {
        assert!(rows.iter().any(|row| row.first.starts_with(&format!("exit code {code}"))), "{code}");
    }
}

#[test]
fn all_options_of_fs_cli_are_taken() {
    let mut help = program(&["--help"]);
    let help = finish(help.arg0("fs_cli")).expect(0).stdout;
    for (short, long) in OPTIONS.iter().filter(|(short, _)| *short != "-?") {
        let shown = |line: &str| line.trim_start().starts_with(&format!("{short}, {long}"));
        assert!(help.lines().any(shown), "{short}, {long}: {help}");
    }
}
