//! The console in a pseudo-terminal: what is typed, and what the screen shows.

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use support::{closed_port, server_of};
use switchwire_sim::Simulator;
use terminal::Terminal;

/// The simulator's name is in it; the greeting has a `> ` too.
const PROMPT: &str = "freeswitch@fs-loopback>";

/// A simulator, a home folder, and the console on both.
struct Desk {
    simulator: Simulator,
    home: PathBuf,
}

impl Desk {
    fn new(name: &str) -> Self {
        let home = std::env::temp_dir().join(format!("switchwire-console-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        Self { simulator: Simulator::builder().start().unwrap(), home }
    }

    fn console(&self, arguments: &[&str]) -> Terminal {
        self.console_of(arguments, 120)
    }

    fn console_of(&self, arguments: &[&str], columns: u16) -> Terminal {
        let server = server_of(&self.simulator);
        let arguments = [&["--server", &server], arguments].concat();
        Terminal::start(Path::new(env!("CARGO_BIN_EXE_switchwire")), &self.home, &arguments, columns)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

#[test]
fn a_command_is_typed_and_its_reply_is_shown() {
    let desk = Desk::new("typed");
    let mut console = desk.console(&[]);
    console.wait_for(PROMPT);
    console.wait_for("+OK log level");
    console.type_keys("echo hello there\r");
    console.wait_for("\nhello there\n");
    console.type_keys("nosuchcommand\r");
    console.wait_for("-ERR nosuchcommand Command not found!");
    console.type_keys("/exit\r");
    assert_eq!(console.end(), 0);
}

#[test]
fn what_comes_meanwhile_does_not_tear_the_line() {
    let desk = Desk::new("meanwhile");
    let mut console = desk.console(&["-q"]);
    console.wait_for(PROMPT);
    console.type_keys("/event plain CUSTOM my::event\r");
    console.wait_for("+OK event listener enabled plain");
    console.type_keys("echo one two");
    console.wait_for("> echo one two");
    // From a second connection, while the line is being typed.
    let other =
        switchwire::Connection::connect("127.0.0.1", desk.simulator.port(), desk.simulator.password())
            .unwrap();
    let mut event = switchwire::Event::custom("my::event");
    event.add_header("Wild", "a\u{1b}[2Jb\u{202e}c");
    other.send_event(&event).unwrap();
    console.wait_for("RECV EVENT");
    console.wait_for("Wild: a\\u{1b}[2Jb\\u{202e}c");
    console.wait_until(|screen| screen.trim_end().ends_with("> echo one two"), "the line, whole, at the end");
    console.type_keys(" three\r");
    console.wait_for("\none two three\n");
}

#[test]
fn lines_are_remembered() {
    let desk = Desk::new("history");
    let mut console = desk.console(&["-q"]);
    console.wait_for(PROMPT);
    console.type_keys("echo remembered\r");
    console.wait_for("\nremembered\n");
    console.type_keys("/exit\r");
    console.end();
    let history = desk.home.join(".local/state/switchwire/history");
    assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let mut console = desk.console(&["-q"]);
    console.wait_for(PROMPT);
    console.type_keys("\u{1b}[A\u{1b}[A");
    console.wait_for("> echo remembered");
    drop(console);
    let mut console = desk.console(&["-q", "-Q"]);
    console.wait_for(PROMPT);
    console.type_keys("\u{1b}[Ax");
    console.wait_for("> x");
}

#[test]
fn the_profiles_prompt_and_server_are_used() {
    let desk = Desk::new("profile");
    let conf = format!(
        "[lab]\nhost => 127.0.0.1\nport => {}\npassword => {}\nprompt-string => %p on %P\nquiet => yes\n",
        desk.simulator.port(),
        desk.simulator.password()
    );
    desk.write(".fs_cli_conf", &conf);
    let program = Path::new(env!("CARGO_BIN_EXE_switchwire"));
    let mut console = Terminal::start(program, &desk.home, &["lab"], 100);
    console.wait_for(&format!("lab on {}>", desk.simulator.port()));
    let mut console = Terminal::start(program, &desk.home, &["nosuch"], 100);
    console.wait_for("no profile \"nosuch\": there are lab");
    assert_eq!(console.end(), 2);
}

#[test]
fn a_narrow_terminal_and_resizing_do() {
    let desk = Desk::new("narrow");
    let mut console = desk.console_of(&["-q"], 40);
    console.wait_for(PROMPT);
    console.type_keys("echo a rather long line that does not fit into forty columns");
    console.resize(60);
    console.type_keys("\r");
    console.wait_for("a rather long line that does");
}

#[test]
fn the_end_of_the_connection_is_told_and_ends_it() {
    let desk = Desk::new("lost");
    let mut console = desk.console(&["-q"]);
    console.wait_for(PROMPT);
    desk.simulator.disconnect_all(switchwire_sim::End::Notice);
    console.wait_for("Disconnected");
    assert_eq!(console.end(), 3);
}

#[test]
fn no_connection_is_told() {
    let desk = Desk::new("none");
    let port = closed_port();
    let program = Path::new(env!("CARGO_BIN_EXE_switchwire"));
    let mut console = Terminal::start(program, &desk.home, &["-P", &port], 100);
    console.wait_for("refused");
    assert_eq!(console.end(), 3);
}
