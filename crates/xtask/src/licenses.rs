//! The licences of what we stand on: which are allowed, and the list that goes into every package that holds a binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::run::{command, output, root};

/// The list, in the repository and in the packages.
pub(crate) const LIST: &str = "bindings/THIRD-PARTY.md";

/// Where else it is, for packages that are made of their own folder alone.
const COPIES: &[&str] = &["python/THIRD-PARTY.md"];

/// What we ship compiled, and the crate that it is made of.
const BINARIES: &[(&str, &str)] = &[
    ("C", "switchwire-c"),
    ("Python", "switchwire-python"),
    ("Node", "switchwire-node"),
    ("command", "switchwire-cli"),
];

/// Writes the list anew.
pub(crate) fn write() -> Result<()> {
    let text = list(&Dependencies::read()?)?;
    for path in [&[LIST], COPIES].concat() {
        std::fs::write(root().join(path), &text).with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}

/// What is wrong: licences that are not allowed, or a list that is not that of today's dependencies.
pub(crate) fn faults() -> Result<Vec<String>> {
    let dependencies = Dependencies::read()?;
    let mut faults = dependencies.not_allowed()?;
    let kept = std::fs::read_to_string(root().join(LIST)).unwrap_or_default();
    if kept != list(&dependencies)? {
        faults.push(format!("{LIST} is out of date: cargo xtask licenses"));
    }
    Ok(faults)
}

/// A crate from elsewhere.
struct Package {
    name: String,
    version: String,
    license: String,
    folder: std::path::PathBuf,
    authors: Vec<String>,
    /// Runs in the compiler, so that nothing of it is shipped.
    is_macro: bool,
}

/// `cargo metadata`, as far as it matters here: for the platforms that packages are made for.
struct Dependencies {
    packages: BTreeMap<String, Package>,
    /// Of a crate: those that are linked into it.
    linked: BTreeMap<String, Vec<String>>,
    ours: BTreeMap<String, String>,
    allowed: Vec<String>,
    /// What single crates may be under besides, as long as nothing of them is shipped.
    exceptions: BTreeMap<String, Vec<String>>,
}

impl Dependencies {
    fn read() -> Result<Self> {
        let text = std::fs::read_to_string(root().join(".cargo/deny.toml")).context(".cargo/deny.toml")?;
        let rules: toml::Table = text.parse()?;
        let words = |part: &str, key: &str| -> Result<Vec<String>> {
            let list = rules.get(part).and_then(|part| part.get(key)).and_then(toml::Value::as_array);
            let list = list.with_context(|| format!("deny.toml has no {part}.{key}"))?;
            Ok(list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect())
        };
        let allowed = words("licenses", "allow")?;
        let exceptions = rules.get("licenses").and_then(|part| part.get("exceptions"));
        let exceptions = (exceptions.and_then(toml::Value::as_array).into_iter().flatten())
            .filter_map(|rule| Some((rule.get("crate")?.as_str()?, rule.get("allow")?.as_array()?)))
            .map(|(name, allow)| {
                let allow = allow.iter().filter_map(toml::Value::as_str).map(str::to_owned);
                (name.to_owned(), allow.collect())
            })
            .collect();
        let mut metadata = command("cargo", &["metadata", "--format-version=1", "--locked"]);
        for target in words("graph", "targets")? {
            metadata.args(["--filter-platform", &target]);
        }
        let metadata: Value = serde_json::from_str(&output(metadata)?)?;
        let (mut packages, mut ours) = (BTreeMap::new(), BTreeMap::new());
        for package in array(&metadata["packages"]) {
            let id = text_of(&package["id"]);
            if package["source"].is_null() {
                ours.insert(text_of(&package["name"]), id.clone());
            }
            let is_macro = array(&package["targets"])
                .any(|target| array(&target["kind"]).any(|kind| kind.as_str() == Some("proc-macro")));
            let manifest = text_of(&package["manifest_path"]);
            let found = Package {
                name: text_of(&package["name"]),
                version: text_of(&package["version"]),
                license: text_of(&package["license"]),
                folder: Path::new(&manifest).parent().unwrap_or(Path::new("")).to_owned(),
                authors: array(&package["authors"]).map(text_of).collect(),
                is_macro,
            };
            packages.insert(id, found);
        }
        let mut linked = BTreeMap::new();
        for node in array(&metadata["resolve"]["nodes"]) {
            let normal = array(&node["deps"])
                .filter(|dep| array(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null()))
                .map(|dep| text_of(&dep["pkg"]));
            linked.insert(text_of(&node["id"]), normal.collect());
        }
        Ok(Self { packages, linked, ours, allowed, exceptions })
    }

    /// Every dependency, those of tests and builds too, must be under a licence that is allowed.
    fn not_allowed(&self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let mut shipped = BTreeSet::new();
        for (_, name) in BINARIES {
            shipped.extend(self.linked_into(name)?);
        }
        for (id, package) in &self.packages {
            let mut allowed = self.allowed.clone();
            if !shipped.contains(id.as_str()) {
                allowed.extend(self.exceptions.get(&package.name).into_iter().flatten().cloned());
            }
            if self.ours.values().all(|own| own != id) && !self.satisfied(&package.license, &allowed)? {
                let Package { name, version, license, .. } = package;
                faults.push(format!(
                    "{name} {version} is under {license:?}, which .cargo/deny.toml does not allow"
                ));
            }
        }
        for (name, version, license) in npm()? {
            if !self.satisfied(&license, &self.allowed)? {
                faults.push(format!("npm's {name} {version} is under {license:?}, which is not allowed"));
            }
        }
        Ok(faults)
    }

    fn satisfied(&self, license: &str, allowed: &[String]) -> Result<bool> {
        if license.is_empty() {
            return Ok(false);
        }
        let expression = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX)
            .with_context(|| format!("the licence {license:?} cannot be read"))?;
        Ok(expression.evaluate(|wanted| allowed.contains(&wanted.to_string())))
    }

    /// The licence that we take: the first of the allowed ones that suffices, else all that it asks for.
    fn taken(&self, package: &Package) -> Result<String> {
        for license in &self.allowed {
            if self.satisfied(&package.license, std::slice::from_ref(license))? {
                return Ok(license.clone());
            }
        }
        Ok(package.license.clone())
    }

    /// What is linked into that crate of ours.
    fn linked_into(&self, name: &str) -> Result<BTreeSet<&str>> {
        let own = self.ours.get(name).with_context(|| format!("no crate is called {name}"))?;
        let (mut found, mut open) = (BTreeSet::new(), vec![own.as_str()]);
        while let Some(id) = open.pop() {
            let is_macro = self.packages.get(id).is_some_and(|package| package.is_macro);
            if !is_macro && found.insert(id) {
                open.extend(self.linked.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        found.retain(|id| self.ours.values().all(|own| own != id));
        Ok(found)
    }
}

/// The Node package's dependencies at run time: name, version, licence.
fn npm() -> Result<Vec<(String, String, String)>> {
    let text = std::fs::read_to_string(root().join("node/package-lock.json"))?;
    let lock: Value = serde_json::from_str(&text)?;
    let packages = lock["packages"].as_object().context("package-lock.json has no packages")?;
    let shipped = packages.iter().filter(|(path, package)| !path.is_empty() && package["dev"] != true);
    Ok(shipped
        .map(|(path, package)| {
            let name = path.rsplit("node_modules/").next().unwrap_or(path).to_owned();
            (name, text_of(&package["version"]), text_of(&package["license"]))
        })
        .collect())
}

fn list(dependencies: &Dependencies) -> Result<String> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (binary, name) in BINARIES {
        for id in dependencies.linked_into(name)? {
            users.entry(id).or_default().push(binary);
        }
    }
    let mut text = String::from(HEAD);
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, binaries) in users {
        let Some(package) = dependencies.packages.get(id) else { continue };
        let taken = dependencies.taken(package)?;
        let files = license_files(&package.folder)?;
        let Package { name, version, license, authors, .. } = package;
        let mut owners = copyrights(&files);
        if owners.is_empty() {
            owners.clone_from(authors);
        }
        if owners.is_empty() {
            owners.push(format!("the authors of {name}"));
        }
        let owners = owners.join("; ").replace('|', "/");
        let binaries = binaries.join(", ");
        let _ = writeln!(text, "| {name} {version} | {license} | {binaries} | {owners} |");
        if !["MIT", "Apache-2.0"].contains(&taken.as_str()) {
            ensure!(!files.is_empty(), "{name} has no licence file, and {taken} asks for its text");
            texts.entry(format!("{name} ({taken})")).or_default().extend(files);
        }
    }
    for (name, version, license) in npm()? {
        let _ = writeln!(
            text,
            "| {name} {version} (npm, installed beside) | {license} | Node | see its own package |"
        );
    }
    for (title, files) in texts {
        let _ = write!(text, "\n## {title}\n\n");
        for file in files {
            let lines: Vec<&str> = file.lines().map(str::trim_end).collect();
            let _ = writeln!(text, "```\n{}\n```", lines.join("\n").trim_matches('\n'));
        }
    }
    Ok(text)
}

/// The texts of the licence files in a crate's folder, in the order of their names.
fn license_files(folder: &Path) -> Result<Vec<String>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_license =
            ["license", "licence", "copying", "copyright"].iter().any(|word| name.starts_with(word));
        if is_license && path.is_file() {
            found.insert(name, std::fs::read_to_string(&path)?);
        }
    }
    Ok(found.into_values().collect())
}

/// The copyright lines, each once; those of templates and of the licences' own wording left out.
fn copyrights(files: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for line in files.iter().flat_map(|file| file.lines()).map(str::trim) {
        let has_year =
            line.chars().filter(char::is_ascii_digit).count() >= 4 || line.to_lowercase().contains("(c)");
        let is_notice = line.starts_with("Copyright") && !line.contains(['[', '{']) && has_year;
        if is_notice && !found.iter().any(|known| known == line) {
            found.push(line.to_owned());
        }
    }
    found
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Fails when something is wrong.
pub(crate) fn check() -> Result<()> {
    let faults = faults()?;
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

const HEAD: &str = "# Third-party software

Generated by `cargo xtask licenses` from Cargo.lock; do not edit. The compiled packages (libesl for C and C++, the Python \
wheel, the Node package's native part, the command) hold code of the crates below, and of the Rust standard library (MIT OR \
Apache-2.0, the Rust Project's contributors). Where a licence gives a choice, we take MIT, or else Apache-2.0: their texts are \
LICENSE-MIT and LICENSE-APACHE beside this file, with the copyright lines below in the place of ours. Other texts follow the \
table.

| crate | licence | in | copyright |
| --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copyright_lines_are_found_and_templates_are_not() {
        let files = [
            "Copyright (c) 2019 One\n\nPermission is granted\n".to_owned(),
            "   Copyright [yyyy] [name of copyright owner]\n  Copyright 2020 Two\nCopyright law\n".to_owned(),
            "Copyright (c) 2019 One\n".to_owned(),
        ];
        assert_eq!(copyrights(&files), ["Copyright (c) 2019 One", "Copyright 2020 Two"]);
    }

    #[test]
    fn nothing_that_is_shipped_is_under_an_unknown_licence_and_an_unknown_one_is_told() {
        let mut dependencies = Dependencies::read().unwrap();
        assert_eq!(dependencies.not_allowed().unwrap(), Vec::<String>::new());
        dependencies.allowed.retain(|license| license != "Zlib");
        let faults = dependencies.not_allowed().unwrap();
        assert!(faults.iter().any(|fault| fault.contains("foldhash")), "{faults:?}");
    }
}
