//! Python's verbs for asyncio, made from the blocking ones: the same methods, documents and arguments, to be awaited.
//!
//! A blocking module of verbs holds one class whose methods end in `self._run(...)`. What differs between the two, the
//! waiting, is in `_running.py` of either package.

use super::{GENERATED, Output};

/// Longer lines than the blocking ones, and imports in their order.
const STYLE: &str = "# ruff: noqa: E501, I001, RUF100\n# fmt: off";

pub(super) fn outputs() -> Vec<Output> {
    let call = awaited(
        "_call_verbs.py",
        "What a call can be asked for, to be awaited.",
        include_str!("../../../../python/src/switchwire/_call_verbs.py"),
    );
    let conference = awaited(
        "_conference_verbs.py",
        "What a conference can be asked for, to be awaited.",
        include_str!("../../../../python/src/switchwire/_conference_verbs.py"),
    );
    vec![
        ("python/src/switchwire/aio/_call_verbs.py", call),
        ("python/src/switchwire/aio/_conference_verbs.py", conference),
    ]
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
    line.replacen("    def ", "    async def ", 1).replacen("self._run(", "await self._run(", 1)
}
