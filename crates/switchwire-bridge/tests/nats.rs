//! Events of simulated switches in a JetStream of the machine's own.
#![cfg(feature = "nats")]

mod support;

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream;
use support::Broker;
use support::stored::{Stored, stored};
use switchwire::{Connection, Event};
use switchwire_bridge::{BREAK, Bridge, Config, SNAPSHOT};
use switchwire_sim::{End, Simulator};

fn config(nodes: &[(&str, &Simulator)], url: &str, more: &str) -> Config {
    let nodes: String = nodes
        .iter()
        .map(|(name, sim)| format!("[[node]]\nname = \"{name}\"\naddress = \"{}\"\n", sim.addr()))
        .collect();
    let nats = format!("[nats]\nurl = \"{url}\"\nstream = {{ name = \"FREESWITCH\" }}\n");
    Config::parse(&format!("{more}\n{nodes}{nats}")).expect("a configuration")
}

/// Fires custom events, numbered, as calls of their own.
fn fire(sim: &Simulator, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let mut event = Event::custom("test::numbered");
        event
            .add_header("Number", number.to_string())
            .add_header("Unique-ID", format!("call-{}", number % 5));
        sim.fire(event);
    }
}

fn numbers(records: &[Stored], node: &str) -> Vec<u32> {
    let of_node = records.iter().filter(|one| one.subject.starts_with(&format!("fs.{node}.test::numbered.")));
    of_node.map(|one| one.body["Number"].as_str().expect("a number").parse().expect("a number")).collect()
}

async fn settled(url: &str, done: impl Fn(&[Stored]) -> bool) -> Vec<Stored> {
    for _ in 0..600 {
        let all = stored(url).await;
        if done(&all) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not settled: {:?}", stored(url).await.len());
}

async fn connected(url: &str, nodes: usize) {
    for _ in 0..600 {
        let client = async_nats::connect(url).await.expect("connects");
        if jetstream::new(client).get_stream("FREESWITCH").await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    settled(url, |all| all.iter().filter(|one| one.subject.contains(SNAPSHOT)).count() >= nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_two_switches_are_stored_once_by_two_bridges() {
    let Some(broker) = Broker::nats() else { return };
    let (one, other) =
        (Simulator::builder().start().expect("starts"), Simulator::builder().start().expect("starts"));
    let config = config(&[("fs1", &one), ("fs2", &other)], &broker.url(), "");
    let bridges =
        [Bridge::start(config.clone()).await.expect("starts"), Bridge::start(config).await.expect("starts")];
    connected(&broker.url(), 4).await;
    fire(&one, 0..300);
    fire(&other, 0..200);
    let all =
        settled(&broker.url(), |all| numbers(all, "fs1").len() >= 300 && numbers(all, "fs2").len() >= 200)
            .await;
    for bridge in bridges {
        assert_eq!(bridge.stop().await, 0);
    }
    let all_after = stored(&broker.url()).await;
    assert_eq!(numbers(&all_after, "fs1").len(), 300, "{}", all.len());
    assert_eq!(numbers(&all_after, "fs2").len(), 200);
    let ids: HashSet<_> = all_after.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), all_after.len(), "each identity once");
    for call in 0..5 {
        let of_call: Vec<_> =
            numbers(&all_after, "fs1").into_iter().filter(|number| number % 5 == call).collect();
        assert!(of_call.is_sorted(), "{of_call:?}");
    }
    let begun = all_after.iter().filter(|one| one.subject.contains(BREAK) && one.body["from"].is_null());
    assert_eq!(begun.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_loses_nothing() {
    let Some(mut broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let spool = format!("spool = {{ folder = \"{}\" }}\nmemory = \"64 KiB\"", folder.path().display());
    let bridge = Bridge::start(config(&[("fs1", &sim)], &broker.url(), &spool)).await.expect("starts");
    connected(&broker.url(), 1).await;
    let mut sent = 0;
    for _ in 0..4 {
        fire(&sim, sent..sent + 200);
        broker.kill();
        fire(&sim, sent + 200..sent + 500);
        broker.start();
        sent += 500;
    }
    let all = settled(&broker.url(), |all| numbers(all, "fs1").len() >= 2000).await;
    bridge.stop().await;
    let mut got = numbers(&all, "fs1");
    for call in 0..5 {
        let of_call: Vec<_> = got.iter().filter(|number| *number % 5 == call).collect();
        assert!(of_call.is_sorted(), "{of_call:?}");
    }
    got.sort_unstable();
    assert_eq!(got, (0..2000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_break_is_told_and_a_snapshot_follows_it() {
    let Some(broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let bridge = Bridge::start(config(&[("fs1", &sim)], &broker.url(), "")).await.expect("starts");
    connected(&broker.url(), 1).await;
    sim.disconnect_all(End::Reset);
    let all =
        settled(&broker.url(), |all| all.iter().filter(|one| one.subject.contains(SNAPSHOT)).count() >= 2)
            .await;
    bridge.stop().await;
    let breaks: Vec<_> = all.iter().filter(|one| one.subject.contains(BREAK)).map(|one| &one.body).collect();
    assert_eq!(breaks.len(), 3, "{breaks:?}");
    assert!(breaks[0]["from"].is_null() && breaks[0]["to"].is_string());
    assert!(breaks[1]["from"].is_string() && breaks[1]["to"].is_null());
    assert!(breaks[2]["from"] == breaks[1]["from"] && breaks[2]["to"].is_string());
    assert_eq!(breaks[2]["run"], "same");
    let after =
        all.iter().skip_while(|one| one.body != *breaks[2]).find(|one| one.subject.contains(SNAPSHOT));
    assert_eq!(after.expect("the snapshot").body["row_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_commands_are_run_and_others_are_not() {
    let Some(broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let mut config = config(&[("fs1", &sim)], &broker.url(), "");
    let nats = config.nats.as_mut().expect("nats");
    nats.commands = Some(toml::from_str("allow = [\"global_getvar\"]").expect("commands"));
    let bridge = Bridge::start(config).await.expect("starts");
    connected(&broker.url(), 1).await;
    let client = async_nats::connect(broker.url()).await.expect("connects");
    let ask = async |subject: &str, text: &str| {
        let reply = client.request(subject.to_owned(), text.to_owned().into()).await.expect("a reply");
        let status = reply.headers.unwrap_or_default().get("Switchwire-Status").map(ToString::to_string);
        (status.unwrap_or_default(), String::from_utf8_lossy(&reply.payload).into_owned())
    };
    let direct = Connection::connect("127.0.0.1", sim.port(), sim.password()).expect("connects");
    let wanted = direct.api("global_getvar", "core_uuid").expect("a reply").text().into_owned();
    assert_eq!(ask("fs.fs1.api", "global_getvar core_uuid").await, ("ok".to_owned(), wanted));
    assert_eq!(ask("fs.fs1.api", "hupall").await.0, "refused");
    assert_eq!(ask("fs.nosuch.api", "global_getvar core_uuid").await.0, "refused");
    assert_eq!(ask("fs.fs1.api", "global_getvar a\n\nexit").await.0, "refused");
    bridge.stop().await;
}
