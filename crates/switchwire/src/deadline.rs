use std::time::Duration;

use crate::sync::Instant;

/// An optional deadline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    /// That long from now; never when that is too long for an `Instant`.
    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    pub(crate) fn after_option(time: Option<Duration>) -> Self {
        time.map_or(Self::NEVER, Self::after)
    }

    pub(crate) fn instant(self) -> Option<Instant> {
        self.0
    }

    /// The time left: `None` without a limit, zero when it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// The one that passes first.
    #[cfg_attr(all(test, switchwire_model), allow(dead_code, reason = "listeners are not in the model"))]
    pub(crate) fn earlier(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(two)) => Self(Some(one.min(two))),
            (one, two) => Self(one.or(two)),
        }
    }

    pub(crate) fn passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}
