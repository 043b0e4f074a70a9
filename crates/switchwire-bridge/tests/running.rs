//! How a bridge is run: configurations read again, graceful stops, limits.
#![cfg(feature = "nats")]

mod support;

use std::path::Path;

use support::process::Process;
use support::stored::{Stored, stored};
use support::{Broker, wait_for};
use switchwire::Event;
use switchwire_bridge::{BREAK, SNAPSHOT};
use switchwire_sim::Simulator;

fn config(folder: &Path, nodes: &[(&str, &Simulator)], broker: &Broker, more: &str) -> String {
    let nodes: String = nodes
        .iter()
        .map(|(name, sim)| format!("[[node]]\nname = \"{name}\"\naddress = \"{}\"\n", sim.addr()))
        .collect();
    format!(
        "{more}\nspool = {{ folder = \"{}\" }}\n[events]\ncustom = [\"test::numbered\"]\n{nodes}\
         [nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\n",
        folder.join("spool").display(),
        broker.url(),
    )
}

fn fire(sim: &Simulator, numbers: std::ops::Range<u32>, filling: &str) {
    for number in numbers {
        let mut event = Event::custom("test::numbered");
        event.add_header("Number", number.to_string()).add_header("Unique-ID", "a-call");
        event.add_header("Filling", filling);
        sim.fire(event);
    }
}

fn numbers(all: &[Stored], node: &str) -> Vec<u32> {
    let of_node = all.iter().filter(|one| one.subject.starts_with(&format!("fs.{node}.test::numbered.")));
    of_node.map(|one| one.body["Number"].as_str().expect("a number").parse().expect("a number")).collect()
}

fn of(all: &[Stored], node: &str, event: &str) -> usize {
    all.iter().filter(|one| one.subject.starts_with(&format!("fs.{node}.{event}."))).count()
}

async fn settled(url: &str, done: impl Fn(&[Stored]) -> bool) -> Vec<Stored> {
    for _ in 0..600 {
        let all = stored(url).await;
        if done(&all) {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("not settled: {}", stored(url).await.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_read_again_without_a_break_for_the_others() {
    let Some(broker) = Broker::nats() else { return };
    let (one, other) =
        (Simulator::builder().start().expect("starts"), Simulator::builder().start().expect("starts"));
    let folder = tempfile::tempdir().expect("a folder");
    let alone = config(folder.path(), &[("fs1", &one)], &broker, "");
    let both = config(folder.path(), &[("fs1", &one), ("fs2", &other)], &broker, "");
    let bridge = Process::start(folder.path(), "b", &alone);
    bridge.wait_healthy();
    for (round, text) in [&both, &alone, &both].into_iter().enumerate() {
        let from = u32::try_from(round).expect("few") * 200;
        fire(&one, from..from + 100, "");
        bridge.reload("b", text);
        fire(&one, from + 100..from + 200, "");
        let nodes = if text == &both { 2 } else { 1 };
        wait_for("the other switch", || (bridge.health()?["nodes"].as_array()?.len() == nodes).then_some(()));
    }
    bridge.wait_healthy();
    // A configuration that cannot be used changes nothing.
    bridge.reload("b", "[nats]\nurl = 7\n");
    fire(&one, 600..700, "");
    fire(&other, 0..100, "");
    let all =
        settled(&broker.url(), |all| numbers(all, "fs1").len() >= 700 && numbers(all, "fs2").len() >= 100)
            .await;
    assert!(bridge.stop().success());
    assert_eq!(numbers(&all, "fs1"), (0..700).collect::<Vec<_>>());
    assert_eq!((of(&all, "fs1", BREAK), of(&all, "fs1", SNAPSHOT)), (1, 1), "the connection went on");
    // Taken out once; it had begun before it, or had not come so far.
    let taken_out = |one: &&Stored| {
        one.body["node"] == "fs2" && one.body["reason"].as_str().is_some_and(|why| why.contains("taken out"))
    };
    assert_eq!(all.iter().filter(taken_out).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_delivers_what_waits_and_spools_what_it_cannot_deliver() {
    let Some(mut broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(folder.path(), &[("fs1", &sim)], &broker, "stop-within = \"1s\"");
    let bridge = Process::start(folder.path(), "b", &text);
    bridge.wait_healthy();
    fire(&sim, 0..3000, "");
    // What it has read, it has when it is told to stop.
    let read = |bridge: &Process, count: u32| {
        wait_for("the events", || {
            let page = bridge.page("/metrics")?;
            let line = page.lines().find(|line| line.starts_with("switchwire_bridge_events_total"))?;
            (line.rsplit_once(' ')?.1.parse::<f64>().ok()? >= f64::from(count)).then_some(())
        });
    };
    read(&bridge, 3000);
    assert!(bridge.stop().success());
    assert_eq!(numbers(&stored(&broker.url()).await, "fs1"), (0..3000).collect::<Vec<_>>());
    // With the broker away.
    let bridge = Process::start(folder.path(), "b", &text);
    bridge.wait_healthy();
    broker.kill();
    fire(&sim, 3000..5000, "");
    read(&bridge, 2000);
    assert!(bridge.stop().success(), "spooled is as good as delivered");
    broker.start();
    let bridge = Process::start(folder.path(), "b", &text);
    let all = settled(&broker.url(), |all| numbers(all, "fs1").len() >= 5000).await;
    assert!(bridge.stop().success());
    assert_eq!(numbers(&all, "fs1"), (0..5000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_within_its_bound_and_what_is_dropped_is_told() {
    let Some(mut broker) = Broker::nats() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(folder.path(), &[("fs1", &sim)], &broker, "memory = \"1 MiB\"");
    let text = text.replace("spool\" }", "spool\", bytes = \"4 MiB\" }");
    let bridge = Process::start(folder.path(), "b", &text);
    bridge.wait_healthy();
    let filling = "x".repeat(4000);
    fire(&sim, 0..100, &filling);
    bridge.wait_delivered();
    let before = bridge.peak_memory();
    broker.kill();
    // 160 MB, at a pace that its connection keeps up with.
    for chunk in 0..40 {
        fire(&sim, 100 + chunk * 1000..100 + (chunk + 1) * 1000, &filling);
        wait_for("the events", || {
            let page = bridge.page("/metrics")?;
            let line = page.lines().find(|line| line.starts_with("switchwire_bridge_events_total"))?;
            (line.rsplit_once(' ')?.1.parse::<f64>().ok()? >= f64::from(100 + (chunk + 1) * 1000))
                .then_some(())
        });
    }
    let grown = bridge.peak_memory() - before;
    assert!(grown < 40 << 10, "{grown} KiB more than at rest");
    broker.start();
    // The dropped ones are told, once there is room: what is stored and what is told to be missing is all there was.
    let dropped = |all: &[Stored]| {
        let breaks = all.iter().filter(|one| one.subject.contains(BREAK));
        breaks.filter_map(|one| one.body["dropped"].as_u64()).sum::<u64>()
    };
    let all = settled(&broker.url(), |all| numbers(all, "fs1").len() as u64 + dropped(all) >= 40_100).await;
    bridge.wait_delivered();
    assert!(bridge.stop().success());
    let kept = numbers(&all, "fs1");
    assert!(kept.is_sorted() && dropped(&all) > 0);
    assert_eq!(kept.len() as u64 + dropped(&all), 40_100);
}
