//! `-x`, `api`, `bgapi` and `send`: what they print, and how they end.

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;

use support::{Target, closed_port, finish, program, run, server_of};
use switchwire_sim::{Simulator, User};

#[test]
fn a_command_prints_its_output() {
    let target = Target::new();
    let ran = target.run(&["-x", "status"]).expect(0);
    assert!(ran.stdout.starts_with("UP "), "{ran:?}");
    assert!(ran.stdout.ends_with('\n') && ran.stderr.is_empty(), "{ran:?}");
    let same = target.run(&["api", "status"]).expect(0);
    assert_eq!(ran.lines()[1], same.lines()[1]);
}

#[test]
fn every_x_is_run_and_any_refusal_is_a_failure() {
    let target = Target::new();
    let ran = target.run(&["-x", "nosuchcommand", "-x", "hostname"]).expect(1);
    assert_eq!(ran.lines()[0], "-ERR nosuchcommand Command not found!");
    // As fs_cli prints it: the body, which ends in a line break, and a line break.
    assert_eq!((ran.lines()[1], ran.lines().len()), ("", 3));
    assert_eq!(ran.stderr, "switchwire: the server refused nosuchcommand\n");
}

#[test]
fn a_line_is_one_of_the_servers_console() {
    let target = Target::new();
    let ran = target.run(&["-x", "hostname;;echo two"]).expect(0);
    assert!(ran.stdout.ends_with("two\n") && ran.stdout.len() > 4, "{ran:?}");
    // Taken off again: it is the server's.
    let alias = "switchwire_test_alias";
    let ran = target.run(&["-x", &format!("alias add {alias} echo hi"), "-x", alias]).expect(0);
    target.run(&["-x", &format!("alias del {alias}")]).expect(0);
    assert_eq!(ran.stdout, format!("+OK\n\n\nExpand Alias [{alias}]->[echo hi]\n\nhi\n"));
    target.run(&["-x", "uuid_bridge"]).expect(1);
    // A second command or a header cannot come in by it.
    for text in ["status\n\nexit", "status\nx: y", ""] {
        assert!(target.run(&["-x", text]).expect(2).stdout.is_empty(), "{text:?}");
    }
}

#[test]
fn the_options_of_fs_cli_are_taken() {
    let target = Target::new();
    let silent = ["-q", "-b", "-i", "-n", "-U", "-S", "-T", "2000", "-t", "2000", "-x", "echo hi"];
    let ran = target.run(&silent).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("hi\n", ""));
    let noted = target.run(&["-r", "-R", "-d", "7", "-l", "debug", "-x", "echo hi"]).expect(0);
    assert_eq!((noted.stdout.as_str(), noted.stderr.as_str()), ("hi\n", ""));
}

#[test]
fn a_job_is_waited_for() {
    let target = Target::new();
    let ran = target.run(&["bgapi", "status", "--wait", "30"]).expect(0);
    assert!(ran.stdout.starts_with("UP "), "{ran:?}");
    let refused = target.run(&["bgapi", "nosuchcommand"]).expect(1);
    assert!(refused.stdout.starts_with("-ERR"), "{refused:?}");
    let late = target.run(&["bgapi", "msleep 3000", "--wait", "50ms"]).expect(3);
    assert!(late.stderr.contains("background job"), "{late:?}");
    let unwaited = target.run(&["bgapi", "--wait", "0", "status"]).expect(0);
    assert_eq!(unwaited.stdout.trim().len(), 36, "{unwaited:?}");
}

#[test]
fn a_raw_command_prints_its_answer() {
    let target = Target::new();
    let ran = target.run(&["send", "filter", "Event-Name", "HEARTBEAT"]).expect(0);
    assert_eq!(ran.stdout, "+OK filter added. [Event-Name]=[HEARTBEAT]\n");
    assert_eq!(target.run(&["send", "nonsense"]).expect(1).stdout, "-ERR command not found\n");
    let two = target.run(&["send", "filter A b\n\napi status"]).expect(2);
    assert!(two.stdout.is_empty() && two.stderr.contains("second command"), "{two:?}");
}

#[test]
fn a_raw_command_may_come_from_stdin() {
    let target = Target::new();
    let mut command = program(&["--server", &target.server, "send", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let text = b"sendevent CUSTOM\nEvent-Subclass: switchwire::test\nContent-Length: 2\n\nhi";
    child.stdin.take().unwrap().write_all(text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"+OK "), "{output:?}");
}

#[test]
fn the_embedded_simulator_replies() {
    assert_eq!(run(&["--sim", "-x", "hostname"]).expect(0).stdout, run(&["api", "--sim", "hostname"]).stdout);
}

#[test]
fn without_a_command_it_is_a_console() {
    // Its input is empty here, so it ends at once.
    let ran = run(&["--sim", "-q"]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(run(&["-P", &closed_port()]).code, 3);
    assert!(run(&["--help"]).expect(0).stdout.contains("Exit codes"));
}

#[test]
fn a_wrong_command_line_is_code_2() {
    for arguments in [
        &["--nosuch"][..],
        &["nosuch"],
        &["api"],
        &["--sim", "-x", "status", "api", "status"],
        &["--sim", "-p", "x", "-x", "status"],
        &["--server", "h:1:p", "api", "--port", "1", "status"],
        &["--timeout", "soon", "-x", "status"],
        &["-p", "x", "decode", "-"],
    ] {
        run(arguments).expect(2);
    }
}

#[test]
fn a_password_is_in_no_output() {
    const PASSWORD: &str = "keep-secret";
    let simulator = Simulator::builder().start().unwrap();
    let port = simulator.port().to_string();
    let server = format!("127.0.0.1:{port}:{PASSWORD}");
    let runs = [
        (3, run(&["-P", &port, "-p", PASSWORD, "-x", "status"])),
        (3, run(&["--server", &server, "api", "status"])),
        (3, run(&["-P", &port, "-u", "1000@d", "-p", PASSWORD, "demo"])),
        (3, finish(program(&["-P", &port, "-x", "status"]).env("SWITCHWIRE_PASSWORD", PASSWORD))),
        (3, run(&["-P", &closed_port(), "-p", PASSWORD, "-x", "status"])),
        (2, run(&["--server", &format!("127.0.0.1:no:{PASSWORD}"), "-x", "status"])),
        (2, run(&["-p", PASSWORD, "decode", "-"])),
        (2, run(&["sim", "--user", PASSWORD])),
        (1, run(&["-P", &port, "send", &format!("auth {PASSWORD}")])),
        (0, finish(program(&["--help"]).env("SWITCHWIRE_PASSWORD", PASSWORD))),
    ];
    for (code, ran) in runs {
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(!ran.stderr.contains(PASSWORD) && !ran.stdout.contains(PASSWORD), "{ran:?}");
    }
}

#[test]
fn the_password_may_come_from_the_environment() {
    let simulator = Simulator::builder().password("other").start().unwrap();
    let port = simulator.port().to_string();
    finish(program(&["-P", &port, "-x", "status"]).env("SWITCHWIRE_PASSWORD", "other")).expect(0);
}

#[test]
fn a_directory_user_logs_in() {
    let user = User::new("1000", "example.test", "pa:ss").allow_api("status");
    let simulator = Simulator::builder().user(user).start().unwrap();
    let port = simulator.port().to_string();
    let login = ["-P", &port, "-u", "1000@example.test", "-p", "pa:ss"];
    run(&[&login[..], &["-x", "status"]].concat()).expect(0);
    run(&[&login[..], &["-x", "version"]].concat()).expect(1);
    run(&[&login[..4], &["-p", "wrong", "-x", "status"]].concat()).expect(3);
}

#[test]
fn no_connection_is_code_3() {
    let unreachable = run(&["-P", &closed_port(), "-x", "status"]).expect(3);
    assert!(unreachable.stderr.starts_with("switchwire: cannot connect"), "{unreachable:?}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    run(&["-P", &port, "-t", "100", "-x", "status"]).expect(3);

    let refusing = Simulator::builder().acl_reject(true).start().unwrap();
    run(&["--server", &server_of(&refusing), "-x", "status"]).expect(3);
}

#[test]
fn a_lost_connection_is_code_3_and_one_line() {
    let simulator = Simulator::builder().start().unwrap();
    let ran =
        run(&["--server", &server_of(&simulator), "-x", "fsctl shutdown now", "-x", "status"]).expect(3);
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");

    let simulator = Simulator::builder().start().unwrap();
    let ran = run(&["--server", &server_of(&simulator), "send", "exit"]).expect(0);
    assert_eq!(ran.stdout, "+OK bye\n");
}

#[test]
fn a_command_runs_on_several_servers_at_once() {
    let (one, two) = (Simulator::builder().start().unwrap(), Simulator::builder().start().unwrap());
    let (first, second) = (server_of(&one), server_of(&two));
    let ran = run(&["--server", &first, "--server", &second, "api", "echo", "hi"]).expect(0);
    let (a, b) = (one.addr().to_string(), two.addr().to_string());
    let mut expected = [format!("[{a}]\nhi\n"), format!("[{b}]\nhi\n")];
    expected.sort();
    assert_eq!(ran.stdout, expected.concat());
    let refused = run(&["--server", &first, "--server", &second, "api", "nosuch"]).expect(1);
    assert_eq!(refused.stdout.matches("-ERR nosuch Command not found!").count(), 2);
    let away = format!("127.0.0.1:{}:x", support::closed_port());
    let ran = run(&["--server", &first, "--server", &away, "api", "echo", "hi"]).expect(3);
    assert!(ran.stdout.contains("hi\n") && ran.stdout.contains("refused"), "{ran:?}");
}
