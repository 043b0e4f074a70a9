//! Clients that are not built into this program: built here, or installed from their registries, under `target/bench`.
//! What cannot be installed is reported and left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::stream::{Format, Stream};

/// Why a client cannot run.
#[derive(Clone, Debug)]
pub(crate) struct Missing(pub(crate) String);

/// Where the clients are, by part; or why they are not.
pub(crate) struct Installed {
    parts: BTreeMap<&'static str, Result<PathBuf, Missing>>,
    this: PathBuf,
    event_names: String,
}

/// The source distribution that holds the original library, its C++ layer and its Python module (a libesl of 2016).
const ORIGINAL: &str = "python-ESL==1.4.18";

impl Installed {
    /// Builds and installs everything; what is there already stays. Without `peers` those that are not there are left out.
    pub(crate) fn new(peers: bool) -> Result<Self> {
        let this = std::env::current_exe()?;
        let profile = this.parent().context("no folder")?.to_path_buf();
        let folder = profile.parent().context("no folder")?.join("bench");
        let mut installed =
            Self { parts: BTreeMap::new(), this, event_names: names(&Stream::load(Format::Json)?) };
        installed.part("ours-c", || ours(&profile, &folder.join("ours")));
        installed.part("ours-python", ours_python);
        installed.part("ours-node", ours_node);
        installed.part("original", || original(&folder.join("original"), peers));
        let sources = folder.join("original");
        installed.part("python-ESL", || python_esl(&sources));
        installed.part("peers-python", || peers_python(&folder.join("python"), peers));
        installed.part("peers-node", || peers_node(&folder.join("node"), peers));
        installed.part("tokio", || tokio(&folder.join("tokio"), peers));
        Ok(installed)
    }

    fn part(&mut self, name: &'static str, make: impl FnOnce() -> Result<PathBuf>) {
        let made = make().map_err(|error| Missing(format!("{error:#}")));
        if let Err(Missing(why)) = &made {
            eprintln!("NOT INSTALLED {name}: {why}");
        }
        self.parts.insert(name, made);
    }

    fn get(&self, name: &str) -> Result<PathBuf, Missing> {
        self.parts.get(name).cloned().unwrap_or_else(|| Err(Missing("no such part".to_owned())))
    }

    /// This program.
    pub(crate) fn this(&self) -> &Path {
        &self.this
    }

    /// A driver's source.
    pub(crate) fn script(&self, name: &str) -> String {
        source(name).to_string_lossy().into_owned()
    }

    /// The names of the JSON stream's events.
    pub(crate) fn event_names(&self) -> &str {
        &self.event_names
    }

    /// A C or C++ driver and its library's folder.
    pub(crate) fn c(&self, original: bool, plus: bool) -> Result<(PathBuf, PathBuf), Missing> {
        let folder = self.get(if original { "original" } else { "ours-c" })?;
        Ok((folder.join(if plus { "client-cpp" } else { "client-c" }), folder))
    }

    /// An interpreter that has this client, and its module path.
    pub(crate) fn python(&self, peers: bool, client: &str) -> Result<(PathBuf, PathBuf), Missing> {
        if peers && client == "ESL" {
            return Ok((PathBuf::from("python3"), self.get("python-ESL")?));
        }
        Ok((self.get(if peers { "peers-python" } else { "ours-python" })?, PathBuf::new()))
    }

    /// The folder of the packages.
    pub(crate) fn node(&self, peers: bool, client: &str) -> Result<PathBuf, Missing> {
        let folder = self.get(if peers { "peers-node" } else { "ours-node" })?;
        let package = client.trim_end_matches("-json");
        if peers && !folder.join("node_modules").join(package).exists() {
            return Err(Missing(format!("no {package}")));
        }
        Ok(folder)
    }

    pub(crate) fn tokio(&self) -> Result<PathBuf, Missing> {
        self.get("tokio")
    }
}

fn names(stream: &Stream) -> String {
    let mut names = stream.names();
    names.sort();
    names.dedup();
    names.join(",")
}

fn bench() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> PathBuf {
    bench().join("../..")
}

fn source(name: &str) -> PathBuf {
    bench().join("clients").join(name)
}

fn ours(profile: &Path, folder: &Path) -> Result<PathBuf> {
    let library = profile.join("libesl.so");
    ensure!(library.exists(), "no {} (cargo build --package switchwire-c)", library.display());
    std::fs::create_dir_all(folder)?;
    for name in ["libesl.so", "libesl.so.1"] {
        let _ = std::fs::remove_file(folder.join(name));
        std::fs::copy(&library, folder.join(name))?;
    }
    let include = root().join("include");
    compile("gcc", &include, folder, &[source("client.c")], "client-c")?;
    compile("g++", &include, folder, &[source("client.cpp")], "client-cpp")?;
    compile("gcc", &include, folder, &[source("growing.c")], "growing")?;
    Ok(folder.to_path_buf())
}

/// The folder of our C library and the programs that use it, built now.
pub(crate) fn ours_c() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let profile = this.parent().context("no folder")?;
    ours(profile, &profile.parent().context("no folder")?.join("bench/ours"))
}

/// Builds a driver against the headers of one folder and the libesl.so of another.
fn compile(compiler: &str, include: &Path, folder: &Path, sources: &[PathBuf], name: &str) -> Result<()> {
    let mut command = Command::new(compiler);
    command.args(["-O2", "-w", "-I"]).arg(include).arg("-I").arg(source("")).args(sources);
    command.arg("-o").arg(folder.join(name)).arg("-L").arg(folder).args(["-lesl", "-lpthread"]);
    run(&mut command)
}

/// What `cargo xtask bench` and `cargo xtask test python` install it into.
fn ours_python() -> Result<PathBuf> {
    let python = root().join("target/python/bin/python");
    ensure!(python.exists(), "the package is not built (cargo xtask bench does it)");
    run(Command::new(&python).args(["-c", "import switchwire, ESL"]))?;
    Ok(python)
}

fn ours_node() -> Result<PathBuf> {
    let folder = root().join("node").canonicalize()?;
    let index = folder.join("index.mjs");
    ensure!(folder.join("node_modules").exists(), "the package is not built (cargo xtask bench does it)");
    run(Command::new("node")
        .arg("--input-type=module")
        .args(["-e", &format!("import '{}'", index.display())]))?;
    Ok(folder)
}

fn original(folder: &Path, fetch: bool) -> Result<PathBuf> {
    if !folder.join("libesl.so").exists() {
        ensure!(fetch, "not built yet");
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder)?;
        let sdist = match std::env::var_os("SWITCHWIRE_LIBESL_SDIST") {
            Some(path) => PathBuf::from(path),
            None => download(folder)?,
        };
        run(Command::new("tar").arg("xzf").arg(sdist).arg("-C").arg(folder).arg("--strip-components=1"))?;
        let mut library = Command::new("gcc");
        library
            .args(["-O2", "-w", "-fPIC", "-shared", "-fcommon", "-I"])
            .arg(folder)
            .args(c_sources(folder)?);
        run(library.arg("-o").arg(folder.join("libesl.so")).args(["-lpthread", "-lm"]))?;
    }
    compile("gcc", folder, folder, &[source("client.c")], "client-c")?;
    compile("g++", folder, folder, &[source("client.cpp"), folder.join("esl_oop.cpp")], "client-cpp")?;
    Ok(folder.to_path_buf())
}

fn c_sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|kind| kind == "c")).collect())
}

fn download(folder: &Path) -> Result<PathBuf> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "-q", "--no-binary", ":all:", "--no-deps", ORIGINAL, "-d"]);
    run(pip.arg(folder))?;
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let found = entries.into_iter().map(|entry| entry.path());
    found
        .into_iter()
        .find(|path| path.extension().is_some_and(|kind| kind == "gz"))
        .context("pip fetched nothing")
}

/// The Python module, built as its own setup does, but for `-classic`, which SWIG 4 no longer knows.
fn python_esl(sources: &Path) -> Result<PathBuf> {
    let folder = sources.join("python");
    if folder.join("_ESL.so").exists() {
        return Ok(folder);
    }
    ensure!(sources.join("ESL.i").exists(), "no sources");
    std::fs::create_dir_all(&folder)?;
    let wrapper = folder.join("wrapper.cpp");
    let mut swig = Command::new("swig");
    swig.args(["-python", "-c++", "-DMULTIPLICITY", "-threads", "-w451", "-I."]).current_dir(sources);
    run(swig.arg("-outdir").arg(&folder).arg("-o").arg(&wrapper).arg("ESL.i"))?;
    let include = "import sysconfig; print(sysconfig.get_paths()['include'])";
    let include = Command::new("python3").args(["-c", include]).output()?.stdout;
    let include = String::from_utf8(include)?;
    // C as C, C++ as C++; the library's own objects, not those of libesl.so: a module is one file.
    let mut objects = Vec::new();
    for source in c_sources(sources)? {
        let object = folder.join(source.file_name().unwrap_or_default()).with_extension("o");
        let mut compiler = Command::new("gcc");
        compiler.args(["-O2", "-w", "-fPIC", "-fcommon", "-c", "-I"]).arg(sources).arg(source);
        run(compiler.arg("-o").arg(&object))?;
        objects.push(object);
    }
    let mut linker = Command::new("g++");
    linker.args(["-O2", "-w", "-fPIC", "-shared", "-I", include.trim(), "-I"]).arg(sources).arg(&wrapper);
    linker.arg(sources.join("esl_oop.cpp")).args(objects).arg("-o").arg(folder.join("_ESL.so"));
    run(linker.arg("-lpthread"))?;
    Ok(folder)
}

fn peers_python(folder: &Path, fetch: bool) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let there = |python: &Path| run(Command::new(python).args(["-c", "import greenswitch, genesis"]));
    if python.exists() && there(&python).is_ok() {
        return Ok(python);
    }
    ensure!(fetch, "not installed yet");
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let mut pip = Command::new(&python);
    run(pip.args(["-m", "pip", "install", "-q", "-r"]).arg(bench().join("peers/requirements.txt")))?;
    there(&python)?;
    Ok(python)
}

fn peers_node(folder: &Path, fetch: bool) -> Result<PathBuf> {
    if !folder.join("node_modules").exists() {
        ensure!(fetch, "not installed yet");
        std::fs::create_dir_all(folder)?;
        std::fs::copy(bench().join("peers/package.json"), folder.join("package.json"))?;
        let mut npm = Command::new("npm");
        run(npm.args(["install", "--no-audit", "--no-fund", "--silent"]).current_dir(folder))?;
    }
    Ok(folder.to_path_buf())
}

fn tokio(folder: &Path, fetch: bool) -> Result<PathBuf> {
    let program = folder.join("release/bench-tokio");
    if fetch {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--quiet", "--locked", "--manifest-path"]);
        run(cargo.arg(bench().join("peers/tokio/Cargo.toml")).env("CARGO_TARGET_DIR", folder))?;
    }
    ensure!(program.exists(), "not built yet");
    Ok(program)
}

/// Runs a program to its end; its last words when it fails.
fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{name}: {}", errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("failed"));
    }
    Ok(())
}
