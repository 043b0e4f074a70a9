//! Choosing a server for a new call.

use std::sync::Arc;

/// Which server a call is to go to: a rule, and the tags that the server must have. Servers that are down or draining are
/// never chosen; degraded ones only when there is no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub(super) choice: Choice,
    pub(super) tags: Vec<String>,
}

/// The rule by which a server is chosen among those that will do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// The fewest sessions in proportion to the server's weight: those of its last HEARTBEAT and those chosen since.
    LeastSessions,
    /// In turn, each as often as its weight says.
    Weighted,
    /// The same key goes to the same server, for as long as that will do; others keep theirs when one goes or comes.
    Sticky(String),
}

impl Pick {
    /// By that rule, among all.
    #[must_use]
    pub fn by(choice: Choice) -> Self {
        Self { choice, tags: Vec::new() }
    }

    /// The server with the fewest sessions.
    #[must_use]
    pub fn least_sessions() -> Self {
        Self::by(Choice::LeastSessions)
    }

    /// The server of that key (a caller, a tenant, a conference).
    #[must_use]
    pub fn sticky(key: impl Into<String>) -> Self {
        Self::by(Choice::Sticky(key.into()))
    }

    /// Only servers with that tag; may be said several times.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

/// A server that will do, as the rules see it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) name: Arc<str>,
    pub(super) weight: u32,
    pub(super) degraded: bool,
    pub(super) sessions: u64,
    /// How often it was chosen.
    pub(super) chosen: u64,
}

/// The one to take, of the healthy ones if there are any.
pub(super) fn choose(choice: &Choice, candidates: &[Candidate]) -> Option<Arc<str>> {
    let healthy = candidates.iter().any(|one| !one.degraded);
    let usable = candidates.iter().filter(|one| (!healthy || !one.degraded) && one.weight > 0);
    let share = |count: u64, one: &Candidate| count as f64 / f64::from(one.weight);
    let best = match choice {
        Choice::LeastSessions => usable.min_by(|a, b| share(a.sessions, a).total_cmp(&share(b.sessions, b))),
        Choice::Weighted => usable.min_by(|a, b| share(a.chosen + 1, a).total_cmp(&share(b.chosen + 1, b))),
        // The highest of a score that only key, server and weight decide (rendezvous hashing).
        Choice::Sticky(key) => usable.max_by(|a, b| score(key, a).total_cmp(&score(key, b))),
    };
    best.map(|one| one.name.clone())
}

fn score(key: &str, candidate: &Candidate) -> f64 {
    let mut hash = FNV_BASIS;
    for byte in key.bytes().chain([0]).chain(candidate.name.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    }
    // FNV's high bits depend little on the last bytes: mix them.
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    let chance = (hash >> 11) as f64 / (1_u64 << 53) as f64;
    -f64::from(candidate.weight) / chance.max(f64::MIN_POSITIVE).ln()
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, weight: u32, sessions: u64) -> Candidate {
        Candidate { name: name.into(), weight, degraded: false, sessions, chosen: 0 }
    }

    fn three() -> Vec<Candidate> {
        vec![candidate("a", 1, 10), candidate("b", 2, 12), candidate("c", 1, 8)]
    }

    #[test]
    fn the_fewest_sessions_are_counted_by_weight() {
        assert_eq!(choose(&Choice::LeastSessions, &three()).as_deref(), Some("b"));
        let mut degraded = three();
        degraded[1].degraded = true;
        assert_eq!(choose(&Choice::LeastSessions, &degraded).as_deref(), Some("c"));
        degraded.iter_mut().for_each(|one| one.degraded = true);
        assert_eq!(choose(&Choice::LeastSessions, &degraded).as_deref(), Some("b"), "better than none");
        assert_eq!(choose(&Choice::LeastSessions, &[candidate("a", 0, 0)]), None, "no weight, no calls");
    }

    #[test]
    fn turns_follow_the_weights() {
        let mut candidates = three();
        for _ in 0..400 {
            let name = choose(&Choice::Weighted, &candidates).unwrap();
            candidates.iter_mut().find(|one| one.name == name).unwrap().chosen += 1;
        }
        let chosen: Vec<_> = candidates.iter().map(|one| one.chosen).collect();
        assert_eq!(chosen, [100, 200, 100]);
    }

    #[test]
    fn a_key_keeps_its_server_when_another_goes() {
        let all = three();
        let keys: Vec<_> = (0..300).map(|number| Choice::Sticky(format!("caller {number}"))).collect();
        let before: Vec<_> = keys.iter().map(|key| choose(key, &all).unwrap()).collect();
        for name in ["a", "b", "c"] {
            assert!(before.iter().filter(|at| &***at == name).count() > 40, "{name} has its share");
        }
        for (key, before) in keys.iter().zip(&before).filter(|(_, before)| &***before != "c") {
            assert_eq!(choose(key, &all[..2]).as_ref(), Some(before));
        }
    }
}
