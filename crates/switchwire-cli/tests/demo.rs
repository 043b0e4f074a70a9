//! `demo`: the call really happens, and nothing is left of it.

mod support;

use support::{Target, run, server_of};
use switchwire_sim::Simulator;

#[test]
fn the_whole_call_is_seen() {
    let target = Target::new();
    for ran in [run(&["demo"]), target.run(&["demo"])] {
        let ran = ran.expect(0);
        for needed in
            ["CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE", "answered  yes", "hung up   NORMAL_CLEARING"]
        {
            assert!(ran.stdout.contains(needed), "{needed}: {ran:?}");
        }
        assert!(ran.stdout.contains("job       +OK ") && ran.stdout.contains(", none left"), "{ran:?}");
    }
}

#[test]
fn a_call_that_is_not_answered_fails_and_leaves_nothing() {
    let simulator = Simulator::builder().extension("1", &[("park", "")]).start().unwrap();
    let server = server_of(&simulator);
    for dial in ["loopback/9003", "error/USER_BUSY"] {
        let ran = run(&["demo", "--server", &server, dial]).expect(1);
        assert!(ran.stdout.contains("answered  no") && ran.stdout.contains(", none left"), "{ran:?}");
        assert_eq!(ran.stderr, "switchwire: the server could not make the call\n");
        assert_eq!(simulator.channels(), 0);
    }
}
