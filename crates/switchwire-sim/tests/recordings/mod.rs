//! Plays recordings of a real server at the simulator and compares what it says, message by message.
#![allow(dead_code, unreachable_pub, reason = "the test and the program use different parts")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

pub mod align;
pub mod causes;
pub mod dialplan;
pub mod messages;
pub mod play;
pub mod recording;
pub mod setup;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use align::Score;
use recording::Recording;

/// Plays one recording and compares.
pub fn score(recording: &Recording) -> Score {
    let ours = play::play(recording);
    let both = [&recording.server, &ours].map(|bytes| messages::without_sip(messages::messages(bytes)));
    align::compare(&both[0], &both[1])
}

/// Plays many, several at a time: they spend their time waiting for sockets.
pub fn scores(recordings: &[Recording]) -> Vec<Score> {
    let (next, scores) = (AtomicUsize::new(0), Mutex::new(vec![Score::default(); recordings.len()]));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((at, recording)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, recordings.get(at)?)))
                {
                    let score = score(recording);
                    scores.lock().unwrap()[at] = score;
                }
            });
        }
    });
    scores.into_inner().unwrap()
}

/// One line: equal and right kind of so many, and the first difference.
pub fn line(name: &str, score: &Score) -> String {
    let first = score.misses.first().map(ToString::to_string).unwrap_or_default();
    let first: String = first.chars().take(160).collect();
    format!(
        "{name:34} equal {:4}/{:<4} {:5.1} %  in one order {:5.1} %  kind {:5.1} %  extra {:3}  {first}",
        score.equal,
        score.total,
        score.percent(),
        score.in_order_percent(),
        score.kind_percent(),
        score.extra
    )
}
