//! The program where terminals are not what one wishes; and secrets.

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use support::{closed_port, finish, program, server_of};
use switchwire::{Event, EventType, LogLevel};
use switchwire_sim::{End, Simulator};
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchwire");
const PROMPT: &str = "freeswitch@fs-loopback>";

fn console(simulator: &Simulator, environment: &[&str], arguments: &[&str], columns: u16) -> Terminal {
    let server = server_of(simulator);
    let words = [environment, &[PROGRAM, "--server", &server, "-Q"], arguments].concat();
    Terminal::start(Path::new("/usr/bin/env"), &std::env::temp_dir(), &words, columns)
}

#[test]
fn a_terminal_without_utf8_gets_ascii() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let words = ["LANG=C", PROGRAM, "--server", &server, "top"];
    let mut top = Terminal::start(Path::new("/usr/bin/env"), &std::env::temp_dir(), &words, 40);
    top.wait_for("0 legs");
    top.type_keys("q");
    assert_eq!(top.end(), 0);
    assert!(top.raw.is_ascii());
}

fn custom(number: &str) -> Event {
    let mut event = Event::new(EventType::Custom);
    event.add_header("Event-Subclass", "a::b").add_header("N", number);
    event
}

#[test]
fn text_is_ascii_where_the_terminal_has_no_utf8() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let other = switchwire::Connection::connect("127.0.0.1", simulator.port(), simulator.password()).unwrap();
    other.api("originate", "null/zoë &park()").unwrap();
    // In Latin-1 the second byte of ě begins an escape sequence.
    for words in [
        &["api", "echo", "zlatá ě"][..],
        &["-x", "echo zlatá ě"],
        &["calls", "--once"],
        &["calls", "--once", "--json"],
    ] {
        let words = [&["LC_ALL=C", PROGRAM, "--server", &server], words].concat();
        let mut run = Terminal::start(Path::new("/usr/bin/env"), &std::env::temp_dir(), &words, 120);
        assert_eq!(run.end(), 0);
        assert!(run.raw.is_ascii(), "{}", run.screen());
        assert!(run.screen().contains('?'), "{}", run.screen());
    }
    let mut console = console(&simulator, &["LC_ALL=C"], &["-l", "err"], 120);
    console.wait_for("+OK log level err");
    simulator.log(LogLevel::Err, "zlatá ě");
    console.wait_for("zlat? ?");
    assert!(console.raw.is_ascii());
}

#[test]
fn reconnect_brings_a_lost_connection_back() {
    let simulator = Simulator::builder().start().unwrap();
    let mut console = console(&simulator, &[], &["-q", "-R"], 120);
    console.wait_for(PROMPT);
    console.type_keys("/event plain CUSTOM a::b\r");
    console.wait_for("+OK event listener enabled plain");
    simulator.disconnect_all(End::Notice);
    console.wait_for("Connected again.");
    console.type_keys("echo back\r");
    console.wait_for("\nback\n");
    simulator.fire(custom("first"));
    console.wait_for("N: first");
    simulator.restart();
    console.wait_for("Connected again. The server was restarted.");
    simulator.fire(custom("second"));
    console.wait_for("N: second");
}

#[test]
fn reconnect_stops_at_a_wrong_password_and_at_a_first_connection_that_fails() {
    let simulator = Simulator::builder().password("other").start().unwrap();
    let server = server_of(&simulator).replace("other", "wrong");
    let ran = finish(&mut program(&["--server", &server, "-Q", "-q", "-R", "-r"]));
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(!ran.stderr.contains("Retrying"), "{ran:?}");
    let port = closed_port();
    let ran = finish(&mut program(&["-P", &port, "-Q", "-q", "-R"]));
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(!ran.stderr.contains("Retrying"), "{ran:?}");
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let simulator = Simulator::builder().password("keepsecret").start().unwrap();
    let port = simulator.port().to_string();
    let words = ["-P", &port, "--ask-password", "-Q", "-q"];
    let mut console = Terminal::start(Path::new(PROGRAM), &std::env::temp_dir(), &words, 120);
    console.wait_for("Password:");
    console.type_keys("keepsecret\r");
    console.wait_for(PROMPT);
    assert!(!String::from_utf8_lossy(&console.raw).contains("keepsecret"));
}

#[test]
fn passwords_come_from_files_and_the_environment_and_shared_files_are_warned_of() {
    let simulator = Simulator::builder().password("keepsecret").start().unwrap();
    let port = simulator.port().to_string();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("secret");
    std::fs::write(&file, "keepsecret\nnot this\n").unwrap();
    let by_file = ["-P", &port, "--password-file", file.to_str().unwrap(), "-x", "echo in"];
    for (mode, warned) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let ran = finish(&mut program(&by_file)).expect(0);
        assert_eq!(ran.stdout, "in\n");
        assert_eq!(ran.stderr.contains("chmod 600"), warned, "{ran:?}");
        assert!(!ran.stderr.contains("keepsecret"), "{ran:?}");
    }
    let mut by_environment = program(&["-P", &port, "-x", "echo in"]);
    finish(by_environment.env("SWITCHWIRE_PASSWORD", "keepsecret")).expect(0);
    finish(&mut program(&["-P", &port, "--password-file", "/nonexistent", "-x", "echo in"])).expect(2);
    // A profile, of fs_cli's file and of ours.
    for (name, text) in [
        (".fs_cli_conf", format!("[lab]\nport => {port}\npassword => keepsecret\n")),
        (
            ".config/switchwire/config.toml",
            format!("[profiles.lab]\nport = {port}\npassword = \"keepsecret\"\n"),
        ),
    ] {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        for (mode, warned) in [(0o644, true), (0o600, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let mut command = program(&["-x", "echo in", "lab"]);
            let ran = finish(command.env("HOME", home.path())).expect(0);
            assert_eq!((ran.stdout.as_str(), ran.stderr.contains("chmod 600")), ("in\n", warned), "{ran:?}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
