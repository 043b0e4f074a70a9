//! The tables.

use std::fmt::Write as _;

use crate::client::{CLIENTS, Client, Side};
use crate::drivers::{FLOODED, Work};
use crate::goals::Goal;
use crate::measure::{self, Cores, IDLE, Results};
use crate::server::Sends;
use crate::{latency, sizes};

/// Everything: what is written to RESULTS.md. Goals that were not measured are listed in a run of `all`.
pub(crate) fn full(results: &Results, goals: &[Goal], all: bool) -> String {
    let effort = results.effort;
    let mut text = format!(
        "# Side by side\n\n\
         Written by `cargo xtask bench`; the method is in [README.md](README.md). {} {}\n\n\
         Medians of {} rounds in rotation; up to {} events per turn, {:.1} KB each in plain and {:.1} KB in JSON. CPU is user \
         and system time of all threads of the client's process, from the command that begins the stream to the last event \
         read. The server spends {:.2} µs of CPU on an event of the bulk stream, where bare recv spends {:.2}.\n\n",
        machine(),
        tools(),
        effort.rounds,
        effort.events,
        results.sizes.0 / 1e3,
        results.sizes.1 / 1e3,
        results.server,
        results.bulk("floor-recv").map_or(f64::NAN, |floor| floor.cpu),
    );
    text.push_str("## Goals\n\n| goal | measured | |\n| --- | --: | --- |\n");
    for goal in goals.iter().filter(|goal| all || goal.measured.is_some()) {
        let (measured, verdict) = match &goal.measured {
            None => ("not measured", "-"),
            Some(measured) => (measured.as_str(), if goal.met { "MET" } else { "**NOT MET**" }),
        };
        let _ = writeln!(text, "| {} | {measured} | {verdict} |", goal.text);
    }
    let parts: [(&str, bool, Table); 5] = [
        ("Events", results.events.is_empty(), events),
        ("Round trips", results.asks.is_empty(), round_trips),
        ("Memory", results.idle.is_empty() && results.flood.is_empty(), memory),
        ("From the server to the program", results.latencies.is_empty(), |results| {
            latency::table(&results.latencies)
        }),
        ("Sizes and starts", results.sizes_and_starts.is_empty(), |results| {
            sizes::table(&results.sizes_and_starts)
        }),
    ];
    for (title, _, table) in parts.iter().filter(|(_, is_empty, _)| !is_empty) {
        let _ = write!(text, "\n## {title}\n\n{}", table(results));
    }
    text
}

type Table = fn(&Results) -> String;

/// What README.md shows: ours and a peer of each language.
pub(crate) fn summary(results: &Results, goals: &[Goal]) -> String {
    let mut text = String::from(
        "| language | switchwire, CPU per event | peer | its CPU per event | ratio |\n\
         | --- | --: | --- | --: | --: |\n",
    );
    for (language, ours, peer) in SUMMARY {
        let Some(client) = CLIENTS.iter().find(|client| client.name == *peer) else { continue };
        let cpu = |name| results.bulk(name).map(|seen| seen.cpu);
        let cell = |value: Option<f64>| value.map_or("not run".to_owned(), |value| format!("{value:.2} µs"));
        let ratio =
            cpu(peer).zip(cpu(ours)).map_or("-".to_owned(), |(peer, ours)| format!("{:.1}", peer / ours));
        let _ = writeln!(
            text,
            "| {language} | {} | {} | {} | {ratio} |",
            cell(cpu(ours)),
            client.title,
            cell(cpu(peer)),
        );
    }
    let measured = goals.iter().filter(|goal| goal.measured.is_some()).count();
    let met = goals.iter().filter(|goal| goal.measured.is_some() && goal.met).count();
    let _ = writeln!(
        text,
        "\n{}, medians of {} rounds, one run. Every client and peer, round trips, memory, and the goals we set ourselves \
         ({met} of {measured} met): [tests/bench/RESULTS.md](tests/bench/RESULTS.md).",
        machine().trim_end_matches('.'),
        results.effort.rounds,
    );
    text
}

/// The README's rows: the language, our client, the peer.
const SUMMARY: &[(&str, &str, &str)] = &[
    ("Rust", "rust", "tokio"),
    ("Rust, tokio", "rust-tokio", "tokio"),
    ("C", "c", "libesl-c"),
    ("C++", "c++", "libesl-c++"),
    ("Python, classic `ESL`", "py-esl", "python-esl"),
    ("Python, `switchwire`", "py", "greenswitch"),
    ("Node, JSON", "node-json", "esl-lite"),
];

fn not_run(results: &Results, client: &Client) -> Option<String> {
    results.missing.get(client.name).filter(|why| *why != "not asked for").cloned()
}

/// A client of ours: how far from the floor. A peer: how far from ours.
fn against(results: &Results, client: &Client) -> String {
    let Some(own) = results.bulk(client.name) else { return String::new() };
    let (other, words) = match client.side {
        Side::Floor => return String::new(),
        Side::Ours => ("floor-scan", "recv + newline scan"),
        Side::Peer => (client.against, "ours"),
    };
    match results.bulk(other) {
        None => String::new(),
        Some(other) => format!("{:.1} × {words}", own.cpu / other.cpu),
    }
}

fn delivered(results: &Results, client: &Client) -> String {
    match (results.wrong.get(client.name), client.side) {
        (_, Side::Floor) => "-".to_owned(),
        (None, _) => "all".to_owned(),
        (Some(faults), _) => format!("**{}**", measure::faults(faults)),
    }
}

fn events(results: &Results) -> String {
    let mut text = String::from(
        "`bulk`: many events in one send. `one`, `two`: one or two sends per event; FreeSWITCH sends head and body apart.\n\n\
         | client | | µs CPU, bulk | against | µs CPU, one | µs CPU, two | events/s, bulk | one | two | instructions | peak MB | \
         delivered |\n| --- | --- | --: | --- | --: | --: | --: | --: | --: | --: | --: | --- |\n",
    );
    for client in CLIENTS {
        let Some(bulk) = results.bulk(client.name) else {
            if let Some(why) = not_run(results, client) {
                let _ = writeln!(text, "| {} | `{}` | not run: {why} |", client.title, client.name);
            }
            continue;
        };
        let other = |sends| results.events.get(&sends).and_then(|seen| seen.get(client.name));
        let cpu = |sends| other(sends).map_or("-".to_owned(), |seen| format!("{:.2}", seen.cpu));
        let rate = |sends| other(sends).map_or("-".to_owned(), |seen| format!("{:.0}", seen.rate));
        let instructions = results.instructions.get(client.name);
        let _ = writeln!(
            text,
            "| {} | `{}` | {:.2} | {} | {} | {} | {:.0} | {} | {} | {} | {} | {} |",
            client.title,
            client.name,
            bulk.cpu,
            against(results, client),
            cpu(Sends::One),
            cpu(Sends::Two),
            bulk.rate,
            rate(Sends::One),
            rate(Sends::Two),
            instructions.map_or("-".to_owned(), |each| format!("{each:.0}")),
            // A floor keeps the recording itself, to know how much will come.
            if client.side == Side::Floor {
                "-".to_owned()
            } else {
                format!("{:.1}", bulk.peak as f64 / 1024.0)
            },
            delivered(results, client),
        );
    }
    text
}

fn round_trips(results: &Results) -> String {
    let mut text = String::from(
        "`api` commands per second, answered at once by the server: one after the other, and 100 under way at a time. \
         Each process is bound to one core: to one each, or both to the same. (esl-lite ignores the replies to `api`; its commands are `bgapi`, the accepting reply is what counts.)\n\n\
         | client | serial, two cores | serial, one core | 100 deep, two cores | 100 deep, one core |\n\
         | --- | --: | --: | --: | --: |\n",
    );
    for client in CLIENTS.iter().filter(|client| client.does(Work::Serial)) {
        let rate = |work, cores| {
            results.asked(work, cores, client.name).map_or("-".to_owned(), |rate| format!("{rate:.0}"))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            client.title,
            rate(Work::Serial, Cores::Two),
            rate(Work::Serial, Cores::Same),
            rate(Work::Pipelined, Cores::Two),
            rate(Work::Pipelined, Cores::Same),
        );
    }
    text
}

fn memory(results: &Results) -> String {
    let mut text = format!(
        "Resident memory of the process with so many connections logged in and idle; what each of them adds; and what each \
         of {FLOODED} keeps after it received one pass of the recording, read 0.2 s late. libesl's `esl_handle_t` is public and has \
         room for 67 KB, which ours shares: \"apart\" is without what of it is resident.\n\n\
         | client | {}: MB | {}: MB | {}: MB | KB each | apart from the public struct | KB each after a flood |\n\
         | --- | --: | --: | --: | --: | --: | --: |\n",
        IDLE[0], IDLE[1], IDLE[2],
    );
    for client in CLIENTS.iter().filter(|client| client.does(Work::Idle)) {
        let seen = results.idle.get(client.name).cloned().unwrap_or_default();
        let resident = |count| {
            let seen = seen.iter().find(|seen| seen.connections == count);
            seen.map_or("-".to_owned(), |seen| format!("{:.1}", seen.resident as f64 / 1024.0))
        };
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            client.title,
            resident(IDLE[0]),
            resident(IDLE[1]),
            resident(IDLE[2]),
            number(results.idle_each(client.name)),
            number(
                results.idle_each_own(client.name).filter(|own| Some(*own) != results.idle_each(client.name))
            ),
            number(results.flood_each(client.name)),
        );
    }
    text
}

/// The machine in a few words.
pub(crate) fn machine() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model).trim();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("Measured on {cores} cores of {model}.")
}

/// What ran the clients, but for our own compiler.
fn tools() -> String {
    let version = |program: &str, argument: &str| {
        let output = std::process::Command::new(program).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().lines().next()?.to_owned())
    };
    let tools =
        [("gcc", "-dumpfullversion"), ("python3", "--version"), ("node", "--version"), ("swig", "-version")];
    let each = |(program, argument): (&str, &str)| {
        let version = version(program, argument).filter(|text| !text.is_empty());
        let version = version.unwrap_or_else(|| format!("no {program}"));
        if version.starts_with(|first: char| first.is_ascii_digit() || first == 'v') {
            format!("{program} {version}")
        } else {
            version
        }
    };
    format!("Built and run with {}.", tools.map(each).join(", "))
}
