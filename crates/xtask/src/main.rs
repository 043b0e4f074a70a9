//! `cargo xtask TASK`: what shell scripts would do elsewhere.

mod dist;
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
    /// Builds and installs what users of other languages need.
    Dist {
        #[command(subcommand)]
        what: Dist,
    },
}

#[derive(Subcommand)]
enum Dist {
    /// The C and C++ library: headers, libesl.so, libesl.a, esl.pc.
    C {
        /// Where to, e.g. /usr/local.
        #[arg(long)]
        prefix: std::path::PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test { parts } => test::run(&parts),
        Task::Tidy => tidy::run(),
        Task::Dist { what: Dist::C { prefix } } => dist::c(&prefix),
    }
}
