//! Many servers as one, from tasks.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use support::{PATIENCE, here_on_each_runtime, on_each_runtime};
use switchwire_sim::{End, Faults, Simulator};
use switchwire_tokio::{
    Backoff, ErrorKind, Event, EventType, Fleet, FleetBuilder, FleetItem, FleetServer, FleetUpdate,
    HealthState, Liveness, ManagedConnection, Pick, ServerOutcome, StreamItem, Subscription,
};
use tokio_stream::StreamExt as _;

fn simulator() -> Simulator {
    Simulator::builder().heartbeat(Some(Duration::from_millis(20))).start().unwrap()
}

fn server(name: &str, port: u16) -> FleetServer {
    let wanted =
        Subscription::new().events([EventType::Dtmf, EventType::ChannelCreate, EventType::ChannelDestroy]);
    let connection = ManagedConnection::builder("127.0.0.1", port)
        .subscription(wanted)
        .liveness(Liveness::default().ping(Duration::from_millis(40), PATIENCE))
        .backoff(Backoff::between(Duration::from_millis(5), Duration::from_millis(50)));
    FleetServer::new(name, connection)
}

async fn fleet(simulators: &[Simulator]) -> Fleet {
    let named = simulators.iter().enumerate();
    let servers = named.map(|(at, simulator)| server(&format!("fs{at}"), simulator.port()));
    let fleet = Fleet::start(servers.fold(Fleet::builder(), FleetBuilder::server)).unwrap();
    for name in fleet.servers() {
        fleet.connection(&name).unwrap().wait_up().await.unwrap();
    }
    fleet
}

async fn until<T>(fleet: &Fleet, mut found: impl FnMut(&FleetItem) -> Option<T>) -> T {
    loop {
        let item = tokio::time::timeout(PATIENCE, fleet.recv()).await.expect("an item in time").unwrap();
        if let Some(found) = found(&item) {
            return found;
        }
    }
}

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

fn number(item: &FleetItem) -> Option<u32> {
    item.event()?.header("N")?.parse().ok()
}

#[test]
fn every_event_comes_once_tagged_and_in_order_while_servers_go_and_come() {
    const EACH: u32 = 500;
    on_each_runtime(|| async {
        let mut simulators: Vec<_> = (0..3).map(|_| simulator()).collect();
        let fleet = fleet(&simulators).await;
        let added = simulator();
        fleet.add(server("added", added.port())).unwrap();
        fleet.connection("added").unwrap().wait_up().await.unwrap();
        let twice = fleet.add(server("added", added.port())).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::InvalidArgument);
        for number in 0..EACH {
            [&simulators[1], &simulators[2], &added].iter().for_each(|one| one.fire(numbered(number)));
            if number == EACH / 2 {
                simulators[0].disconnect_all(End::Reset);
            }
        }
        let mut seen: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        let (mut lost, mut restored) = (Vec::new(), Vec::new());
        until(&fleet, |item| {
            match &item.update {
                FleetUpdate::Stream(StreamItem::Lost(_)) => lost.push(item.server.to_string()),
                FleetUpdate::Stream(StreamItem::Restored(_)) => restored.push(item.server.to_string()),
                _ => {}
            }
            number(item)
                .into_iter()
                .for_each(|number| seen.entry(item.server.clone()).or_default().push(number));
            let all = seen.len() == 3 && seen.values().all(|numbers| numbers.len() == EACH as usize);
            (all && !restored.is_empty()).then_some(())
        })
        .await;
        assert!(seen.values().all(|numbers| numbers.iter().copied().eq(0..EACH)), "once each, in order");
        assert_eq!((lost, restored), (vec!["fs0".to_owned()], vec!["fs0".to_owned()]));
        drop(simulators.remove(2));
        until(&fleet, |item| match &item.update {
            FleetUpdate::Health(health) => {
                (&*item.server == "fs2" && health.state == HealthState::Down).then_some(())
            }
            _ => None,
        })
        .await;
        fleet.remove("fs2").await.unwrap();
        assert_eq!(fleet.remove("fs2").await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        fleet.close().await;
        let (mut removed, mut after) = (false, 0);
        let mut items = fleet.stream();
        while let Some(item) = items.next().await {
            after += u32::from(removed && &*item.server == "fs2");
            removed |= matches!(item.update, FleetUpdate::Removed);
        }
        assert!(removed && after == 0, "a removed server's last item says so");
        assert_eq!(fleet.recv().await.unwrap_err().kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn commands_go_to_one_to_any_and_to_all_and_each_outcome_is_told() {
    on_each_runtime(|| async {
        let simulators: Vec<_> = (0..3).map(|_| simulator()).collect();
        let fleet = fleet(&simulators).await;
        assert!(fleet.api_on("fs1", "status", "").await.unwrap().is_ok());
        assert_eq!(fleet.api_on("no", "status", "").await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        fleet.drain("fs0", true).unwrap();
        fleet.drain("fs1", true).unwrap();
        let (chosen, reply) = fleet.api_any(&Pick::least_sessions(), "status", "", PATIENCE).await.unwrap();
        assert_eq!((&*chosen, reply.is_ok()), ("fs2", true));
        fleet.drain("fs2", true).unwrap();
        let none = fleet.api_any(&Pick::least_sessions(), "status", "", PATIENCE).await.unwrap_err();
        assert_eq!(none.kind(), ErrorKind::Disconnected);

        let all = fleet.api_all("status", "", PATIENCE).await.unwrap();
        assert!(all.iter().all(|one| one.outcome.reply().is_some()), "{all:?}");
        simulators[1].set_faults(Faults::none().stalled());
        let all = fleet.api_all("status", "", Duration::from_millis(300)).await.unwrap();
        let names: Vec<_> = all.iter().map(|one| &*one.server).collect();
        assert_eq!(names, ["fs0", "fs1", "fs2"]);
        let replied: Vec<_> = all.iter().map(|one| one.outcome.reply().is_some()).collect();
        assert_eq!(replied, [true, false, true]);
        let ServerOutcome::Unknown(late) = &all[1].outcome else { panic!("{all:?}") };
        assert!(late.is_timeout(), "{late}");
        simulators[1].set_faults(Faults::none());

        let wrong = fleet.api_all("a\nb", "", PATIENCE).await.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
        fleet.close().await;
    });
}

#[test]
fn a_channel_is_found_and_ended_on_the_server_that_has_it() {
    on_each_runtime(|| async {
        let simulators: Vec<_> = (0..3).map(|_| simulator()).collect();
        let fleet = fleet(&simulators).await;
        simulators[1].extension("park", &[("answer", ""), ("park", "")]);
        let output = fleet.api_on("fs1", "originate", "loopback/park/default &park()").await.unwrap();
        let uuid = output.text().trim().strip_prefix("+OK ").unwrap().to_owned();
        // Not from the stream, of which nothing has been taken.
        assert_eq!(fleet.server_of(&uuid), None);
        assert_eq!(fleet.find(&uuid, PATIENCE).await.unwrap().as_deref(), Some("fs1"));
        let created =
            |item: &FleetItem| item.event().is_some_and(|event| event.unique_id().as_deref() == Some(&*uuid));
        until(&fleet, |item| created(item).then_some(())).await;
        assert_eq!(fleet.server_of(&uuid).as_deref(), Some("fs1"));
        assert!(fleet.uuid_kill(&uuid, "NORMAL_CLEARING", PATIENCE).await.unwrap().is_ok());
        let gone = fleet.uuid_kill("no-such-channel", "NORMAL_CLEARING", PATIENCE).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::Refused);
        fleet.close().await;
    });
}

#[test]
fn a_future_that_is_dropped_loses_no_item_and_shares_no_reply() {
    const EVENTS: u32 = 400;
    here_on_each_runtime(|| async {
        let simulators: Vec<_> = (0..2).map(|_| simulator()).collect();
        let fleet = fleet(&simulators).await;
        let firing = async {
            for number in 0..EVENTS {
                simulators.iter().for_each(|one| one.fire(numbered(number)));
                tokio::task::yield_now().await;
            }
        };
        let receiving = async {
            let mut seen: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
            let mut given_up = 0_u32;
            while seen.values().map(Vec::len).sum::<usize>() < 2 * EVENTS as usize {
                // A future that waits is dropped again and again, while items come.
                tokio::select! {
                    biased;
                    item = fleet.recv() => {
                        let item = item.unwrap();
                        number(&item).into_iter().for_each(|number| {
                            seen.entry(item.server.clone()).or_default().push(number);
                        });
                    }
                    () = tokio::task::yield_now() => given_up += 1,
                }
            }
            assert!(given_up > 0, "none was dropped");
            assert!(seen.values().all(|numbers| numbers.iter().copied().eq(0..EVENTS)), "{seen:?}");
        };
        tokio::join!(firing, receiving);
        for microseconds in [0, 10, 30, 100, 300, 1000] {
            let time = Duration::from_micros(microseconds);
            let _ = tokio::time::timeout(time, fleet.api_all("expr", "1 + 1", PATIENCE)).await;
            let _ = tokio::time::timeout(time, fleet.find("none", PATIENCE)).await;
            let (_, reply) =
                fleet.api_any(&Pick::least_sessions(), "expr", "20 + 2", PATIENCE).await.unwrap();
            assert_eq!(reply.text().trim(), "22");
        }
        fleet.close().await;
    });
}

#[test]
fn the_items_of_a_fleets_connection_come_in_the_fleets_stream_alone() {
    on_each_runtime(|| async {
        let simulators = [simulator()];
        let fleet = fleet(&simulators).await;
        let connection = fleet.connection("fs0").unwrap();
        assert_eq!(connection.recv().await.unwrap_err().kind(), ErrorKind::Io);
        assert!(connection.stream().next().await.is_none());
        // The last handle of this kind ends nothing.
        drop(connection);
        simulators[0].fire(numbered(7));
        until(&fleet, |item| (number(item) == Some(7)).then_some(())).await;
        drop(fleet);
        support::until(|| simulators[0].connections() == 0).await;
    });
}
