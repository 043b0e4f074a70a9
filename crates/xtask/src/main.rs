//! `cargo xtask TASK`: what shell scripts would do elsewhere.

mod node;
mod python;
mod run;
mod test;
mod tidy;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The project's own chores")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every test there is, in every language whose tools are here; tells what it skips.
    /// With REQUIRE_ALL=1 a missing tool is a failure.
    Test {
        /// Only the parts of these names.
        parts: Vec<String>,
    },
    /// Checks house rules that no other tool knows.
    Tidy,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test { parts } => test::run(&parts),
        Task::Tidy => tidy::run(),
    }
}
