//! How fast a bridge carries events into JetStream, at what cost, and how long one takes. By itself it only shows that all arrive; the figures
//! are of `SWITCHWIRE_BRIDGE_EVENTS=300000 cargo test --release -p switchwire-bridge --test throughput -- --nocapture`, on a quiet
//! machine. `SWITCHWIRE_BRIDGE_NODES` is the number of switches that they come from, `SWITCHWIRE_BRIDGE_RATE` the events a second while
//! latency is measured, and `SWITCHWIRE_BRIDGE_REPORT` the file whose section is written.
#![cfg(feature = "nats")]

mod support;

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use async_nats::jetstream;
use support::stored::for_each_stored;
use support::{Broker, bridge_program, free_port, report};
use switchwire_sim::Simulator;

/// As many events may be on the way: fewer than a connection's queue takes, so that the figure is the bridge's and none is dropped.
const ON_THE_WAY: usize = 20_000;

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

/// Fires a second's events, evenly, and waits until they are stored. The median and the 99th percentile from before they were written
/// to the sockets until the broker had them.
async fn latency(
    sims: &[Simulator],
    url: &str,
    rate: usize,
    seconds: usize,
    done: impl AsyncFn() -> usize,
) -> (Duration, Duration) {
    let before = done().await;
    let (count, begun) = (rate * seconds, Instant::now());
    let mut sent = Vec::with_capacity(count);
    while sent.len() < count {
        let due = (begun.elapsed().as_micros() * rate as u128 / 1_000_000) as usize;
        while sent.len() < due.min(count) {
            let number = sent.len();
            sent.push(SystemTime::now());
            sims[number % sims.len()].send_raw(event("core-latency", number));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while done().await < before + count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut took = Vec::with_capacity(count);
    for_each_stored(url, |one| {
        if let Some(number) = one.id.strip_prefix("core-latency:") {
            let sent = sent[number.parse::<usize>().expect("a number")];
            took.push(one.at.duration_since(sent).unwrap_or_default());
        }
    })
    .await;
    took.sort_unstable();
    assert_eq!(took.len(), count);
    (took[count / 2], took[count * 99 / 100])
}

/// A figure of `/metrics`.
fn metric(http: u16, name: &str) -> f64 {
    use std::io::{Read as _, Write as _};
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", http)).expect("connects");
    socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n").expect("asked");
    let mut text = String::new();
    socket.read_to_string(&mut text).expect("read");
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    line.trim().parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_events_of_a_flood_arrive() {
    let Some(broker) = Broker::nats() else { return };
    let number =
        |name: &str, short| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short);
    let http = free_port();
    let nodes: usize = number("SWITCHWIRE_BRIDGE_NODES", 2);
    let each = number("SWITCHWIRE_BRIDGE_EVENTS", 20_000) / nodes;
    let sims: Vec<_> = (0..nodes).map(|_| Simulator::builder().start().expect("starts")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = format!(
        "spool = {{ folder = \"{}\" }}\nhttp = {{ listen = \"127.0.0.1:{http}\" }}\n[events]\nnames = [\"CHANNEL_STATE\"]\n[nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\n",
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
        Ok(mut stream) => {
            usize::try_from(stream.info().await.expect("its state").state.messages).expect("few")
        }
        Err(_) => 0,
    };
    // A break and a snapshot of each switch.
    while messages().await < nodes * 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rate = number("SWITCHWIRE_BRIDGE_RATE", 1000);
    let (median, high) = latency(&sims, &broker.url(), rate, 2, messages).await;
    let own = |quantile: &str| {
        let name = format!("switchwire_bridge_latency_seconds{{sink=\"nats\",quantile=\"{quantile}\"}}");
        Duration::from_secs_f64(metric(http, &name))
    };
    let (own_median, own_high) = (own("0.5"), own("0.99"));
    let begun = messages().await;
    let floods: Vec<Vec<Vec<u8>>> = (0..nodes)
        .map(|node| {
            let events = (0..each).map(|at| event(&format!("core-{node}"), at)).collect::<Vec<_>>();
            events.chunks(50).map(<[Vec<u8>]>::concat).collect()
        })
        .collect();
    let bytes = event("core-0", 1).len();
    let (before, _) = costs(bridge.id());
    let (broker_before, _) = costs(broker.pid());
    let from = Instant::now();
    let (sent, there) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wanted = nodes * each;
    std::thread::scope(|scope| {
        for (sim, flood) in sims.iter().zip(floods) {
            let (sent, there) = (&sent, &there);
            scope.spawn(move || {
                for some in flood {
                    while sent.load(Ordering::Relaxed) > there.load(Ordering::Relaxed) + ON_THE_WAY {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    sent.fetch_add(50, Ordering::Relaxed);
                    sim.send_raw(some);
                }
            });
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                while there.load(Ordering::Relaxed) < wanted {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    there.store(messages().await - begun, Ordering::Relaxed);
                }
            });
        });
    });
    let (took, (cpu, memory)) = (from.elapsed().as_secs_f64(), costs(bridge.id()));
    let (broker_cpu, _) = costs(broker.pid());
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    let count = wanted as f64;
    let cost = |seconds: f64| seconds * 1e6 / count;
    let text = format!(
        "{wanted} events of {bytes} bytes, {}\n\n- {:.0} events/s into JetStream, on the same machine as the broker and the simulators\n\
         - CPU an event: {:.1} us the bridge, {:.1} us the broker\n- memory: {memory} KiB at most\n\
         - at {rate} events/s, from before the socket until stored: {median:.1?} in the median, {high:.1?} the 99th percentile\n\
         - of that from the bridge's queue until acknowledged (`switchwire_bridge_latency_seconds`): {own_median:.1?} and {own_high:.1?}",
        report::circumstances(),
        count / took,
        cost(cpu - before),
        cost(broker_cpu - broker_before),
    );
    let switches = if nodes == 1 { "1 switch".to_owned() } else { format!("{nodes} switches") };
    report::section(&format!("Throughput, {switches}"), &text);
    assert_eq!(messages().await, begun + wanted);
    Command::new("kill").args(["-TERM", &bridge.id().to_string()]).status().expect("kill");
    assert!(bridge.wait().expect("ends").success());
}
