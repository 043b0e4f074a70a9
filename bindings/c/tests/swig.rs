//! Every language that SWIG binds: the wrapper is built, and the classic scripts (a command, an event dump, an outbound
//! call) run against the simulator.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod shared;
    pub use shared::*;
}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{done, has, library, root, scratch};
use switchwire_sim::Simulator;

const PASSWORD: &str = "ClueCon";

/// A language's wrapper, in a folder of its own.
struct Built {
    folder: PathBuf,
    run: Vec<String>,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn say(program: &str, arguments: &[&str]) -> String {
    done(&Command::new(program).args(arguments).output().unwrap()).trim().to_owned()
}

/// Generates and compiles the wrapper. `flags` are SWIG's, `includes` the compiler's, `output` is the library's name.
fn build(name: &str, flags: &[&str], includes: &str, output: &str) -> PathBuf {
    let folder = scratch(&format!("swig-{name}"));
    let source = folder.join("ESL_wrap.cxx");
    std::fs::create_dir_all(&folder).unwrap();
    let swig = root().join("bindings/swig");
    let mut command = Command::new("swig");
    // 325: nested classes are private; 503, 508, 509, 516: overloads and operators that a language cannot distinguish.
    command.args(["-c++", "-w325,503,508,509,516,362"]).args(flags);
    command.arg("-I".to_owned() + root().join("include").to_str().unwrap());
    command.arg("-outdir").arg(&folder).arg("-o").arg(&source).arg(swig.join("ESL.i"));
    done(&command.output().unwrap());
    let mut command = Command::new("g++");
    command.args(["-O1", "-w", "-fPIC", "-shared", "-fpermissive"]).args(words(includes));
    command.arg("-I").arg(root().join("include")).arg(&source).arg("-o").arg(folder.join(output));
    command.arg("-L").arg(library()).arg("-lesl");
    done(&command.output().unwrap());
    folder
}

impl Built {
    fn new(folder: PathBuf, run: &[&str]) -> Self {
        Self { folder, run: run.iter().map(|word| (*word).to_owned()).collect() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = support::command(&self.run[0]);
        let folder = self.folder.display();
        command
            .args(&self.run[1..])
            .args(arguments)
            .current_dir(&self.folder)
            .env("LD_LIBRARY_PATH", format!("{}:{folder}", library().display()))
            .env("PERL5LIB", self.folder.as_os_str())
            .env("RUBYLIB", self.folder.as_os_str())
            .env("PYTHONPATH", self.folder.as_os_str())
            .env("LUA_CPATH", format!("{folder}/?.so"));
        command
    }

    fn check(&self) {
        let sim = Simulator::builder().password(PASSWORD).start().unwrap();
        let port = sim.port().to_string();
        let said = done(&self.command(&["command", &port, PASSWORD]).output().unwrap());
        assert_eq!(said.trim_end(), "hello swig\nagain");
        let said = done(&self.command(&["events", &port, PASSWORD]).output().unwrap());
        assert!(said.starts_with("CUSTOM x y the body\n"), "{said}");
        assert!(said.contains("name Event-Subclass\n") && said.contains("\"X-Header\":\t\"x y\""), "{said}");
        let said = self.serve(&sim);
        assert!(said.starts_with("call ") && said.contains("\n+OK"), "{said}");
        std::fs::remove_dir_all(&self.folder).unwrap();
    }

    /// The call comes on the script's standard input, as from inetd.
    fn serve(&self, sim: &Simulator) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(sim.addr()).unwrap();
        let address = listener.local_addr().unwrap();
        let dial = format!("loopback/9664/default '&socket({address} async full)'");
        write!(client, "auth {PASSWORD}\n\nbgapi originate {dial}\n\nexit\n\n").unwrap();
        client.read_to_end(&mut Vec::new()).unwrap();
        let (call, _) = listener.accept().unwrap();
        done(&self.command(&["serve"]).stdin(OwnedFd::from(call)).output().unwrap())
    }
}

fn script(name: &str) -> String {
    root().join("bindings/swig/scripts").join(name).to_str().unwrap().to_owned()
}

/// Whether a header is installed. Reports a skip if not, and fails with REQUIRE_ALL=1.
fn has_header(path: impl AsRef<Path>) -> bool {
    let there = path.as_ref().exists();
    if !there {
        assert!(
            std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"),
            "{:?} is missing",
            path.as_ref()
        );
        #[allow(clippy::print_stderr, reason = "reports skips")]
        {
            eprintln!("SKIPPED: {} is not installed", path.as_ref().display());
        }
    }
    there
}

fn has_swig() -> bool {
    // SWIG knows no --version.
    let there = Command::new("swig").arg("-version").output().is_ok_and(|output| output.status.success());
    (there || has("swig")) && has("g++")
}

#[test]
fn perl() {
    if !has_swig() || !has("perl") {
        return;
    }
    let core = say("perl", &["-MConfig", "-e", "print qq($Config{archlibexp}/CORE)"]);
    if !has_header(format!("{core}/perl.h")) {
        return;
    }
    let flags = say("perl", &["-MConfig", "-e", "print $Config{ccflags}"]);
    let folder = build("perl", &["-perl5"], &format!("{flags} -I{core}"), "ESL.so");
    Built::new(folder, &["perl", &script("esl.pl")]).check();
}

#[test]
fn php() {
    if !has_swig() || !has("php") || !has("php-config") {
        return;
    }
    let folder = build("php", &["-php"], &say("php-config", &["--includes"]), "ESL.so");
    let extension = format!("extension={}", folder.join("ESL.so").display());
    Built::new(folder, &["php", "-d", &extension, &script("esl.php")]).check();
}

#[test]
fn lua() {
    let version =
        ["5.4", "5.3", "5.1"].into_iter().find(|v| Path::new(&format!("/usr/include/lua{v}/lua.h")).exists());
    let version = version.unwrap_or("5.4");
    if !has_swig() || !has_header(format!("/usr/include/lua{version}/lua.h")) {
        return;
    }
    let folder = build("lua", &["-lua"], &format!("-I/usr/include/lua{version}"), "ESL.so");
    Built::new(folder, &[&format!("lua{version}"), &script("esl.lua")]).check();
}

#[test]
fn ruby() {
    if !has_swig() || !has("ruby") {
        return;
    }
    let folders = "print RbConfig::CONFIG.values_at('rubyhdrdir', 'rubyarchhdrdir').join(' ')";
    let folders = say("ruby", &["-rrbconfig", "-e", folders]);
    let folders = words(&folders);
    if !has_header(format!("{}/ruby.h", folders[0])) {
        return;
    }
    let includes = folders.iter().map(|folder| format!("-I{folder} ")).collect::<String>();
    let folder = build("ruby", &["-ruby"], &includes, "ESL.so");
    Built::new(folder, &["ruby", &script("esl.rb")]).check();
}

#[test]
fn java() {
    if !has_swig() || !has("javac") {
        return;
    }
    let javac = std::fs::canonicalize(say("sh", &["-c", "command -v javac"])).unwrap();
    let include = javac.ancestors().nth(2).unwrap().join("include");
    if !has_header(include.join("jni.h")) {
        return;
    }
    let includes = format!("-I{0} -I{0}/linux", include.display());
    let folder = build("java", &["-java", "-package", "org.freeswitch.esl"], &includes, "libesljni.so");
    let sources: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "java"))
        .collect();
    done(
        &Command::new("javac").arg("-d").arg(&folder).args(sources).arg(script("Esl.java")).output().unwrap(),
    );
    let path = format!("-Djava.library.path={}", folder.display());
    let classes = folder.to_str().unwrap().to_owned();
    Built::new(folder, &["java", &path, "-cp", &classes, "Esl"]).check();
}

#[test]
fn tcl() {
    if !has_swig() || !has_header("/usr/include/tcl8.6/tcl.h") {
        return;
    }
    let folder = build("tcl", &["-tcl8"], "-I/usr/include/tcl8.6", "ESL.so");
    Built::new(folder, &["tclsh8.6", &script("esl.tcl")]).check();
}

#[test]
fn csharp() {
    if !has_swig() || !has("mcs") || !has("mono") {
        return;
    }
    let folder = build("csharp", &["-csharp"], "", "libESL.so");
    let sources: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cs"))
        .collect();
    let program = folder.join("Esl.exe");
    let mut command = Command::new("mcs");
    command.arg(format!("-out:{}", program.display())).args(sources).arg(script("Esl.cs"));
    done(&command.output().unwrap());
    let program = program.to_str().unwrap().to_owned();
    Built::new(folder, &["mono", &program]).check();
}

/// The classic Python module by way of SWIG, as a check; the one for users is the pyo3 package's.
#[test]
fn python() {
    if !has_swig() || !has("python3") {
        return;
    }
    let include = say("python3", &["-c", "import sysconfig; print(sysconfig.get_paths()['include'])"]);
    if !has_header(format!("{include}/Python.h")) {
        return;
    }
    let folder = build("python", &["-python"], &format!("-I{include}"), "_ESL.so");
    Built::new(folder, &["python3", &script("esl.py")]).check();
}
