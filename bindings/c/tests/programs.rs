//! C and C++ programs against the simulator: as they are, under valgrind, and built with the sanitizers.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod shared;
    pub use shared::*;
}

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use support::{Program, done};
use switchwire_sim::Simulator;

const PASSWORD: &str = "ClueCon";
const SANITIZE: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// How a program is run.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    Valgrind,
    Sanitized,
}

const WAYS: [Way; 3] = [Way::Plain, Way::Valgrind, Way::Sanitized];

fn build(name: &str, way: Way) -> Option<Program> {
    Program::build(name, if way == Way::Sanitized { SANITIZE } else { &[] })
}

fn command(program: &Program, way: Way, arguments: &[&str]) -> Option<Command> {
    match way {
        Way::Valgrind => support::has("valgrind").then(|| program.checked(arguments)),
        _ => Some(program.command(arguments)),
    }
}

/// Runs a program that ends by saying "done", with the simulator's port and password.
fn against_simulator(name: &str) {
    for way in WAYS {
        let sim = Simulator::builder().password(PASSWORD).start().unwrap();
        let Some(program) = build(name, way) else { return };
        let port = sim.port().to_string();
        if let Some(mut command) = command(&program, way, &[&port, PASSWORD]) {
            let said = done(&command.output().unwrap());
            assert!(said.ends_with("done\n") || said.starts_with("wrong 0"), "{name}: {said}");
        }
    }
}

#[test]
fn the_classic_client() {
    against_simulator("client.c");
}

#[test]
fn a_program_compiled_with_the_layouts_as_numbers() {
    against_simulator("binary.c");
}

#[test]
fn the_cpp_classes() {
    against_simulator("oop.cpp");
}

#[test]
fn one_thread_receives_while_others_send() {
    against_simulator("threads.c");
}

#[test]
fn header_lists_and_text_helpers() {
    without_simulator("lists.c");
}

#[test]
#[cfg(feature = "cjson")]
fn json_values() {
    without_simulator("values.c");
}

#[test]
#[cfg(feature = "cjson")]
fn json_pointers_and_patches() {
    without_simulator("utils.c");
}

/// Runs a program that connects to nothing and ends by saying "done".
fn without_simulator(name: &str) {
    for way in WAYS {
        let Some(program) = build(name, way) else { return };
        if let Some(mut command) = command(&program, way, &[]) {
            assert!(done(&command.output().unwrap()).ends_with("done\n"));
        }
    }
}

#[test]
fn a_logger_sees_the_traffic_but_no_password() {
    const SECRET: &str = "hush-hush";
    let sim = Simulator::builder().password(SECRET).start().unwrap();
    let Some(program) = Program::build("trace.c", &[]) else { return };
    let output = program.command(&[&sim.port().to_string(), SECRET]).output().unwrap();
    let said = done(&output);
    for what in [
        "SEND\nauth (hidden)\n\n\n",
        "SEND\nuserauth 1000@default (hidden)\n\n\n",
        "SEND\napi eval x\n\n\n",
        "RECV HEADER [Reply-Text] = [+OK accepted]\n",
        "RECV MESSAGE\nEvent-Name: SOCKET_DATA\nContent-Type: auth/request\n\n",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    assert!(!said.contains(SECRET), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "at level 6 the traffic is not logged");
}

#[test]
fn a_server_listens_on_its_host_or_everywhere() {
    let Some(program) = Program::build("listen.c", &["-D_GNU_SOURCE"]) else { return };
    let listen = |host: &str, everywhere: Option<&str>| {
        let mut command = program.command(&[host]);
        command.env_remove("SWITCHWIRE_LISTEN_ANY");
        command.envs(everywhere.map(|value| ("SWITCHWIRE_LISTEN_ANY", value)));
        done(&command.output().unwrap())
    };
    let warned = |said: &str, what: &str| said.starts_with("warning of esl_listen: ") && said.contains(what);
    for (host, everywhere) in [("127.0.0.1", None), ("localhost", Some("0"))] {
        let said = listen(host, everywhere);
        assert!(said.ends_with("127.0.0.1\nended 1\n"), "{said}");
        assert!(warned(&said, "on 127.0.0.1 only") && warned(&said, "SWITCHWIRE_LISTEN_ANY=1"), "{said}");
    }
    // No warning when the program asked for every interface.
    for (host, everywhere) in [("", None), ("*", None), ("0.0.0.0", None), ("localhost", Some("1"))] {
        assert_eq!(listen(host, everywhere), "0.0.0.0\nended 1\n", "{host} {everywhere:?}");
    }
    // As in the original: an address of another machine, a name of none.
    for (host, why) in
        [("192.0.2.1", "no address of this machine"), ("no.such.host.invalid", "no IPv4 address")]
    {
        let said = listen(host, None);
        assert!(warned(&said, why) && said.ends_with("0.0.0.0\nended 1\n"), "{said}");
    }
}

#[test]
fn child_programs_get_sigint_even_when_the_tests_ignore_it() {
    // SAFETY: plain system calls; the signal is ignored for a moment, as `nohup` leaves it.
    let status = unsafe {
        let before = libc::signal(libc::SIGINT, libc::SIG_IGN);
        let status = support::command("sh").args(["-c", "kill -INT $$; exit 0"]).status().unwrap();
        libc::signal(libc::SIGINT, before);
        status
    };
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGINT));
}

#[test]
fn an_idle_handle_costs_little() {
    let (_, bytes) = support::captures().into_iter().find(|(name, _)| name == "events_plain").unwrap();
    let path = support::scratch("events");
    std::fs::write(&path, bytes).unwrap();
    let Some(program) = Program::build("heap.c", &[]) else { return };
    let said = program.run(&[path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    assert!(said.trim().parse::<usize>().unwrap() < 16 << 10, "{said} bytes of heap a handle");
}

/// Asks the simulator to send a call to that port.
fn call(sim: &Simulator, port: &str) {
    let mut socket = TcpStream::connect(sim.addr()).unwrap();
    let dial = format!("loopback/9664/default '&socket(127.0.0.1:{port} async full)'");
    write!(socket, "auth {PASSWORD}\n\nbgapi originate {dial}\n\nexit\n\n").unwrap();
    socket.read_to_end(&mut Vec::new()).unwrap();
}

fn serve(mode: &str, way: Way) {
    const CALLS: usize = 3;
    let sim = Simulator::builder().password(PASSWORD).start().unwrap();
    let Some(program) = build("outbound.c", way) else { return };
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let Some(mut command) = command(&program, way, &[mode, &CALLS.to_string(), &free]) else { return };
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.next().unwrap().unwrap().strip_prefix("port ").unwrap().to_owned();
    if mode == "threads" {
        // The program prints its port before it listens there.
        while TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    for _ in 0..CALLS {
        call(&sim, &port);
    }
    let mut said: Vec<String> = Vec::new();
    for line in lines {
        let line = line.unwrap();
        said.push(line);
        if said.last().is_some_and(|line| line == "done") {
            break;
        }
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{mode}: {said:?} {}", String::from_utf8_lossy(&output.stderr));
    let expected = if mode == "threads" { CALLS - 1 } else { CALLS };
    for what in ["call ", "+OK ", "played "] {
        let count = said.iter().filter(|line| line.starts_with(what)).count();
        assert!(count >= expected, "{mode}: {what}: {said:#?} {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_server_that_handles_calls_in_its_own_thread() {
    WAYS.iter().for_each(|way| serve("plain", *way));
}

#[test]
fn a_server_that_forks_for_each_call() {
    WAYS.iter().for_each(|way| serve("fork", *way));
}

#[test]
fn a_server_with_a_thread_for_each_call() {
    WAYS.iter().for_each(|way| serve("threads", *way));
}
