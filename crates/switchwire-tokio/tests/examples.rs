//! The examples, as they are, on the simulator.

mod support;

#[path = "../examples/events.rs"]
#[allow(dead_code, reason = "its main is not run")]
mod events;
#[path = "../examples/fleet.rs"]
#[allow(dead_code, reason = "its main is not run")]
mod fleet;
#[path = "../examples/ivr.rs"]
#[allow(dead_code, reason = "its main is not run")]
mod ivr;
#[path = "../examples/supervised.rs"]
#[allow(dead_code, reason = "its main is not run")]
mod supervised;

use std::time::Duration;

use support::{PATIENCE, here_on_each_runtime, simulated};
use switchwire_sim::{End, Simulator};
use switchwire_tokio::{
    Backoff, EventType, Fleet, FleetBuilder, FleetServer, Listener, ManagedConnection, Subscription,
};
use tokio::sync::mpsc;

#[test]
fn events_and_status() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        simulator.extension("1000", &[("answer", ""), ("hangup", "USER_BUSY")]);
        let other = support::connect(&simulator).await;
        let mut lines = Vec::new();
        let print = |line: String| {
            lines.push(line);
            let seen = |text: &str| lines.iter().any(|line| line.contains(text));
            if lines.len() == 1 {
                // Subscribed by now.
                drop(other.submit(
                    &switchwire_tokio::Command::api("originate", "loopback/1000/default &park()").unwrap(),
                ));
            }
            !(seen("total") && seen("CHANNEL_ANSWER") && seen("USER_BUSY"))
        };
        events::watch(&connection, Duration::from_millis(1), print).await.unwrap();
    });
}

#[test]
fn an_ivr() {
    here_on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let folder = std::env::temp_dir().to_string_lossy().into_owned();
        let (tell, mut told) = mpsc::unbounded_channel();
        let server = Listener::bind("127.0.0.1:0").await.unwrap().serve(move |connection| {
            let (tell, folder) = (tell.clone(), folder.clone());
            async move { ivr::handle(connection, &folder).await.map(|end| tell.send(end).unwrap()) }
        });
        simulator
            .extension("in", &[("answer", ""), ("socket", &format!("{} async full", server.local_addr()))]);
        simulator.extension("2345", &[("answer", ""), ("sleep", "50"), ("hangup", "NORMAL_CLEARING")]);
        connection.subscribe(&Subscription::new().event(EventType::ChannelExecute)).await.unwrap();
        connection.api("originate", "loopback/in/default &park()").await.unwrap();
        loop {
            let event = connection.recv_event().await.unwrap();
            if event.header("Application").as_deref() == Some("play_and_get_digits") {
                let digits = format!("{} 2345", event.unique_id().unwrap());
                assert!(connection.api("uuid_recv_dtmf", &digits).await.unwrap().is_ok());
                break;
            }
        }
        let end = told.recv().await.unwrap();
        assert_eq!(end, "talked to 2345");
        assert!(server.stop(PATIENCE).await);
    });
}

#[test]
fn a_supervised_count() {
    here_on_each_runtime(|| async {
        let simulator = Simulator::builder().start().unwrap();
        let builder = ManagedConnection::builder("127.0.0.1", simulator.port())
            .backoff(Backoff::between(Duration::from_millis(5), Duration::from_millis(50)));
        let mut lines = Vec::new();
        let print = |line: String| {
            lines.push(line.split([',', ':']).next().unwrap_or_default().to_owned());
            if lines.len() == 1 {
                simulator.disconnect_all(End::Close);
            }
            !lines.iter().any(|line| line == "back")
        };
        supervised::count(builder, print).await.unwrap();
        assert_eq!(lines, ["connected to 127.0.0.1", "lost", "back"]);
    });
}

#[test]
fn a_fleet_of_two() {
    here_on_each_runtime(|| async {
        let mut simulators =
            vec![Simulator::builder().start().unwrap(), Simulator::builder().start().unwrap()];
        let server = |(name, simulator): (&str, &Simulator)| {
            FleetServer::new(name, ManagedConnection::builder("127.0.0.1", simulator.port()))
        };
        let named = ["one", "two"].into_iter().zip(&simulators).map(server);
        let builder = named.fold(Fleet::builder(), FleetBuilder::server);
        let mut lines = Vec::new();
        let print = |line: String| {
            lines.push(line);
            let has = |text: &str| lines.iter().any(|line| line == text);
            let counted =
                |name: &str| lines.iter().any(|line| line.starts_with(name) && line.ends_with("0 total."));
            let all_up = has("one is up") && has("two is up") && counted("one:") && counted("two:");
            if all_up && simulators.len() == 2 {
                simulators.pop();
            }
            !(all_up && has("two is down"))
        };
        fleet::watch(builder, print).await.unwrap();
    });
}
