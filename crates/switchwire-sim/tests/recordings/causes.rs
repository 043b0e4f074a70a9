//! What a miss is made of, and how often each cause is met.

use std::collections::BTreeMap;
use std::fmt;

use super::messages::Message;

/// One message that is not as it was recorded.
#[derive(Debug, Clone)]
pub struct Miss {
    /// `~` differs, `-` is missing, `+` is too much.
    sign: char,
    kind: String,
    about: String,
    changes: Vec<Change>,
    text: String,
}

/// One difference between two messages of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Missing(String),
    Extra(String),
    Value { real: String, ours: String },
    Order { real: String, ours: String },
}

impl Miss {
    pub fn missing(message: &Message) -> Self {
        let text = if message.kind == "log/data" {
            message.lines.iter().rfind(|line| !line.is_empty()).cloned().unwrap_or_default()
        } else if message.unasked {
            String::new()
        } else {
            message.lines.join(" | ")
        };
        Self { text, ..Self::new('-', message, Vec::new()) }
    }

    pub fn extra(message: &Message) -> Self {
        let text = message.lines.iter().rfind(|line| !line.is_empty() && message.kind == "log/data");
        Self { text: text.cloned().unwrap_or_default(), ..Self::new('+', message, Vec::new()) }
    }

    /// The lines that only one side has, or that they are in another order.
    pub fn different(real: &Message, ours: &Message) -> Self {
        let only = |a: &Message, b: &Message| -> Vec<String> {
            a.lines.iter().filter(|line| !b.lines.contains(line)).cloned().collect()
        };
        let (missing, mut extra) = (only(real, ours), only(ours, real));
        let mut changes = Vec::new();
        for line in missing {
            let name = name_of(&line);
            changes.push(match extra.iter().position(|other| name_of(other) == name) {
                Some(at) => Change::Value { real: line, ours: extra.remove(at) },
                None => Change::Missing(line),
            });
        }
        changes.extend(extra.into_iter().map(Change::Extra));
        if changes.is_empty() {
            let at = real.lines.iter().zip(&ours.lines).position(|(a, b)| a != b);
            let at = at.unwrap_or(real.lines.len().min(ours.lines.len()));
            let show = |message: &Message| message.lines.get(at).cloned().unwrap_or_default();
            changes.push(Change::Order { real: show(real), ours: show(ours) });
        }
        Self::new('~', real, changes)
    }

    fn new(sign: char, message: &Message, changes: Vec<Change>) -> Self {
        let about = format!("{} {}", message.channel, message.state);
        Self { sign, kind: message.kind.clone(), about, changes, text: String::new() }
    }

    /// The causes by name: a missing or superfluous message is one of its own.
    fn causes(&self) -> Vec<String> {
        match self.sign {
            '-' => vec![format!("message missing: {}", self.kind)],
            '+' => vec![format!("message extra: {}", self.kind)],
            _ => self.changes.iter().map(Change::cause).collect(),
        }
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.sign, self.kind, self.about)?;
        for change in &self.changes {
            write!(f, " ; {change}")?;
        }
        write!(f, " {}", self.text)
    }
}

impl Change {
    fn cause(&self) -> String {
        match self {
            Self::Missing(line) => format!("header missing: {}", name_of(line)),
            Self::Extra(line) => format!("header extra: {}", name_of(line)),
            Self::Value { real, .. } => format!("value: {}", name_of(real)),
            Self::Order { real, ours } => {
                format!("order: {} where {} is", name_of(ours), name_of(real))
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(line) => write!(f, "-{line}"),
            Self::Extra(line) => write!(f, "+{line}"),
            Self::Value { real, ours } => write!(f, "-{real} +{ours}"),
            Self::Order { real, ours } => write!(f, "order: -{real} +{ours}"),
        }
    }
}

fn name_of(line: &str) -> &str {
    line.split_once(": ").map_or("(text)", |(name, _)| name)
}

/// How often each cause is met, and how often it is the only one of its message: the most frequent first.
pub fn histogram(misses: &[Miss]) -> Vec<(String, usize, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for miss in misses {
        let mut causes = miss.causes();
        causes.sort();
        causes.dedup();
        let alone = usize::from(causes.len() == 1);
        for cause in causes {
            let count = counts.entry(cause).or_default();
            *count = (count.0 + 1, count.1 + alone);
        }
    }
    let mut all: Vec<_> = counts.into_iter().map(|(cause, (met, alone))| (cause, met, alone)).collect();
    all.sort_by_key(|(cause, met, alone)| (std::cmp::Reverse((*met, *alone)), cause.clone()));
    all
}
