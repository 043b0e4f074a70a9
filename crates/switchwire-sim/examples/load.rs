//! Puts a simulator under load and prints what was delivered and what it cost:
//! `cargo run --release -p switchwire-sim --example load -- [events | calls | idle | start]… [SECONDS]`; without names all
//! of them, for the times that the README gives.
#![allow(clippy::print_stdout, reason = "an example prints its report")]
#![allow(clippy::unwrap_used, reason = "a failure here is the message")]

#[path = "../tests/loads/mod.rs"]
mod loads;

use std::io::Read as _;
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use loads::listener::Listener;
use loads::usage::{Usage, memory};
use switchwire_sim::Simulator;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments.iter().find_map(|word| word.parse::<u64>().ok());
    let wanted = |name: &str| {
        let mut names = arguments.iter().filter(|word| word.parse::<u64>().is_err()).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    let time = |usual: u64| Duration::from_secs(seconds.unwrap_or(usual));
    let parts: [Part; 4] =
        [("start", start, 0), ("idle", idle, 10), ("events", events, 60), ("calls", calls, 30)];
    let mut well = true;
    for (name, part, usual) in parts {
        if wanted(name) {
            well &= part(time(usual));
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A part's name, what it runs and reports, and for how many seconds.
type Part = (&'static str, fn(Duration) -> bool, u64);

/// From `start()` to the greeting of the first connection.
fn start(_: Duration) -> bool {
    let mut times: Vec<(Duration, Duration)> = (0..101)
        .map(|_| {
            let began = Instant::now();
            let sim = Simulator::builder().start().unwrap();
            let listening = began.elapsed();
            TcpStream::connect(sim.addr()).unwrap().read_exact(&mut [0; 28]).unwrap();
            (listening, began.elapsed())
        })
        .collect();
    times.sort();
    let (median, last) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "start: it listens after {:.2?}, greets after {:.2?} (median of {})",
        median.0,
        median.1,
        times.len()
    );
    println!("       the slowest: {:.2?}, {:.2?}", last.0, last.1);
    true
}

fn idle(time: Duration) -> bool {
    let sim = Simulator::builder().start().unwrap();
    let _idle = Listener::new(sim.addr(), "ALL");
    std::thread::sleep(Duration::from_millis(100));
    let before = Usage::of_simulators();
    std::thread::sleep(time);
    let used = Usage::of_simulators().zip(before).map(|(after, before)| after.since(before));
    let Some(used) = used else {
        println!("idle: not measured on this system");
        return true;
    };
    println!("idle: {time:?} with one connection: {:?} of CPU, woken {} times", used.cpu, used.sleeps);
    used == Usage::default()
}

fn events(time: Duration) -> bool {
    let sim = Simulator::builder().start().unwrap();
    let delivered = loads::events(&sim, LISTENERS, EVENTS_PER_SECOND, time);
    let used = Usage::of_simulators();
    let least = delivered.received.iter().min().copied().unwrap_or(0);
    let most = delivered.received.iter().max().copied().unwrap_or(0);
    println!(
        "events: {EVENTS_PER_SECOND} a second for {time:?} to {LISTENERS} listeners: {} sent, each got {least} to {most} \
         in order, {} MB, after {:.2?}",
        delivered.sent,
        delivered.bytes / 1_000_000,
        delivered.took
    );
    report(used, delivered.took);
    (least, most) == (delivered.sent, delivered.sent)
}

fn calls(time: Duration) -> bool {
    let sim = Simulator::builder().start().unwrap();
    let (total, seen, took) = loads::calls(&sim, CALL_LISTENERS, CALLS_PER_SECOND, time);
    let used = Usage::of_simulators();
    println!(
        "calls: {CALLS_PER_SECOND} a second for {time:?} to {CALL_LISTENERS} listeners of all events: {total} made, after {took:.2?}"
    );
    let mut well = true;
    for (at, calls) in seen.iter().enumerate() {
        let (begun, ended) = (calls.begun.len(), calls.ended.len());
        println!("       listener {}: {begun} begun, {ended} ended, {} events", at + 1, calls.events);
        well &= calls.begun == calls.ended && begun as u64 == total && calls.events == seen[0].events;
    }
    report(used, took);
    well
}

fn report(used: Option<Usage>, took: Duration) {
    if let Some((used, (now, most))) = used.zip(memory()) {
        let share = 100.0 * used.cpu.as_secs_f64() / took.as_secs_f64();
        println!(
            "       the simulator's thread: {:.2?} of CPU, {share:.0} % of one core; the process with its listeners: \
             {} MB, at most {} MB",
            used.cpu,
            now / 1024,
            most / 1024
        );
    }
}

const LISTENERS: usize = 50;
const EVENTS_PER_SECOND: u64 = 2000;
const CALL_LISTENERS: usize = 3;
const CALLS_PER_SECOND: u64 = 500;
