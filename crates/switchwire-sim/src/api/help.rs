//! `help`, and replies of commands of which the simulator has no more than their usage.

use super::{ApiRequest, Family, Outcome, interfaces};
use crate::world::World;

pub(super) const COMMANDS: Family = &[("help", |_, _, _| format!("\nValid Commands:\n\n{}", lines()).into())];

/// A line for each command.
pub(super) fn lines() -> String {
    interfaces::listed("api")
        .map(|i| format!("{},{},{},{}\n", i.name, i.syntax, i.description, i.module))
        .collect()
}

/// The reply of a command that has a fixed one: without arguments, and with some.
pub(super) fn fixed(name: &str) -> Option<super::Api> {
    row(&name.to_ascii_lowercase()).map(|_| fixed_reply as super::Api)
}

fn fixed_reply(_: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let Some((bare, given)) = row(&request.command.to_ascii_lowercase()) else { return "".into() };
    if arg.is_empty() { bare } else { given }.into()
}

fn row(name: &str) -> Option<(String, String)> {
    let line = FIXED.lines().find(|line| line.split('\t').next() == Some(name))?;
    let mut cells = line.split('\t').skip(1).map(|cell| cell.replace("\\n", "\n").replace("\\t", "\t"));
    Some((cells.next()?, cells.next()?))
}

const FIXED: &str = include_str!("data/fixed.tsv");
