//! One program of one recipe, run.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use switchwire_sim::{Scenario, Simulator, What};

use crate::language::{self, Tools};
use crate::process::{PATIENCE, Process};
use crate::recipe::{Recipe, Takes};

/// Where the scenarios' dialplans connect calls to.
const CALLS: &str = "127.0.0.1:8084";

pub fn run(recipe: &Recipe, tools: &Tools) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let own = scratch.path().join("own");
    std::fs::create_dir(&own).map_err(|error| error.to_string())?;
    let mut command = tools.command(recipe, scratch.path())?;
    let own_port = free_port();
    let ports = [free_port(), free_port()];
    let _beside = recipe.test.beside.as_ref().map(|file| serve(recipe, file, ports)).transpose()?;
    let placed = |text: &String| {
        text.replace("{folder}", &own.to_string_lossy())
            .replace("{own-port}", &own_port.to_string())
            .replace("{beside}", &format!("http://127.0.0.1:{}/", ports[0]))
            .replace("{beside-port}", &ports[0].to_string())
            .replace("{beside-port-2}", &ports[1].to_string())
    };
    let arguments: Vec<String> = recipe.test.arguments.iter().map(placed).collect();
    let (simulator, mut process) = match recipe.test.takes {
        Takes::Server => {
            let simulator = start(&recipe.scenario)?;
            let port = simulator.port().to_string();
            command.args(["127.0.0.1", &port, simulator.password()]).args(&arguments);
            (simulator, Process::start(command)?)
        }
        Takes::Calls => {
            let port = free_port();
            command.arg(port.to_string()).args(&arguments);
            let mut process = Process::start(command)?;
            wait_for_listener(&mut process, port)?;
            (start(&recipe.scenario.replace(CALLS, &format!("127.0.0.1:{port}")))?, process)
        }
    };
    let mut browser = match &recipe.test.browser {
        None => None,
        Some(file) => {
            wait_for_listener(&mut process, own_port)?;
            Some(Process::start(language::browse(&recipe.folder.join(file), own_port, scratch.path())?)?)
        }
    };
    let printing = browser.as_mut().unwrap_or(&mut process);
    for line in &recipe.test.prints {
        printing.prints(line).map_err(|why| format!("{why}\n{}", seen(&simulator)))?;
    }
    if recipe.test.ends {
        process.ends()?;
    }
    simulator.verify(PATIENCE).map_err(|unmet| process.tell(&unmet.to_string()))
}

/// Starts the program beside.
fn serve(recipe: &Recipe, file: &str, ports: [u16; 2]) -> Result<Process, String> {
    let python = std::env::var_os("SWITCHWIRE_COOKBOOK_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = std::process::Command::new(python);
    command.arg(recipe.folder.join(file)).args(ports.map(|port| port.to_string()));
    let mut process = Process::start(command)?;
    wait_for_listener(&mut process, ports[0])?;
    Ok(process)
}

fn start(scenario: &str) -> Result<Simulator, String> {
    let scenario: Scenario = scenario.parse().map_err(|error| format!("scenario.toml: {error}"))?;
    Simulator::builder().scenario(&scenario).start().map_err(|error| error.to_string())
}

/// What the server saw, for the message.
fn seen(simulator: &Simulator) -> String {
    let line = |what: What| match what {
        What::Command { line, .. } => format!("command {line}"),
        What::Event(event) => format!("event {} {}", event.name(), event.unique_id().unwrap_or_default()),
        _ => String::new(),
    };
    let lines: Vec<String> = simulator.seen().into_iter().map(|seen| line(seen.what)).collect();
    format!("--- the server saw\n{}", lines.join("\n"))
}

/// A port that was free a moment ago: a program in C cannot listen on port 0 and say which one it is.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until that port is listened on, without a connection that the program would take for a call.
fn wait_for_listener(process: &mut Process, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    let wanted = format!(":{port:04X} ");
    while !["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|table| listens(table, &wanted)) {
        if !process.is_running() {
            return Err(process.tell("ended before it listened"));
        }
        if Instant::now() > deadline {
            return Err(process.tell("did not listen"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// The second column is the local address, the fourth the state; 0A is LISTEN.
fn listens(table: &str, port: &str) -> bool {
    let text = std::fs::read_to_string(table).unwrap_or_default();
    text.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        let local = words.nth(1).unwrap_or_default();
        format!("{local} ").contains(port) && words.nth(1) == Some("0A")
    })
}
