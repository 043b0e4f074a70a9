//! Applications and commands that bring calls together: one test of behaviour each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::io::{Read as _, Write as _};
use std::time::Duration;

use common::{Client, Frame};
use switchwire_sim::Simulator;

/// A simulator, a connection that watches everything, and one that commands.
struct Scene {
    sim: Simulator,
    watch: Client,
    control: Client,
}

impl Scene {
    fn new() -> Self {
        let sim = Simulator::builder().start().unwrap();
        let mut watch = Client::login(sim.addr());
        watch.ask("event plain ALL");
        let control = Client::login(sim.addr());
        Self { sim, watch, control }
    }

    /// A leg that is answered and runs an application; its uuid.
    fn call(&mut self, dial: &str, application: &str) -> String {
        let reply = self.control.api(&format!("originate {dial} {application}"));
        let uuid = reply.strip_prefix("+OK ").unwrap_or_else(|| panic!("{dial}: {reply}"));
        uuid.trim().to_owned()
    }

    /// The next event of that name with these headers.
    fn event(&mut self, name: &str, headers: &[(&str, &str)]) -> Frame {
        loop {
            let event = self.watch.event(name);
            if headers.iter().all(|(name, value)| event.event(name).as_deref() == Some(*value)) {
                return event;
            }
        }
    }

    /// The next event of a subclass with these headers.
    fn custom(&mut self, subclass: &str, headers: &[(&str, &str)]) -> Frame {
        let subclass = subclass.replace(':', "%3A");
        let all: Vec<_> = [("Event-Subclass", subclass.as_str())].iter().chain(headers).copied().collect();
        self.event("CUSTOM", &all)
    }
}

#[test]
fn valet_park_joins_the_next_call_that_names_the_place() {
    let mut scene = Scene::new();
    let first = scene.call("null/1", "'&valet_park(lot 6111)'");
    scene.custom("valet_parking::info", &[("Action", "hold"), ("Unique-ID", &first)]);
    let listed = format!(
        "<lots>\n  <lot name=\"lot\">\n    <extension uuid=\"{first}\">6111</extension>\n  </lot>\n</lots>\n"
    );
    assert_eq!(scene.control.api("valet_info lot"), listed);
    let second = scene.call("null/2", "'&valet_park(lot 6111)'");
    scene.custom("valet_parking::info", &[("Action", "bridge"), ("Bridge-To-UUID", &second)]);
    scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &first), ("Bridge-B-Unique-ID", &second)]);
    assert_eq!(scene.control.api("valet_info lot"), "<lots>\n  <lot name=\"lot\">\n  </lot>\n</lots>\n");
    assert_eq!(scene.control.api("valet_info nosuch"), "<lots>\n</lots>\n");
}

#[test]
fn valet_park_gives_out_the_first_free_place() {
    let mut scene = Scene::new();
    let first = scene.call("null/1", "'&valet_park(lot auto in 6150 6160)'");
    let second = scene.call("null/2", "'&valet_park(lot auto in 6150 6160)'");
    let listed = scene.control.api("valet_info lot");
    for (uuid, place) in [(&first, "6150"), (&second, "6151")] {
        assert!(listed.contains(&format!("<extension uuid=\"{uuid}\">{place}</extension>")), "{listed}");
    }
    scene.control.api(&format!("uuid_kill {first}"));
    scene.custom("valet_parking::info", &[("Action", "exit"), ("Unique-ID", &first)]);
}

#[test]
fn a_consumer_takes_the_callers_of_its_fifo_in_turn() {
    let mut scene = Scene::new();
    let caller = scene.call("null/1", "'&fifo(q1 in)'");
    scene.custom("fifo::info", &[("FIFO-Action", "push"), ("Unique-ID", &caller)]);
    assert!(scene.control.api("fifo count").starts_with("q1:0:1:0:0:0\n"));
    let consumer = scene.call("null/2", "'&fifo(q1 out wait)'");
    scene.custom("fifo::info", &[("FIFO-Action", "consumer_pop"), ("FIFO-Caller-UUID", &caller)]);
    scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &consumer), ("Bridge-B-Unique-ID", &caller)]);
    assert_eq!(scene.control.api(&format!("fifo_check_bridge {caller}")), "true");
    scene.control.api(&format!("uuid_kill {caller}"));
    scene.custom("fifo::info", &[("FIFO-Action", "consumer_wrapup"), ("Unique-ID", &consumer)]);
    // It waits for the next one.
    let next = scene.call("null/3", "'&fifo(q1 in)'");
    scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &consumer), ("Bridge-B-Unique-ID", &next)]);
    // The consumer ends: so does its call.
    scene.control.api(&format!("uuid_kill {consumer}"));
    scene.event("CHANNEL_HANGUP", &[("Unique-ID", &next)]);
    scene.custom("fifo::info", &[("FIFO-Action", "consumer_stop"), ("Unique-ID", &consumer)]);
}

#[test]
fn a_caller_that_hangs_up_leaves_its_fifo() {
    let mut scene = Scene::new();
    let caller = scene.call("null/1", "'&fifo(q1 in)'");
    scene.control.api(&format!("uuid_kill {caller}"));
    let left = scene.custom("fifo::info", &[("FIFO-Action", "abort"), ("Unique-ID", &caller)]);
    assert_eq!(left.event("variable_fifo_status").as_deref(), Some("ABORTED"));
    scene.event("CHANNEL_DESTROY", &[("Unique-ID", &caller)]);
    assert!(scene.control.api("fifo count").starts_with("q1:0:0:0:0:0\n"));
}

#[test]
fn intercept_takes_a_call_and_drops_the_third_party() {
    let mut scene = Scene::new();
    let caller = scene.call("null/1", "&bridge(null/2)");
    let bridge = scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &caller)]);
    let dropped = bridge.event("Bridge-B-Unique-ID").unwrap();
    let taker = scene.call("null/3", &format!("&intercept({caller})"));
    scene.event("CHANNEL_HANGUP", &[("Unique-ID", &dropped), ("Hangup-Cause", "PICKED_OFF")]);
    scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &taker), ("Bridge-B-Unique-ID", &caller)]);
}

#[test]
fn eavesdrop_listens_until_one_of_the_two_ends() {
    let mut scene = Scene::new();
    let heard = scene.call("null/1", "&park");
    let listener = scene.call("null/2", &format!("&eavesdrop({heard})"));
    let begins = scene.event("MEDIA_BUG_START", &[("Unique-ID", &heard)]);
    assert_eq!(begins.event("Media-Bug-Function").as_deref(), Some("eavesdrop"));
    assert!(scene.control.api(&format!("uuid_buglist {heard}")).contains("<function>eavesdrop</function>"));
    scene.control.api(&format!("uuid_kill {heard}"));
    scene.event("MEDIA_BUG_STOP", &[("Unique-ID", &heard)]);
    let complete = [("Unique-ID", listener.as_str()), ("Application", "eavesdrop")];
    scene.event("CHANNEL_EXECUTE_COMPLETE", &complete);
}

#[test]
fn att_xfer_joins_the_side_that_waits_with_the_third_party() {
    let mut scene = Scene::new();
    // After its bridge the caller's dialplan has more to do, so it is still there.
    scene.sim.extension("700", &[("answer", ""), ("bridge", "null/2"), ("park", "")]);
    scene.sim.extension("800", &[("answer", ""), ("park", "")]);
    scene.call("loopback/700/default", "&park");
    let bridge = scene.event("CHANNEL_BRIDGE", &[]);
    let [waits, consults] = ["A", "B"].map(|leg| bridge.event(&format!("Bridge-{leg}-Unique-ID")).unwrap());
    scene.control.api(&format!("uuid_broadcast {consults} att_xfer::loopback/800/default aleg"));
    let talk = scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &consults)]);
    let third = talk.event("Bridge-B-Unique-ID").unwrap();
    assert_eq!(talk.event("variable_soft_holding_uuid").as_ref(), Some(&waits));
    scene.control.api(&format!("uuid_kill {consults}"));
    scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &waits), ("Bridge-B-Unique-ID", &third)]);
    assert_eq!(scene.control.api(&format!("uuid_exists {waits}")), "true");
    assert_eq!(scene.control.api(&format!("uuid_exists {third}")), "true");
}

#[test]
fn att_xfer_goes_back_when_the_third_party_refuses_or_leaves() {
    let mut scene = Scene::new();
    scene.sim.extension("800", &[("answer", ""), ("park", "")]);
    scene.sim.extension("801", &[("hangup", "USER_BUSY")]);
    let caller = scene.call("null/1", "&bridge(null/2)");
    let bridge = scene.event("CHANNEL_BRIDGE", &[]);
    let consults = bridge.event("Bridge-B-Unique-ID").unwrap();
    scene.control.api(&format!("uuid_broadcast {consults} att_xfer::loopback/801/default aleg"));
    let complete = [("Unique-ID", consults.as_str()), ("Application", "att_xfer")];
    let refused = scene.event("CHANNEL_EXECUTE_COMPLETE", &complete);
    assert_eq!(refused.event("variable_originate_disposition").as_deref(), Some("USER_BUSY"));
    scene.control.api(&format!("uuid_broadcast {consults} att_xfer::loopback/800/default aleg"));
    let talk = scene.event("CHANNEL_BRIDGE", &[("Bridge-A-Unique-ID", &consults)]);
    scene.control.api(&format!("uuid_kill {}", talk.event("Bridge-B-Unique-ID").unwrap()));
    let back = scene.event("CHANNEL_EXECUTE_COMPLETE", &complete);
    assert_eq!(back.event("variable_signal_bond").as_ref(), Some(&caller));
    // The first bridge is still one: its end ends both.
    scene.control.api(&format!("uuid_kill {consults}"));
    scene.event("CHANNEL_UNBRIDGE", &[("Bridge-A-Unique-ID", &caller)]);
    scene.event("CHANNEL_HANGUP", &[("Unique-ID", &caller)]);
}

#[test]
fn a_pickup_takes_the_place_of_the_leg_that_waits() {
    let mut scene = Scene::new();
    scene.sim.extension("700", &[("ring_ready", ""), ("sleep", "60000")]);
    scene.control.ask("bgapi originate pickup/sales,loopback/700/default &echo");
    let waits = scene.event("CHANNEL_OUTGOING", &[("Channel-Name", "pickup/sales")]);
    let leg = waits.event("Unique-ID").unwrap();
    let taker = scene.call("null/1", "&pickup(sales)");
    let gone = scene.event("CHANNEL_HANGUP", &[("Unique-ID", &leg)]);
    assert_eq!(gone.event("Hangup-Cause").as_deref(), Some("PICKED_OFF"));
    let runs = scene.event("CHANNEL_EXECUTE", &[("Application", "echo")]);
    assert_eq!(runs.event("Unique-ID"), Some(taker));
    assert_eq!(runs.event("variable_picked_up_uuid"), Some(leg));
}

#[test]
fn a_limit_refuses_the_call_beyond_it() {
    let mut scene = Scene::new();
    scene.sim.extension("700", &[("limit", "hash realm lines 1 !USER_BUSY"), ("answer", ""), ("park", "")]);
    let first = scene.call("loopback/700/default", "&park");
    let used = scene.custom("limit::usage", &[("realm", "realm"), ("key", "lines")]);
    assert_eq!((used.event("usage").as_deref(), used.event("max").as_deref()), (Some("1"), Some("1")));
    assert_eq!(scene.control.api("limit_usage hash realm lines"), "1");
    assert_eq!(scene.control.api("originate loopback/700/default &park"), "-ERR USER_BUSY\n");
    scene.control.api(&format!("uuid_kill {first}"));
    scene.event("CHANNEL_DESTROY", &[("Channel-Name", "loopback/700-b"), ("variable_limit_backend", "hash")]);
    scene.call("loopback/700/default", "&park");
}

#[test]
fn a_broadcast_goes_to_either_leg_or_both() {
    let mut scene = Scene::new();
    let caller = scene.call("null/1", "&bridge(null/2)");
    let bridge = scene.event("CHANNEL_BRIDGE", &[]);
    let other = bridge.event("Bridge-B-Unique-ID").unwrap();
    for (word, legs) in [("aleg", vec![&caller]), ("bleg", vec![&other]), ("both", vec![&other, &caller])] {
        scene.control.api(&format!("uuid_broadcast {caller} set::said={word} {word}"));
        for leg in legs {
            let runs = scene.event("CHANNEL_EXECUTE", &[("Application", "set"), ("Unique-ID", leg)]);
            assert_eq!(runs.event("Application-Data").unwrap(), format!("said%3D{word}"));
        }
    }
    // Without a word the other side hears the hold music meanwhile.
    scene.control.api(&format!("uuid_broadcast {caller} tone_stream://%(200,0,440)"));
    let music = [("Application-Data", "silence_stream%3A//-1"), ("Unique-ID", other.as_str())];
    scene.event("CHANNEL_EXECUTE_COMPLETE", &music);
    // A cause after the application hangs up.
    scene.control.api(&format!("uuid_broadcast {caller} set!USER_BUSY::a=b aleg"));
    scene.event("CHANNEL_HANGUP", &[("Unique-ID", &caller), ("Hangup-Cause", "USER_BUSY")]);
}

#[test]
fn variables_run_applications_and_commands_at_moments_of_a_call() {
    let mut scene = Scene::new();
    scene.sim.extension("700", &[("ring_ready", ""), ("answer", ""), ("park", "")]);
    let variables = "execute_on_ring='set rung=yes',execute_on_answer_1='set first=1',\
                     api_on_answer='eval answered',api_hangup_hook='eval gone'";
    let leg = scene.call(&format!("{{{variables}}}loopback/700/default"), "&park");
    let own = [("Unique-ID", leg.as_str())];
    let rang = scene.event("CHANNEL_EXECUTE_COMPLETE", &own);
    assert_eq!(rang.event("variable_rung").as_deref(), Some("yes"));
    scene.event("CHANNEL_ANSWER", &own);
    let answered = scene.event("CHANNEL_EXECUTE_COMPLETE", &own);
    assert_eq!(answered.event("variable_first").as_deref(), Some("1"));
    scene.event("API", &[("API-Command", "eval"), ("API-Command-Argument", "answered")]);
    scene.control.api(&format!("uuid_kill {leg}"));
    // Its event has the channel's headers and no name.
    loop {
        let event = scene.watch.frame().expect("the hook's event");
        if event.event("API-Command-Argument").as_deref() == Some("gone") {
            assert_eq!(event.event("Event-Name"), None);
            assert_eq!(event.event("Unique-ID").as_ref(), Some(&leg));
            break;
        }
    }
}

#[test]
fn a_session_heartbeat_comes_until_it_is_switched_off() {
    let sim = Simulator::builder().time(switchwire_sim::Time::Manual).start().unwrap();
    let mut watch = Client::login(sim.addr());
    watch.ask("event plain SESSION_HEARTBEAT CHANNEL_PARK");
    let mut control = Client::login(sim.addr());
    let leg = control.api("originate null/1 &park").trim_start_matches("+OK ").trim().to_owned();
    watch.event("CHANNEL_PARK");
    control.api(&format!("uuid_session_heartbeat {leg} 2"));
    for _ in 0..2 {
        sim.advance(Duration::from_secs(2));
        let beat = watch.event("SESSION_HEARTBEAT");
        assert_eq!(beat.event("Unique-ID").as_ref(), Some(&leg));
    }
    control.api(&format!("uuid_session_heartbeat {leg} off"));
    sim.advance(Duration::from_secs(10));
    control.api("originate null/2 &park");
    let next = watch.frame().unwrap();
    assert_eq!(next.event("Event-Name").as_deref(), Some("CHANNEL_PARK"));
}

#[test]
fn unicast_sends_what_a_parked_call_hears_and_says_what_comes_back() {
    for tcp in [false, true] {
        let mut scene = Scene::new();
        scene.sim.extension("echo", &[("answer", ""), ("echo", "")]);
        let uuid = scene.call("loopback/echo", "&park()");
        let mut program = Program::listen(tcp);
        let unicast = format!(
            "sendmsg {uuid}\ncall-command: unicast\nlocal-port: 0\nremote-port: {}\ntransport: {}",
            program.port(),
            if tcp { "tcp" } else { "udp" }
        );
        assert_eq!(scene.control.ask(&unicast).header("Reply-Text"), Some("+OK"));
        // Silence of 20 ms; then, since the far end is an echo, the program's own words.
        let said = [7; 320];
        assert_eq!(program.hear(), [0; 320]);
        program.say(&said);
        while program.hear() != said {}
        scene.control.api(&format!("uuid_kill {uuid}"));
        if tcp {
            program.hears_the_end();
        }
    }
}

/// The local program that has the audio.
enum Program {
    Udp(std::net::UdpSocket, Option<std::net::SocketAddr>),
    Tcp(std::net::TcpListener, Option<std::net::TcpStream>),
}

impl Program {
    fn listen(tcp: bool) -> Self {
        if tcp {
            Self::Tcp(std::net::TcpListener::bind("127.0.0.1:0").unwrap(), None)
        } else {
            Self::Udp(std::net::UdpSocket::bind("127.0.0.1:0").unwrap(), None)
        }
    }

    fn port(&self) -> u16 {
        let address = match self {
            Self::Udp(socket, _) => socket.local_addr(),
            Self::Tcp(listener, _) => listener.local_addr(),
        };
        address.unwrap().port()
    }

    fn hear(&mut self) -> [u8; 320] {
        let mut frame = [0xff; 320];
        match self {
            Self::Udp(socket, from) => {
                let (count, address) = socket.recv_from(&mut frame).unwrap();
                assert_eq!(count, 320);
                *from = Some(address);
            }
            Self::Tcp(listener, stream) => {
                let stream = stream.get_or_insert_with(|| listener.accept().unwrap().0);
                stream.read_exact(&mut frame).unwrap();
            }
        }
        frame
    }

    fn say(&mut self, frame: &[u8]) {
        match self {
            Self::Udp(socket, from) => drop(socket.send_to(frame, from.unwrap()).unwrap()),
            Self::Tcp(_, stream) => stream.as_mut().unwrap().write_all(frame).unwrap(),
        }
    }

    fn hears_the_end(self) {
        if let Self::Tcp(_, Some(mut stream)) = self {
            assert!(stream.read_to_end(&mut Vec::new()).is_ok());
        }
    }
}
