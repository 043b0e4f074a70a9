//! What the folder of a recipe, or of the book's first program, holds: `README.md` (its page in the book), `scenario.toml` (the server), `test.toml` (how its
//! programs are run and what they print) and a program in each language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::language::Language;

pub struct Recipe {
    pub name: String,
    pub folder: PathBuf,
    pub scenario: String,
    pub test: Test,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its first arguments: host, port and password of the server, or the port on which it takes calls.
    pub takes: Takes,
    /// A program in Python of the same folder that runs meanwhile; its arguments are two ports, and it serves on the first (or both).
    pub beside: Option<String>,
    /// A program for Node of the same folder that visits the page which the recipe's program serves at `{own-port}`, in a browser;
    /// then it is what prints.
    pub browser: Option<String>,
    /// Its other arguments; `{folder}` is an empty folder of its own, `{own-port}` a free port, `{beside}` the HTTP address of the program
    /// beside it, `{beside-port}` and `{beside-port-2}` its ports.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Lines that it prints, in this order, whatever is between; `*` is any text.
    pub prints: Vec<String>,
    /// It ends by itself; otherwise it is stopped when it has printed all.
    #[serde(default)]
    pub ends: bool,
    /// Languages that the recipe does not have, and why.
    #[serde(default)]
    without: BTreeMap<String, String>,
}

#[derive(Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Takes {
    Server,
    Calls,
}

impl Recipe {
    pub fn without(&self, language: Language) -> Option<&str> {
        self.test.without.get(language.name()).map(String::as_str)
    }

    pub fn program(&self, language: Language) -> PathBuf {
        self.folder.join(format!("program.{}", language.extension()))
    }
}

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All recipes, sorted by name; `SWITCHWIRE_RECIPE` names one.
pub fn all() -> Vec<Recipe> {
    let only = std::env::var("SWITCHWIRE_RECIPE").ok();
    let folders = std::fs::read_dir(root().join("docs/cookbook")).unwrap();
    let mut folders: Vec<PathBuf> =
        folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.push(root().join("docs/start"));
    folders.sort();
    let named = |folder: PathBuf| (folder.file_name().unwrap().to_string_lossy().into_owned(), folder);
    let wanted = |(name, _): &(String, PathBuf)| only.as_ref().is_none_or(|only| only == name);
    let recipes: Vec<_> =
        folders.into_iter().map(named).filter(wanted).map(|(name, folder)| read(folder, name)).collect();
    assert!(!recipes.is_empty(), "no recipe");
    recipes
}

fn read(folder: PathBuf, name: String) -> Recipe {
    let text = |file: &str| {
        let path = folder.join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let test = toml::from_str(&text("test.toml")).unwrap_or_else(|error| panic!("{name}/test.toml: {error}"));
    let scenario = text("scenario.toml");
    Recipe { name, folder, scenario, test }
}
