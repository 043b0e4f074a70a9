//! The table of a fleet's own methods and of leases (tests/faces/fleet.json), walked from tasks.

#[path = "../../switchwire/tests/support/faces_fleet.rs"]
mod shared;
mod support;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use shared::{Given, MARK, Outcome, Server, fleet, results, subscribed};
use support::PATIENCE;
use switchwire_tokio::{Error, Fleet, FleetServer, Lease, ManagedConnection};
use tokio::runtime::{Builder, Runtime};

async fn run(fleet: &Fleet, method: &str, case: &Value) -> Outcome {
    let given = Given(case);
    match method {
        "api_on" => {
            let reply = fleet.api_on(given.text(0), given.text(1), given.text(2)).await?;
            Ok(json!({ "text": reply.text() }))
        }
        "api_any" => {
            let (server, reply) =
                fleet.api_any(&given.pick(), given.text(0), given.text(1), given.timeout()).await?;
            Ok(json!({ "server": &*server, "text": reply.text() }))
        }
        "api_all" => Ok(results(fleet.api_all(given.text(0), given.text(1), given.timeout()).await?)),
        "find" => {
            let server = fleet.find(given.text(0), given.timeout()).await?;
            Ok(json!({ "text": server.as_deref() }))
        }
        "uuid_kill" => {
            fleet.uuid_kill(given.text(0), given.cause(), given.timeout()).await.map(|_| Value::from("done"))
        }
        other => panic!("no method {other}"),
    }
}

async fn meet(method: &str, case: &Value, servers: &BTreeMap<&'static str, Server>) -> Outcome {
    let fleet = Fleet::start(fleet(servers)).unwrap();
    let connections: Vec<_> = servers.keys().map(|name| fleet.connection(name).unwrap()).collect();
    for one in &connections {
        one.wait_up().await.unwrap();
    }
    let outcome = run(&fleet, method, case).await;
    for one in &connections {
        one.send_recv(MARK).await.unwrap();
    }
    fleet.close().await;
    outcome
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Runs it for at most a time that nothing here takes.
fn in_time<T>(runtime: &Runtime, what: impl Future<Output = T>) -> T {
    runtime.block_on(async { tokio::time::timeout(PATIENCE * 3, what).await }).expect("it ends in time")
}

#[test]
fn every_method_of_a_fleet_comes_out_as_the_table_says() {
    let runtime = runtime();
    shared::walk(|method, case, servers| in_time(&runtime, meet(method, case, servers)));
}

async fn take_steps(connection: &ManagedConnection, steps: &[Value]) -> Vec<Option<Error>> {
    connection.wait_up().await.unwrap();
    let mut leases: HashMap<&str, Lease> = HashMap::new();
    let mut errors = Vec::new();
    for step in steps {
        errors.push(match subscribed(step) {
            Some((name, wanted)) => {
                connection.subscribe(&wanted).await.map(|lease| drop(leases.insert(name, lease))).err()
            }
            None => {
                drop(leases.remove(step["release"].as_str().unwrap()));
                None
            }
        });
        connection.send_recv(MARK).await.unwrap();
    }
    errors
}

#[test]
fn leases_of_a_supervised_connection() {
    let runtime = runtime();
    shared::walk_leases(|steps, server| {
        in_time(&runtime, async {
            let connection = ManagedConnection::start(server.connection()).unwrap();
            take_steps(&connection, steps).await
        })
    });
}

#[test]
fn leases_of_the_connection_to_a_server_of_a_fleet() {
    let runtime = runtime();
    shared::walk_leases(|steps, server| {
        in_time(&runtime, async {
            let fleet = Fleet::builder().server(FleetServer::new("fs", server.connection()));
            let fleet = Fleet::start(fleet).unwrap();
            take_steps(&fleet.connection("fs").unwrap(), steps).await
        })
    });
}
