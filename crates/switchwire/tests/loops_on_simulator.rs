//! The IVR of `examples/ivr_loop.rs` on the simulator: many calls at once, every one of which is played what its key stands
//! for. `SWITCHWIRE_CALLS=9000` for more of them (each takes two descriptors of this process).
#![allow(clippy::unwrap_used, reason = "a failure here is the message")]

#[path = "../examples/ivr_loop.rs"]
#[allow(dead_code, reason = "its main is for a dialplan")]
mod ivr_loop;
mod support;

use support::PATIENCE;
use switchwire::{Connection, EventFormat, Listener};
use switchwire_sim::{Scenario, Simulator};

const SCENARIO: &str = r#"
[[extension]]
number = "5000"
run = ["socket 127.0.0.1:PORT async full"]

[[endpoint]]
dial = "user/1000"
dtmf = [{ after = "50ms", digits = "1" }]
"#;

#[test]
fn one_thread_runs_the_menus_of_all_calls() {
    let calls = std::env::var("SWITCHWIRE_CALLS").map_or(200, |calls| calls.parse().unwrap());
    let listener = Listener::bind("127.0.0.1:0").unwrap().max_sessions(calls);
    let server = listener.serve_loops(1, ivr_loop::Menu::default).unwrap();
    let scenario: Scenario =
        SCENARIO.replace("PORT", &server.local_addr().port().to_string()).parse().unwrap();
    let sim = Simulator::builder().password("ClueCon").scenario(&scenario).start().unwrap();
    let control = Connection::connect("127.0.0.1", sim.addr().port(), "ClueCon").unwrap();
    control.events(EventFormat::Plain, "CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE").unwrap();
    for _ in 0..calls {
        assert!(control.bgapi("originate", "user/1000 5000").is_ok());
    }
    let (mut menus, mut hours, mut ended) = (0, 0, 0);
    while ended < calls {
        let event = control.recv_event_timeout(PATIENCE).unwrap().expect("a call does not come to its end");
        match (event.name().as_ref(), event.header("Application-Data").as_deref()) {
            ("CHANNEL_EXECUTE_COMPLETE", Some("menu.wav")) => menus += 1,
            ("CHANNEL_EXECUTE_COMPLETE", Some("hours.wav")) => hours += 1,
            ("CHANNEL_HANGUP_COMPLETE", _) => ended += 1,
            _ => {}
        }
    }
    assert_eq!((menus, hours), (calls, calls));
    let stats = server.stats();
    assert_eq!((stats.accepted, stats.failed, stats.errors, stats.panicked), (calls as u64, 0, 0, 0));
    assert!(server.stop(PATIENCE));
}
