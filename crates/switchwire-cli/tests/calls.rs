//! `calls`, of one server and of several.

mod support;

use std::io::{BufRead, BufReader};

use support::{Running, closed_port, run, server_of};
use switchwire_sim::{End, Simulator};

fn with_a_call(to: &str) -> (Simulator, String) {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    run(&["--server", &server, "api", "originate", to, "&park()"]).expect(0);
    (simulator, server)
}

#[test]
fn what_is_up_is_printed_once() {
    let (_simulator, server) = with_a_call("null/one");
    let ran = run(&["--server", &server, "calls", "--once"]).expect(0);
    let lines = ran.lines();
    assert!(lines.len() == 2 && lines[0].starts_with("UUID     DIR STATE"), "{ran:?}");
    assert!(lines[1].contains("out ACTIVE") && lines[1].contains("null/one"), "{ran:?}");
    // Without a terminal there is no table that could follow.
    assert_eq!(run(&["--server", &server, "calls"]).expect(0).lines().len(), 2);
    let json = run(&["--server", &server, "calls", "--once", "--json"]).expect(0);
    assert_eq!(json.json()[0]["leg"]["name"], "null/one");
    let idle = Simulator::builder().start().unwrap();
    assert_eq!(run(&["--server", &server_of(&idle), "calls", "--once"]).expect(0).lines().len(), 1);
}

#[test]
fn changes_are_json_lines() {
    let (simulator, server) = with_a_call("null/one");
    let mut running = Running::start(&["--server", &server, "calls", "--json"]);
    let mut out = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut next = || -> serde_json::Value { serde_json::from_str(&out.next().unwrap().unwrap()).unwrap() };
    let first = next();
    assert_eq!(
        (&first["change"], &first["server"]),
        (&"added".into(), &server.rsplit_once(':').unwrap().0.into())
    );
    let uuid = first["leg"]["uuid"].as_str().unwrap();
    run(&["--server", &server, "api", "uuid_kill", uuid]).expect(0);
    let mut changes = Vec::new();
    while changes.last().is_none_or(|change| change != "gone") {
        changes.push(next()["change"].as_str().unwrap().to_owned());
    }
    assert!(changes.iter().any(|change| change == "hung-up"), "{changes:?}");
    // A lost connection is reported, and comes back.
    simulator.disconnect_all(End::Notice);
    let mut reported = Vec::new();
    while reported.last().is_none_or(|change| change != "restored") {
        reported.push(next()["change"].as_str().unwrap().to_owned());
    }
    assert_eq!(reported[0], "lost", "{reported:?}");
}

#[test]
fn several_servers_are_one_table() {
    let ((_one, first), (_two, second)) = (with_a_call("null/one"), with_a_call("null/two"));
    let ran = run(&["--server", &first, "--server", &second, "calls", "--once"]).expect(0);
    assert!(ran.lines()[0].starts_with("SERVER"), "{ran:?}");
    assert!(ran.stdout.contains("null/one") && ran.stdout.contains("null/two"), "{ran:?}");
    // One that is away does not hide the others; one alone is an error.
    let away = format!("127.0.0.1:{}:x", closed_port());
    let ran = run(&["--server", &first, "--server", &away, "calls", "--once"]).expect(0);
    assert_eq!(ran.lines().len(), 2, "{ran:?}");
    run(&["--server", &away, "calls", "--once"]).expect(3);
    let twice = run(&["--server", &first, "--server", &first, "calls", "--once"]).expect(2);
    assert!(twice.stderr.contains("named twice") && !twice.stderr.contains("ClueCon"), "{twice:?}");
    run(&["--server", &first, "--server", &second, "trace", "x"]).expect(2);
}

#[test]
fn profiles_name_servers() {
    let ((one, _), (two, _)) = (with_a_call("null/one"), with_a_call("null/two"));
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/switchwire");
    std::fs::create_dir_all(&folder).unwrap();
    let table = |name: &str, simulator: &Simulator| {
        format!(
            "[profiles.{name}]\nhost = \"127.0.0.1\"\nport = {}\npassword = \"{}\"\n",
            simulator.port(),
            simulator.password()
        )
    };
    std::fs::write(folder.join("config.toml"), table("east", &one) + &table("west", &two)).unwrap();
    let mut command = support::program(&["--profiles", "east,west", "calls", "--once", "--json"]);
    let ran = support::finish(command.env("HOME", home.path())).expect(0);
    let servers: Vec<_> = ran.json().iter().map(|line| line["server"].as_str().unwrap().to_owned()).collect();
    assert_eq!(servers, ["east", "west"]);
    let mut command = support::program(&["--profiles", "east,north", "calls", "--once"]);
    support::finish(command.env("HOME", home.path())).expect(2);
}

#[test]
fn a_wrong_password_is_an_error() {
    let simulator = Simulator::builder().start().unwrap();
    let ran = run(&["--server", &format!("{}:wrong", simulator.addr()), "calls", "--json"]).expect(3);
    assert!(!ran.stderr.is_empty(), "{ran:?}");
}
