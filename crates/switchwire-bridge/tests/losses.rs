//! Two bridges as processes, killed in turn, and a broker that is killed meanwhile: what the switch sent is stored once.
//!
//! The long form: `SWITCHWIRE_BRIDGE_SECONDS=600 SWITCHWIRE_BRIDGE_RATE=5000 SWITCHWIRE_BRIDGE_KILLS=5,10` (kills of bridges, of
//! the broker). `SWITCHWIRE_BRIDGE_REPORT=FILE` writes the figures there.
#![cfg(feature = "nats")]

mod support;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::process::Process;
use support::stored::{Stored, for_each_stored, stored};
use support::{Broker, report};
use switchwire::Event;
use switchwire_bridge::BREAK;
use switchwire_sim::Simulator;

fn start(folder: &Path, name: &str, sim: &Simulator, broker: &Broker) -> Process {
    let text = format!(
        "spool = {{ folder = \"{}\" }}\n[[node]]\nname = \"fs1\"\naddress = \"{}\"\n[events]\ncustom = [\"test::numbered\"]\n\
         [nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\n",
        folder.join(name).display(),
        sim.addr(),
        broker.url(),
    );
    Process::start(folder, name, &text)
}

fn number(name: &str, short: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short)
}

/// Fires numbered events, of a hundred calls, at a steady rate, until told to stop; returns how many.
fn fire(sim: &Arc<Simulator>, rate: u64, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<u32> {
    let (sim, stop) = (sim.clone(), stop.clone());
    let fired = Arc::new(AtomicU32::new(0));
    std::thread::spawn(move || {
        let begun = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let due = u128::from(rate) * begun.elapsed().as_millis() / 1000;
            while u128::from(fired.load(Ordering::Relaxed)) < due {
                let number = fired.fetch_add(1, Ordering::Relaxed);
                let mut event = Event::custom("test::numbered");
                event
                    .add_header("Number", number.to_string())
                    .add_header("Unique-ID", format!("call-{}", number % 100));
                sim.fire(event);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        fired.load(Ordering::Relaxed)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_switch_sent_is_stored_once_whoever_is_killed() {
    let Some(mut broker) = Broker::nats() else { return };
    let seconds = number("SWITCHWIRE_BRIDGE_SECONDS", 6);
    let rate = number("SWITCHWIRE_BRIDGE_RATE", 1000);
    let kills = std::env::var("SWITCHWIRE_BRIDGE_KILLS").unwrap_or_else(|_| "2,2".to_owned());
    let (bridges, brokers) = kills.split_once(',').expect("two numbers");
    let (bridges, brokers): (u64, u64) =
        (bridges.parse().expect("a number"), brokers.parse().expect("a number"));

    let folder = tempfile::tempdir().expect("a folder");
    let sim = Arc::new(Simulator::builder().start().expect("starts"));
    let mut pair = [start(folder.path(), "one", &sim, &broker), start(folder.path(), "two", &sim, &broker)];
    pair.iter().for_each(Process::wait_healthy);
    let stop = Arc::new(AtomicBool::new(false));
    let firing = fire(&sim, rate, &stop);
    let begun = Instant::now();
    // One thing at a time is broken, at even distances.
    let all = bridges + brokers;
    for step in 0..all {
        let due = Duration::from_secs(seconds) * u32::try_from(step + 1).expect("few")
            / u32::try_from(all + 1).expect("few");
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        // What a killed one has not delivered, the other has delivered by then.
        pair.iter().for_each(Process::wait_healthy);
        if step * bridges / all != (step + 1) * bridges / all {
            let victim = usize::try_from(step).expect("few") % 2;
            pair[victim].kill_and_restart();
        } else {
            broker.kill();
            std::thread::sleep(Duration::from_millis(500));
            broker.start();
        }
    }
    std::thread::sleep(Duration::from_secs(seconds).saturating_sub(begun.elapsed()));
    pair.iter().for_each(Process::wait_healthy);
    stop.store(true, Ordering::Relaxed);
    let fired = firing.join().expect("fires");
    let memory = pair.iter().map(Process::peak_memory).max().expect("two");
    let stopped: Vec<_> = pair.into_iter().map(|bridge| bridge.stop().success()).collect();
    assert_eq!(stopped, [true, true]);

    let mut breaks = 0;
    let mut times = vec![0_u8; usize::try_from(fired).expect("fits")];
    let (mut last, mut steps_back): (HashMap<u32, u32>, u32) = (HashMap::new(), 0);
    for_each_stored(&broker.url(), |record| {
        breaks += usize::from(record.subject.contains(BREAK));
        if record.subject.contains("test::numbered") {
            let number = number_of(&record);
            times[usize::try_from(number).expect("fits")] += 1;
            let before = last.insert(number % 100, number);
            steps_back += u32::from(before.is_some_and(|before| before > number));
        }
    })
    .await;
    let missing: Vec<_> = (0..times.len()).filter(|number| times[*number] == 0).collect();
    let twice = times.iter().filter(|times| **times > 1).count();
    let report = format!(
        "{}: {fired} events of 100 calls in {seconds} s, two bridges; bridges killed (-9) {bridges} times, the broker {brokers} times\n\n\
         - stored {}, missing {}, stored twice {twice}\n- steps back within a call: {steps_back}\n- breaks told: {breaks}\n\
         - memory of a bridge: {memory} KiB at most",
        report::circumstances(),
        times.len() - missing.len(),
        missing.len(),
    );
    report::section("Losses, two bridges", &report);
    assert!(missing.is_empty(), "{report}{:?}", &missing[..missing.len().min(20)]);
    assert_eq!(twice, 0, "{report}");
    assert_eq!(steps_back, 0, "{report}");
    assert!(breaks >= usize::try_from(2 + bridges).expect("few"), "{report}");
}

fn number_of(record: &Stored) -> u32 {
    record.body["Number"].as_str().expect("a number").parse().expect("a number")
}

/// One bridge alone loses what comes while it is dead: before the next event that is stored, a break says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_single_bridge_loses_is_marked_where_it_is_missing() {
    let Some(broker) = Broker::nats() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let sim = Arc::new(Simulator::builder().start().expect("starts"));
    let mut bridge = start(folder.path(), "one", &sim, &broker);
    bridge.wait_healthy();
    let stop = Arc::new(AtomicBool::new(false));
    let firing = fire(&sim, 2000, &stop);
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(400));
        bridge.kill_and_restart();
        bridge.wait_healthy();
    }
    stop.store(true, Ordering::Relaxed);
    let fired = firing.join().expect("fires");
    bridge.wait_delivered();
    assert!(bridge.stop().success());
    let (mut next, mut lost, mut marked) = (0, 0, false);
    for record in stored(&broker.url()).await {
        if record.subject.contains(BREAK) {
            marked = true;
        } else if record.subject.contains("test::numbered") {
            let number = number_of(&record);
            assert!(number == next || marked, "{next} to {number} are missing, and nothing says so");
            lost += number - next;
            (next, marked) = (number + 1, false);
        }
    }
    let unmarked = if marked { 0 } else { fired - next };
    assert_eq!(unmarked, 0, "the last ones of {fired} are missing");
    assert!(lost > 0 && lost < fired, "{lost} of {fired} lost: a kill costs some");
}
