//! The processes of a turn: the server, and a client that is watched from outside.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::drivers::{Task, Work};
use crate::stream;
use crate::turn::Sum;

/// How a client is started, but for the task.
#[derive(Clone)]
pub(crate) struct Start {
    program: OsString,
    before: Vec<OsString>,
    after: Option<&'static str>,
    variables: Vec<(&'static str, OsString)>,
}

impl Start {
    pub(crate) fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let before = arguments.iter().map(OsString::from).collect();
        Self { program: program.as_ref().to_owned(), before, after: None, variables: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    /// Its last argument, after the task.
    pub(crate) fn then(self, word: &'static str) -> Self {
        Self { after: Some(word), ..self }
    }

    /// The same client under another program, which takes a command as its last arguments.
    pub(crate) fn under(mut self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let old = std::mem::replace(&mut self.program, program.as_ref().to_owned());
        let new = arguments.iter().map(OsString::from).chain([old]);
        self.before = new.chain(std::mem::take(&mut self.before)).collect();
        self
    }

    fn command(&self, task: &Task) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.before).arg(task.work.name()).arg(task.port.to_string());
        command.arg(task.count.to_string()).arg(task.sends.name()).args(self.after);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(stream::other_recordings());
        command
    }
}

/// What a client did and used.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) sum: Sum,
    /// Nanoseconds from the start signal to the last event or reply.
    pub(crate) wall: u64,
    /// Nanoseconds of CPU in the same time, all threads, user and system.
    pub(crate) cpu: u64,
    /// Kilobytes resident before the start signal and after the work; of the former those of its public structs.
    pub(crate) ready: u64,
    pub(crate) public: u64,
    pub(crate) done: u64,
    /// The most kilobytes that were resident.
    pub(crate) peak: u64,
    /// How often its threads (those that live to the end) were put to sleep in that time.
    pub(crate) sleeps: u64,
    /// What it wrote to its standard error.
    pub(crate) errors: String,
    /// Nanoseconds that each stamped event took to the program.
    pub(crate) delays: Vec<u64>,
}

/// Runs one client through one task.
pub(crate) fn turn(start: &Start, task: &Task, limit: Duration) -> Result<Outcome> {
    let mut command = start.command(task);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().with_context(|| format!("cannot run {:?}", start.program))?;
    let mut child = Watched::new(child)?;
    let line = child.line(limit).context("did not get ready")?;
    let public = line.strip_prefix("ready ").map_or(Ok(0), str::parse).context("how much is public?")?;
    let (ready, _) = child.memory()?;
    let slept = child.sleeps();
    let before = child.cpu()?;
    child.go_on()?;
    let mut line = child.line(limit).context("did not finish")?;
    let numbers =
        |line: &str| -> Vec<u64> { line.split_whitespace().map_while(|word| word.parse().ok()).collect() };
    let mut delays = Vec::new();
    if let Some(list) = line.strip_prefix("delays") {
        delays = numbers(list);
        line = child.line(limit).context("did not finish")?;
    }
    let [events, values, bodies, wall, cpu] = numbers(&line)[..] else { bail!("it printed {line:?}") };
    let (done, peak) = child.memory()?;
    let sleeps = child.sleeps().saturating_sub(slept);
    let seen = child.cpu()? - before;
    // Clients report their CPU time in nanoseconds; the kernel's figure has ticks. They must agree.
    // (What it takes to write the delays is not reported.)
    let agree = !delays.is_empty() || cpu as f64 > 0.8 * seen as f64 - 5e7;
    ensure!(agree, "it reports {cpu} ns of CPU, but used {seen}");
    child.go_on()?;
    let errors = child.end(limit)?;
    let mut sum = Sum::new(task.work == Work::Verify);
    (sum.events, sum.values, sum.bodies) = (events, u32::try_from(values)?, u32::try_from(bodies)?);
    Ok(Outcome { sum, wall, cpu, ready, public, done, peak, sleeps, errors, delays })
}

/// A client's process; it does not outlive its turn.
struct Watched {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Watched {
    fn new(mut child: Child) -> Result<Self> {
        let output = child.stdout.take().context("no output")?;
        let (send, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        let mut output = child.stderr.take().context("no errors")?;
        let (send, errors) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = output.read_to_end(&mut bytes);
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Ok(Self { child, lines, errors })
    }

    fn line(&mut self, limit: Duration) -> Result<String> {
        if let Ok(line) = self.lines.recv_timeout(limit) {
            return Ok(line);
        }
        let gone = self.child.try_wait()?;
        let _ = self.child.kill();
        let errors = self.errors.recv_timeout(Duration::from_secs(5)).unwrap_or_default();
        let why = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        match gone {
            Some(status) => bail!("{status}: {why}"),
            None if why.is_empty() => bail!("nothing for {} s", limit.as_secs()),
            None => bail!("nothing for {} s: {why}", limit.as_secs()),
        }
    }

    fn go_on(&mut self) -> Result<()> {
        let input = self.child.stdin.as_mut().context("no input")?;
        input.write_all(b"\n").context("it is gone")
    }

    /// Resident kilobytes: now, and at most.
    fn memory(&self) -> Result<(u64, u64)> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Option<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Ok((field("VmRSS:").context("no VmRSS")?, field("VmHWM:").context("no VmHWM")?))
    }

    /// How often its threads have been put to sleep so far.
    fn sleeps(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let of = |task: std::io::Result<std::fs::DirEntry>| -> Option<u64> {
            let text = std::fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse().ok()
        };
        tasks.into_iter().flatten().filter_map(of).sum()
    }

    /// Nanoseconds of CPU that it has used so far.
    fn cpu(&self) -> Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name before it may hold anything, even blanks and parentheses.
        let (_, fields) = text.rsplit_once(") ").context("no name")?;
        let ticks: Vec<u64> =
            fields.split_whitespace().skip(11).take(2).map_while(|field| field.parse().ok()).collect();
        ensure!(ticks.len() == 2, "no times");
        Ok(ticks.iter().sum::<u64>() * 1_000_000_000 / rustix::param::clock_ticks_per_second())
    }

    fn end(mut self, limit: Duration) -> Result<String> {
        let errors = self.errors.recv_timeout(limit).context("it does not end")?;
        self.child.wait()?;
        Ok(errors)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A replay server in a process of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    pub(crate) fn start(core: Option<usize>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve");
        if let Some(core) = core {
            command.args(["--core", &core.to_string()]);
        }
        command.envs(stream::other_recordings()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut server = Self { child, port: 0 };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        server.port = line.trim().parse().context("the server did not start")?;
        Ok(server)
    }

    /// Nanoseconds of CPU that it has used.
    pub(crate) fn used(&self) -> Result<u64> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.write_all(b"api used\n\n")?;
        let mut text = String::new();
        let mut room = [0; 256];
        loop {
            let count = socket.read(&mut room)?;
            text.push_str(&String::from_utf8_lossy(&room[..count]));
            if let Some((_, number)) = text.rsplit_once("\n\n")
                && !number.is_empty()
            {
                return Ok(number.parse()?);
            }
            if count == 0 {
                bail!("the server hung up");
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
