//! Lays two streams side by side.

use super::causes::Miss;
use super::messages::Message;

/// How two streams compare.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// Messages that the real server sent.
    pub total: usize,
    pub equal: usize,
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

    pub fn kind_percent(&self) -> f64 {
        share(self.kind, self.total)
    }

    pub fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.equal += other.equal;
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
pub fn compare(real: &[Message], ours: &[Message]) -> Score {
    let mut score = Score { total: real.len(), ..Score::default() };
    for unasked in [false, true] {
        let pick = |all: &[Message]| -> Vec<Message> {
            all.iter().filter(|message| message.unasked == unasked).cloned().collect()
        };
        side_by_side(&pick(real), &pick(ours), &mut score);
    }
    score
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
