//! The corpora's tool, for `cargo xtask fuzz` and for replaying what it finds.

use std::io;
use std::path::Path;

use switchwire_fuzz::{TARGETS, corpus, pack, seeds};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["seeds", folder] => seeds::write(folder.as_ref()),
        ["unpack", target, folder] => unpack(target, folder.as_ref()),
        ["pack", target, folder] => pack(target, folder.as_ref()),
        ["replay", target, ref files @ ..] => replay(target, files),
        _ => Err(io::Error::other(USAGE)),
    }
}

const USAGE: &str = "one of:
  seeds FOLDER            writes what the corpora are made of
  unpack TARGET FOLDER    writes the target's corpus
  pack TARGET FOLDER      makes the target's archive of what is there and not in its own folder
  replay TARGET FILE...   calls the target with each file";

fn unpack(target: &str, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    corpus(target)?.into_iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

fn replay(name: &str, files: &[&str]) -> io::Result<()> {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.ok_or_else(|| io::Error::other(format!("no target is called {name}")))?;
    for file in files {
        target(&std::fs::read(file)?);
    }
    Ok(())
}
