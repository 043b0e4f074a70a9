//! Every option of `fs_cli`, under its name, in a pseudo-terminal against the simulator. The rows of the README's table.

#[path = "support/desk.rs"]
mod desk;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::net::TcpListener;

use desk::{Desk, OTHER, PROMPT, UUID, idle, line};
use support::closed_port;
use switchwire_sim::{End, Simulator, User};

#[test]
fn host_port_and_password_in_short_and_long() {
    let desk = Desk::with(Simulator::builder().password("keepsecret"));
    let port = desk.port();
    for options in [
        ["-H", "127.0.0.1", "-P", port, "-p", "keepsecret", "-q"],
        ["--host", "127.0.0.1", "--port", port, "--password", "keepsecret", "--quiet"],
        ["--host=localhost", "-q", "--password=keepsecret", "-Q", "-n", "--port", port],
    ] {
        let mut console = desk.alone(&options);
        idle(&mut console);
        line(&mut console, "echo here", "\nhere\n");
    }
}

#[test]
fn a_directory_user_logs_in() {
    let user = User::new("1000", "pbx.test", "usersecret");
    let desk = Desk::with(Simulator::builder().user(user));
    for name in ["-u", "--user"] {
        let options = ["-P", desk.port(), name, "1000@pbx.test", "-p", "usersecret", "-q"];
        let mut console = desk.alone(&options);
        console.wait_for(">");
        console.type_keys("echo in\r");
        console.wait_for("\nin\n");
    }
}

#[test]
fn interrupt_lets_control_c_end_it() {
    let desk = Desk::new();
    for name in ["-i", "--interrupt"] {
        let mut console = desk.ready(&["-q", name]);
        console.type_keys("\u{3}");
        console.wait_for("Interrupted.");
        assert_eq!(console.end(), 1);
    }
}

#[test]
fn execute_prints_a_reply_and_ends() {
    let desk = Desk::new();
    for name in ["-x", "--execute"] {
        let mut run = desk.fs_cli(&[name, "echo one;;echo two"]);
        assert_eq!(run.end(), 0);
        assert_eq!(run.screen().trim(), "onetwo");
    }
    // A refusal is output like any other.
    let mut run = desk.fs_cli(&["-x", "nosuch"]);
    assert_eq!(run.end(), 0);
    assert!(run.screen().starts_with("-ERR nosuch Command not found!"), "{}", run.screen());
}

#[test]
fn execute_in_the_background_waits_for_the_job() {
    let desk = Desk::new();
    for name in ["-X", "--execute-background"] {
        let mut run = desk.fs_cli(&[name, "echo from the job"]);
        assert_eq!(run.end(), 0);
        assert_eq!(run.screen().trim(), "from the job");
    }
}

#[test]
fn loglevel_chooses_what_is_logged() {
    let desk = Desk::new();
    for (options, reply) in [
        (&["-l", "err"][..], "+OK log level err [3]"),
        (&["--loglevel", "3"], "+OK log level 3 [3]"),
        (&[], "+OK log level debug [7]"),
    ] {
        let mut console = desk.fs_cli(options);
        console.wait_for(reply);
        desk.simulator.log(switchwire::LogLevel::Info, "a piece of information");
        desk.simulator.log(switchwire::LogLevel::Err, "an error");
        console.wait_for("an error");
        assert_eq!(console.screen().contains("a piece of information"), options.is_empty());
    }
}

#[test]
fn log_uuid_and_its_short_form_stand_before_the_line() {
    let desk = Desk::new();
    for (name, shown) in [
        ("-U", format!("{UUID} a line\n")),
        ("--log-uuid", format!("{UUID} a line\n")),
        ("-S", "\n0f0e7d8a a line\n".to_owned()),
        ("--log-uuid-short", "\n0f0e7d8a a line\n".to_owned()),
        ("-n", "\na line\n".to_owned()),
    ] {
        let mut console = desk.ready(&["-l", "debug", name]);
        desk.log(7, UUID, "a line");
        console.wait_for(&shown);
    }
}

#[test]
fn set_log_uuid_shows_one_channel_alone() {
    let desk = Desk::new();
    for name in ["-s", "--set-log-uuid"] {
        let mut console = desk.ready(&["-l", "debug", name, UUID]);
        desk.log(7, OTHER, "of another channel");
        desk.log(7, "", "of none");
        desk.log(7, UUID, "of that channel");
        console.wait_for("of that channel");
        assert!(console.screen().contains("of none"), "{}", console.screen());
        assert!(!console.screen().contains("of another channel"), "{}", console.screen());
    }
}

#[test]
fn quiet_asks_for_no_log_lines() {
    let desk = Desk::new();
    for name in ["-q", "--quiet"] {
        let mut console = desk.ready(&[name]);
        desk.simulator.log(switchwire::LogLevel::Err, "an error");
        line(&mut console, "echo after it", "\nafter it\n");
        let screen = console.screen();
        assert!(!screen.contains("log level") && !screen.contains("an error"), "{screen}");
    }
}

#[test]
fn retry_tries_again_until_there_is_a_server() {
    let desk = Desk::new();
    for name in ["-r", "--retry"] {
        let port = closed_port();
        let mut console = desk.alone(&["-P", &port, "-q", name]);
        console.wait_for("Retrying.");
        let _late = Simulator::builder().bind(&format!("127.0.0.1:{port}")).start().unwrap();
        idle(&mut console);
    }
}

#[test]
fn reconnect_brings_the_connection_and_its_subscriptions_back() {
    let desk = Desk::new();
    for name in ["-R", "--reconnect"] {
        let mut console = desk.ready(&["-q", name]);
        line(&mut console, "/event plain CUSTOM my::event", "+OK event listener enabled plain");
        console.type_keys("echo half a li");
        console.wait_for("> echo half a li");
        desk.simulator.disconnect_all(End::Notice);
        console.wait_for("Connected again.");
        console
            .wait_until(|screen| screen.trim_end().ends_with("> echo half a li"), "the line that was typed");
        console.type_keys("ne\r");
        console.wait_for("\nhalf a line\n");
        let mut event = switchwire::Event::custom("my::event");
        event.add_header("Came", "afterwards");
        desk.simulator.fire(event);
        console.wait_for("Came: afterwards");
    }
}

#[test]
fn debug_is_taken_from_0_to_7() {
    let desk = Desk::new();
    for options in [["-d", "7"], ["--debug", "0"]] {
        let mut run = desk.fs_cli(&[&options[..], &["-x", "echo here"]].concat());
        assert_eq!(run.end(), 0);
        assert_eq!(run.screen().trim(), "here");
    }
    let mut run = desk.fs_cli(&["-d", "8"]);
    assert_eq!(run.end(), 1);
    assert!(run.screen().contains("8 is not in 0..8"), "{}", run.screen());
}

#[test]
fn batchmode_edits_no_lines_and_has_no_colours() {
    let desk = Desk::new();
    for name in ["-b", "--batchmode"] {
        let mut console = desk.ready(&["-l", "err", name]);
        console.type_keys("echo one\r");
        console.wait_for("\none\n");
        desk.simulator.log(switchwire::LogLevel::Err, "an error");
        console.wait_for("an error");
        assert!(!console.raw.contains(&0x1b), "{}", String::from_utf8_lossy(&console.raw));
    }
}

#[test]
fn no_history_file_neither_reads_nor_writes_it() {
    let desk = Desk::new();
    for name in ["-Q", "--no-history-file"] {
        let mut console = desk.ready(&["-q", name]);
        line(&mut console, "echo unwritten", "\nunwritten\n");
        console.type_keys("/exit\r");
        assert_eq!(console.end(), 0);
        assert!(!desk.home().join(".local/state/switchwire/history").exists());
    }
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "echo written", "\nwritten\n");
    let mut console = desk.ready(&["-q", "-Q"]);
    console.type_keys("\u{1b}[Ax");
    console.wait_for("> x");
}

#[test]
fn timeout_bounds_a_reply() {
    let desk = Desk::new();
    for name in ["-t", "--timeout"] {
        let mut run = desk.fs_cli(&[name, "50", "-x", "msleep 100000"]);
        assert_eq!(run.end(), 254);
        assert_eq!(run.screen().trim(), "Request timed out.");
    }
}

#[test]
fn connect_timeout_bounds_the_login() {
    let desk = Desk::new();
    // It accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    for name in ["-T", "--connect-timeout"] {
        let mut run = desk.alone(&["-P", &port, name, "50", "-x", "status"]);
        assert_eq!(run.end(), 255);
        assert!(run.screen().contains("timed out waiting for the server during login"), "{}", run.screen());
    }
}

#[test]
fn colours_go_with_n_and_by_the_environment() {
    let desk = Desk::new();
    for (variables, options, coloured) in [
        (&[][..], &[][..], true),
        (&["FS_CLI_COLOR=yes"], &[], true),
        (&[], &["-n"], false),
        (&[], &["--no-color"], false),
        (&["FS_CLI_COLOR=no"], &[], false),
        (&["NO_COLOR=1"], &[], false),
    ] {
        let mut console = desk.with_environment(variables, &[&["-l", "err"], options].concat());
        console.wait_for("+OK log level");
        idle(&mut console);
        desk.simulator.log(switchwire::LogLevel::Err, "an error");
        console.wait_for("an error");
        let raw = String::from_utf8_lossy(&console.raw);
        assert_eq!(raw.contains("\u{1b}[31m"), coloured, "{variables:?} {options:?}: {raw:?}");
    }
}

#[test]
fn help_is_printed_by_all_its_names() {
    let desk = Desk::new();
    for name in ["-h", "-?", "--help"] {
        let mut run = desk.alone(&[name]);
        assert_eq!(run.end(), 0);
        let written = String::from_utf8_lossy(&run.raw);
        // Its words are bold.
        let whole = ["Usage:", "[OPTIONS] [PROFILE]", "--set-log-uuid", "254 the reply did not come"];
        assert!(whole.iter().all(|part| written.contains(part)), "{written}");
    }
}

/// A section of the file of profiles that leads to the desk's simulator.
fn section(desk: &Desk, name: &str, more: &str) -> String {
    format!(
        "[{name}]\nhost => 127.0.0.1\nport => {}\npassword => {}\nquiet => yes\nprompt-string => {name}%%%p\n{more}",
        desk.port(),
        desk.password()
    )
}

#[test]
fn a_profile_is_the_last_word() {
    let desk = Desk::new();
    desk.write(".fs_cli_conf", &(section(&desk, "one", "") + &section(&desk, "lab", "")));
    desk.alone(&["lab"]).wait_for("lab%lab>");
    // Without a word the first; one of the name default goes before it.
    desk.alone(&[]).wait_for("one%one>");
    // A name that is not there is warned of, and the default taken.
    let mut console = desk.alone(&["nosuch"]);
    console.wait_for("no profile \"nosuch\": there are one, lab");
    console.wait_for("one%one>");
    desk.write(".fs_cli_conf", &(section(&desk, "one", "") + &section(&desk, "default", "")));
    desk.alone(&[]).wait_for("default%default>");
}

#[test]
fn a_profile_says_what_the_options_say() {
    let desk = Desk::new();
    let more = "quiet => no\nloglevel => err\nlog-uuid-short => yes\nlog-uuid-length => 4\nno-history-file => true\n\
                prompt-color => bold-cyan\ninput-text-color => green\noutput-text-color => magenta\n\
                timeout => 5000\nconnect-timeout => 5000\ndebug => 3\n";
    desk.write(".fs_cli_conf", &section(&desk, "lab", more));
    let mut console = desk.alone(&["lab"]);
    console.wait_for("+OK log level err [3]");
    console.wait_for("lab%lab>");
    console.type_keys("echo painted\r");
    console.wait_for("\npainted\n");
    desk.log(3, UUID, "an error");
    console.wait_for("\n0f0e an error\n");
    let raw = String::from_utf8_lossy(&console.raw);
    for colour in ["\u{1b}[1m\u{1b}[36mlab%lab> ", "\u{1b}[32me", "\u{1b}[35mpainted"] {
        assert!(raw.contains(colour), "{colour:?}: {raw:?}");
    }
    assert!(!desk.home().join(".local/state/switchwire/history").exists());
    // An option goes before it; and batchmode is a matter of profiles, too.
    desk.write(".fs_cli_conf", &section(&desk, "lab", "batchmode => on\nport => 1\n"));
    let mut console = desk.alone(&["-P", desk.port(), "lab"]);
    console.wait_for("lab%lab>");
    console.type_keys("echo plain\r");
    console.wait_for("\nplain\n");
    assert!(!console.raw.contains(&0x1b));
}

#[test]
fn a_prompt_names_what_it_is_told_to() {
    let desk = Desk::new();
    let more = "prompt-string => %s %o:%P %p 100%% %x\n";
    desk.write(".fs_cli_conf", &section(&desk, "lab", more));
    desk.alone(&["lab"]).wait_for(&format!("fs-loopback 127.0.0.1:{} lab 100% >", desk.port()));
    // Without one, the switch's name.
    Desk::new().ready(&["-q"]).wait_for(PROMPT);
}

#[test]
fn exit_codes_are_those_of_fs_cli() {
    let desk = Desk::new();
    let code = |options: &[&str]| desk.fs_cli(options).end();
    assert_eq!(code(&["-x", "echo done"]), 0);
    assert_eq!(code(&["-x", "nosuch"]), 0);
    assert_eq!(code(&["-t", "50", "-x", "msleep 100000"]), 254);
    let port = closed_port();
    let alone = |options: &[&str]| desk.alone(options).end();
    assert_eq!(alone(&["-P", &port, "-x", "status"]), 255);
    assert_eq!(alone(&["-P", &port]), 255);
    assert_eq!(alone(&["-P", desk.port(), "-p", "wrong", "-x", "status"]), 255);
    assert_eq!(alone(&["-P", desk.port(), "-p", "wrong"]), 255);
    for wrong in [&["-P", "0"][..], &["-P", "65536"], &["-d", "8"], &["--nosuch"]] {
        assert_eq!(alone(wrong), 1, "{wrong:?}");
    }
    // A console that has lost its connection ends with 0.
    let mut console = desk.ready(&["-q"]);
    desk.simulator.disconnect_all(End::Notice);
    console.wait_for("Disconnected");
    assert_eq!(console.end(), 0);
}
