//! Events of a simulated switch in a Redis of the machine's own.
#![cfg(feature = "redis")]

mod support;

use std::collections::HashMap;
use std::time::Duration;

use support::Broker;
use switchwire::Event;
use switchwire_bridge::{Bridge, Config, SNAPSHOT};
use switchwire_sim::Simulator;

type Entry = HashMap<String, String>;

async fn stored(port: u16) -> Vec<Entry> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).expect("an address");
    let Ok(mut connection) = client.get_multiplexed_async_connection().await else { return Vec::new() };
    let entries: redis::RedisResult<Vec<(String, Entry)>> =
        redis::cmd("XRANGE").arg("fs:fs1").arg("-").arg("+").query_async(&mut connection).await;
    entries.unwrap_or_default().into_iter().map(|(_, entry)| entry).collect()
}

async fn settled(port: u16, done: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
    for _ in 0..600 {
        let all = stored(port).await;
        if done(&all) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not settled: {:?}", stored(port).await.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_has_every_event_in_order() {
    let Some(mut broker) = Broker::redis() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "spool = {{ folder = \"{}\" }}\n[[node]]\nname = \"fs1\"\naddress = \"{}\"\n[events]\ncustom = [\"test::numbered\"]\n\
         [redis]\nurl = \"redis://127.0.0.1:{}/\"\n",
        folder.path().display(),
        sim.addr(),
        broker.port,
    );
    let bridge = Bridge::start(Config::parse(&text).expect("a configuration")).await.expect("starts");
    settled(broker.port, |all| all.iter().any(|one| one["event"] == SNAPSHOT)).await;
    for round in 0..3 {
        for number in round * 300..(round + 1) * 300 {
            let mut event = Event::custom("test::numbered");
            event.add_header("Number", number.to_string());
            sim.fire(event);
            if number % 300 == 150 {
                broker.kill();
            }
        }
        broker.start();
    }
    let numbers = |all: &[Entry]| -> Vec<u32> {
        let bodies = all.iter().filter(|one| one["event"] == "CUSTOM").map(|one| &one["body"]);
        let values = bodies.map(|body| serde_json::from_str::<serde_json::Value>(body).expect("JSON"));
        values.map(|value| value["Number"].as_str().expect("a number").parse().expect("a number")).collect()
    };
    let all = settled(broker.port, |all| numbers(all).contains(&899)).await;
    assert_eq!(bridge.stop().await, 0);
    // What was stored and not acknowledged is there twice.
    let (mut seen, mut first) = (std::collections::HashSet::new(), Vec::new());
    for number in numbers(&all) {
        if seen.insert(number) {
            first.push(number);
        }
    }
    assert_eq!(first, (0..900).collect::<Vec<_>>());
}
