//! What a check has found.

use serde_json::{Value, json};

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

    /// A line, and what to do in a second one.
    pub(crate) fn text(&self) -> String {
        let detail = printable::cell(&self.detail, WIDEST);
        let mut text = format!("{:5} {:12} {detail}", self.verdict.name(), self.check);
        if !self.advice.is_empty() {
            text.push_str(&format!("\n{:19}{}", "", printable::cell(&self.advice, WIDEST)));
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

const WIDEST: usize = 400;
