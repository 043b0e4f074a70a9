//! The Node package's tests.

use anyhow::Result;

use crate::run::{check, command_in, has};

pub(crate) fn missing() -> Option<String> {
    let tools = ["node", "npm"].into_iter().find(|tool| !has(tool, "--version"))?;
    Some(format!("no {tools}"))
}

pub(crate) fn test() -> Result<()> {
    check(command_in("node", "npm", &["ci", "--no-audit", "--no-fund"]))?;
    check(command_in("node", "npm", &["run", "--silent", "build"]))?;
    check(command_in("node", "npm", &["run", "--silent", "types"]))?;
    check(command_in("node", "npm", &["test"]))
}
