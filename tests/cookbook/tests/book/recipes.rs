//! Every program of `docs/cookbook` as its reader would run it, against a simulator with the recipe's scenario: each must
//! print what the recipe says, and the server must see what the scenario expects. The same in every language.

use crate::language::{self, Language};
use crate::{recipe, trial};

/// Runs all recipes in that language; says at the end which failed, and why.
fn all(language: Language) {
    let Some(tools) = language.tools() else { return };
    let mut failed = Vec::new();
    let recipes = recipe::all();
    for recipe in &recipes {
        if let Some(why) = recipe.without(language) {
            eprintln!("{}: not in {}: {why}", recipe.name, language.name());
            continue;
        }
        // Go shows how it is done once.
        if language == Language::Go && !recipe.program(language).exists() {
            continue;
        }
        if recipe.test.browser.is_some() && !language::can_browse() {
            eprintln!("SKIPPED {} in {}: no Chromium (cargo xtask test book)", recipe.name, language.name());
            continue;
        }
        match trial::run(recipe, &tools) {
            Ok(()) => eprintln!("{}: {} ran", recipe.name, language.name()),
            Err(why) => failed.push(format!("{}: {why}", recipe.name)),
        }
    }
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), recipes.len(), failed.join("\n\n"));
}

#[test]
fn in_rust() {
    all(Language::Rust);
}

#[test]
fn in_c() {
    all(Language::C);
}

#[test]
fn in_go() {
    all(Language::Go);
}

#[test]
fn in_python() {
    all(Language::Python);
}

#[test]
fn in_node() {
    all(Language::Node);
}
