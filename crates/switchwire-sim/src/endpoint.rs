//! What a called party does.

use std::time::Duration;

/// The behaviour of an endpoint: rings, sends early media, answers or does not, presses keys, hangs up.
///
/// ```
/// use std::time::Duration;
/// use switchwire_sim::{Endpoint, Simulator};
/// let caller = Endpoint::answers()
///     .ring(Duration::from_millis(20))
///     .dtmf(Duration::from_millis(50), "12#")
///     .hangs_up(Duration::from_secs(2), "NORMAL_CLEARING");
/// let sim = Simulator::builder()
///     .endpoint("user/1000", caller)
///     .endpoint("sofia/gateway/*", Endpoint::fails("CALL_REJECTED"))
///     .start()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Endpoint {
    pub(crate) ring: Duration,
    pub(crate) early_media: Option<Duration>,
    pub(crate) outcome: Outcome,
    pub(crate) dtmf: Vec<(Duration, String)>,
    pub(crate) hangup: Option<(Duration, String)>,
}

/// What its ringing comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer,
    /// It rings until the caller gives up.
    Ring,
    Fail(String),
}

/// A step of that behaviour.
#[derive(Debug)]
pub(crate) enum Step {
    Ring,
    EarlyMedia,
    Answer,
    Digits(String),
    Hangup(String),
}

impl Endpoint {
    fn new(outcome: Outcome) -> Self {
        Self { ring: Duration::ZERO, early_media: None, outcome, dtmf: Vec::new(), hangup: None }
    }

    /// Answers: at once, or after [`ring`](Self::ring).
    pub fn answers() -> Self {
        Self::new(Outcome::Answer)
    }

    /// Is busy: USER_BUSY.
    pub fn busy() -> Self {
        Self::fails("USER_BUSY")
    }

    /// Rings until the caller's `originate_timeout`.
    pub fn no_answer() -> Self {
        Self::new(Outcome::Ring)
    }

    /// Refuses the call with that hangup cause.
    pub fn fails(cause: &str) -> Self {
        Self::new(Outcome::Fail(cause.to_owned()))
    }

    /// How long it rings before it answers or refuses.
    pub fn ring(mut self, time: Duration) -> Self {
        self.ring = time;
        self
    }

    /// Sends early media so long after it was called.
    pub fn early_media(mut self, after: Duration) -> Self {
        self.early_media = Some(after);
        self
    }

    /// Sends digits so long after the answer; may be given several times.
    pub fn dtmf(mut self, after: Duration, digits: &str) -> Self {
        self.dtmf.push((after, digits.to_owned()));
        self
    }

    /// Hangs up so long after the answer.
    pub fn hangs_up(mut self, after: Duration, cause: &str) -> Self {
        self.hangup = Some((after, cause.to_owned()));
        self
    }

    /// What it does from the moment it is called.
    pub(crate) fn before_answer(&self) -> Vec<(Duration, Step)> {
        let mut steps = Vec::new();
        if self.ring > Duration::ZERO || self.outcome == Outcome::Ring {
            steps.push((Duration::ZERO, Step::Ring));
        }
        steps.extend(self.early_media.map(|after| (after, Step::EarlyMedia)));
        match &self.outcome {
            Outcome::Answer => steps.push((self.ring, Step::Answer)),
            Outcome::Fail(cause) => steps.push((self.ring, Step::Hangup(cause.clone()))),
            Outcome::Ring => {}
        }
        steps
    }

    /// What it does from its answer on.
    pub(crate) fn after_answer(&self) -> Vec<(Duration, Step)> {
        let digits = self.dtmf.iter().map(|(after, digits)| (*after, Step::Digits(digits.clone())));
        let hangup = self.hangup.iter().map(|(after, cause)| (*after, Step::Hangup(cause.clone())));
        digits.chain(hangup).collect()
    }
}
