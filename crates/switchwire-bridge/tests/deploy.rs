//! What the crate ships to run it with: the unit, the container, the recipe for Kafka.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use support::{bridge_program, program};
use switchwire::Event;
use switchwire_sim::Simulator;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    std::fs::read_to_string(path).expect("a file")
}

#[test]
fn the_unit_is_one_that_systemd_takes() {
    let Some(analyze) = program("systemd-analyze", "SYSTEMD_ANALYZE") else { return };
    let unit = file("switchwire-bridge.service");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("switchwire-bridge.service");
    // (It looks whether the program is there.)
    let here = bridge_program();
    let here = unit.replace("/usr/bin/switchwire-bridge", &here.to_string_lossy());
    std::fs::write(&path, here).expect("written");
    let verify = |path: &Path| {
        let ran = Command::new(&analyze).arg("verify").arg("--man=no").arg(path).output().expect("runs");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        // (It reads the machine's own units, too.)
        let ours: Vec<_> = said
            .lines()
            .filter(|line| line.contains("switchwire-bridge.service"))
            .map(str::to_owned)
            .collect();
        (ran.status.success(), ours)
    };
    assert_eq!(verify(&path), (true, Vec::new()));
    let text = std::fs::read_to_string(&path).expect("the unit");
    std::fs::write(&path, text.replace("DynamicUser=yes", "DynamicUsr=yes")).expect("written");
    assert!(!verify(&path).1.is_empty(), "a wrong key is noticed");
}

#[test]
fn the_container_copies_what_is_there_and_builds_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository");
    let text = file("Containerfile");
    let mut copied = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let (sources, _) = line["COPY ".len()..].rsplit_once(' ').expect("a place");
        copied.extend(sources.split(' ').map(str::to_owned));
    }
    for source in &copied {
        assert!(root.join(source).exists(), "{source} is not there");
    }
    // Cargo reads the manifest of every member.
    let workspace: toml::Table =
        std::fs::read_to_string(root.join("Cargo.toml")).expect("a manifest").parse().expect("TOML");
    for member in workspace["workspace"]["members"].as_array().expect("members") {
        let member = member.as_str().expect("a path");
        let there = copied.iter().any(|source| member == source || member.starts_with(&format!("{source}/")));
        assert!(there, "{member} is not copied");
    }
    assert!(text.contains("cargo build --release --locked -p switchwire-bridge\n"));
    assert!(text.contains("/target/release/switchwire-bridge /usr/bin/switchwire-bridge\n"));
    // The same program and file as the unit's.
    assert!(text.contains(
        "ENTRYPOINT [\"/usr/bin/switchwire-bridge\"]\nCMD [\"--config\", \"/etc/switchwire/bridge.toml\"]"
    ));
    let unit = file("switchwire-bridge.service");
    assert!(unit.contains("ExecStart=/usr/bin/switchwire-bridge --config /etc/switchwire/bridge.toml\n"));
}

/// The recipe of the README, with the broker that Kafka's own library has for tests.
#[test]
fn kcat_takes_the_lines_to_kafka_by_the_calls_key() {
    let Some(kcat) = program("kcat", "KCAT") else { return };
    let sim = Simulator::builder().start().expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let (config, lines) = (folder.path().join("bridge.toml"), folder.path().join("lines"));
    let text = format!(
        "[[node]]\nname = \"fs1\"\naddress = \"{}\"\n[events]\ncustom = [\"test::numbered\"]\n\
         [json-lines]\npath = \"-\"\nkey = \"{{uuid}}\"\n",
        sim.addr()
    );
    std::fs::write(&config, text).expect("written");
    let mut bridge = Command::new(bridge_program());
    bridge.arg("--config").arg(&config).env("RUST_LOG", "off").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut bridge = bridge.spawn().expect("starts");
    // What goes through the pipe is looked at on its way.
    let tee = Command::new("tee")
        .arg(&lines)
        .stdin(bridge.stdout.take().expect("a pipe"))
        .stdout(Stdio::piped())
        .spawn();
    let mut tee = tee.expect("starts");
    let mut taker = Command::new(kcat);
    taker.args(["-P", "-K", "\\t", "-t", "events", "-b", "none", "-X", "test.mock.num.brokers=1"]);
    let mut taker =
        taker.stdin(tee.stdout.take().expect("a pipe")).stderr(Stdio::null()).spawn().expect("starts");
    let read = || std::fs::read_to_string(&lines).unwrap_or_default();
    support::wait_for("the connection", || read().contains("SWITCHWIRE_SNAPSHOT").then_some(()));
    for number in 0..200 {
        let mut event = Event::custom("test::numbered");
        event
            .add_header("Number", number.to_string())
            .add_header("Unique-ID", format!("call-{}", number % 7));
        sim.fire(event);
    }
    support::wait_for("the events", || (read().matches("\"Number\"").count() == 200).then_some(()));
    Command::new("kill").args(["-TERM", &bridge.id().to_string()]).status().expect("kill");
    assert!(bridge.wait().expect("ends").success());
    assert!(tee.wait().expect("ends").success());
    // It has delivered all of them, or says that it has not.
    assert!(taker.wait().expect("ends").success());
    let mut events = 0;
    for line in read().lines() {
        let (key, value) = line.split_once('\t').expect("a key");
        let value: serde_json::Value = serde_json::from_str(value).expect("JSON");
        if value["event"] == "CUSTOM" {
            assert_eq!(value["body"]["Unique-ID"], key);
            events += 1;
        }
    }
    assert_eq!(events, 200);
}
