//! One client and the simulator that makes its life hard.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use switchwire_sim::{End, Faults, Simulator};

use crate::sample::{self, Sample};
use crate::worker::{Counts, Report, Worker};

/// What became of one client.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) connections: u64,
    /// Attempts to connect that failed, as they had to.
    pub(crate) refused: u64,
    /// Events fired before a mark, and those that the marks confirmed: equal, or the run fails.
    pub(crate) sent: u64,
    pub(crate) delivered: u64,
    /// Events between the last mark and a cut: what was delivered of them must be the first ones, without a gap.
    pub(crate) sent_at_cuts: u64,
    pub(crate) delivered_at_cuts: u64,
    pub(crate) wrong: u64,
    pub(crate) apis: u64,
    pub(crate) jobs: u64,
    pub(crate) lates: u64,
    pub(crate) calls: u64,
    pub(crate) resets: u64,
    pub(crate) restarts: u64,
    /// Taken at marks, when nothing is under way.
    pub(crate) samples: Vec<Sample>,
    /// What broke off the run of this client.
    pub(crate) fault: Option<String>,
}

impl Outcome {
    /// Adds what a mark has confirmed.
    fn add(&mut self, now: &Counts, before: &Counts) {
        self.sent += now.events - before.events;
        self.apis += now.apis - before.apis;
        self.jobs += now.jobs - before.jobs;
        self.lates += now.lates - before.lates;
        self.calls += now.calls - before.calls;
    }
}

/// A client under trial.
pub(crate) struct Stage {
    outcome: Outcome,
    sim: Simulator,
    worker: Worker,
    dice: fastrand::Rng,
    start: Instant,
    /// What was asked of the worker on this connection; the calls: ever.
    asked: Counts,
    /// What of that the last mark has confirmed.
    marked: Counts,
    online: bool,
}

/// What a trial does to a connection that lives on.
const TRIALS: &[fn(&mut Stage) -> Result<()>] =
    &[Stage::calls, Stage::split, Stage::stall, Stage::late, Stage::delay];

/// How a connection ends.
const ENDS: &[fn(&mut Stage) -> Result<()>] = &[
    |stage| stage.cut(End::Reset),
    Stage::cut_in_a_frame,
    |stage| stage.cut(End::Notice),
    Stage::restart,
    Stage::silence,
    |stage| stage.cut(End::HalfClose),
    |stage| stage.cut(End::Close),
];

impl Stage {
    /// Tries one client until `until`.
    pub(crate) fn run(
        name: String,
        command: &[String],
        seed: u64,
        start: Instant,
        until: Instant,
    ) -> Outcome {
        let mut outcome = Outcome { name, ..Outcome::default() };
        let begun = simulator().and_then(|sim| Ok((sim, Worker::start(command)?)));
        let (sim, worker) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                outcome.fault = Some(format!("{error:#}"));
                return outcome;
            }
        };
        let dice = fastrand::Rng::with_seed(seed);
        let asked = Counts::default();
        let mut stage = Self { outcome, sim, worker, dice, start, asked, marked: asked, online: false };
        let mut round = 0;
        let result = loop {
            if let Err(error) = stage.round(round) {
                break Err(error);
            }
            round += 1;
            if Instant::now() >= until {
                break Ok(());
            }
            std::thread::sleep(PAUSE);
        };
        let Self { mut outcome, sim, worker, .. } = stage;
        let result = result.and_then(|()| worker.quit()).and_then(|()| nothing_left(&sim));
        outcome.fault = result.err().map(|error| format!("in round {round}: {error:#}"));
        outcome
    }

    /// A connection's life: a burst, a trial, and an end.
    fn round(&mut self, round: usize) -> Result<()> {
        if !self.online {
            self.connect()?;
        }
        self.burst()?;
        TRIALS[round % TRIALS.len()](self)?;
        ENDS[round % ENDS.len()](self)
    }

    fn connect(&mut self) -> Result<()> {
        self.worker.order(&format!("connect {} {}", self.sim.port(), LONG.as_millis()))?;
        match self.worker.listen()? {
            Report::Ready => {
                self.outcome.connections += 1;
                self.asked = Counts { calls: self.asked.calls, ..Counts::default() };
                (self.marked, self.online) = (self.asked, true);
                Ok(())
            }
            other => bail!("it could not connect: {other:?}"),
        }
    }

    /// Fires that many events; some ask for commands, so that replies and events mix on the line.
    fn fire(&mut self, events: usize) {
        for _ in 0..events {
            let task = match self.dice.u32(..400) {
                0..=3 => Some("api"),
                4 => Some("job"),
                _ => None,
            };
            self.fire_one(task);
        }
    }

    fn fire_one(&mut self, task: Option<&str>) {
        match task {
            Some("api") => self.asked.apis += 3,
            Some("job") => self.asked.jobs += 1,
            Some("late") => self.asked.lates += 1,
            Some("call") => self.asked.calls += 1,
            _ => {}
        }
        self.asked.events += 1;
        let number = self.asked.events;
        let mut event = switchwire::Event::custom("soak::event");
        event.add_header("Soak-Number", number.to_string());
        event.add_header("Soak-Text", format!("{number}: 50% \u{fc}ber & more"));
        if let Some(task) = task {
            event.add_header("Soak-Do", task);
        }
        // As wide a range as real events have: mostly a few hundred bytes, some with bodies of many pages.
        for filler in 0..self.dice.u32(..30) {
            event.add_header(format!("variable_filler_{filler}"), "sofia/internal/1000@192.0.2.2:5060");
        }
        if self.dice.u32(..10) == 0 {
            let most = if self.dice.u32(..20) == 0 { 100_000 } else { 2_000 };
            let length = self.dice.usize(1..most);
            event.add_header("Soak-Length", length.to_string());
            event.set_body("body ".repeat(length / 5 + 1).get(..length).unwrap_or_default());
        }
        self.sim.fire(event);
    }

    /// Requests a mark and compares: everything sent must have been delivered, every task done.
    fn mark(&mut self) -> Result<()> {
        self.fire_one(Some("mark"));
        match self.worker.listen()? {
            Report::Mark(done) => {
                self.outcome.delivered += done.events - self.marked.events;
                self.outcome.wrong += done.wrong;
                ensure!(done == self.asked, "asked {:?}, done {done:?}", self.asked);
            }
            other => bail!("instead of a mark: {other:?}"),
        }
        self.outcome.add(&self.asked, &self.marked);
        self.marked = self.asked;
        self.outcome.samples.extend(sample::of(self.worker.id(), self.start));
        Ok(())
    }

    fn burst(&mut self) -> Result<()> {
        let events = self.dice.usize(500..2_000);
        self.fire(events);
        self.mark()
    }

    /// Calls that the server connects to the client, half of the time in pieces.
    fn calls(&mut self) -> Result<()> {
        if self.dice.bool() {
            self.sim.set_faults(Faults::none().split(self.dice.usize(100..1_000)));
        }
        for _ in 0..4 {
            self.fire(20);
            self.fire_one(Some("call"));
        }
        let marked = self.mark();
        self.sim.set_faults(Faults::none());
        marked
    }

    fn split(&mut self) -> Result<()> {
        let bytes = self.dice.usize(1..2_000);
        self.sim.set_faults(Faults::none().split(bytes));
        // Each piece takes a pause, so that few bytes a piece allow few events.
        self.fire(1 + bytes / 20);
        self.lift_soon();
        self.mark()
    }

    fn delay(&mut self) -> Result<()> {
        let delay = Duration::from_micros(self.dice.u64(100..3_000));
        self.sim.set_faults(Faults::none().delay(delay));
        self.fire(40);
        self.lift_soon();
        self.mark()
    }

    fn stall(&mut self) -> Result<()> {
        self.sim.set_faults(Faults::none().stalled());
        self.fire(300);
        self.lift_soon();
        self.mark()
    }

    fn late(&mut self) -> Result<()> {
        self.fire(20);
        self.fire_one(Some("late"));
        self.fire(20);
        self.fire_one(Some("api"));
        self.mark()
    }

    /// Lets the fault bite for a while, then takes it away.
    fn lift_soon(&mut self) {
        std::thread::sleep(Duration::from_millis(self.dice.u64(20..150)));
        self.sim.set_faults(Faults::none());
    }

    /// Ends the connection while events are on their way.
    fn cut(&mut self, end: End) -> Result<()> {
        let events = self.dice.usize(0..500);
        self.fire(events);
        std::thread::sleep(Duration::from_micros(self.dice.u64(..3_000)));
        self.sim.disconnect_all(end);
        self.outcome.resets += u64::from(end == End::Reset);
        self.ended()
    }

    /// Ends the next connection after so many bytes, which is hardly ever between two frames.
    fn cut_in_a_frame(&mut self) -> Result<()> {
        self.cut(End::Close)?;
        let end = if self.dice.bool() { End::Close } else { End::Reset };
        self.sim.set_faults(Faults::none().end_after_bytes(self.dice.u64(2_000..200_000), end));
        self.connect()?;
        self.fire(1_000);
        self.outcome.resets += u64::from(end == End::Reset);
        self.ended()?;
        self.sim.set_faults(Faults::none());
        Ok(())
    }

    /// Ends the simulator, with or without saying so, and starts another one.
    fn restart(&mut self) -> Result<()> {
        self.fire(100);
        let old = std::mem::replace(&mut self.sim, simulator()?);
        if self.dice.bool() {
            old.shutdown();
        } else {
            drop(old);
        }
        self.outcome.restarts += 1;
        self.ended()
    }

    /// Cuts the connection and lets the client try to log in to a server that never replies.
    fn silence(&mut self) -> Result<()> {
        self.cut(End::Reset)?;
        self.sim.set_faults(Faults::none().silent());
        self.worker.order(&format!("connect {} {}", self.sim.port(), SHORT.as_millis()))?;
        // Clients with a login timeout give up by themselves; for the others the connection is cut.
        let report = loop {
            if let Some(report) = self.worker.listen_for(SILENCE)? {
                break report;
            }
            self.sim.disconnect_all(End::Close);
        };
        match report {
            Report::Refused(why) => {
                ensure!(!why.is_empty(), "a refusal without a reason");
                self.outcome.refused += 1;
            }
            other => bail!("a silent server, and: {other:?}"),
        }
        // A new one: the old one may not have got round to the cut yet.
        self.sim = simulator()?;
        Ok(())
    }

    /// The connection was cut: what was delivered since the last mark must be the first part of what was sent.
    fn ended(&mut self) -> Result<()> {
        self.online = false;
        match self.worker.listen()? {
            Report::End { events, wrong } => {
                self.outcome.wrong += wrong;
                ensure!(wrong == 0, "{wrong} of {events} events were wrong or out of order");
                ensure!(
                    (self.marked.events..=self.asked.events).contains(&events),
                    "{events} events delivered, {} confirmed, {} sent",
                    self.marked.events,
                    self.asked.events
                );
                self.outcome.sent_at_cuts += self.asked.events - self.marked.events;
                self.outcome.delivered_at_cuts += events - self.marked.events;
                Ok(())
            }
            other => bail!("instead of the connection's end: {other:?}"),
        }
    }
}

fn simulator() -> Result<Simulator> {
    Ok(Simulator::builder().playback_duration(Duration::from_millis(5)).start()?)
}

/// Every connection and channel must be gone once the client is.
fn nothing_left(sim: &Simulator) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(10);
    while sim.connections() > 0 || sim.channels() > 0 {
        ensure!(
            Instant::now() < until,
            "the client is gone, but {} connection(s) and {} channel(s) are not",
            sim.connections(),
            sim.channels()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Between two rounds; keeps the run from being a measurement of the machine.
const PAUSE: Duration = Duration::from_millis(50);
/// A login takes less even on a busy machine.
const LONG: Duration = Duration::from_secs(30);
/// Less than a silent server stays.
const SHORT: Duration = Duration::from_millis(300);
/// How long a silent server stays.
const SILENCE: Duration = Duration::from_millis(500);
