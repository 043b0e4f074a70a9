//! What a typed reader of an event costs beside the plain look-up of its header, in every language, on every event of the
//! plain recording. A reader that makes a time is compared with the look-up and making that time by hand.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use switchwire::Event;
use switchwire::proto::Decoder;

use crate::install::Installed;

/// What a typed reader may cost, as a multiple.
const GOAL: f64 = 1.3;
const ROUNDS: u32 = 30;

struct Row {
    reader: String,
    plain: f64,
    typed: f64,
}

/// Prints a table per language, and fails when a reader costs more than it may.
pub(crate) fn run(strict: bool) -> Result<()> {
    let installed = Installed::new(false)?;
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../captures/events_plain/server.bin");
    let mut worst: f64 = 0.0;
    worst = worst.max(print("Rust", &rust(&std::fs::read(&path)?)?));
    match installed.python(false, "switchwire") {
        Ok((python, _)) => {
            let mut command = Command::new(python);
            worst =
                worst.max(print("Python", &script(command.arg(installed.script("readers.py")).arg(&path))?));
        }
        Err(missing) => println!("SKIPPED Python: {}", missing.0),
    }
    match installed.node(false, "node") {
        Ok(folder) => {
            let mut command = Command::new("node");
            let command = command.arg(installed.script("readers.mjs")).arg(folder).arg(&path);
            worst = worst.max(print("Node", &script(command)?));
        }
        Err(missing) => println!("SKIPPED Node: {}", missing.0),
    }
    println!("\nthe dearest: {worst:.2} times the plain look-up, at most {GOAL}");
    ensure!(!strict || worst <= GOAL, "a typed reader costs more than {GOAL} times the plain look-up");
    Ok(())
}

/// Prints the rows; gives the highest ratio.
fn print(language: &str, rows: &[Row]) -> f64 {
    println!("\n{language:<26} {:>9} {:>9} {:>6}", "plain ns", "typed ns", "ratio");
    let ratio = |row: &Row| row.typed / row.plain;
    for row in rows {
        println!("{:<26} {:>9.1} {:>9.1} {:>6.2}", row.reader, row.plain, row.typed, ratio(row));
    }
    rows.iter().map(ratio).fold(0.0, f64::max)
}

/// What a script of `clients` printed.
fn script(command: &mut Command) -> Result<Vec<Row>> {
    let output = command.output().context("the script does not start")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let row = |line: &str| {
        let mut words = line.split('\t');
        let reader = words.next()?.to_owned();
        Some(Row { reader, plain: words.next()?.parse().ok()?, typed: words.next()?.parse().ok()? })
    };
    text.lines().map(|line| row(line).with_context(|| format!("what is {line:?}"))).collect()
}

fn rust(recording: &[u8]) -> Result<Vec<Row>> {
    let mut decoder = Decoder::default();
    decoder.feed(recording);
    let mut events = Vec::new();
    while let Some(message) = decoder.next_message()? {
        if message.content_type().is_event() {
            events.push(message.into_event());
        }
    }
    let mut rows = Vec::new();
    macro_rules! compare {
        ($name:literal, $header:literal, $typed:expr) => {
            let plain = time(&events, |event| {
                black_box(event.header(black_box($header)));
            });
            let typed = time(&events, |event| {
                black_box($typed(event));
            });
            rows.push(Row { reader: $name.to_owned(), plain, typed });
        };
    }
    compare!("hangup_cause", "Hangup-Cause", Event::hangup_cause);
    compare!("channel_state", "Channel-State", Event::channel_state);
    compare!("call_state", "Channel-Call-State", Event::call_state);
    compare!("answer_state", "Answer-State", Event::answer_state);
    compare!("call_direction", "Call-Direction", Event::call_direction);
    compare!("time_created", "Caller-Channel-Created-Time", Event::time_created);
    compare!("time_hung_up", "Caller-Channel-Hangup-Time", Event::time_hung_up);
    compare!("caller.caller_id_number", "Caller-Caller-ID-Number", |event: &Event| event
        .caller()
        .caller_id_number()
        .map(|_| ()));
    compare!("variable(\"channel_name\")", "variable_channel_name", |event: &Event| event
        .variable(black_box("channel_name"))
        .map(|_| ()));
    Ok(rows)
}

/// Nanoseconds a call, the least of the rounds.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn time(events: &[Event], call: impl Fn(&Event)) -> f64 {
    let round = |_| {
        let start = Instant::now();
        events.iter().for_each(&call);
        start.elapsed().as_nanos() as f64 / events.len() as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
