//! Every input that once broke a promise or reached something new.

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use switchwire_fuzz::{TARGETS, corpus};

#[test]
fn no_input_of_a_corpus_breaks_a_promise() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let inputs = corpus(name).unwrap();
        println!("{name}: {} inputs", inputs.len());
        assert!(inputs.len() > 100, "the corpus of {name} is not all there");
        let breaks = |(_, input): &(&String, &Vec<u8>)| catch_unwind(|| target(input)).is_err();
        broken.extend(inputs.iter().filter(breaks).map(|(input, _)| format!("{name}/{input}")));
    }
    assert!(broken.is_empty(), "the panics are above: {broken:?}");
}

#[test]
fn every_target_has_a_program_for_libfuzzer() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_targets");
    let programs = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let programs: BTreeSet<_> = programs.map(|file| file.to_string_lossy().replace(".rs", "")).collect();
    assert_eq!(programs, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
}
