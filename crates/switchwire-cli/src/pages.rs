//! `completions SHELL` and `man`: what packages install beside the program.

use std::io::stdout;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::{Failure, Result};

/// Print the completions of a shell (bash, zsh, fish, elvish, powershell)
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    shell: Shell,
}

/// Print the manual page, in roff; of a subcommand if one is named
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    command: Option<String>,

    /// Write the pages of all commands into that folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    folder: Option<PathBuf>,
}

pub(crate) fn completions(args: &CompletionsArgs) {
    clap_complete::generate(args.shell, &mut Cli::command(), "switchwire", &mut stdout());
}

pub(crate) fn man(args: &ManArgs) -> Result {
    let mut whole = Cli::command();
    whole.build();
    if let Some(folder) = &args.folder {
        let cannot = |error| Failure::failed(format!("cannot write to {}: {error}", folder.display()));
        return clap_mangen::generate_to(whole, folder).map_err(cannot);
    }
    let command = match &args.command {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            found.ok_or_else(|| Failure::usage(format!("there is no command {name}")))?
        }
    };
    clap_mangen::Man::new(command).render(&mut stdout()).map_err(|error| Failure::output(&error))
}
