//! How a program of each language is run.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::recipe::{Recipe, root};

#[derive(Clone, Copy, PartialEq)]
pub enum Language {
    Rust,
    Python,
    Node,
    C,
    /// By cgo on libesl.
    Go,
}

/// A language whose tools are here.
pub struct Tools {
    language: Language,
    /// The interpreter, or the compiler.
    program: PathBuf,
}

impl Language {
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Node => "node",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Rust => "rs",
            Self::Python => "py",
            Self::Node => "mjs",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// `None`, after a line that says so, where they are missing. Python's interpreter (`SWITCHWIRE_COOKBOOK_PYTHON`) is one
    /// that has the package, and Node's package is built: `cargo xtask test book` sees to both.
    pub fn tools(self) -> Option<Tools> {
        let program = match self {
            Self::Rust => Some(PathBuf::new()),
            Self::C => has("cc", "--version").then(|| "cc".into()),
            Self::Go => has("go", "version").then(|| "go".into()),
            Self::Python => std::env::var_os("SWITCHWIRE_COOKBOOK_PYTHON").map(PathBuf::from),
            Self::Node => std::env::var_os("SWITCHWIRE_COOKBOOK_NODE").map(PathBuf::from),
        };
        if program.is_none() {
            eprintln!("SKIPPED {}: its tools are not here (cargo xtask test book)", self.name());
        }
        program.map(|program| Tools { language: self, program })
    }
}

impl Tools {
    /// A program in Python or for Node.
    pub fn interpret(&self, source: &Path, scratch: &Path) -> Result<Command, String> {
        if self.language == Language::Python {
            return Ok(interpreted(&self.program, &["-u", "-W", "error"], source));
        }
        Ok(interpreted(&self.program, &["--unhandled-rejections=strict"], &installed(source, scratch)?))
    }

    /// The recipe's program, built if need be into `scratch`.
    pub fn command(&self, recipe: &Recipe, scratch: &Path) -> Result<Command, String> {
        let source = recipe.program(self.language);
        if !source.exists() {
            return Err(format!("there is no {}", source.display()));
        }
        Ok(match self.language {
            // Cargo has built it beside this test.
            Language::Rust => Command::new(beside("examples").join(recipe.name.replace('-', "_"))),
            Language::Python | Language::Node => self.interpret(&source, scratch)?,
            Language::C => compiled(&self.program, &source, scratch)?,
            Language::Go => with_cgo(&self.program, &source, scratch)?,
        })
    }
}

fn interpreted(interpreter: &Path, options: &[&str], source: &Path) -> Command {
    let mut command = Command::new(interpreter);
    command.args(options).arg(source);
    command
}

/// Node looks for packages beside a program: this one has the repository's in its `node_modules`, and those of other makers that
/// are in `SWITCHWIRE_COOKBOOK_NODE_MODULES`. What else the recipe has is beside it too.
fn installed(source: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let text = |error: std::io::Error| error.to_string();
    let modules = scratch.join("node_modules");
    if !modules.exists() {
        std::fs::create_dir(&modules).map_err(text)?;
        symlink(root().join("node"), modules.join("switchwire")).map_err(text)?;
        if let Some(others) = std::env::var_os("SWITCHWIRE_COOKBOOK_NODE_MODULES") {
            for package in std::fs::read_dir(others).map_err(text)?.map_while(Result::ok) {
                symlink(package.path(), modules.join(package.file_name())).map_err(text)?;
            }
        }
    }
    let name = source.file_name().unwrap_or_default();
    for file in [Path::new(name), Path::new("page.html")] {
        let file = source.with_file_name(file);
        if file.exists() {
            std::fs::copy(&file, scratch.join(file.file_name().unwrap_or_default())).map_err(text)?;
        }
    }
    Ok(scratch.join(name))
}

/// The browser that `SWITCHWIRE_CHROMIUM` names, or Debian's; `None` where there is none.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("SWITCHWIRE_CHROMIUM").map(PathBuf::from);
    named.or_else(|| has("chromium", "--version").then(|| "/usr/bin/chromium".into()))
}

/// Whether pages can be looked at: a browser, Node, and the package that drives one.
pub fn can_browse() -> bool {
    let driver = std::env::var_os("SWITCHWIRE_COOKBOOK_NODE_MODULES")
        .is_some_and(|modules| Path::new(&modules).join("playwright-core").exists());
    driver && chromium().is_some()
}

/// A program for Node that visits the page at that port.
pub fn browse(source: &Path, port: u16, scratch: &Path) -> Result<Command, String> {
    let node = std::env::var_os("SWITCHWIRE_COOKBOOK_NODE").unwrap_or_else(|| "node".into());
    let mut command = Command::new(node);
    command.arg(installed(source, scratch)?).arg(format!("http://127.0.0.1:{port}/"));
    command.env("SWITCHWIRE_CHROMIUM", chromium().ok_or("no Chromium")?);
    Ok(command)
}

fn compiled(compiler: &Path, source: &Path, scratch: &Path) -> Result<Command, String> {
    let (program, library) = (scratch.join("program"), library());
    let mut compile = Command::new(compiler);
    compile.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L"]);
    compile.args(["-Wall", "-Wextra", "-pedantic", "-Wno-missing-field-initializers", "-Werror"]);
    compile.arg("-I").arg(root().join("include")).arg(source).arg("-o").arg(&program);
    compile.arg("-L").arg(&library).args(["-lesl", "-lpthread"]);
    built(compile, program, &library)
}

fn with_cgo(compiler: &Path, source: &Path, scratch: &Path) -> Result<Command, String> {
    let (program, library) = (scratch.join("program"), library());
    let mut compile = Command::new(compiler);
    compile.args(["build", "-o"]).arg(&program).arg(source);
    compile.env("CGO_ENABLED", "1").env("GO111MODULE", "off").env("GOCACHE", scratch.join("cache"));
    compile.env("CGO_CFLAGS", format!("-I{}", root().join("include").display()));
    compile.env("CGO_LDFLAGS", format!("-L{} -lesl", library.display()));
    built(compile, program, &library)
}

/// Compiles; gives the program, which will find the library.
fn built(mut compile: Command, program: PathBuf, library: &Path) -> Result<Command, String> {
    let output = compile.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("does not compile:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", library);
    Ok(command)
}

/// The folder of libesl.so.
fn library() -> PathBuf {
    let folder = beside("deps");
    // Programs look for the soname.
    let _ = symlink("libesl.so", folder.join("libesl.so.1"));
    folder
}

/// A folder of this build: this test is in `deps`.
fn beside(folder: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join(folder)
}

fn has(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}
