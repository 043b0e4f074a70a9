//! Many servers as one.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use support::PATIENCE;
use switchwire::{
    Backoff, ErrorKind, Event, EventType, Fleet, FleetItem, FleetServer, FleetUpdate, HealthLimits,
    HealthState, Liveness, ManagedConnection, Pick, ServerOutcome, StreamItem, Subscription,
};
use switchwire_sim::{End, Faults, Simulator};

fn simulator() -> Simulator {
    Simulator::builder().heartbeat(Some(Duration::from_millis(20))).start().unwrap()
}

fn server(name: &str, port: u16) -> FleetServer {
    let wanted =
        Subscription::new().events([EventType::Dtmf, EventType::ChannelCreate, EventType::ChannelDestroy]);
    let connection = ManagedConnection::builder("127.0.0.1", port)
        .subscription(wanted)
        .snapshot(true)
        .liveness(Liveness::default().ping(Duration::from_millis(40), PATIENCE))
        .backoff(Backoff::between(Duration::from_millis(5), Duration::from_millis(50)));
    FleetServer::new(name, connection)
}

fn fleet(simulators: &[Simulator]) -> Fleet {
    let named = simulators.iter().enumerate();
    let servers = named.map(|(at, simulator)| server(&format!("fs{at}"), simulator.port()));
    let fleet = servers.fold(Fleet::builder(), switchwire::FleetBuilder::server);
    let fleet = fleet.attempts_at_once(2).start().unwrap();
    for name in fleet.servers() {
        fleet.connection(&name).unwrap().wait_up(PATIENCE).unwrap();
    }
    fleet
}

#[track_caller]
fn until<T>(fleet: &Fleet, mut found: impl FnMut(&FleetItem) -> Option<T>) -> T {
    loop {
        let item = fleet.recv_timeout(PATIENCE).unwrap().expect("an item in time");
        if let Some(found) = found(&item) {
            return found;
        }
    }
}

fn becomes(fleet: &Fleet, name: &str, state: HealthState) {
    until(fleet, |item| match &item.update {
        FleetUpdate::Health(health) => (&*item.server == name && health.state == state).then_some(()),
        _ => None,
    });
}

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

#[test]
fn every_event_comes_once_tagged_and_in_order_while_servers_go_and_come() {
    const EACH: u32 = 500;
    let mut simulators: Vec<_> = (0..3).map(|_| simulator()).collect();
    let fleet = fleet(&simulators);
    let added = simulator();
    fleet.add(server("added", added.port())).unwrap();
    fleet.connection("added").unwrap().wait_up(PATIENCE).unwrap();
    let twice = fleet.add(server("added", added.port())).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::InvalidArgument);
    fleet.drain("fs1", true).unwrap();
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
            FleetUpdate::Stream(StreamItem::Event(event)) => {
                seen.entry(item.server.clone())
                    .or_default()
                    .push(event.header("N").unwrap().parse().unwrap());
            }
            _ => {}
        }
        let all = seen.len() == 3 && seen.values().all(|numbers| numbers.len() == EACH as usize);
        (all && !restored.is_empty()).then_some(())
    });
    assert!(seen.values().all(|numbers| numbers.iter().copied().eq(0..EACH)), "once each, in order");
    assert_eq!((lost, restored), (vec!["fs0".to_owned()], vec!["fs0".to_owned()]));
    drop(simulators.remove(2));
    becomes(&fleet, "fs2", HealthState::Down);
    fleet.remove("fs2").unwrap();
    let (mut removed, mut after) = (false, 0);
    while let Some(item) = fleet.recv_timeout(Duration::from_millis(50)).unwrap() {
        after += u32::from(removed && &*item.server == "fs2");
        removed |= matches!(item.update, FleetUpdate::Removed);
    }
    assert!(removed && after == 0, "the last item says so");
    assert!(fleet.health("fs2").is_none());
    fleet.close();
    while fleet.recv().is_ok() {}
}

#[test]
fn health_has_its_values_and_its_changes() {
    let simulators = [simulator()];
    let fleet = fleet(&simulators);
    becomes(&fleet, "fs0", HealthState::Up);
    let health = loop {
        let health = fleet.health("fs0").unwrap();
        if health.heartbeat_age.is_some() {
            break health;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(
        health.sessions == Some(0) && health.max_sessions.is_some() && health.idle_cpu.is_some(),
        "{health:?}"
    );
    fleet.drain("fs0", true).unwrap();
    until(&fleet, |item| match &item.update {
        FleetUpdate::Health(health) => health.draining.then_some(()),
        _ => None,
    });
    simulators[0].disconnect_all(End::Close);
    becomes(&fleet, "fs0", HealthState::Down);
    becomes(&fleet, "fs0", HealthState::Up);
    let mut strict = HealthLimits::default();
    strict.idle_cpu = Some(100.0);
    let strict =
        Fleet::builder().limits(strict).server(server("only", simulators[0].port())).start().unwrap();
    becomes(&strict, "only", HealthState::Degraded);
    assert_eq!(strict.pick(&Pick::least_sessions()).as_deref(), Some("only"), "better than none");
}

#[test]
fn commands_to_one_to_any_and_to_all_say_what_is_unknown_apart_from_what_failed() {
    let mut simulators: Vec<_> = (0..3).map(|_| simulator()).collect();
    let fleet = fleet(&simulators);
    assert!(fleet.api_on("fs0", "status", "").unwrap().is_ok());
    assert_eq!(fleet.api_on("fs9", "status", "").unwrap_err().kind(), ErrorKind::InvalidArgument);
    fleet.drain("fs0", true).unwrap();
    simulators[1].set_faults(Faults::none().stalled());
    drop(simulators.remove(2));
    becomes(&fleet, "fs2", HealthState::Down);
    let results = fleet.api_all("status", "", Duration::from_millis(300)).unwrap();
    let outcomes: Vec<_> = results
        .iter()
        .map(|one| match &one.outcome {
            ServerOutcome::Reply(reply) if reply.is_ok() => "reply",
            ServerOutcome::Reply(_) => "refused",
            ServerOutcome::Failed(_) => "failed",
            ServerOutcome::Unknown(_) => "unknown",
        })
        .collect();
    assert_eq!(outcomes, ["reply", "unknown", "failed"]);
    simulators[1].set_faults(Faults::none());
    let (server, reply) = fleet.api_any(&Pick::least_sessions(), "status", "").unwrap();
    assert_eq!((&*server, reply.is_ok()), ("fs1", true), "neither the draining one nor the one that is down");
}

#[test]
fn a_channel_is_killed_on_the_server_that_it_is_on() {
    let simulators = [simulator(), simulator()];
    let fleet = fleet(&simulators);
    let originate = |server: &str, uuid: &str| {
        let arguments = format!("{{origination_uuid={uuid}}}loopback/9000 &park");
        assert!(fleet.api_on(server, "originate", &arguments).unwrap().is_ok());
    };
    let [one, other] = ["11111111-2222-4333-8444-00000000000a", "11111111-2222-4333-8444-00000000000b"];
    originate("fs0", one);
    originate("fs1", other);
    until(&fleet, |item| {
        let event = item.event()?;
        (event.event_type() == EventType::ChannelCreate && event.unique_id()? == other).then_some(())
    });
    assert_eq!(fleet.server_of(other).as_deref(), Some("fs1"));
    // A second fleet has been told nothing, and asks.
    let asks = self::fleet(&simulators);
    assert_eq!(asks.find(one, PATIENCE).unwrap().as_deref(), Some("fs0"));
    fleet.uuid_kill(other, "NORMAL_CLEARING", PATIENCE).unwrap();
    until(&fleet, |item| {
        let event = item.event()?;
        (event.event_type() == EventType::ChannelDestroy && event.unique_id()? == other).then_some(())
    });
    assert_eq!(fleet.server_of(other), None);
    let gone = fleet.uuid_kill(other, "NORMAL_CLEARING", PATIENCE).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Refused);
}

#[test]
fn two_ways_to_one_server_give_each_event_once_also_while_one_is_down() {
    const EVENTS: u32 = 300;
    let simulator = simulator();
    let ways = ["one", "other"].map(|name| server(name, simulator.port()));
    let fleet = ways.into_iter().fold(Fleet::builder(), switchwire::FleetBuilder::server);
    let fleet = fleet.drop_duplicates(1000).start().unwrap();
    let connections = ["one", "other"].map(|name| fleet.connection(name).unwrap());
    connections.iter().for_each(|connection| drop(connection.wait_up(PATIENCE).unwrap()));
    for number in 0..EVENTS {
        simulator.fire(numbered(number));
        if number == EVENTS / 2 {
            // The first half has come on both.
            while connections.iter().any(|one| one.stats().received < u64::from(EVENTS / 2)) {
                std::thread::yield_now();
            }
            connections[0].reconnect();
        }
    }
    // The other way was up all the time: it brings every event.
    let mut seen = Vec::new();
    until(&fleet, |item| {
        seen.extend(item.event().and_then(|event| event.header("N")?.parse::<u32>().ok()));
        (seen.len() == EVENTS as usize).then_some(())
    });
    fleet.close();
    while let Ok(item) = fleet.recv() {
        assert!(item.event().is_none(), "once each: {item:?}");
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..EVENTS));
    assert!(fleet.dropped_duplicates() >= u64::from(EVENTS / 2));
}

#[test]
fn choosing_honours_tags_weights_and_keys() {
    let simulators = [simulator(), simulator()];
    let servers = [server("a", simulators[0].port()).tag("eu"), server("b", simulators[1].port()).weight(0)];
    let fleet = servers.into_iter().fold(Fleet::builder(), switchwire::FleetBuilder::server).start().unwrap();
    assert_eq!(fleet.pick(&Pick::least_sessions().tag("us")), None);
    for name in ["a", "b"] {
        fleet.connection(name).unwrap().wait_up(PATIENCE).unwrap();
    }
    for key in ["x", "y", "z"] {
        assert_eq!(fleet.pick(&Pick::sticky(key)).as_deref(), Some("a"));
    }
    assert_eq!(fleet.pick(&Pick::least_sessions().tag("eu")).as_deref(), Some("a"));
}

#[test]
fn an_event_loop_takes_items_and_sends_commands_without_waiting() {
    let simulators: Vec<_> = (0..2).map(|_| simulator()).collect();
    let fleet = fleet(&simulators);
    let (call, called) = std::sync::mpsc::channel();
    fleet.on_ready(move || call.send(()).unwrap_or_default());
    let mut taken = Vec::new();
    while !["fs0", "fs1"].iter().all(|name| {
        taken.iter().any(|item: &FleetItem| {
            &*item.server == *name && matches!(item.update, FleetUpdate::Stream(StreamItem::Connected(_)))
        })
    }) {
        let some = fleet.take(2);
        if some.is_empty() {
            called.recv_timeout(PATIENCE).unwrap();
        }
        taken.extend(some);
    }
    let (tell, told) = std::sync::mpsc::channel();
    let any = tell.clone();
    let done = move |result: switchwire::Result<(Arc<str>, _)>| any.send(result.unwrap().0).unwrap();
    fleet.api_any_with(&Pick::least_sessions(), "status", "", done).unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap().starts_with("fs"));

    fleet.api_on("fs1", "originate", "{origination_uuid=on-1}null/a &park()").unwrap();
    let (found, find) = std::sync::mpsc::channel();
    fleet.find_with("on-1", move |server| found.send(server.unwrap().unwrap()).unwrap()).unwrap();
    assert_eq!(&*find.recv_timeout(PATIENCE).unwrap(), "fs1");
    let (kill, killed) = std::sync::mpsc::channel();
    let again = kill.clone();
    fleet.uuid_kill_with("on-1", "USER_BUSY", move |reply| kill.send(reply.map(drop)).unwrap()).unwrap();
    assert!(killed.recv_timeout(PATIENCE).unwrap().is_ok());
    fleet.uuid_kill_with("no-such", "USER_BUSY", move |reply| again.send(reply.map(drop)).unwrap()).unwrap();
    assert_eq!(killed.recv_timeout(PATIENCE).unwrap().unwrap_err().kind(), ErrorKind::Refused);

    let (all, results) = std::sync::mpsc::channel();
    simulators[1].set_faults(Faults::none().stalled());
    let replies = fleet.api_all_with("status", "", move |results| all.send(results).unwrap()).unwrap();
    assert!(results.try_recv().is_err());
    fleet.api_on("fs0", "status", "").unwrap();
    replies.expire();
    let outcomes: Vec<_> = results.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(outcomes[0].outcome, ServerOutcome::Reply(_)), "{outcomes:?}");
    assert!(matches!(outcomes[1].outcome, ServerOutcome::Unknown(_)), "{outcomes:?}");
    fleet.close();
    while !fleet.take(64).is_empty() {}
    assert_eq!(fleet.ended().unwrap().kind(), ErrorKind::Disconnected);
}
