//! The supervised connection: outages, subscriptions, commands, ends.

mod support;

use std::time::Duration;

use support::PATIENCE;
use switchwire::{
    Backoff, ErrorKind, Event, EventType, Liveness, LogLevel, ManagedBuilder, ManagedConnection,
    ManagedState, Overflow, QueueLimits, ServerRun, StreamItem, Subscription, WhileDown,
};
use switchwire_sim::{End, Faults, Simulator, User};

fn quick() -> Backoff {
    Backoff::between(Duration::from_millis(5), Duration::from_millis(50))
}

fn builder(port: u16) -> ManagedBuilder {
    ManagedConnection::builder("127.0.0.1", port).backoff(quick())
}

fn to(simulator: &Simulator) -> ManagedBuilder {
    builder(simulator.port())
}

fn numbered(number: u32) -> Event {
    let mut event = Event::new(EventType::Dtmf);
    event.add_header("N", number.to_string());
    event
}

#[track_caller]
fn next(connection: &ManagedConnection) -> StreamItem {
    connection.recv_timeout(PATIENCE).unwrap().expect("an item in time")
}

#[track_caller]
fn number(item: &StreamItem) -> u32 {
    let event = item.event().unwrap_or_else(|| panic!("an event, not {item:?}"));
    event.header("N").unwrap().parse().unwrap()
}

/// A simulator at the port of one that has just gone.
fn again(port: u16) -> Simulator {
    Simulator::builder().bind(&format!("127.0.0.1:{port}")).start().unwrap()
}

#[test]
fn the_stream_tells_every_outage_in_order_and_the_subscription_is_back_before_it_says_so() {
    let simulator = Simulator::builder().start().unwrap();
    let wanted = Subscription::new()
        .event(EventType::Dtmf)
        .custom("a::b")
        .filter("N", "/^[0-9]+$/")
        .log(LogLevel::Warning);
    let connection = to(&simulator).subscription(wanted).snapshot(true).start().unwrap();
    let StreamItem::Connected(server) = next(&connection) else { panic!("connected first") };
    assert!(server.core_uuid.as_ref().is_some_and(|uuid| uuid.len() == 36), "{server:?}");
    assert_eq!(server.switchname.as_deref(), Some("fs-loopback"));
    assert_eq!(
        server.version.as_deref().map(|version| version.starts_with("1.11.3")),
        Some(true),
        "{server:?}"
    );
    assert!(server.snapshot.unwrap().contains("row_count"));
    for round in 0..3 {
        simulator.fire(numbered(round));
        assert_eq!(number(&next(&connection)), round);
        simulator.fire(numbered(100 + round));
        while connection.stats().queued == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        simulator.disconnect_all(End::Close);
        assert_eq!(number(&next(&connection)), 100 + round, "what came before the end is not lost");
        let StreamItem::Lost(lost) = next(&connection) else { panic!("the outage is told") };
        assert_eq!(lost.reason.kind(), ErrorKind::Disconnected);
        let StreamItem::Restored(back) = next(&connection) else { panic!("and its end") };
        assert_eq!(back.run, ServerRun::Same);
        assert!(back.server.snapshot.is_some());
        simulator.log(LogLevel::Err, "a line");
        assert!(matches!(next(&connection), StreamItem::Log(record) if record.text.contains("a line")));
    }
    assert_eq!(connection.status().outages, 3);
    assert_eq!(connection.status().state, ManagedState::Up);
    connection.close();
    assert_eq!(connection.status().state, ManagedState::Closed);
    assert_eq!(connection.recv().unwrap_err().kind(), ErrorKind::Disconnected);
}

#[test]
fn a_restarted_server_is_another_run() {
    let simulator = Simulator::builder().start().unwrap();
    let port = simulator.port();
    let connection = to(&simulator).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    drop(simulator);
    assert!(matches!(next(&connection), StreamItem::Lost(_)));
    let _simulator = again(port);
    let StreamItem::Restored(back) = next(&connection) else { panic!("restored") };
    assert_eq!(back.run, ServerRun::Restarted);
    assert!(back.attempts >= 1);
}

#[test]
fn a_wrong_password_stops_with_its_own_error_and_shows_nowhere() {
    let simulator = Simulator::builder().password("right").start().unwrap();
    let builder = to(&simulator).password("wr0ng-secret").while_down(WhileDown::Wait(PATIENCE));
    let connection = builder.clone().start().unwrap();
    assert_eq!(connection.wait_up(PATIENCE).unwrap_err().kind(), ErrorKind::Authentication);
    let StreamItem::GaveUp(error) = next(&connection) else { panic!("gave up") };
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(connection.recv().unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(connection.api("status", "").unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(connection.status().state, ManagedState::GaveUp);
    assert_eq!(connection.status().attempts, 1);
    let shown = format!("{builder:?} {connection:?} {:?} {error:?} {error}", connection.status());
    assert!(!shown.contains("wr0ng"), "{shown}");
}

#[test]
fn an_access_list_and_an_unknown_user_stop_too_unless_told_otherwise() {
    let closed = Simulator::builder().acl_reject(true).start().unwrap();
    let error = to(&closed).start().unwrap().wait_up(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RejectedByAcl);
    let simulator = Simulator::builder().user(User::new("1000", "d", "x")).start().unwrap();
    let error = to(&simulator).user("1001@d").start().unwrap().wait_up(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let stubborn = to(&simulator).user("1001@d").stop_on([]).backoff(quick().attempts(3)).start().unwrap();
    assert_eq!(stubborn.wait_up(PATIENCE).unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(stubborn.status().attempts, 3, "as often as the policy says");
}

#[test]
fn a_subscription_that_the_server_refuses_stops() {
    let user = User::new("1000", "d", "x").allow_events("HEARTBEAT").allow_api("version");
    let simulator = Simulator::builder().user(user).start().unwrap();
    let login = || to(&simulator).user("1000@d").password("x");
    let refused = login().subscription(Subscription::all()).start().unwrap();
    assert_eq!(refused.wait_up(PATIENCE).unwrap_err().kind(), ErrorKind::Refused);
    let allowed = login().subscription(Subscription::new().event(EventType::Heartbeat)).start().unwrap();
    let StreamItem::Connected(server) = next(&allowed) else { panic!("connected") };
    assert_eq!((server.core_uuid, server.switchname), (None, None), "it may not ask");
    assert!(server.version.is_some());
}

#[test]
fn the_second_address_is_tried_when_the_first_fails() {
    let gone = Simulator::builder().start().unwrap();
    let port = gone.port();
    let simulator = Simulator::builder().start().unwrap();
    let connection = builder(port).address("127.0.0.1", simulator.port()).start().unwrap();
    let StreamItem::Connected(server) = next(&connection) else { panic!("connected") };
    assert_eq!(server.address, format!("127.0.0.1:{port}"));
    drop(gone);
    assert!(matches!(next(&connection), StreamItem::Lost(_)));
    let StreamItem::Restored(back) = next(&connection) else { panic!("restored") };
    assert_eq!(back.server.address, simulator.addr().to_string());
}

#[test]
fn commands_fail_at_once_while_down_or_wait_with_a_deadline() {
    let simulator = Simulator::builder().start().unwrap();
    let port = simulator.port();
    let hasty = to(&simulator).start().unwrap();
    let patient = to(&simulator).while_down(WhileDown::Wait(PATIENCE)).start().unwrap();
    let bounded = to(&simulator).while_down(WhileDown::Wait(Duration::from_millis(20))).start().unwrap();
    for connection in [&hasty, &patient, &bounded] {
        connection.wait_up(PATIENCE).unwrap();
        assert!(connection.api("status", "").unwrap().is_ok());
    }
    drop(simulator);
    for connection in [&hasty, &patient, &bounded] {
        while !matches!(next(connection), StreamItem::Lost(_)) {}
    }
    let error = hasty.api("status", "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    let error = bounded.api("status", "").unwrap_err();
    assert_eq!(error.phase(), Some(switchwire::Phase::Connect));
    let _simulator = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| patient.api("status", "").unwrap());
        let simulator = again(port);
        assert!(waiting.join().unwrap().is_ok());
        simulator
    });
}

#[test]
fn what_is_under_way_at_the_loss_has_an_unknown_outcome_and_is_not_sent_again() {
    let simulator = Simulator::builder().start().unwrap();
    let wanted = Subscription::new().events([
        EventType::BackgroundJob,
        EventType::ChannelExecuteComplete,
        EventType::ChannelDestroy,
    ]);
    let connection =
        to(&simulator).subscription(wanted).while_down(WhileDown::Wait(PATIENCE)).start().unwrap();
    let present = connection.wait_up(PATIENCE).unwrap();
    let uuid = connection.api("create_uuid", "").unwrap().text().into_owned();
    connection.api("originate", &format!("{{origination_uuid={uuid}}}loopback/9000 &park")).unwrap();
    let execution = {
        let execute = present.prepare_execute("playback", "silence_stream://3600000", Some(&uuid));
        present.event_loop().start_execute(execute).unwrap()
    };
    let job = connection.bgapi("msleep", "3600000").unwrap();
    simulator.set_faults(Faults::none().stalled());
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| connection.api("status", "").unwrap_err());
        let submitted = present.submit(&switchwire::Command::api("version", "").unwrap()).unwrap();
        // (Once the reply is awaited: the present connection counts it.)
        while present.stats().unanswered < 2 {
            std::thread::yield_now();
        }
        simulator.disconnect_all(End::Reset);
        assert_eq!(asked.join().unwrap().kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(submitted.wait().unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    });
    assert_eq!(job.wait(PATIENCE).unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(execution.wait(PATIENCE).unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    simulator.set_faults(Faults::none());
    assert!(connection.api("status", "").unwrap().is_ok());
}

#[test]
fn leases_on_one_event_survive_each_other_and_a_reconnect() {
    let simulator = Simulator::builder().start().unwrap();
    let connection = to(&simulator).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    let wanted = Subscription::new().event(EventType::Dtmf);
    let one = connection.subscribe(&wanted).unwrap();
    let other = connection.subscribe(&wanted.clone().event(EventType::Codec)).unwrap();
    drop(one);
    simulator.fire(numbered(1));
    assert_eq!(number(&next(&connection)), 1);
    simulator.disconnect_all(End::Close);
    assert!(matches!(next(&connection), StreamItem::Lost(_)));
    let while_down = connection.subscribe(&Subscription::new().event(EventType::Talk)).unwrap();
    assert!(matches!(next(&connection), StreamItem::Restored(_)));
    simulator.fire(numbered(2));
    assert_eq!(number(&next(&connection)), 2);
    drop(other);
    // The reply to this command comes after the change.
    connection.api("status", "").unwrap();
    simulator.fire(numbered(3));
    let mut talk = Event::new(EventType::Talk);
    talk.add_header("N", "4");
    simulator.fire(talk);
    assert_eq!(number(&next(&connection)), 4, "the last lease on DTMF has gone");
    while_down.keep();
    simulator.disconnect_all(End::Close);
    while !matches!(next(&connection), StreamItem::Restored(_)) {}
    let mut talk = Event::new(EventType::Talk);
    talk.add_header("N", "5");
    simulator.fire(talk);
    assert_eq!(number(&next(&connection)), 5);
    let refused = connection.subscribe(&Subscription::new().event_named("NO_SUCH"));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_lease_without_waiting_comes_with_the_servers_reply_or_its_refusal() {
    let user = User::new("1000", "d", "x").allow_events("HEARTBEAT DTMF").allow_api("version");
    let simulator = Simulator::builder().user(user).start().unwrap();
    let connection = to(&simulator).user("1000@d").password("x").start().unwrap();
    connection.wait_up(PATIENCE).unwrap();
    let (done, leases) = std::sync::mpsc::channel();
    let take = |kind: EventType| {
        let done = done.clone();
        let wanted = Subscription::new().event(kind);
        connection.subscribe_with(&wanted, move |lease| done.send(lease).unwrap()).unwrap();
        // (Whoever waits for a reply reads the other one, too.)
        connection.api("version", "").unwrap();
        leases.recv_timeout(PATIENCE).unwrap()
    };
    let lease = take(EventType::Dtmf).unwrap();
    assert_eq!(take(EventType::Talk).unwrap_err().kind(), ErrorKind::Refused);
    simulator.fire(numbered(1));
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    assert_eq!(number(&next(&connection)), 1);
    drop(lease);
    connection.api("version", "").unwrap();
    simulator.fire(numbered(2));
    connection.close();
    assert!(connection.try_recv().is_err(), "nothing came after the lease had ended");
    let (done, leases) = std::sync::mpsc::channel();
    let wanted = Subscription::new().event(EventType::Dtmf);
    connection.subscribe_with(&wanted, move |lease| done.send(lease).unwrap()).unwrap();
    assert!(leases.recv_timeout(PATIENCE).unwrap().is_ok(), "nothing to send: the wish counts");
}

#[test]
fn a_server_that_falls_silent_is_noticed_by_a_ping_and_by_the_watchdog() {
    for liveness in [
        Liveness::tcp_only().ping(Duration::from_millis(50), Duration::from_millis(100)),
        Liveness::tcp_only().silence(Duration::from_millis(200)),
    ] {
        let simulator = Simulator::builder().heartbeat(Some(Duration::from_millis(40))).start().unwrap();
        let connection = to(&simulator).liveness(liveness).start().unwrap();
        assert!(matches!(next(&connection), StreamItem::Connected(_)));
        simulator.set_faults(Faults::none().stalled());
        let StreamItem::Lost(lost) = next(&connection) else { panic!("lost") };
        assert!(lost.reason.to_string().contains("not responding"), "{}", lost.reason);
        simulator.set_faults(Faults::none());
        assert!(matches!(next(&connection), StreamItem::Restored(_)), "no heartbeat comes unasked for");
    }
}

#[test]
fn a_connection_that_is_read_by_nobody_goes_on() {
    let simulator = Simulator::builder().start().unwrap();
    let connection = to(&simulator)
        .subscription(Subscription::new().event(EventType::Dtmf))
        .queue(QueueLimits::new(10, 1 << 20, Overflow::DropOldest))
        .start()
        .unwrap();
    connection.wait_up(PATIENCE).unwrap();
    (0..1000).for_each(|number| simulator.fire(numbered(number)));
    while connection.stats().received < 1000 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(connection.stats().dropped_events, 990);
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    assert_eq!(number(&next(&connection)), 990);
}

#[test]
fn what_one_thread_has_found_in_the_queue_another_gets_while_the_first_is_busy() {
    const EVENTS: u32 = 200;
    let simulator = Simulator::builder().start().unwrap();
    let connection = to(&simulator).subscription(Subscription::new().event(EventType::Dtmf)).start().unwrap();
    assert!(matches!(next(&connection), StreamItem::Connected(_)));
    (0..EVENTS).for_each(|number| simulator.fire(numbered(number)));
    while connection.stats().queued < EVENTS as usize {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(number(&next(&connection)), 0);
    assert_eq!(connection.stats().queued, EVENTS as usize - 1, "what was not given is counted as queued");
    // This thread does nothing more: another one, a loop and the end of the connection find the rest, in order.
    let other = connection.clone();
    let others = std::thread::spawn(move || (0..50).map(|_| number(&next(&other))).collect::<Vec<_>>());
    assert!(others.join().unwrap().into_iter().eq(1..51));
    assert!(connection.take(10).iter().map(number).eq(51..61));
    simulator.disconnect_all(End::Close);
    assert!((61..EVENTS).all(|wanted| number(&next(&connection)) == wanted));
    assert!(matches!(next(&connection), StreamItem::Lost(_)));
    assert!(matches!(next(&connection), StreamItem::Restored(_)));
}

#[test]
fn a_loop_is_called_once_for_all_that_came_and_finds_the_end() {
    let simulator = Simulator::builder().start().unwrap();
    let connection = to(&simulator).subscription(Subscription::new().event(EventType::Dtmf)).start().unwrap();
    let (call, called) = std::sync::mpsc::channel();
    connection.on_ready(move || call.send(()).unwrap());
    let mut names = Vec::new();
    let mut collect = |until: &str| {
        while names.last().map(String::as_str) != Some(until) {
            let taken = connection.take(1);
            if taken.is_empty() {
                called.recv_timeout(PATIENCE).unwrap();
            }
            names.extend(taken.iter().map(|item| item.name().to_owned()));
        }
    };
    collect("connected");
    simulator.fire(numbered(1));
    collect("event");
    simulator.disconnect_all(End::Close);
    collect("restored");
    assert_eq!(names, ["connected", "event", "lost", "restored"]);
    let (up, is_up) = std::sync::mpsc::channel();
    connection.on_up(move |result| up.send(result.is_ok()).unwrap());
    assert!(is_up.recv_timeout(PATIENCE).unwrap());
    while !connection.take(1).is_empty() {}
    connection.close();
    called.recv_timeout(PATIENCE).unwrap();
    assert!(connection.take(1).is_empty());
    assert_eq!(connection.ended().unwrap().kind(), ErrorKind::Disconnected);
}

#[test]
fn a_loop_that_waits_for_a_job_is_called_after_a_read_and_at_the_end() {
    let simulator = Simulator::builder().start().unwrap();
    let wanted = Subscription::new().event(EventType::BackgroundJob);
    let connection = to(&simulator).subscription(wanted).start().unwrap();
    connection.on_ready(|| ());
    let present = connection.wait_up(PATIENCE).unwrap();
    let job = present.event_loop().start_bgapi("status", "", "1").unwrap();
    let (call, called) = std::sync::mpsc::channel();
    let next_read = || {
        let call = call.clone();
        connection.on_next_read(move || call.send(()).unwrap());
    };
    loop {
        next_read();
        if let Some(event) = job.try_take().unwrap() {
            assert_eq!(event.header("Job-UUID").as_deref(), Some("1"));
            break;
        }
        called.recv_timeout(PATIENCE).unwrap();
    }
    next_read();
    connection.close();
    called.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn closing_interrupts_an_attempt_and_a_pause() {
    // A peer that accepts and never says anything.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let logging_in = builder(silent.local_addr().unwrap().port()).start().unwrap();
    let _line = silent.accept().unwrap();
    let waiting = std::thread::scope(|scope| {
        let receiver = scope.spawn(|| logging_in.recv().unwrap_err().kind());
        logging_in.close();
        receiver.join().unwrap()
    });
    assert_eq!(waiting, ErrorKind::Disconnected);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hour = Duration::from_secs(3600);
    let pausing = builder(closed).backoff(Backoff::between(hour, hour)).start().unwrap();
    while pausing.status().failures == 0 {
        std::thread::yield_now();
    }
    assert_eq!(
        pausing.wait_up(Duration::from_millis(1)).unwrap_err().phase(),
        Some(switchwire::Phase::Connect)
    );
    drop(pausing);
}
