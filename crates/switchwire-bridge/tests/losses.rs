//! Two bridges as processes, killed in turn, and a broker that is killed meanwhile: what the switch sent is stored once.
//!
//! The long form: `SWITCHWIRE_BRIDGE_SECONDS=600 SWITCHWIRE_BRIDGE_RATE=5000 SWITCHWIRE_BRIDGE_KILLS=5,10` (kills of bridges, of
//! the broker). `SWITCHWIRE_BRIDGE_REPORT=FILE` writes the figures there.
#![cfg(feature = "nats")]

mod support;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::stored::stored;
use support::{Broker, bridge_program, free_port, wait_for};
use switchwire::Event;
use switchwire_bridge::BREAK;
use switchwire_sim::Simulator;

/// A bridge in a process of its own.
struct Process {
    config: std::path::PathBuf,
    http: u16,
    child: Child,
}

impl Process {
    fn start(folder: &Path, name: &str, sim: &Simulator, broker: &Broker) -> Self {
        let http = free_port();
        let text = format!(
            "name = \"{name}\"\nspool = {{ folder = \"{}\" }}\nhttp = {{ listen = \"127.0.0.1:{http}\" }}\n\
             [[node]]\nname = \"fs1\"\naddress = \"{}\"\n[events]\ncustom = [\"test::numbered\"]\n\
             [nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\n",
            folder.join(name).display(),
            sim.addr(),
            broker.url(),
        );
        let config = folder.join(format!("{name}.toml"));
        std::fs::write(&config, text).expect("written");
        let child = Self::spawn(&config);
        Self { config, http, child }
    }

    fn spawn(config: &Path) -> Child {
        let command = &mut Command::new(bridge_program());
        command.arg("--config").arg(config).env("RUST_LOG", "off");
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("starts")
    }

    fn kill_and_restart(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
        self.child = Self::spawn(&self.config);
    }

    /// Whether it says that all is well.
    fn is_healthy(&self) -> bool {
        use std::io::{Read as _, Write as _};
        let Ok(mut socket) = std::net::TcpStream::connect(("127.0.0.1", self.http)) else { return false };
        let asked = socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n");
        let mut text = String::new();
        asked.is_ok() && socket.read_to_string(&mut text).is_ok() && text.starts_with("HTTP/1.1 200")
    }

    fn wait_healthy(&self) {
        wait_for("a healthy bridge", || self.is_healthy().then_some(()));
    }

    /// As a service manager does; returns whether it ended well.
    fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        self.child.wait().expect("ends").success()
    }
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
    let mut pair = [
        Process::start(folder.path(), "one", &sim, &broker),
        Process::start(folder.path(), "two", &sim, &broker),
    ];
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
    let stopped: Vec<_> = pair.into_iter().map(Process::stop).collect();
    assert_eq!(stopped, [true, true]);

    let records = stored(&broker.url()).await;
    let breaks = records.iter().filter(|one| one.subject.contains(BREAK)).count();
    let mut times: HashMap<u32, u32> = HashMap::new();
    let (mut last, mut steps_back): (HashMap<u32, u32>, u32) = (HashMap::new(), 0);
    for record in records.iter().filter(|one| one.subject.contains("test::numbered")) {
        let number: u32 = record.body["Number"].as_str().expect("a number").parse().expect("a number");
        *times.entry(number).or_default() += 1;
        let before = last.insert(number % 100, number);
        steps_back += u32::from(before.is_some_and(|before| before > number));
    }
    let missing: Vec<_> = (0..fired).filter(|number| !times.contains_key(number)).collect();
    let twice = times.values().filter(|times| **times > 1).count();
    let mut report = String::new();
    let _ = writeln!(
        report,
        "{fired} events in {seconds} s, two bridges: bridges killed {bridges} times, the broker {brokers} times\n\
         stored {}, missing {}, stored twice {twice}, steps back within a call {steps_back}, breaks told {breaks}",
        times.len(),
        missing.len(),
    );
    println!("{report}");
    if let Some(file) = std::env::var_os("SWITCHWIRE_BRIDGE_REPORT") {
        std::fs::write(file, &report).expect("written");
    }
    assert!(missing.is_empty(), "{report}{:?}", &missing[..missing.len().min(20)]);
    assert_eq!(twice, 0, "{report}");
    assert!(breaks >= usize::try_from(2 + bridges).expect("few"), "{report}");
}
