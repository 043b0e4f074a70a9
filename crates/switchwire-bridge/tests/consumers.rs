//! The programs of `examples/consumers`, with a bridge and a simulated switch: what they promise, also when they are killed.
//!
//! They need Python with nats-py, and Node with the packages of `examples/consumers/node`; `cargo xtask test rust` gets both. By hand:
//! `SWITCHWIRE_CONSUMERS_PYTHON` names the interpreter, `npm install` in that folder gets the packages.
#![cfg(feature = "nats")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use support::process::Process;
use support::{Broker, program, wait_for};
use switchwire::Connection;
use switchwire_sim::Simulator;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/consumers")
}

/// Not there: a visible skip, or an error.
fn missing(what: &str) {
    assert!(std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"), "{what}");
    eprintln!("SKIPPED: {what}");
}

fn python() -> Option<PathBuf> {
    let python = program("python3", "SWITCHWIRE_CONSUMERS_PYTHON")?;
    let has = Command::new(&python).args(["-c", "import nats"]).stderr(Stdio::null()).status();
    if has.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    missing("Python has no nats-py");
    None
}

fn node() -> Option<PathBuf> {
    let node = program("node", "SWITCHWIRE_CONSUMERS_NODE")?;
    if folder().join("node/node_modules/@nats-io/jetstream").is_dir() {
        return Some(node);
    }
    missing("examples/consumers/node has no node_modules");
    None
}

/// A program, and the lines of JSON that it has written so far.
struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Program {
    fn start(program: &Path, script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.arg(folder().join(script)).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let read = lines.clone();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // (What is no JSON is there as a text.)
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                read.lock().expect("not poisoned").push(value);
            }
        });
        let program = Self { child, lines };
        wait_for("the program", || program.lines().first().cloned());
        program
    }

    fn lines(&self) -> Vec<Value> {
        self.lines.lock().expect("not poisoned").clone()
    }

    /// kill -9.
    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Rig {
    broker: Broker,
    sim: Simulator,
    direct: Connection,
    bridge: Process,
    folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Option<Self> {
        let broker = Broker::nats()?;
        let sim = Simulator::builder().start().expect("starts");
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!(
            "[[node]]\nname = \"fs1\"\naddress = \"{}\"\n[nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\ncalls = {{ bucket = \"calls\" }}\n",
            sim.addr(),
            broker.url()
        );
        let bridge = Process::start(folder.path(), "bridge", &text);
        bridge.wait_healthy();
        let direct = Connection::connect("127.0.0.1", sim.port(), sim.password()).expect("connects");
        Some(Self { broker, sim, direct, bridge, folder })
    }

    fn begin(&self, uuid: &str) {
        let dial = format!("{{origination_uuid={uuid}}}null/x &park()");
        assert!(self.direct.api("originate", &dial).expect("a reply").is_ok());
    }

    fn end(&self, uuid: &str) {
        assert!(self.direct.api("uuid_kill", uuid).expect("a reply").is_ok());
    }
}

#[test]
fn the_cdr_writer_writes_each_call_once_whenever_it_is_killed() {
    let Some(python) = python() else { return };
    let Some(rig) = Rig::new() else { return };
    let table = rig.folder.path().join("calls.sqlite").display().to_string();
    let rows = || {
        let query = "import sqlite3, sys; print(*[r[0] for r in sqlite3.connect(sys.argv[1]).execute('SELECT uuid FROM cdr')])";
        let ran = Command::new(&python).args(["-c", query, &table]).output().expect("runs");
        let text = String::from_utf8(ran.stdout).expect("text");
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let url = rig.broker.url();
    let mut writer = Program::start(&python, "python/cdr_writer.py", &[&url, &table]);
    let mut wanted = BTreeSet::new();
    for round in 0..4 {
        for at in 0..40 {
            let uuid = format!("call-{round}-{at}");
            rig.begin(&uuid);
            rig.end(&uuid);
            wanted.insert(uuid);
            if at == 20 {
                writer.kill();
            }
        }
        writer = Program::start(&python, "python/cdr_writer.py", &[&url, &table]);
    }
    wait_for("all rows", || (rows().len() >= wanted.len()).then_some(()));
    writer.kill();
    let rows = rows();
    assert_eq!(rows.len(), wanted.len(), "each once");
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), wanted);
    assert!(rig.bridge.stop().success());
}

#[test]
fn each_call_goes_to_one_worker_and_to_another_when_that_one_dies() {
    let (Some(python), Some(node)) = (python(), node()) else { return };
    let Some(rig) = Rig::new() else { return };
    let url = rig.broker.url();
    let mut workers = BTreeMap::from([
        ("p1", Program::start(&python, "python/worker.py", &[&url, "p1"])),
        ("p2", Program::start(&python, "python/worker.py", &[&url, "p2"])),
        ("n1", Program::start(&node, "node/worker.mjs", &[&url, "n1"])),
    ]);
    let uuids: Vec<_> = (0..30).map(|at| format!("call-{at}")).collect();
    uuids.iter().for_each(|uuid| rig.begin(uuid));
    // Who has which call.
    let owners = |workers: &BTreeMap<&str, Program>| {
        let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in workers.values().flat_map(Program::lines).filter(|line| line["uuid"].is_string()) {
            let text = |name: &str| line[name].as_str().expect("a text").to_owned();
            owners.entry(text("uuid")).or_default().insert(text("worker"));
        }
        owners
    };
    wait_for("a worker for each call", || (owners(&workers).len() == uuids.len()).then_some(()));
    let before = owners(&workers);
    assert!(before.values().all(|workers| workers.len() == 1), "{before:?}");
    let busy: BTreeSet<_> = before.values().flatten().cloned().collect();
    assert_eq!(busy.len(), 3, "all of them work: {before:?}");
    // One dies: its calls go to the others, which read them from the beginning.
    let dead = workers.remove("p1").expect("p1");
    let lost: BTreeSet<String> =
        before.iter().filter(|(_, workers)| workers.contains("p1")).map(|(uuid, _)| uuid.clone()).collect();
    drop(dead);
    wait_for("a new worker for each of its calls", || {
        let now = owners(&workers);
        lost.iter().all(|uuid| now.contains_key(uuid)).then_some(())
    });
    uuids.iter().for_each(|uuid| rig.end(uuid));
    let lines = |workers: &BTreeMap<&str, Program>| {
        let mut of: BTreeMap<String, Vec<(String, String, u64)>> = BTreeMap::new();
        for line in workers.values().flat_map(Program::lines).filter(|line| line["uuid"].is_string()) {
            let text = |name: &str| line[name].as_str().expect("a text").to_owned();
            let sequence = line["sequence"].as_u64().expect("a number");
            of.entry(text("uuid")).or_default().push((text("worker"), text("event"), sequence));
        }
        of
    };
    wait_for("the end of each call", || {
        let of = lines(&workers);
        let done = |uuid: &String| {
            of.get(uuid).is_some_and(|lines| lines.iter().any(|one| one.1 == "CHANNEL_DESTROY"))
        };
        uuids.iter().all(done).then_some(())
    });
    for (uuid, lines) in lines(&workers) {
        assert!(lines.iter().all(|one| one.0 == lines[0].0), "{uuid} went to several workers: {lines:?}");
        assert!(lines.is_sorted_by_key(|one| one.2), "{uuid} out of order: {lines:?}");
        assert!(lines.iter().any(|one| one.1 == "CHANNEL_CREATE"), "{uuid} from its beginning: {lines:?}");
        assert_eq!(lines.last().expect("some").1, "CHANNEL_DESTROY");
    }
}

#[test]
fn the_wallboard_shows_what_is_up_and_who_is_away() {
    let Some(node) = node() else { return };
    let Some(rig) = Rig::new() else { return };
    rig.begin("a");
    let board = Program::start(&node, "node/wallboard.mjs", &[&rig.broker.url()]);
    let shows = |what: &str, wanted: &dyn Fn(&Value) -> bool| {
        wait_for(what, || board.lines().last().filter(|line| wanted(line)).map(|_| ()));
    };
    shows("a call from before", &|line| line["switches"]["fs1"]["up"] == 1);
    rig.begin("b");
    rig.begin("c");
    shows("three", &|line| line["switches"]["fs1"]["answered"] == 3);
    rig.end("a");
    shows("two", &|line| line["legs"] == 2 && line["away"] == serde_json::json!([]));
    rig.sim.refuse(true);
    rig.sim.disconnect_all(switchwire_sim::End::Reset);
    shows("a switch that is away", &|line| line["away"] == serde_json::json!(["fs1"]));
    rig.sim.refuse(false);
    shows("a switch that is back", &|line| line["away"] == serde_json::json!([]));
}
