//! The pictures in the README of the command `switchwire`, drawn by the program itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::run::{check, command, output, root};

/// Where they are.
const FOLDER: &str = "crates/switchwire-cli/pictures";
const PROGRAM: &str = "target/release/switchwire";

/// Draws them.
pub(crate) fn draw() -> Result<()> {
    check(command("cargo", &["build", "--release", "-p", "switchwire-cli"]))?;
    std::fs::create_dir_all(root().join(FOLDER))?;
    let (simulator, server) = simulator()?;
    let drawn = views(&server);
    let mut simulator = simulator;
    // It runs until it is ended.
    let _ = simulator.kill();
    let _ = simulator.wait();
    drawn
}

/// A simulator with fifty calls a second, and its address.
fn simulator() -> Result<(Child, String)> {
    let arguments = ["sim", "--bind", "127.0.0.1:0", "--calls-per-second", "50", "--heartbeat", "1"];
    let mut run = command(PROGRAM, &arguments);
    let mut child = run.args(["--call-duration", "8s"]).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("no output")?;
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    Ok((child, format!("{address}:ClueCon")))
}

fn views(server: &str) -> Result<()> {
    for _ in 0..3 {
        let originate = "originate {origination_caller_id_number=1000,origination_caller_id_name=Alice}loopback/9196/default &park()";
        output(command(PROGRAM, &["--server", server, "api", originate]))?;
    }
    for view in ["top", "calls"] {
        let file = format!("{FOLDER}/{view}.svg");
        check(command(PROGRAM, &["--server", server, view, "--for", "20", "--picture", &file]))?;
    }
    trace(server)
}

/// One of the calls: bridged, held for a while, hung up.
fn trace(server: &str) -> Result<()> {
    let api = |words: &[&str]| output(command(PROGRAM, &[&["--server", server, "api"], words].concat()));
    let caller = "{origination_caller_id_number=1000,origination_caller_id_name=Alice}null/alice";
    let reply = api(&["originate", caller, "&bridge(null/bob)"])?;
    let uuid = reply.trim().trim_start_matches("+OK ").to_owned();
    let mut run = command(PROGRAM, &["--server", server, "trace", &uuid, "--svg", "--log", "notice"]);
    let trace = run.stdout(Stdio::piped()).spawn()?;
    for step in [&["uuid_hold", &uuid][..], &["uuid_hold", "off", &uuid], &["uuid_kill", &uuid]] {
        std::thread::sleep(STEP);
        // Taking a call off hold works, and is answered with -ERR, as by a real server.
        let _ = api(step);
    }
    let ended = trace.wait_with_output()?;
    ensure!(ended.status.success(), "trace failed");
    let file = format!("{FOLDER}/trace.svg");
    std::fs::write(root().join(&file), ended.stdout).with_context(|| format!("cannot write {file}"))
}

/// Between two steps of the call that is traced.
const STEP: Duration = Duration::from_secs(2);
