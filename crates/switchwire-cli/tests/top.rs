//! `top` and the table of `calls` in a pseudo-terminal. (What they draw is tested where they draw it.)

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::path::Path;

use support::{run, server_of};
use switchwire_sim::{End, Simulator};
use terminal::Terminal;

fn start(simulator: &Simulator, arguments: &[&str]) -> Terminal {
    let server = server_of(simulator);
    let arguments = [&["--server", &server], arguments].concat();
    Terminal::start(Path::new(env!("CARGO_BIN_EXE_switchwire")), &std::env::temp_dir(), &arguments, 110)
}

fn with_a_call() -> Simulator {
    let simulator = Simulator::builder().start().unwrap();
    run(&["--server", &server_of(&simulator), "api", "originate", "null/one", "&park()"]).expect(0);
    simulator
}

#[test]
fn a_call_is_looked_at_and_hung_up() {
    let simulator = with_a_call();
    let mut top = start(&simulator, &["top"]);
    top.wait_for("1 legs, 1 answered");
    top.type_keys("\r");
    top.wait_for("timeline");
    top.wait_for("Esc back");
    top.type_keys("h");
    top.wait_for("y does it");
    top.type_keys("y");
    top.wait_for("Hang up");
    top.wait_for("+OK");
    top.wait_for("0 legs, 0 answered");
    top.type_keys("?");
    top.wait_for("any key goes back");
    top.type_keys("xq");
    assert_eq!(top.end(), 0);
    assert_eq!(simulator.channels(), 0);
}

#[test]
fn resizing_and_a_lost_connection_are_borne() {
    let simulator = with_a_call();
    let mut top = start(&simulator, &["top", "--read-only"]);
    top.wait_for("events a second");
    top.resize(40);
    top.wait_until(|screen| !screen.contains("events a second") && screen.contains("1 legs"), "40 columns");
    top.resize(100);
    top.wait_for("events a second");
    simulator.disconnect_all(End::Notice);
    top.wait_for("back after");
    top.wait_for("1 legs");
    // Ctrl-C.
    top.type_keys("\u{3}");
    assert_eq!(top.end(), 0);
}

#[test]
fn the_table_of_calls_follows_them() {
    let simulator = with_a_call();
    let mut calls = start(&simulator, &["calls"]);
    calls.wait_for("1 legs, 1 answered");
    run(&["--server", &server_of(&simulator), "api", "originate", "null/two", "&park()"]).expect(0);
    calls.wait_for("2 legs");
    calls.type_keys("q");
    assert_eq!(calls.end(), 0);
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = run(&["--server", &server_of(&simulator), "top"]).expect(2);
    assert!(ran.stderr.contains("needs a terminal"), "{ran:?}");
}
