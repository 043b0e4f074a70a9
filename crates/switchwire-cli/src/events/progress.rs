//! How it goes, on stderr, while the output goes elsewhere: events a second, in all, and dropped.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::{Duration, Instant};

/// The line, and the report of what was dropped.
pub(crate) struct Progress {
    form: Form,
    begin: Instant,
    last: Instant,
    /// Events in all, and at the last line.
    total: u64,
    shown: u64,
    reported: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    None,
    /// Rewritten in place.
    Terminal,
    Lines,
}

impl Progress {
    /// With the line where it is asked for, or where a terminal shows nothing of the output.
    pub(crate) fn new(wanted: bool, to_file: bool) -> Self {
        let form = match (wanted, stderr().is_terminal(), to_file || !stdout().is_terminal()) {
            (_, true, true) => Form::Terminal,
            (true, ..) => Form::Lines,
            _ => Form::None,
        };
        let now = Instant::now();
        Self { form, begin: now, last: now, total: 0, shown: 0, reported: 0 }
    }

    /// Counts an event.
    pub(crate) fn count(&mut self) {
        self.total += 1;
    }

    /// Whether a second has passed since the last line.
    pub(crate) fn is_due(&self) -> bool {
        self.last.elapsed() >= EVERY
    }

    /// Writes the line.
    pub(crate) fn show(&mut self, dropped: u64) {
        let time = self.last.elapsed().as_secs_f64().max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let rate = (self.total - self.shown) as f64 / time;
        self.last = Instant::now();
        self.shown = self.total;
        let line = format!("{rate:.0} events/s, {} in all, {dropped} dropped", self.total);
        let mut err = stderr().lock();
        let _ = match self.form {
            Form::Terminal => write!(err, "\r\u{1b}[K{line}").and_then(|()| err.flush()),
            Form::Lines => writeln!(err, "switchwire: {line}"),
            Form::None => Ok(()),
        };
        drop(err);
        self.report(dropped);
    }

    /// The last line.
    pub(crate) fn end(&mut self, dropped: u64) {
        if self.form == Form::Terminal {
            let time = self.begin.elapsed().as_secs_f64();
            eprintln!("\r\u{1b}[K{} events in {time:.1} s, {dropped} dropped", self.total);
        }
        self.report(dropped);
    }

    /// Says that more was dropped than was last said.
    fn report(&mut self, dropped: u64) {
        if dropped > self.reported && self.form != Form::Terminal {
            eprintln!("switchwire: {dropped} events dropped so far: the output is read too slowly");
        }
        self.reported = dropped;
    }
}

const EVERY: Duration = Duration::from_secs(1);
