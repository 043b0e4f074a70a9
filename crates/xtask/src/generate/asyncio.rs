//! Python's verbs and commands for asyncio, made from the blocking ones: the same methods, documents and arguments, to be
//! awaited.
//!
//! A blocking module of verbs holds one class whose methods ask through `self._run(...)` or `self._with(...)`, or ask a
//! connection that is supervised. What differs between the two, the waiting, is in `_running.py` of either package.

use super::{GENERATED, Output};

/// Longer lines than the blocking ones, and imports in their order.
const STYLE: &str = "# ruff: noqa: E501, I001, RUF100\n# fmt: off";

macro_rules! modules {
    ($($module:literal, $title:literal;)*) => {
        vec![$((
            concat!("python/src/switchwire/aio/", $module),
            awaited($module, $title, include_str!(concat!("../../../../python/src/switchwire/", $module))),
        ),)*]
    };
}

pub(super) fn outputs() -> Vec<Output> {
    modules! {
        "_call_verbs.py", "What a call can be asked for, to be awaited.";
        "_conference_verbs.py", "What a conference can be asked for, to be awaited.";
        "_fleet_commands.py", "The commands of a fleet, to be awaited.";
        "_managed_commands.py", "The commands of a supervised connection, to be awaited.";
    }
}

fn awaited(module: &str, title: &str, blocking: &str) -> String {
    let mut out =
        format!("# {GENERATED}python/src/switchwire/{module}; do not edit.\n{STYLE}\n\"\"\"{title}\"\"\"\n");
    // The first line is the blocking module's own title.
    for line in blocking.lines().skip(1) {
        out.push_str(&awaited_line(line));
        out.push('\n');
    }
    out
}

fn awaited_line(line: &str) -> String {
    // Each package has its own `_running`; all else is shared.
    if let Some(module) = line.trim_start().strip_prefix("from .").filter(|_| !line.contains("._running")) {
        let indent = &line[..line.len() - line.trim_start().len()];
        return format!("{indent}from ..{module}");
    }
    let line = line.replacen("    def ", "    async def ", 1);
    ASKS.iter().fold(line, |line, ask| line.replacen(ask, &format!("await {ask}"), 1))
}

/// What is awaited.
const ASKS: [&str; 3] = ["self._run(", "self._with(", "self.connection(server).api("];
