//! The corpus and a fixed number of mutations of it, the same in every run.

use switchwire_fuzz::{TARGETS, corpus, run};

#[test]
fn the_corpus_and_its_mutations_break_no_promise() {
    for target in TARGETS {
        assert!(!corpus(target.0).unwrap().is_empty(), "{} has a corpus", target.0);
        let mut left = 3000;
        let executions = run(*target, 1, || {
            left -= 1;
            left > 0
        })
        .unwrap();
        println!("{}: {executions} executions", target.0);
    }
}
