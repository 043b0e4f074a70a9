//! The programs in the book's pages that are not recipes: each block in Python or JavaScript is run against a simulator in place
//! of the server at 127.0.0.1:8021. (Rust's are this crate's documentation tests; blocks marked `before` are other libraries'.)

use std::path::{Path, PathBuf};
use std::time::Duration;

use switchwire_sim::{Endpoint, Simulator};

use crate::language::Language;
use crate::process::Process;
use crate::recipe;

/// Every block of that language, with the name of its page.
fn blocks(language: &str) -> Vec<(String, String)> {
    let (mut blocks, mut pages) = (Vec::new(), Vec::new());
    find(&recipe::root().join("docs"), &mut pages);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let name = page.strip_prefix(recipe::root()).unwrap().display().to_string();
        let mut rest = &*text;
        while let Some((_, after)) = rest.split_once(&format!("```{language}\n")) {
            let (block, after) =
                after.split_once("```").unwrap_or_else(|| panic!("{name}: no end of a block"));
            if !block.starts_with("{{#include") {
                blocks.push((name.clone(), block.to_owned()));
            }
            rest = after;
        }
    }
    blocks.sort();
    blocks
}

fn find(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            find(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}

fn run(language: Language, word: &str) {
    let Some(tools) = language.tools() else { return };
    let (mut failed, blocks) = (Vec::new(), blocks(word));
    assert!(blocks.len() > 5, "the pages have no blocks in {word}");
    for (page, block) in &blocks {
        let simulator = Simulator::builder().heartbeat(Some(Duration::from_millis(50))).start().unwrap();
        simulator.endpoint("user/*", Endpoint::answers());
        let scratch = tempfile::tempdir().unwrap();
        let program = scratch.path().join(format!("block.{}", language.extension()));
        std::fs::write(&program, block.replace("8021", &simulator.port().to_string())).unwrap();
        let command = tools.interpret(&program, scratch.path());
        let outcome = command.and_then(Process::start).and_then(|mut process| process.ends());
        failed.extend(outcome.err().map(|why| format!("{page}: {why}\n{block}")));
    }
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), blocks.len(), failed.join("\n\n"));
}

#[test]
fn in_python() {
    run(Language::Python, "python");
}

#[test]
fn in_node() {
    run(Language::Node, "js");
}
