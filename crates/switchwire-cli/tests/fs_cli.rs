//! The program under the name `fs_cli`: its command line, output and exit codes; and lines from pipes.

mod support;

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use support::{Ran, closed_port, finish, program};
use switchwire_sim::Simulator;

/// Runs the program as `fs_cli`, with that input.
fn fs_cli(simulator: &Simulator, arguments: &[&str], input: &str) -> Ran {
    let port = simulator.port().to_string();
    let arguments = [&["-H", "127.0.0.1", "-P", &port, "-p", simulator.password()], arguments].concat();
    with_input(as_fs_cli(&arguments), input)
}

fn as_fs_cli(arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.arg0("fs_cli");
    command
}

fn with_input(mut command: Command, input: &str) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that ends without reading has closed the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn x_prints_the_body_and_a_line_break_and_ends_with_0() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = fs_cli(&simulator, &["-x", "echo hi"], "").expect(0);
    assert_eq!(ran.stdout, "hi\n");
    // Most bodies end in a line break of their own; fs_cli adds one.
    let ran = fs_cli(&simulator, &["-x", "nosuchcommand"], "").expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("-ERR nosuchcommand Command not found!\n\n", ""));
    // Of several the last is run.
    let ran = fs_cli(&simulator, &["-x", "echo one", "-x", "echo two"], "").expect(0);
    assert_eq!(ran.stdout, "two\n");
    let ran = fs_cli(&simulator, &["-X", "echo background"], "").expect(0);
    assert_eq!(ran.stdout, "background\n");
    // Aliases and several commands in one line.
    let ran = fs_cli(&simulator, &["-x", "echo a;;echo b"], "").expect(0);
    assert_eq!(ran.stdout, "ab\n");
}

#[test]
fn exit_codes_are_those_of_fs_cli() {
    let simulator = Simulator::builder().start().unwrap();
    let port = closed_port();
    assert_eq!(finish(&mut as_fs_cli(&["-P", &port, "-x", "status"])).code, 255);
    assert_eq!(finish(&mut as_fs_cli(&["-P", &port])).code, 255);
    let wrong = simulator.port().to_string();
    assert_eq!(finish(&mut as_fs_cli(&["-P", &wrong, "-p", "wrong", "-x", "status"])).code, 255);
    let ran = fs_cli(&simulator, &["-t", "50", "-x", "msleep 100000"], "").expect(254);
    assert_eq!(ran.stdout, "Request timed out.\n");
    assert_eq!(finish(&mut as_fs_cli(&["-P", "0", "-x", "status"])).code, 1);
    assert_eq!(finish(&mut as_fs_cli(&["-d", "9"])).code, 1);
    assert_eq!(finish(&mut as_fs_cli(&["--help"])).code, 0);
}

#[test]
fn lines_come_from_a_pipe() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = fs_cli(&simulator, &["-q"], "echo one\n\n/event plain HEARTBEAT\necho two").expect(0);
    assert_eq!(ran.stdout, "one\n+OK event listener enabled plain\ntwo\n");
    let ran = fs_cli(&simulator, &["-q"], "echo one\n/exit\necho two\n").expect(0);
    assert_eq!(ran.stdout, "one\n");
}

#[test]
fn batch_mode_prints_the_prompt_and_no_escapes() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = fs_cli(&simulator, &["-q", "-b"], "echo one\n...\n").expect(0);
    assert_eq!(ran.stdout, "freeswitch@fs-loopback> one\nfreeswitch@fs-loopback> ");
}

#[test]
fn log_lines_are_shown_and_chosen() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = fs_cli(&simulator, &["-l", "err"], "log err a line\nlog info another\necho done\n").expect(0);
    assert!(ran.stdout.contains("done\n"), "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn the_password_is_in_no_output() {
    let simulator = Simulator::builder().password("keepsecret").start().unwrap();
    let port = simulator.port().to_string();
    for arguments in [
        &["-P", &port, "-p", "keepsecret", "-x", "status", "-d", "7"][..],
        &["-P", "1", "-p", "keepsecret", "-x", "status"],
        &["-P", &port, "-p", "keepsecretx", "-x", "status"],
    ] {
        let ran = finish(&mut as_fs_cli(arguments));
        assert!(!ran.stdout.contains("keepsecret") && !ran.stderr.contains("keepsecret"), "{ran:?}");
    }
}
