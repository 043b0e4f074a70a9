//! Every language that SWIG binds, as its page in the book (`docs/guides/languages`) shows it: the page's commands build the module and
//! run its program against the simulator; and so do the classic scripts (a command, an event dump, an outbound call).
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

/// The commands in a page of the book: those that build, those that run the program.
fn commands(page: &str) -> [String; 2] {
    let text = std::fs::read_to_string(root().join("docs/guides/languages").join(page)).unwrap();
    let blocks: Vec<_> =
        text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [build, run] = blocks[..] else { panic!("{page} has {} blocks of commands", blocks.len()) };
    [build.to_owned(), run.to_owned()]
}

/// Runs commands in a folder where the C library is installed, as far as they see.
fn shell(folder: &Path, commands: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", commands]).current_dir(folder);
    shell.env("PKG_CONFIG_PATH", folder).env("LD_LIBRARY_PATH", library());
    done(&shell.output().unwrap())
}

/// Builds the module as the page says, and has its program make a call; gives the folder of the module.
fn by_the_page(page: &str) -> PathBuf {
    let folder = scratch(&format!("swig-{page}"));
    std::fs::create_dir_all(&folder).unwrap();
    let place = format!("-I{}\nLibs: -L{} -lesl\n", root().join("include").display(), library().display());
    let installed = format!("Name: libesl\nDescription: the library\nVersion: 1\nCflags: {place}");
    std::fs::write(folder.join("libesl.pc"), installed).unwrap();
    let [build, run] = commands(page);
    let program = run.split_whitespace().find_map(|word| {
        let pages = root().join("docs/guides/languages");
        ["", ".java"].iter().map(|end| pages.join(format!("{word}{end}"))).find(|path| path.is_file())
    });
    let program = program.unwrap_or_else(|| root().join("docs/guides/languages/Start.cs"));
    for file in [&root().join("bindings/swig/ESL.i"), &program] {
        std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
    shell(&folder, &build);
    let sim = Simulator::builder().password(PASSWORD).start().unwrap();
    let said = shell(&folder, &run.replace("8021", &sim.port().to_string()));
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("UP "), "{said}");
    let told = ["CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE", "ended: NORMAL_CLEARING"];
    assert_eq!(lines[1..].iter().map(|line| line.trim()).collect::<Vec<_>>(), told);
    folder
}

/// Generates and compiles a module that no page shows. `output` is the library's name.
fn build(name: &str, flags: &[&str], includes: &str, output: &str) -> PathBuf {
    let folder = scratch(&format!("swig-{name}"));
    let source = folder.join("ESL_wrap.cxx");
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new("swig");
    command.arg("-c++").args(flags).arg(format!("-I{}", root().join("include").display()));
    command.arg("-o").arg(&source).arg(root().join("bindings/swig/ESL.i"));
    done(&command.output().unwrap());
    let mut command = Command::new("g++");
    command.args(["-O1", "-fPIC", "-shared"]).args(words(includes));
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
    let folder = by_the_page("perl.md");
    Built::new(folder, &["perl", &script("esl.pl")]).check();
}

#[test]
fn php() {
    if !has_swig() || !has("php") || !has("php-config") {
        return;
    }
    let folder = by_the_page("php.md");
    let extension = format!("extension={}", folder.join("ESL.so").display());
    Built::new(folder, &["php", "-d", &extension, &script("esl.php")]).check();
}

#[test]
fn lua() {
    if !has_swig() || !has_header("/usr/include/lua5.4/lua.h") {
        return;
    }
    Built::new(by_the_page("lua.md"), &["lua5.4", &script("esl.lua")]).check();
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
    Built::new(by_the_page("ruby.md"), &["ruby", &script("esl.rb")]).check();
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
    let folder = by_the_page("java.md");
    // The sources beside the classes are not in the folders of their package.
    let compile = format!("javac -cp . -sourcepath org -d . {}", script("Esl.java"));
    shell(&folder, &compile);
    let path = format!("-Djava.library.path={}", folder.display());
    let classes = folder.to_str().unwrap().to_owned();
    Built::new(folder, &["java", &path, "-cp", &classes, "Esl"]).check();
}

#[test]
fn tcl() {
    if !has_swig() || !has_header("/usr/include/tcl8.6/tcl.h") {
        return;
    }
    Built::new(by_the_page("tcl.md"), &["tclsh8.6", &script("esl.tcl")]).check();
}

#[test]
fn csharp() {
    if !has_swig() || !has("mcs") || !has("mono") {
        return;
    }
    let folder = by_the_page("csharp.md");
    shell(&folder, &format!("rm Start.cs; mcs -out:Esl.exe *.cs {}", script("Esl.cs")));
    let program = folder.join("Esl.exe");
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
