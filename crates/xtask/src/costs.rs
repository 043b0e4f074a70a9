//! What the command `switchwire` costs: its size, a `-x status`, the console's prompt, and its views beside fifty calls a
//! second. Measured, printed, and held against what the README of the command promises. A quiet machine is assumed, so this
//! is no test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use portable_pty::{CommandBuilder, PtyPair, PtySize, native_pty_system};

use crate::dist::target;
use crate::run::{check, command, output};

/// Measures all, and fails when something costs more than it may.
pub(crate) fn measure() -> Result<()> {
    check(command("cargo", &["build", "--release", "--locked", "--package", "switchwire-cli"]))?;
    let mut table = Table::default();
    table.add("size of the program, stripped", stripped()? / 1e6, 10.0, "MB");
    let quiet = Server::start(&[])?;
    table.add("-x status: CPU", quiet.status()?, 5.0, "ms");
    table.add("prompt of the console: after", quiet.prompt()?, 50.0, "ms");
    drop(quiet);
    let busy = Server::start(&["--calls-per-second", "50", "--call-duration", "5s", "--heartbeat", "1"])?;
    let originate = ["--server", &busy.server, "api", "originate", "null/traced", "&park()"];
    let reply = output(command(&program(), &originate))?;
    let uuid = reply.trim().trim_start_matches("+OK ").to_owned();
    for view in [&["top"][..], &["calls"], &["trace", &uuid]] {
        let (cpu, memory) = busy.view(view)?;
        table.add(&format!("{} at 50 calls/s: CPU", view[0]), cpu, 10.0, "% of a core");
        table.add(&format!("{} at 50 calls/s: memory", view[0]), memory, 30.0, "MB");
    }
    ensure!(!table.exceeded, "something costs more than it may");
    Ok(())
}

/// What has been printed.
#[derive(Default)]
struct Table {
    exceeded: bool,
}

impl Table {
    fn add(&mut self, what: &str, measured: f64, most: f64, unit: &str) {
        let mark = if measured > most { "  TOO MUCH" } else { "" };
        println!("{what:32} {measured:8.2} {unit} (at most {most}){mark}");
        self.exceeded |= measured > most;
    }
}

fn program() -> String {
    target().join("release/switchwire").display().to_string()
}

fn stripped() -> Result<f64> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("switchwire");
    let mut strip = command("strip", &["-o"]);
    strip.arg(&file).arg(program());
    check(strip)?;
    Ok(number(std::fs::metadata(file)?.len()))
}

/// A simulator.
struct Server {
    child: Child,
    server: String,
}

impl Server {
    fn start(options: &[&str]) -> Result<Self> {
        let mut run = command(&program(), &["sim", "--bind", "127.0.0.1:0"]);
        let mut child = run.args(options).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        Ok(Self { child, server: format!("{address}:ClueCon") })
    }

    /// Milliseconds of CPU of a run.
    fn status(&self) -> Result<f64> {
        let before = ticks("self", CHILDREN)?;
        for _ in 0..RUNS {
            let mut run = command(&program(), &["--server", &self.server, "-x", "status"]);
            ensure!(run.stdout(Stdio::null()).status()?.success(), "-x status failed");
        }
        Ok((ticks("self", CHILDREN)? - before) * 1000.0 / f64::from(RUNS))
    }

    /// Milliseconds from the start to the prompt: the median.
    fn prompt(&self) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..PROMPTS {
            let pair = terminal()?;
            let begin = Instant::now();
            let mut child = pair.slave.spawn_command(self.in_terminal(&["-q", "-Q"]))?;
            let mut reader = pair.master.try_clone_reader()?;
            let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
            while !seen.windows(PROMPT.len()).any(|part| part == PROMPT) {
                let read = reader.read(&mut buffer)?;
                seen.extend_from_slice(&buffer[..read]);
            }
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
            child.kill()?;
            child.wait()?;
        }
        times.sort_by(f64::total_cmp);
        Ok(times[PROMPTS / 2])
    }

    /// A view in a terminal: percent of a core, and megabytes at most.
    fn view(&self, arguments: &[&str]) -> Result<(f64, f64)> {
        let pair = terminal()?;
        let mut child = pair.slave.spawn_command(self.in_terminal(arguments))?;
        let mut reader = pair.master.try_clone_reader()?;
        // A terminal that is not read would hold it up.
        std::thread::spawn(move || while reader.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {});
        let id = child.process_id().context("no process")?.to_string();
        std::thread::sleep(WARM);
        let (begin, before) = (Instant::now(), ticks(&id, OWN)?);
        std::thread::sleep(SPAN);
        let cpu = (ticks(&id, OWN)? - before) / begin.elapsed().as_secs_f64() * 100.0;
        let memory = peak(&id)?;
        child.kill()?;
        child.wait()?;
        Ok((cpu, memory))
    }

    fn in_terminal(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(program());
        command.args(["--server", &self.server]);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn terminal() -> Result<PtyPair> {
    native_pty_system().openpty(PtySize { rows: 50, cols: 160, pixel_width: 0, pixel_height: 0 })
}

/// Seconds of CPU of a process: two fields of its `stat`, user and system.
fn ticks(process: &str, fields: [usize; 2]) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold anything; the numbers begin behind it, with the third field.
    let rest = stat.rsplit_once(") ").context("no stat")?.1;
    let numbers: Vec<_> = rest.split(' ').collect();
    let field = |at: usize| numbers.get(at - 3).and_then(|text| text.trim().parse::<u64>().ok());
    let sum = field(fields[0]).zip(field(fields[1])).map(|(user, system)| user + system);
    Ok(number(sum.context("no times in stat")?) / PER_SECOND)
}

/// Megabytes that a process has had at most.
fn peak(process: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let Some(kilobytes) = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()) else {
        bail!("no VmHWM");
    };
    Ok(number(kilobytes) / 1000.0)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn number(value: u64) -> f64 {
    value as f64
}

const OWN: [usize; 2] = [14, 15];
const CHILDREN: [usize; 2] = [16, 17];
/// The kernel's ticks, as it shows them to programs on every platform of ours.
const PER_SECOND: f64 = 100.0;
const RUNS: u32 = 400;
const PROMPTS: usize = 21;
const PROMPT: &[u8] = b"freeswitch@fs-loopback>";
const WARM: Duration = Duration::from_secs(8);
const SPAN: Duration = Duration::from_secs(20);
