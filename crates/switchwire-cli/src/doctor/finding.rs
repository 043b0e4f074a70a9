//! What a check has found.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::printable;

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    /// What was looked at.
    pub(crate) check: &'static str,
    pub(crate) detail: String,
    /// What to do; empty when there is nothing to be done.
    pub(crate) advice: String,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    /// It works, but not as well as it could.
    Poor,
    Bad,
}

impl Finding {
    pub(crate) fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, check, detail: detail.into(), advice: String::new() }
    }

    pub(crate) fn poor(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Poor, check, detail: detail.into(), advice: advice.into() }
    }

    pub(crate) fn bad(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, check, detail: detail.into(), advice: advice.into() }
    }

    /// A line, and what to do in a second one; each in as many lines of that width as it needs.
    pub(crate) fn text(&self, columns: usize) -> String {
        let room = columns.saturating_sub(INDENT).max(20);
        let detail = wrap(&printable::cell(&self.detail, WIDEST), room);
        let mut text = format!("{:5} {:12} {detail}", self.verdict.name(), self.check);
        if !self.advice.is_empty() {
            text.push_str(&format!("\n{:INDENT$}{}", "", wrap(&printable::cell(&self.advice, WIDEST), room)));
        }
        text
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "verdict": self.verdict.name(),
            "check": self.check,
            "detail": self.detail,
            "advice": self.advice,
        })
    }
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Poor => "poor",
            Self::Bad => "BAD",
        }
    }
}

/// The words in lines of that width, below each other behind the verdict and the check.
fn wrap(text: &str, room: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let width = word.width();
        if used > 0 && used + 1 + width > room {
            out.push_str(&format!("\n{:INDENT$}", ""));
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
    }
    out
}

const INDENT: usize = 19;
const WIDEST: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_goes_on_below() {
        let finding = Finding::poor("lag", "one two three four five six", "do this");
        let text = finding.text(40);
        assert_eq!(
            text,
            "poor  lag          one two three four\n                   five six\n                   do this"
        );
        assert_eq!(finding.text(usize::MAX).lines().count(), 2);
    }
}
