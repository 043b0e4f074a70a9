//! Load: calls that the server makes by itself.

use std::time::{Duration, Instant};

use crate::api::NewCall;
use crate::channel::{CallerId, Dial, Then};
use crate::world::{Timer, World, clock};

/// Calls at a steady rate, each with all of its events: one leg is made, answers, plays for its time and is hung up.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Load {
    calls_per_second: f64,
    duration: Duration,
    total: Option<u64>,
}

impl Load {
    /// That many calls a second, each of 100 ms.
    pub fn calls_per_second(calls: f64) -> Self {
        Self { calls_per_second: calls.max(0.0), duration: Duration::from_millis(100), total: None }
    }

    /// How long each call lasts.
    pub fn duration(mut self, time: Duration) -> Self {
        self.duration = time;
        self
    }

    /// How many calls are made altogether; without: no end.
    pub fn total(mut self, calls: u64) -> Self {
        self.total = Some(calls);
        self
    }
}

/// The load so far.
#[derive(Debug, Default)]
pub(crate) struct Calling {
    since: Option<Instant>,
    made: u64,
    ticking: bool,
}

impl World {
    pub(crate) fn start_load(&mut self) {
        if self.config.load.is_some() {
            // A load that is replaced has a timer already.
            let running = self.calling.ticking;
            self.calling = Calling { since: Some(clock::now()), made: 0, ticking: true };
            if !running {
                self.timers.after(TICK, Timer::Load);
            }
        }
    }

    /// Makes the calls that are due.
    pub(crate) fn make_calls(&mut self) {
        let (Some(load), Some(since)) = (self.config.load, self.calling.since) else { return };
        // From the beginning, so that nothing adds up and a late tick makes up for it.
        let due = (clock::since(since).as_secs_f64() * load.calls_per_second).min(9e15);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 9e15")]
        let due = (due as u64).min(load.total.unwrap_or(u64::MAX));
        let play = format!("silence_stream://{}", load.duration.as_millis().max(1));
        while self.calling.made < due {
            self.calling.made += 1;
            let then = Then::App("playback".into(), play.clone());
            let caller = CallerId { name: "Load".into(), number: format!("{:07}", self.calling.made) };
            let (dial, timeout) = (Dial::parse("null/load"), Duration::from_secs(60));
            self.start_call(None, NewCall { dial, caller, then, ignore_early: true, timeout });
        }
        self.calling.ticking = load.total.is_none_or(|total| self.calling.made < total);
        if self.calling.ticking {
            self.timers.after(TICK, Timer::Load);
        }
    }
}

const TICK: Duration = Duration::from_millis(5);
