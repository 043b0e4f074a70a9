//! Plays recorded clients at the simulator and says how much of what the real server said it says too:
//! `cargo run -p switchwire-sim --example recordings -- [-v] [FOLDER | NAME | CLASS]…`; without names all of them.
//! For each class it counts the causes of what differs; `-v` lists every miss.
#![allow(clippy::print_stdout, reason = "an example prints its report")]

#[path = "../tests/recordings/mod.rs"]
mod recordings;

use std::collections::BTreeMap;
use std::path::Path;

use recordings::align::Score;
use recordings::causes::histogram;
use recordings::recording::{self, Recording};
use recordings::{line, scores, setup};

fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let verbose = names.iter().any(|name| name == "-v");
    names.retain(|name| name != "-v");
    let mut chosen: Vec<Recording> =
        names.iter().filter_map(|name| recording::folder_of(Path::new(name))).collect();
    let known = recording::all().into_values();
    chosen.extend(known.filter(|recording| {
        let class = setup::class_of(&recording.name);
        class.is_some_and(|class| names.is_empty() || names.iter().any(|name| *name == class))
            || names.contains(&recording.name)
    }));
    let mut classes: BTreeMap<&str, Score> = BTreeMap::new();
    for (recording, score) in chosen.iter().zip(scores(&chosen)) {
        println!("{}", line(&recording.name, &score));
        if verbose {
            score.misses.iter().for_each(|miss| println!("    {miss}"));
        }
        classes.entry(setup::class_of(&recording.name).unwrap_or("left out")).or_default().add(&score);
    }
    for (class, score) in &classes {
        println!("\n{class}: how many misses have this cause, and how many of them no other");
        for (cause, met, alone) in histogram(&score.misses).iter().take(SHOWN) {
            println!("{met:6} {alone:6}  {cause}");
        }
    }
    println!();
    for (class, score) in &classes {
        println!("{}", line(class, score));
    }
}

/// So many causes of a class are printed.
const SHOWN: usize = 60;
