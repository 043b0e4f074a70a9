//! A worker process: lines in, lines out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

/// One client's process. It is killed when this is dropped.
pub(crate) struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

/// What a worker reports.
#[derive(Debug)]
pub(crate) enum Report {
    Ready,
    Refused(String),
    Mark(Counts),
    End { events: u64, wrong: u64 },
}

/// A `mark` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    pub(crate) wrong: u64,
    pub(crate) apis: u64,
    pub(crate) jobs: u64,
    pub(crate) lates: u64,
    /// Since the process began.
    pub(crate) calls: u64,
}

impl Worker {
    pub(crate) fn start(command: &[String]) -> Result<Self> {
        let (program, arguments) = command.split_first().context("no command")?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let output = child.stdout.take().context("no stdout")?;
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Ok(Self { child, input, lines })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn order(&mut self, line: &str) -> Result<()> {
        let input = self.input.as_mut().context("the worker was stopped")?;
        writeln!(input, "{line}").context("the worker takes no more orders")
    }

    /// Its next report; an error after a long silence, which means that it hangs.
    pub(crate) fn listen(&self) -> Result<Report> {
        self.listen_for(PATIENCE)?.with_context(|| format!("it reported nothing for {PATIENCE:?}"))
    }

    /// Its next report, if it comes in time.
    pub(crate) fn listen_for(&self, time: Duration) -> Result<Option<Report>> {
        match self.lines.recv_timeout(time) {
            Ok(line) => read(&line).map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("it ended by itself"),
        }
    }

    /// Asks it to quit; an error when it fails or does not end soon.
    pub(crate) fn quit(mut self) -> Result<()> {
        self.order("quit")?;
        self.input = None;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "it ended with {status}");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("it did not quit within {PATIENCE:?}")
    }
}

fn read(line: &str) -> Result<Report> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    if word == "refused" {
        return Ok(Report::Refused(rest.to_owned()));
    }
    let numbers: Vec<u64> = (rest.split_whitespace())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("it said {line:?}"))?;
    match (word, numbers.as_slice()) {
        ("ready", []) => Ok(Report::Ready),
        ("mark", &[events, wrong, apis, jobs, lates, calls]) => {
            Ok(Report::Mark(Counts { events, wrong, apis, jobs, lates, calls }))
        }
        ("end", &[events, wrong]) => Ok(Report::End { events, wrong }),
        _ => bail!("it said {line:?}"),
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
