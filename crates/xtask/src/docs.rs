//! The book and the references of each language; and its programs, run.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::run::{check, command, command_in, has, root};
use crate::{node, python};

/// The book's builder, from crates.io.
const MDBOOK: &str = "0.5.4";
/// The builder of Node's reference, and the compiler that it runs.
const TYPEDOC: &[&str] = &["typedoc@0.28.20", "typescript@5.8.3"];
/// What recipes use besides: a mail library and a mail server to try it on.
const PYTHON_OF_RECIPES: &[&str] = &["imapclient==4.1.0", "mail-devel==0.18.1"];
/// The same for Node, and what drives a browser.
const NODE_OF_RECIPES: &[&str] = &["imapflow@2.10.2", "nodemailer@10.6.1", "playwright-core@1.65.1"];
/// The crates that programs use.
const CRATES: &[&str] = &["switchwire", "switchwire-proto", "switchwire-tokio", "switchwire-sim"];

/// Builds the book into `target/book` and the references into `target/doc` and `target/docs`. A warning is an error.
pub(crate) fn build() -> Result<()> {
    book()?;
    rust()?;
    for (name, missing, build) in [
        ("Python", python::missing(), python_reference as fn() -> Result<()>),
        ("Node", node::missing(), node_reference),
        ("C", (!has("doxygen", "--version")).then(|| "no doxygen".to_owned()), c_reference),
    ] {
        match missing {
            Some(why) => node::skip(&format!("the reference of {name}"), &anyhow::anyhow!(why))?,
            None => build()?,
        }
    }
    Ok(())
}

/// As [`build`], and runs every program of the book.
pub(crate) fn test() -> Result<()> {
    build()?;
    // (Of the package alone, its crates would be compiled once more, with fewer features.)
    let mut tests = command("cargo", &["test", "--workspace", "--test", "book", "--", "--nocapture"]);
    if python::missing().is_none() {
        let venv = python::tools(PYTHON_OF_RECIPES)?;
        tests.env("SWITCHWIRE_COOKBOOK_PYTHON", python::program(&venv, "python"));
    }
    if node::missing().is_none() {
        let packages = target("cookbook-tools");
        node::install(&packages, NODE_OF_RECIPES)?;
        tests.env("SWITCHWIRE_COOKBOOK_NODE", "node");
        tests.env("SWITCHWIRE_COOKBOOK_NODE_MODULES", packages.join("node_modules"));
        if !has("chromium", "--version") && std::env::var_os("SWITCHWIRE_CHROMIUM").is_none() {
            node::skip("pages in a browser", &anyhow::anyhow!("no chromium"))?;
        }
    }
    check(tests)
}

fn book() -> Result<()> {
    let tools = target("tools");
    let program = tools.join("bin/mdbook");
    if !program.exists() {
        // Without its server it builds in less than a minute.
        let mut install =
            command("cargo", &["install", "--quiet", "--locked", "--no-default-features", "--debug"]);
        install.args(["--features", "search"]);
        install.args(["mdbook", "--version", MDBOOK, "--root"]).arg(&tools);
        check(install)?;
    }
    let build = command(&program.to_string_lossy(), &["build", "docs"]);
    let printed = without_warning(build)?;
    ensure!(root().join("target/book/index.html").exists(), "no book was built:\n{printed}");
    if python::missing().is_none() {
        check(command("python3", &["docs/references/links.py", "target/book"]))?;
    }
    Ok(())
}

/// Runs a program that tells its warnings in words.
fn without_warning(mut command: std::process::Command) -> Result<String> {
    println!("$ {command:?}");
    let output = command.output()?;
    let printed =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let is_clean = output.status.success() && !["WARN", "ERROR"].iter().any(|word| printed.contains(word));
    ensure!(is_clean, "{command:?}: {}\n{printed}", output.status);
    Ok(printed)
}

fn rust() -> Result<()> {
    let mut doc = command("cargo", &["doc", "--no-deps", "--quiet"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc.args(CRATES.iter().flat_map(|name| ["--package", name]));
    check(doc)
}

fn python_reference() -> Result<()> {
    python::install()?;
    let venv = python::tools(&["pdoc"])?;
    let mut write = command(&python::program(&venv, "python"), &["-W", "error", "docs/references/python.py"]);
    write.arg(fresh("python")?);
    check(write)
}

fn node_reference() -> Result<()> {
    node::build()?;
    let tools = target("docs-tools");
    node::install(&tools, TYPEDOC)?;
    let program = tools.join("node_modules/.bin/typedoc");
    let mut write = command_in("node", &program.to_string_lossy(), &["--treatWarningsAsErrors"]);
    for entry in ["index", "modesl", "testing", "vocabulary"] {
        write.args(["--entryPoints", &format!("{entry}.d.ts")]);
    }
    write.args(["--tsconfig", "test/types/tsconfig.json", "--out"]).arg(fresh("node")?);
    check(write)
}

fn c_reference() -> Result<()> {
    fresh("c")?;
    check(command("doxygen", &["docs/references/Doxyfile"]))
}

fn target(name: &str) -> PathBuf {
    root().join("target").join(name)
}

/// The empty folder of that language's reference.
fn fresh(name: &str) -> Result<PathBuf> {
    let folder = target("docs").join(name);
    remove(&folder)?;
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
