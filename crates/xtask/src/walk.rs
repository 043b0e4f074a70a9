//! A stranger's walk: the commands of the book's first page, in a folder where nothing is, until a call is answered; timed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::dist::build::Build;
use crate::dist::{self, fresh, target};
use crate::packages::Sim;
use crate::run::{check, command, root};

/// The page, and the languages in it by the program that its commands run.
const PAGE: &str = "docs/start/README.md";
const PROGRAMS: &[(&str, &str)] =
    &[("Rust", "program.rs"), ("Python", "program.py"), ("Node", "program.mjs"), ("C", "program.c")];

/// What a registry or a release page would give, built from this checkout.
struct Packages {
    folder: PathBuf,
}

/// Walks in each language; prints the commands with their seconds. The packages are in that folder, or are built before.
pub(crate) fn run(packages: Option<PathBuf>) -> Result<()> {
    let packages = packages
        .map_or_else(Packages::build, |folder| Ok(Packages { folder: std::path::absolute(folder)? }))?;
    check(command("cargo", &["build", "--quiet", "--package", "switchwire-cli"]))?;
    let simulator = Sim::of(&target().join("debug/switchwire"))?;
    let page = std::fs::read_to_string(root().join(PAGE))?;
    let mut table = String::from("| | commands | seconds |\n| --- | --- | --- |\n");
    for (language, program) in PROGRAMS {
        let commands = commands(&page, program)?;
        println!("\n{language}");
        let place = tempfile::tempdir()?;
        std::fs::copy(root().join("docs/start").join(program), place.path().join(program))?;
        let time = packages.walk(place.path(), &commands, simulator.port())?;
        println!("  {time:>6.1?} in all: the call was answered");
        table += &format!("| {language} | {} | {:.0} |\n", commands.len(), time.as_secs_f64().ceil());
    }
    println!("\n{table}");
    Ok(())
}

/// The lines of the block of commands in the page that names that program.
fn commands(page: &str, program: &str) -> Result<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let block = blocks.filter(|block| block.contains(program)).last();
    let block = block.with_context(|| format!("{PAGE} has no commands for {program}"))?;
    Ok(block.lines().map(|line| line.split(" # ").next().unwrap_or_default().trim().to_owned()).collect())
}

impl Packages {
    fn build() -> Result<Self> {
        let folder = target().join("walk");
        fresh(&folder)?;
        dist::python::pack(&folder.join("python"))?;
        dist::node::pack(&Build::Native, &folder.join("node"))?;
        dist::c::tarball(&Build::Native, &folder.join("c"))?;
        Ok(Self { folder })
    }

    /// The command as it works while nothing is published; all else is as the page has it.
    fn local(&self, line: &str) -> Result<String> {
        Ok(match line {
            "cargo add switchwire" => {
                format!("{line} --path {}", root().join("crates/switchwire").display())
            }
            "npm install switchwire" => {
                let packed = self.files(".tgz")?;
                let names = packed.iter().map(|path| path.display().to_string());
                let names: Vec<_> = names.filter(|name| !name.contains("switchwire-cli")).collect();
                format!("npm install {}", names.join(" "))
            }
            _ if line.starts_with("tar ") => {
                let (_, name) = line.rsplit_once(' ').unwrap_or_default();
                let packed = self.files(name)?;
                format!(
                    "tar xzf {}",
                    packed.first().with_context(|| format!("there is no {name}"))?.display()
                )
            }
            _ => line.to_owned(),
        })
    }

    /// The packages whose names end so.
    fn files(&self, end: &str) -> Result<Vec<PathBuf>> {
        let mut found = dist::files(&self.folder, end)?;
        for folder in std::fs::read_dir(&self.folder)? {
            let folder = folder?.path();
            if folder.is_dir() {
                found.extend(dist::files(&folder, end)?);
            }
        }
        Ok(found)
    }

    /// Runs the commands one after the other in one shell's environment; the last must print that the call was answered.
    fn walk(&self, place: &Path, lines: &[String], port: u16) -> Result<Duration> {
        let begin = Instant::now();
        let mut before = String::new();
        let mut printed = String::new();
        let links = self.files(".whl")?.pop().context("there is no wheel")?;
        let links = links.parent().unwrap_or(&self.folder);
        for line in lines {
            let here = self.local(line)?.replace("8021", &port.to_string());
            let started = Instant::now();
            let mut shell = command("sh", &["-e", "-c", &format!("{before}{here}")]);
            shell.current_dir(place).stdin(Stdio::null()).stderr(Stdio::inherit());
            // pip finds the wheel as it would find it in a registry; cargo builds as on a machine that never built it.
            shell.env("PIP_FIND_LINKS", links).env("PIP_NO_INDEX", "1");
            shell.env("CARGO_TARGET_DIR", place.join("target")).env("CARGO_TERM_QUIET", "true");
            let ended = shell.output().with_context(|| format!("cannot run {line}"))?;
            printed = String::from_utf8_lossy(&ended.stdout).into_owned();
            let noted = if here == *line { String::new() } else { format!("   ({here})") };
            println!("  {:>6.1?}  {line}{noted}", started.elapsed());
            ensure!(ended.status.success(), "{line}: {}\n{printed}", ended.status);
            // What changes the shell and not the folder is in force for the lines after it.
            if ["cd ", "export "].iter().any(|word| line.starts_with(word)) {
                before += &format!("{here}\n");
            }
        }
        ensure!(
            printed.contains("CHANNEL_ANSWER") && printed.contains("ended: NORMAL_CLEARING"),
            "no call was answered:\n{printed}"
        );
        Ok(begin.elapsed())
    }
}
