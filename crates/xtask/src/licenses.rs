//! The dependencies' licences: which are allowed, and the list that goes into every package that holds a binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use cargo_metadata::{DependencyKind, MetadataCommand, NodeDep, Package, PackageId, Target};
use serde::Deserialize;
use serde_json::Value;

use crate::run::root;

/// The list, in the repository and in the packages.
pub(crate) const LIST: &str = "bindings/THIRD-PARTY.md";

/// Copies of it, for packages built from their own folder alone.
const COPIES: &[&str] = &["python/THIRD-PARTY.md"];

/// What we ship compiled, and the crate that it is made of.
const BINARIES: &[(&str, &str)] = &[
    ("C", "switchwire-c"),
    ("Python", "switchwire-python"),
    ("Node", "switchwire-node"),
    ("command", "switchwire-cli"),
    ("bridge", "switchwire-bridge"),
];

/// Writes the list.
pub(crate) fn write() -> Result<()> {
    let text = list(&Dependencies::read()?)?;
    for path in [&[LIST], COPIES].concat() {
        std::fs::write(root().join(path), &text).with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}

/// Licences that are not allowed, and a list that is out of date.
pub(crate) fn faults() -> Result<Vec<String>> {
    let dependencies = Dependencies::read()?;
    let mut faults = dependencies.not_allowed()?;
    let kept = std::fs::read_to_string(root().join(LIST)).unwrap_or_default();
    if kept != list(&dependencies)? {
        faults.push(format!("{LIST} is out of date: cargo xtask licenses"));
    }
    Ok(faults)
}

/// `.cargo/deny.toml`, as far as it matters here.
#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Graph {
    /// The platforms that packages are made for.
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    /// Further licences for single crates that are not shipped.
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

struct Dependencies {
    packages: BTreeMap<PackageId, Package>,
    /// Of a crate: those that are linked into it.
    linked: BTreeMap<PackageId, Vec<PackageId>>,
    rules: Licenses,
}

impl Dependencies {
    fn read() -> Result<Self> {
        let text = std::fs::read_to_string(root().join(".cargo/deny.toml"))?;
        let Rules { graph, licenses: rules } = toml::from_str(&text).context(".cargo/deny.toml")?;
        let platforms = graph.targets.into_iter().map(|target| format!("--filter-platform={target}"));
        let options: Vec<_> = ["--locked".to_owned()].into_iter().chain(platforms).collect();
        let metadata = MetadataCommand::new().current_dir(root()).other_options(options).exec()?;
        let is_linked = |dep: &NodeDep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
        let nodes = metadata.resolve.context("cargo metadata resolves nothing")?.nodes.into_iter();
        let linked = nodes.map(|node| {
            let linked = node.deps.into_iter().filter(is_linked).map(|dep| dep.pkg);
            (node.id, linked.collect())
        });
        let packages = metadata.packages.into_iter().map(|package| (package.id.clone(), package));
        Ok(Self { packages: packages.collect(), linked: linked.collect(), rules })
    }

    /// Every dependency, those of tests and builds too, must be under a licence that is allowed.
    fn not_allowed(&self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let mut shipped = BTreeSet::new();
        for (_, name) in BINARIES {
            shipped.extend(self.linked_into(name)?.into_iter().map(|package| &package.id));
        }
        for package in self.packages.values().filter(|package| !is_ours(package)) {
            let Package { id, name, version, .. } = package;
            let excepted = |rule: &&Exception| !shipped.contains(id) && *name == rule.name;
            let exceptions = self.rules.exceptions.iter().filter(excepted).flat_map(|rule| &rule.allow);
            let allowed: Vec<&String> = self.rules.allow.iter().chain(exceptions).collect();
            let license = license(package);
            if !satisfied(license, &allowed)? {
                faults.push(format!(
                    "{name} {version} is under {license:?}, which .cargo/deny.toml does not allow"
                ));
            }
        }
        for (name, version, license) in npm()? {
            if !satisfied(&license, &self.rules.allow)? {
                faults.push(format!("npm's {name} {version} is under {license:?}, which is not allowed"));
            }
        }
        Ok(faults)
    }

    /// The licence that we take: the first of the allowed ones that suffices, else the whole expression.
    fn taken<'a>(&'a self, package: &'a Package) -> Result<&'a str> {
        for allowed in &self.rules.allow {
            if satisfied(license(package), std::slice::from_ref(allowed))? {
                return Ok(allowed);
            }
        }
        Ok(license(package))
    }

    /// What is linked into that crate of ours, in the order of the ids.
    fn linked_into(&self, name: &str) -> Result<Vec<&Package>> {
        let own = self.packages.values().find(|package| is_ours(package) && package.name == name);
        let own = own.with_context(|| format!("no crate is called {name}"))?;
        let (mut found, mut open) = (BTreeSet::new(), vec![&own.id]);
        while let Some(id) = open.pop() {
            // A macro runs in the compiler: nothing of it is shipped.
            let is_macro = self.packages[id].targets.iter().any(Target::is_proc_macro);
            if !is_macro && found.insert(id) {
                open.extend(self.linked.get(id).into_iter().flatten());
            }
        }
        Ok(found.into_iter().map(|id| &self.packages[id]).filter(|package| !is_ours(package)).collect())
    }
}

fn is_ours(package: &Package) -> bool {
    package.source.is_none()
}

fn license(package: &Package) -> &str {
    package.license.as_deref().unwrap_or_default()
}

fn satisfied(license: &str, allowed: &[impl AsRef<str>]) -> Result<bool> {
    if license.is_empty() {
        return Ok(false);
    }
    let expression = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX)
        .with_context(|| format!("the licence {license:?} cannot be read"))?;
    Ok(expression.evaluate(|wanted| allowed.iter().any(|allowed| wanted.to_string() == allowed.as_ref())))
}

/// The Node package's dependencies at run time: name, version, licence.
fn npm() -> Result<Vec<(String, String, String)>> {
    let text = std::fs::read_to_string(root().join("node/package-lock.json"))?;
    let lock: Value = serde_json::from_str(&text)?;
    let packages = lock["packages"].as_object().context("package-lock.json has no packages")?;
    let shipped = packages.iter().filter(|(path, package)| !path.is_empty() && package["dev"] != true);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(shipped
        .map(|(path, package)| {
            let name = path.rsplit("node_modules/").next().unwrap_or(path).to_owned();
            (name, text(&package["version"]), text(&package["license"]))
        })
        .collect())
}

fn list(dependencies: &Dependencies) -> Result<String> {
    let mut users: BTreeMap<&PackageId, Vec<&str>> = BTreeMap::new();
    for (binary, name) in BINARIES {
        for package in dependencies.linked_into(name)? {
            users.entry(&package.id).or_default().push(binary);
        }
    }
    let mut text = String::from(HEAD);
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, binaries) in users {
        let package = &dependencies.packages[id];
        let (license, taken) = (license(package), dependencies.taken(package)?);
        let Package { name, version, authors, manifest_path, .. } = package;
        let files = license_files(manifest_path.parent().unwrap_or(manifest_path).as_std_path())?;
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
        if !["MIT", "Apache-2.0"].contains(&taken) {
            ensure!(!files.is_empty(), "{name} has no licence file, and {taken} requires its text");
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
        dependencies.rules.allow.retain(|license| license != "Zlib");
        let faults = dependencies.not_allowed().unwrap();
        assert!(faults.iter().any(|fault| fault.contains("foldhash")), "{faults:?}");
    }
}
