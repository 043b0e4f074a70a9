use std::time::Duration;

/// Whether a client that waits for a reply looks at the socket again and again for a moment before it sleeps.
///
/// Where a server replies within microseconds, a client that sleeps spends most of a round trip on waking up (45 of 110 µs on
/// a virtual machine with two cores). So while replies come that quickly, a wait looks for 100 µs first. It costs nothing
/// with a server that takes longer, which is the rule, and next to nothing where looking finds nothing, as on a single
/// core: after each time it is tried half as often, down to once in a thousand waits.
///
/// The client keeps the time: there are no clocks here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace {
    /// The last reply came quickly.
    quick: bool,
    /// So many waits sleep at once.
    skip: u32,
    /// How often looking found nothing, more or less.
    empty: u32,
}

/// For how long a wait looks.
const LOOK: Duration = Duration::from_micros(100);
/// A reply that came within this time to a client that slept may come within [`LOOK`] to one that does not.
const QUICK: Duration = Duration::from_micros(250);
/// The logarithm of how many waits sleep at once, at most.
const MOST: u32 = 10;

impl Pace {
    /// Whether replies come so quickly that a wait may look.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        self.quick
    }

    /// A wait begins: for how long it looks before it sleeps.
    pub fn begin(&mut self) -> Option<Duration> {
        if !self.quick {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        Some(LOOK)
    }

    /// The wait has ended after that time, and whether it had slept by then.
    pub fn end(&mut self, looked: bool, slept: bool, after: Duration) {
        match (looked, slept || after > LOOK) {
            (true, false) => self.empty = self.empty.saturating_sub(1),
            (true, true) => {
                self.empty = (self.empty + 1).min(MOST);
                self.skip = 1 << self.empty;
                self.quick = after <= QUICK;
            }
            (false, _) => self.quick = after <= QUICK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_micros(20);

    fn waits(pace: &mut Pace, count: u32, mut came: impl FnMut(bool) -> (bool, Duration)) -> u32 {
        let mut looked = 0;
        for _ in 0..count {
            let looks = pace.begin().is_some();
            looked += u32::from(looks);
            let (slept, after) = came(looks);
            pace.end(looks, slept, after);
        }
        looked
    }

    #[test]
    fn a_quick_server_is_looked_for_from_the_second_wait_on() {
        let mut pace = Pace::default();
        assert_eq!(waits(&mut pace, 100, |looks| (!looks, SOON)), 99);
    }

    #[test]
    fn a_slow_server_is_never_looked_for() {
        let mut pace = Pace::default();
        assert_eq!(waits(&mut pace, 100, |_| (true, QUICK * 2)), 0);
    }

    #[test]
    fn where_looking_finds_nothing_it_is_hardly_ever_done() {
        let mut pace = Pace::default();
        let looked = waits(&mut pace, 100_000, |_| (true, SOON));
        assert!(looked < 120, "{looked}");
        // And soon again where it is not any more.
        pace.skip = 0;
        assert!(waits(&mut pace, 100, |looks| (!looks, SOON)) == 100);
    }

    #[test]
    fn a_server_that_becomes_slow_is_left_alone_at_once() {
        let mut pace = Pace::default();
        waits(&mut pace, 10, |looks| (!looks, SOON));
        assert_eq!(waits(&mut pace, 100, |_| (true, QUICK * 2)), 1);
    }
}
