//! How fast a bridge carries recorded events into JetStream, and at what cost. By itself it only shows that all arrive; the figures are for
//! `SWITCHWIRE_BRIDGE_EVENTS=500000 cargo test --release -p switchwire-bridge --test throughput -- --nocapture`, on a quiet machine.
//! `SWITCHWIRE_BRIDGE_NODES` is the number of switches that they come from.
#![cfg(feature = "nats")]

mod support;

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use async_nats::jetstream;
use support::{Broker, bridge_program};
use switchwire_sim::Simulator;

/// An event of about the size of a real one, with its own number.
fn event(core: &str, number: usize) -> Vec<u8> {
    let mut text = format!(
        "Event-Name: CHANNEL_STATE\nCore-UUID: {core}\nEvent-Sequence: {number}\nUnique-ID: {:08x}-0000-4000-8000-000000000000\n",
        number % 200
    );
    for at in 0..60 {
        let _ = writeln!(text, "variable_some_name_{at}: value%20number%20{at}%20of%20this%20event");
    }
    text.push('\n');
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{text}", text.len()).into_bytes()
}

/// Seconds of CPU and KiB of memory at most, of a process.
fn costs(pid: u32) -> (f64, u64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("runs");
    let after = stat.rsplit_once(')').expect("a name").1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks: f64 =
        fields[11].parse::<f64>().expect("a number") + fields[12].parse::<f64>().expect("a number");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    (ticks / 100.0, peak.trim().trim_end_matches(" kB").trim().parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_events_of_a_flood_arrive() {
    let Some(broker) = Broker::nats() else { return };
    let number =
        |name: &str, short| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short);
    let nodes: usize = number("SWITCHWIRE_BRIDGE_NODES", 2);
    let each = number("SWITCHWIRE_BRIDGE_EVENTS", 20_000) / nodes;
    let sims: Vec<_> = (0..nodes).map(|_| Simulator::builder().start().expect("starts")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = format!(
        "spool = {{ folder = \"{}\" }}\n[events]\nnames = [\"CHANNEL_STATE\"]\n[nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\n",
        folder.path().display(),
        broker.url(),
    );
    for (at, sim) in sims.iter().enumerate() {
        let _ = write!(text, "[[node]]\nname = \"fs{at}\"\naddress = \"{}\"\n", sim.addr());
    }
    let config = folder.path().join("bridge.toml");
    std::fs::write(&config, text).expect("written");
    let mut command = Command::new(bridge_program());
    command.arg("--config").arg(&config).env("RUST_LOG", "off").stdin(Stdio::null()).stdout(Stdio::null());
    let mut bridge = command.spawn().expect("starts");
    let client = async_nats::connect(broker.url()).await.expect("connects");
    let context = jetstream::new(client);
    let messages = async || match context.get_stream("FREESWITCH").await {
        Ok(mut stream) => stream.info().await.expect("its state").state.messages,
        Err(_) => 0,
    };
    // A break and a snapshot of each switch.
    let begun = nodes * 2;
    while usize::try_from(messages().await).expect("few") < begun {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let floods: Vec<Vec<Vec<u8>>> = (0..nodes)
        .map(|node| {
            let events = (0..each).map(|at| event(&format!("core-{node}"), at)).collect::<Vec<_>>();
            events.chunks(50).map(<[Vec<u8>]>::concat).collect()
        })
        .collect();
    let bytes = event("core-0", 1).len();
    let (before, _) = costs(bridge.id());
    let from = Instant::now();
    std::thread::scope(|scope| {
        for (sim, flood) in sims.iter().zip(floods) {
            scope.spawn(move || flood.into_iter().for_each(|some| sim.send_raw(some)));
        }
    });
    let wanted = begun + nodes * each;
    while usize::try_from(messages().await).expect("fits") < wanted {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let (took, (cpu, memory)) = (from.elapsed().as_secs_f64(), costs(bridge.id()));
    let sent = nodes * each;
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    let (rate, cost) = (sent as f64 / took, (cpu - before) * 1e6 / sent as f64);
    println!(
        "{nodes} switches, {sent} events of {bytes} bytes: {rate:.0} events/s into JetStream, {cost:.1} us of the bridge's CPU an event, {memory} KiB at most"
    );
    assert_eq!(usize::try_from(messages().await).expect("fits"), wanted);
    Command::new("kill").args(["-TERM", &bridge.id().to_string()]).status().expect("kill");
    assert!(bridge.wait().expect("ends").success());
}
