//! Runs the clients in rotation and prints the medians.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::drivers::CLIENTS;
use crate::replay::{Stream, serve};

/// What one turn used, in nanoseconds.
#[derive(Clone, Copy)]
struct Turn {
    wall: u64,
    cpu: u64,
}

pub(crate) fn run(rounds: usize, events: usize, two_pieces: bool, only: &[String]) -> Result<()> {
    let port = serve(Stream::load("plain")?, Stream::load("json")?, events, two_pieces)?;
    let chosen = |client: &&&str| only.is_empty() || only.iter().any(|name| name == **client);
    let clients: Vec<_> = CLIENTS.iter().filter(chosen).copied().collect();
    let mut turns: BTreeMap<&str, Vec<Turn>> = BTreeMap::new();
    for round in 1..=rounds {
        for client in &clients {
            eprintln!("round {round} of {rounds}: {client}");
            turns.entry(client).or_default().push(turn(client, port, events)?);
        }
    }
    let floor = turns.get("floor-scan").map(|turns| median(turns, |turn| turn.cpu));
    println!("| client | events/s | us CPU/event | CPU, floor-scan = 1 |\n| --- | --: | --: | --: |");
    for client in clients {
        let turns = &turns[client];
        let (wall, cpu) = (median(turns, |turn| turn.wall), median(turns, |turn| turn.cpu));
        let rate = events as f64 / (wall as f64 / 1e9);
        let each = cpu as f64 / 1e3 / events as f64;
        let ratio = floor.map_or(String::new(), |floor| format!("{:.2}", cpu as f64 / floor as f64));
        println!("| {client} | {rate:.0} | {each:.2} | {ratio} |");
    }
    Ok(())
}

fn turn(client: &str, port: u16, events: usize) -> Result<Turn> {
    let output = Command::new(std::env::current_exe()?)
        .args(["drive", client, &port.to_string(), &events.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let [delivered, _checksum, wall, cpu] = numbers[..] else {
        anyhow::bail!("{client} printed {text:?}");
    };
    ensure!(delivered == events as u64, "{client} delivered {delivered} of {events} events");
    Ok(Turn { wall, cpu })
}

fn median(turns: &[Turn], of: impl Fn(&Turn) -> u64) -> u64 {
    let mut values: Vec<_> = turns.iter().map(of).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().context("no turns").unwrap_or_default()
}
