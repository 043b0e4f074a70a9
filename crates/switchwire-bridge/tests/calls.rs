//! The calls of simulated switches in a bucket of JetStream's key-value store.
#![cfg(feature = "nats")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use serde_json::Value;
use support::Broker;
use switchwire::Connection;
use switchwire_bridge::{Bridge, Config};
use switchwire_sim::{End, Simulator};

fn config(nodes: &[(&str, &Simulator)], broker: &Broker) -> Config {
    let nodes: String = nodes
        .iter()
        .map(|(name, sim)| format!("[[node]]\nname = \"{name}\"\naddress = \"{}\"\n", sim.addr()))
        .collect();
    let url = broker.url();
    let text = format!(
        "name = \"b\"\n[events]\nnames = [\"HEARTBEAT\"]\n{nodes}[nats]\nurl = \"{url}\"\nstream = {{ name = \"FREESWITCH\" }}\ncalls = {{ bucket = \"calls\" }}\n"
    );
    Config::parse(&text).expect("a configuration")
}

/// What the bucket holds.
async fn bucket(broker: &Broker) -> BTreeMap<String, Value> {
    let client = async_nats::connect(broker.url()).await.expect("connects");
    let context = async_nats::jetstream::new(client);
    let Ok(store) = context.get_key_value("calls").await else { return BTreeMap::new() };
    let keys: Vec<String> = store.keys().await.expect("keys").try_collect().await.expect("keys");
    let mut all = BTreeMap::new();
    for key in keys {
        if let Some(value) = store.get(&key).await.expect("a value") {
            all.insert(key, serde_json::from_slice(&value).expect("JSON"));
        }
    }
    all
}

async fn settled(broker: &Broker, what: &str, done: impl Fn(&BTreeMap<String, Value>) -> bool) {
    for _ in 0..600 {
        if done(&bucket(broker).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: {:#?}", bucket(broker).await);
}

fn originate(connection: &Connection, uuid: &str) {
    let made =
        connection.api("originate", &format!("{{origination_uuid={uuid}}}null/x &park()")).expect("a reply");
    assert!(made.is_ok(), "{}", made.text());
}

fn kill(connection: &Connection, uuid: &str) {
    assert!(connection.api("uuid_kill", uuid).expect("a reply").is_ok());
}

fn keys(all: &BTreeMap<String, Value>) -> Vec<&str> {
    all.keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bucket_has_the_calls_that_are_up_whoever_was_away() {
    let Some(mut broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let other = Simulator::builder().start().expect("starts");
    let direct = Connection::connect("127.0.0.1", sim.port(), sim.password()).expect("connects");
    let control = Connection::connect("127.0.0.1", other.port(), other.password()).expect("connects");
    // One is up before the bridge is there.
    originate(&direct, "a");
    let nodes = [("fs1", &sim), ("fs.2", &other)];
    let mut bridge = Bridge::start(config(&nodes, &broker)).await.expect("starts");
    originate(&control, "c");
    settled(&broker, "the first", |all| keys(all) == ["fs1.a", "fs=2E2.c"]).await;
    originate(&direct, "b");
    settled(&broker, "a new one", |all| all.contains_key("fs1.b")).await;
    let leg = bucket(&broker).await.remove("fs1.b").expect("b");
    assert_eq!(
        (&leg["node"], &leg["uuid"], &leg["answer_state"]),
        (&"fs1".into(), &"b".into(), &"answered".into())
    );
    assert!(leg["created"].is_string(), "{leg}");
    kill(&direct, "a");
    settled(&broker, "one that is gone", |all| !all.contains_key("fs1.a")).await;
    // The switch's connection is lost: what changed meanwhile is put right.
    sim.disconnect_all(End::Reset);
    // (Also this one, once it happens.)
    while direct.api("status", "").is_ok() {}
    let direct = Connection::connect("127.0.0.1", sim.port(), sim.password()).expect("connects");
    kill(&direct, "b");
    originate(&direct, "d");
    settled(&broker, "after a loss", |all| keys(all) == ["fs1.d", "fs=2E2.c"]).await;
    // The broker is: its bucket was in memory, and is written anew.
    broker.kill();
    kill(&direct, "d");
    originate(&direct, "e");
    broker.start();
    settled(&broker, "after the broker", |all| keys(all) == ["fs1.e", "fs=2E2.c"]).await;
    // A switch that is taken out takes its calls with it.
    let left = bridge.reload(config(&nodes[..1], &broker)).expect("reloads");
    assert_eq!(left, Vec::<&str>::new());
    settled(&broker, "without the other switch", |all| keys(all) == ["fs1.e"]).await;
    // A bridge that was not there finds what another left behind.
    bridge.stop().await;
    kill(&direct, "e");
    originate(&direct, "f");
    let bridge = Bridge::start(config(&nodes[..1], &broker)).await.expect("starts");
    settled(&broker, "after the bridge", |all| keys(all) == ["fs1.f"]).await;
    bridge.stop().await;
}
