//! Judges and writes down what the run came to.

use std::fmt::Write as _;
use std::time::Duration;

use crate::sample::Sample;
use crate::stage::Outcome;

/// The report as Markdown, and whether everything holds.
pub(crate) fn write(outcomes: &[Outcome], own: &[Sample], length: Duration, seed: u64) -> (String, bool) {
    let mut text = format!("# Soak report: {} s, seed {seed}\n\n", length.as_secs());
    let mut faults = Vec::new();
    counts(&mut text, outcomes);
    text.push_str(
        "\n| process | samples | memory in KiB, first → last quarter | threads | descriptors | judged |\n\
         | --- | ---: | --- | --- | --- | --- |\n",
    );
    let slack = slack(length);
    for outcome in outcomes {
        held(&mut text, &outcome.name, &outcome.samples, &slack, &mut faults);
        judge(outcome, &mut faults);
    }
    held(&mut text, "the simulators", own, &slack, &mut Vec::new());
    let _ = write!(
        text,
        "\nSent = delivered counts the events that a mark confirmed, after every trial. Of those cut off after the last \
         mark, what was delivered was the first part of what was sent, without a gap.\nSamples are taken at marks, when no \
         command and no call is under way. The first fifth of the time is warm-up; of the rest the first quarter's \
         samples (least–most) are held against the last quarter's: the least memory may grow by {} % and {} KiB, the \
         least numbers of threads and descriptors may not grow. (The simulators' own process is shown for completeness; it is always at work.)\n\n",
        slack.percent, slack.kib
    );
    for fault in &faults {
        let _ = writeln!(text, "FAULT {fault}");
    }
    let verdict = if faults.is_empty() { "All is well." } else { "NOT all is well." };
    text.push_str(verdict);
    (text, faults.is_empty())
}

fn counts(text: &mut String, outcomes: &[Outcome]) {
    text.push_str(
        "| client | connections (reset, restarted, login unanswered) | events sent | delivered | wrong | \
         cut off: sent | delivered | api | jobs | replies too late | calls served |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for outcome in outcomes {
        let Outcome { name, connections, resets, restarts, refused, .. } = outcome;
        let Outcome { sent, delivered, wrong, sent_at_cuts, delivered_at_cuts, .. } = outcome;
        let Outcome { apis, jobs, lates, calls, .. } = outcome;
        let _ = writeln!(
            text,
            "| {name} | {connections} ({resets}, {restarts}, {refused}) | {sent} | {delivered} | {wrong} | \
             {sent_at_cuts} | {delivered_at_cuts} | {apis} | {jobs} | {lates} | {calls} |"
        );
    }
}

fn judge(outcome: &Outcome, faults: &mut Vec<String>) {
    let name = &outcome.name;
    if let Some(fault) = &outcome.fault {
        faults.push(format!("{name}: {fault}"));
    }
    if outcome.sent != outcome.delivered {
        faults.push(format!("{name}: {} events sent, {} delivered", outcome.sent, outcome.delivered));
    }
    if outcome.wrong > 0 {
        faults.push(format!("{name}: {} events wrong", outcome.wrong));
    }
    // A run too short for every trial and end has shown nothing of them.
    let done = [outcome.resets, outcome.restarts, outcome.refused, outcome.apis, outcome.jobs];
    if done.contains(&0) || outcome.lates == 0 || outcome.calls == 0 {
        faults.push(format!("{name}: the run was too short for every trial to have its turn"));
    }
}

/// How much memory may grow from the first to the last quarter.
struct Slack {
    percent: u64,
    kib: u64,
}

fn slack(length: Duration) -> Slack {
    if length >= LONG { Slack { percent: 5, kib: 1_024 } } else { Slack { percent: 10, kib: 6_144 } }
}

/// What is held, and by how many percent and how much more it may grow.
type Kind = (&'static str, fn(&Sample) -> u64, u64, u64);

/// A line about what a process held, and faults where that grew.
fn held(text: &mut String, name: &str, samples: &[Sample], slack: &Slack, faults: &mut Vec<String>) {
    let Some((first, last)) = quarters(samples) else {
        let _ = writeln!(text, "| {name} | {} | too few | | | |", samples.len());
        faults.push(format!("{name}: {} samples are too few to judge", samples.len()));
        return;
    };
    let span = |samples: &[Sample], of: fn(&Sample) -> u64| {
        let values = samples.iter().map(of);
        (values.clone().min().unwrap_or(0), values.max().unwrap_or(0))
    };
    let kinds: [Kind; 3] = [
        ("memory (KiB)", |sample| sample.memory, slack.percent, slack.kib),
        ("threads", |sample| sample.threads, 0, 0),
        ("descriptors", |sample| sample.descriptors, 0, 0),
    ];
    let _ = write!(text, "| {name} | {} ", samples.len());
    let before = faults.len();
    for (what, of, percent, extra) in kinds {
        let ((least, most), (last_least, last_most)) = (span(first, of), span(last, of));
        if last_least > least + least * percent / 100 + extra {
            faults.push(format!("{name}: {what} grew from {least} to {last_least}"));
        }
        let _ = write!(text, "| {least}–{most} → {last_least}–{last_most} ");
    }
    let judged = if faults.len() == before { "flat" } else { "GREW" };
    let _ = writeln!(text, "| {judged} |");
}

/// The first and the last quarter of the time after the warm-up; nothing when one of them is empty.
fn quarters(samples: &[Sample]) -> Option<(&[Sample], &[Sample])> {
    let end = samples.last()?.at;
    let (warm, quarter) = (end / 5, end / 5);
    let begin = samples.partition_point(|sample| sample.at < warm);
    let first = samples.partition_point(|sample| sample.at < warm + quarter);
    let last = samples.partition_point(|sample| sample.at < end - quarter);
    let (first, last) = (samples.get(begin..first)?, samples.get(last..)?);
    (first.len() >= FEWEST && last.len() >= FEWEST).then_some((first, last))
}

/// From this length on every runtime has long found its size.
const LONG: Duration = Duration::from_secs(300);
/// Samples that a quarter must have.
const FEWEST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(grow: u64) -> Vec<Sample> {
        (0..100)
            .map(|at| Sample {
                at: Duration::from_secs(at),
                memory: 10_000 + at * grow,
                threads: 3 + at * grow / 2_000,
                descriptors: 8 + at % 2,
            })
            .collect()
    }

    #[test]
    fn what_stays_is_flat_and_what_grows_is_told() {
        let slack = slack(Duration::from_secs(600));
        for (grow, expected) in [(0, 0), (10, 0), (100, 2)] {
            let mut faults = Vec::new();
            held(&mut String::new(), "it", &samples(grow), &slack, &mut faults);
            assert_eq!(faults.len(), expected, "{grow}: {faults:?}");
        }
    }

    #[test]
    fn few_samples_are_no_proof() {
        let mut faults = Vec::new();
        held(&mut String::new(), "it", &samples(0)[..4], &slack(LONG), &mut faults);
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn lost_events_are_a_fault() {
        let mut all =
            Outcome { sent: 10, delivered: 9, resets: 1, restarts: 1, refused: 1, ..Outcome::default() };
        (all.apis, all.jobs, all.lates, all.calls) = (1, 1, 1, 1);
        let mut faults = Vec::new();
        judge(&all, &mut faults);
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}
