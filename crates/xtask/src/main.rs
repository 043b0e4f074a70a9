//! `cargo xtask TASK`: builds, tests and packages everything, in place of shell scripts.

mod bench;
mod chroot;
mod consumers;
mod copies;
mod costs;
mod dist;
mod docs;
mod fuzz;
mod generate;
mod lengths;
mod licenses;
mod model;
mod node;
mod packages;
mod pictures;
mod python;
mod references;
mod release;
mod run;
mod sanitize;
mod signals;
mod soak;
mod test;
mod tidy;
mod toolchain;
mod versions;
mod walk;
mod words;

use dist::build::Build;

use clap::{CommandFactory as _, Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds, tests and packages the project")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs all tests, in every language whose tools are installed, and lists what it skips.
    /// With REQUIRE_ALL=1 a missing tool is a failure.
    Test {
        /// Only the parts of these names.
        parts: Vec<String>,
    },
    /// Checks the project's own rules: file length, links, words, versions, licences, documents.
    Tidy,
    /// Writes the files of other languages that are made from the tables of the core.
    Generate {
        /// Only checks that they are up to date.
        #[arg(long)]
        check: bool,
    },
    /// Writes the list of the dependencies' licences that goes into the packages.
    Licenses {
        /// Only checks that it is up to date and all licences are allowed.
        #[arg(long)]
        check: bool,
    },
    /// Builds the book (docs/) into target/book, and the references of Rust, Python, Node and C; a warning is a failure.
    Docs,
    /// Takes the way of a stranger: runs the commands of the book's first page in empty folders, in each language, and prints how
    /// long each took.
    Walk {
        /// The folder of the wheel, the npm packages and the C tarball; without it they are built.
        #[arg(long)]
        packages: Option<std::path::PathBuf>,
    },
    /// Draws the pictures of the README of the command `switchwire`: its views of a simulator under load.
    Pictures,
    /// Measures what the command `switchwire` costs: its size, `-x status`, the prompt, its views at 50 calls a second.
    Costs,
    /// Runs every client against a misbehaving simulator and reports lost events and growth of memory, threads and
    /// descriptors.
    Soak {
        /// How long.
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
        /// Seed of sizes and times.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Also write the report to this file.
        #[arg(long)]
        report: Option<std::path::PathBuf>,
    },
    /// Builds every client, installs the peers, measures all of them side by side, and writes tests/bench/RESULTS.md, the
    /// plot and the README's table. Half an hour on a quiet machine; `cargo xtask bench --quick` takes a few minutes.
    Bench {
        /// For `switchwire-bench report`, see its --help: --quick, --only CLIENT, --dry ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Runs the fuzz targets (all, or the named ones) under libFuzzer. Inputs that fail go to target/fuzz/logs; about an
    /// hour in all: `cargo xtask fuzz --seconds 450`.
    Fuzz {
        /// Only these targets.
        targets: Vec<String>,
        /// Seconds per target.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Targets at a time.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
        /// Seed of libFuzzer; 0 picks one at random.
        #[arg(long, default_value_t = 0)]
        seed: u32,
        /// Instead, rewrite the corpora's archives: the smallest set with the same coverage.
        #[arg(long)]
        merge: bool,
    },
    /// Checks the connection's engine in a model of threads (shuttle), with that many schedules per scenario.
    Model {
        #[arg(long, default_value_t = 100_000)]
        schedules: usize,
    },
    /// Runs tests under ThreadSanitizer, AddressSanitizer and, if installed, Miri.
    Sanitize,
    /// Runs the tests without files and sockets under Miri.
    Miri,
    /// Runs a program the way tests are run.
    #[command(hide = true)]
    Run {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Builds everything that a release publishes into target/release-artifacts, installs it on old and new systems, and
    /// writes the report. Heavy: half an hour and more; some steps take root on Debian.
    Release {
        /// Publishes nothing: that is the release workflow's part. Must be given.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Only these steps.
        #[arg(long = "only", value_name = "STEP")]
        only: Vec<String>,
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
        /// Install it there, e.g. /usr/local.
        #[arg(long)]
        prefix: Option<std::path::PathBuf>,
        /// Pack it into that folder, to be unpacked anywhere.
        #[arg(long)]
        tarball: Option<std::path::PathBuf>,
    },
    /// Debian's packages: libesl1, libesl-dev, switchwire.
    Deb {
        /// The folder.
        #[arg(long)]
        out: std::path::PathBuf,
    },
    /// Python's wheel and source package.
    Python {
        /// The folder, which is emptied.
        #[arg(long)]
        out: std::path::PathBuf,
    },
    /// The command `switchwire`.
    #[group(required = true)]
    Cli {
        /// Install it there, e.g. /usr/local: both of its names, manual pages, completions.
        #[arg(long)]
        prefix: Option<std::path::PathBuf>,
        /// Pack it for pip and npm into that folder, which is emptied.
        #[arg(long)]
        out: Option<std::path::PathBuf>,
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
        Task::Tidy => tidy::run(&test::parts()),
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
        Task::Generate { check: true } => generate::check(),
        Task::Generate { check: false } => generate::write(),
        Task::Docs => docs::build(),
        Task::Walk { packages } => walk::run(packages),
        Task::Pictures => pictures::draw(),
        Task::Costs => costs::measure(),
        Task::Licenses { check: true } => licenses::check(),
        Task::Licenses { check: false } => licenses::write(),
        Task::Soak { minutes, seed, report } => soak::run(minutes, seed, report.as_deref()),
        Task::Bench { options } => bench::run(&options),
        Task::Release { dry_run: _, only } => release::dry_run(&only),
        Task::Dist { what } => match what {
            Dist::Deb { out } => dist::deb::pack(&Build::Native, &out).map(|_| ()),
            Dist::C { prefix, tarball } => {
                prefix.map_or(Ok(()), |prefix| dist::c::install(&prefix))?;
                tarball.map_or(Ok(()), |folder| dist::c::tarball(&Build::Native, &folder).map(|_| ()))
            }
            Dist::Python { out } => dist::python::pack(&out),
            Dist::Node { out } => dist::node::pack(&Build::Native, &out).map(|_| ()),
            Dist::Cli { prefix, out } => {
                prefix.map_or(Ok(()), |prefix| dist::cli::install(&prefix))?;
                out.map_or(Ok(()), |folder| dist::cli::pack(&Build::Native, &folder).map(|_| ()))
            }
        },
    }
}
