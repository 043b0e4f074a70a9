//! Lays two streams side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::causes::Miss;
use super::messages::Message;

/// How two streams compare.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// Messages that the real server sent.
    pub total: usize,
    /// Equal ones, where each leg's events are held against those of the same leg.
    pub equal: usize,
    /// Equal ones, where all events are held against each other in one order.
    pub in_order: usize,
    /// The right kind of message in the right place, equal or not.
    pub kind: usize,
    /// What the simulator sent beyond those.
    pub extra: usize,
    /// Each message that is not equal: what was expected, and how it differs.
    pub misses: Vec<Miss>,
    /// Log lines among `total` and `equal`.
    pub logs: usize,
    pub logs_equal: usize,
}

impl Score {
    pub fn percent(&self) -> f64 {
        share(self.equal, self.total)
    }

    pub fn in_order_percent(&self) -> f64 {
        share(self.in_order, self.total)
    }

    pub fn kind_percent(&self) -> f64 {
        share(self.kind, self.total)
    }

    pub fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.equal += other.equal;
        self.in_order += other.in_order;
        self.kind += other.kind;
        self.extra += other.extra;
        self.logs += other.logs;
        self.logs_equal += other.logs_equal;
        self.misses.extend_from_slice(&other.misses);
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share")]
fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 100.0 } else { 100.0 * part as f64 / of as f64 }
}

/// Compares what the real server sent with what the simulator sent. Replies are compared in their order, and so are
/// events and log lines; how the two interleave is a matter of the server's 20 ms bursts and is left out.
///
/// A real server runs every leg on a thread of its own: recorded twice, the same calls have 80 to 95 % of their events in
/// the same order, while the events of each leg keep theirs. Both are counted: each leg by itself, which says what the
/// simulator gets wrong, and all in one order.
pub fn compare(real: &[Message], ours: &[Message]) -> Score {
    let mut score = Score { total: real.len(), ..Score::default() };
    let pick = |all: &[Message], unasked: bool| -> Vec<Message> {
        all.iter().filter(|message| message.unasked == unasked).cloned().collect()
    };
    side_by_side(&pick(real, false), &pick(ours, false), &mut score);
    let (real, ours) = (by_leg(&pick(real, true)), by_leg(&pick(ours, true)));
    let mut one_order = score.clone();
    let all =
        |legs: &[(String, Message)]| legs.iter().map(|(_, message)| message.clone()).collect::<Vec<_>>();
    side_by_side(&all(&real), &all(&ours), &mut one_order);
    let legs: BTreeSet<&String> = real.iter().chain(&ours).map(|(leg, _)| leg).collect();
    for leg in legs {
        let own = |legs: &[(String, Message)]| -> Vec<Message> {
            legs.iter().filter(|(of, _)| of == leg).map(|(_, message)| message.clone()).collect()
        };
        side_by_side(&own(&real), &own(&ours), &mut score);
    }
    score.in_order = one_order.equal;
    score
}

/// Names the leg that each message is about: the n-th of its name. What is about none is a leg of its own.
fn by_leg(messages: &[Message]) -> Vec<(String, Message)> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let mut leg = |message: &Message| {
        let Some(uuid) = message.uuid.clone() else { return message.kind.clone() };
        let named = known.entry(uuid).or_insert_with(|| {
            let nth = count.entry(message.channel.clone()).or_default();
            *nth += 1;
            format!("{} {nth}", message.channel)
        });
        named.clone()
    };
    messages.iter().map(|message| (leg(message), message.clone())).collect()
}

/// The alignment with the highest sum of likeness: equal messages first, then the same kind about the same leg.
fn side_by_side(real: &[Message], ours: &[Message], score: &mut Score) {
    let likeness = |a: &Message, b: &Message| -> u32 {
        if a.kind != b.kind {
            return 0;
        }
        if a.lines == b.lines {
            return 20;
        }
        8 + if a.channel == b.channel { 4 } else { 0 } + u32::from(a.state == b.state) * 3
    };
    let width = ours.len() + 1;
    let mut best = vec![0_u32; (real.len() + 1) * width];
    for i in (0..real.len()).rev() {
        for j in (0..ours.len()).rev() {
            let pair = likeness(&real[i], &ours[j]);
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let take = if pair > 0 { pair + best[(i + 1) * width + j + 1] } else { 0 };
            best[i * width + j] = skip.max(take);
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < real.len() {
        let message = &real[i];
        let is_log = message.kind == "log/data";
        if j < ours.len() {
            let pair = likeness(message, &ours[j]);
            if pair > 0 && best[i * width + j] == pair + best[(i + 1) * width + j + 1] {
                score.kind += 1;
                if pair == 20 {
                    score.equal += 1;
                    score.logs_equal += usize::from(is_log);
                } else {
                    score.misses.push(Miss::different(message, &ours[j]));
                }
                score.logs += usize::from(is_log);
                (i, j) = (i + 1, j + 1);
                continue;
            }
            if best[i * width + j] == best[i * width + j + 1] {
                score.extra += 1;
                score.misses.push(Miss::extra(&ours[j]));
                j += 1;
                continue;
            }
        }
        score.logs += usize::from(is_log);
        score.misses.push(Miss::missing(message));
        i += 1;
    }
    score.extra += ours.len() - j;
    score.misses.extend(ours[j..].iter().map(Miss::extra));
}
