//! The table of a fleet's own methods and of leases (tests/faces/fleet.json), walked in Rust.

#[path = "support/faces_fleet.rs"]
mod shared;
mod support;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use shared::{Given, MARK, Outcome, Server, fleet, results, subscribed};
use support::PATIENCE;
use switchwire::{Error, Fleet, FleetServer, Lease, ManagedConnection};

fn run(fleet: &Fleet, method: &str, case: &Value) -> Outcome {
    let given = Given(case);
    match method {
        "api_on" => {
            let reply = fleet.api_on(given.text(0), given.text(1), given.text(2))?;
            Ok(json!({ "text": reply.text() }))
        }
        "api_any" => {
            let (server, reply) = fleet.api_any(&given.pick(), given.text(0), given.text(1))?;
            Ok(json!({ "server": &*server, "text": reply.text() }))
        }
        "api_all" => Ok(results(fleet.api_all(given.text(0), given.text(1), given.timeout())?)),
        "find" => {
            let server = fleet.find(given.text(0), given.timeout())?;
            Ok(json!({ "text": server.as_deref() }))
        }
        "uuid_kill" => {
            fleet.uuid_kill(given.text(0), given.cause(), given.timeout()).map(|_| Value::from("done"))
        }
        other => panic!("no method {other}"),
    }
}

fn meet(method: &str, case: &Value, servers: &BTreeMap<&'static str, Server>) -> Outcome {
    let fleet = fleet(servers).start().unwrap();
    let connections: Vec<_> = servers.keys().map(|name| fleet.connection(name).unwrap()).collect();
    connections.iter().for_each(|one| drop(one.wait_up(PATIENCE).unwrap()));
    let outcome = run(&fleet, method, case);
    connections.iter().for_each(|one| drop(one.send_recv(MARK).unwrap()));
    fleet.close();
    outcome
}

#[test]
fn every_method_of_a_fleet_comes_out_as_the_table_says() {
    shared::walk(meet);
}

fn take_steps(connection: &ManagedConnection, steps: &[Value]) -> Vec<Option<Error>> {
    connection.wait_up(PATIENCE).unwrap();
    let mut leases: HashMap<&str, Lease> = HashMap::new();
    let step = |step| {
        let error = match subscribed(step) {
            Some((name, wanted)) => {
                connection.subscribe(&wanted).map(|lease| drop(leases.insert(name, lease))).err()
            }
            None => {
                drop(leases.remove(step["release"].as_str().unwrap()));
                None
            }
        };
        connection.send_recv(MARK).unwrap();
        error
    };
    steps.iter().map(step).collect()
}

#[test]
fn leases_of_a_supervised_connection() {
    shared::walk_leases(|steps, server| take_steps(&server.connection().start().unwrap(), steps));
}

#[test]
fn leases_of_the_connection_to_a_server_of_a_fleet() {
    shared::walk_leases(|steps, server| {
        let fleet = Fleet::builder().server(FleetServer::new("fs", server.connection())).start().unwrap();
        take_steps(&fleet.connection("fs").unwrap(), steps)
    });
}
