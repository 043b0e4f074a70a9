//! `cargo xtask TASK`: what shell scripts would do elsewhere.

mod bench;
mod copies;
mod dist;
mod fuzz;
mod licenses;
mod model;
mod node;
mod packages;
mod python;
mod references;
mod run;
mod sanitize;
mod signals;
mod soak;
mod test;
mod tidy;
mod toolchain;
mod versions;
mod words;

use clap::{CommandFactory as _, Parser, Subcommand};

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
    /// Writes the list of the dependencies' licences that goes into the packages.
    Licenses {
        /// Only says whether it is up to date, and all licences are allowed.
        #[arg(long)]
        check: bool,
    },
    /// Runs every client against a simulator that misbehaves, and reports: nothing lost, memory, threads and descriptors
    /// flat.
    Soak {
        /// How long.
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
        /// Decides sizes and moments; the same seed makes the same choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Also writes the report there.
        #[arg(long)]
        report: Option<std::path::PathBuf>,
    },
    /// Builds every client, installs the peers, measures all of them side by side, and writes tests/bench/RESULTS.md, the
    /// plot and the README's table. Takes half an hour on a quiet machine; `cargo xtask bench --quick` a few minutes.
    Bench {
        /// For `switchwire-bench report`, see its --help: --quick, --only CLIENT, --dry ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Feeds the fuzz targets (all, or the ones named) with bytes that broke parsers before. Finds go to
    /// target/fuzz/logs; an hour in all is `cargo xtask fuzz --seconds 450`.
    Fuzz {
        /// Only these targets.
        targets: Vec<String>,
        /// How long each.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// How many at once.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
        /// Decides what is tried; 0 is another each time.
        #[arg(long, default_value_t = 0)]
        seed: u32,
        /// Instead: makes the corpora's archives anew, as small as they can be, of all that is known.
        #[arg(long)]
        merge: bool,
    },
    /// Checks the connection's engine in a model of threads, under that many schedules of each scenario.
    Model {
        #[arg(long, default_value_t = 100_000)]
        schedules: usize,
    },
    /// Runs tests under ThreadSanitizer and AddressSanitizer, and under Miri where there is one.
    Sanitize,
    /// Runs the tests that need no files and sockets under Miri.
    Miri,
    /// Runs a program as the tests' programs are run.
    #[command(hide = true)]
    Run {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Builds and installs what users of other languages need.
    Dist {
        #[command(subcommand)]
        what: Dist,
    },
}

#[derive(Subcommand)]
enum Dist {
    /// The C and C++ library: headers, libesl.so, libesl.a, esl.pc.
    #[group(required = true)]
    C {
        /// Installs it there, e.g. /usr/local.
        #[arg(long)]
        prefix: Option<std::path::PathBuf>,
        /// Packs it into that folder, to be unpacked anywhere.
        #[arg(long)]
        tarball: Option<std::path::PathBuf>,
    },
    /// Python's wheel and source package.
    Python {
        /// The folder, which is emptied.
        #[arg(long)]
        out: std::path::PathBuf,
    },
    /// The Node package and the one with its native part for this platform.
    Node {
        /// The folder, which is emptied.
        #[arg(long)]
        out: std::path::PathBuf,
    },
}

/// The names of all tasks.
fn tasks() -> Vec<String> {
    Arguments::command().get_subcommands().map(|task| task.get_name().to_owned()).collect()
}

fn main() -> anyhow::Result<()> {
    let task = Arguments::parse().task;
    signals::default_for_children()?;
    match task {
        Task::Test { parts } => test::run(&parts),
        Task::Tidy => tidy::run(),
        Task::Run { words } => {
            let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            run::check(run::command(&words[0], &arguments))
        }
        Task::Fuzz { targets, merge: true, .. } => fuzz::merge(&targets),
        Task::Fuzz { targets, seconds, jobs, seed, merge: false } => {
            fuzz::run(&fuzz::Plan { targets, seconds, jobs, seed })
        }
        Task::Model { schedules } => model::run(schedules),
        Task::Sanitize => sanitize::run(),
        Task::Miri => sanitize::miri(),
        Task::Licenses { check: true } => licenses::check(),
        Task::Licenses { check: false } => licenses::write(),
        Task::Soak { minutes, seed, report } => soak::run(minutes, seed, report.as_deref()),
        Task::Bench { options } => bench::run(&options),
        Task::Dist { what } => match what {
            Dist::C { prefix, tarball } => {
                prefix.map_or(Ok(()), |prefix| dist::c::install(&prefix))?;
                tarball.map_or(Ok(()), |folder| dist::c::tarball(&folder).map(|_| ()))
            }
            Dist::Python { out } => dist::python::pack(&out),
            Dist::Node { out } => dist::node::pack(&out).map(|_| ()),
        },
    }
}
