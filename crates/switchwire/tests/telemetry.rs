//! What a program can see of its connections, and that nothing secret is among it.
#![cfg(any(feature = "metrics", feature = "tracing"))]

mod support;

use std::time::Duration;

use support::PATIENCE;
use switchwire::{
    Backoff, Connection, ErrorKind, Event, EventType, ManagedConnection, Overflow, QueueLimits, StreamItem,
    Subscription,
};
use switchwire_sim::{End, Simulator};

const PASSWORD: &str = "p4ssw0rd-0f-none";
const ARGUMENT: &str = "arg-0f-none";

/// Everything that is seen: a connection that is lost and comes back, commands, events, drops, a wrong password.
fn much_happens() {
    let simulator = Simulator::builder().password(PASSWORD).start().unwrap();
    let wanted = Subscription::new().event(EventType::Dtmf).filter("N", ARGUMENT).filter("N", "/.*/");
    let connection = ManagedConnection::builder("127.0.0.1", simulator.port())
        .password(PASSWORD)
        .subscription(wanted)
        .queue(QueueLimits::new(10, 1 << 20, Overflow::DropOldest))
        .backoff(Backoff::between(Duration::from_millis(5), Duration::from_millis(20)))
        .start()
        .unwrap();
    connection.wait_up(PATIENCE).unwrap();
    drop(connection.api("echo", ARGUMENT).unwrap());
    drop(connection.send_recv(format!("log {ARGUMENT}")).unwrap());
    for _ in 0..50 {
        let mut event = Event::new(EventType::Dtmf);
        event.add_header("N", ARGUMENT);
        simulator.fire(event);
    }
    while connection.stats().received < 50 {
        std::thread::sleep(Duration::from_millis(2));
    }
    simulator.disconnect_all(End::Close);
    while !matches!(connection.recv_timeout(PATIENCE).unwrap().unwrap(), StreamItem::Restored(_)) {}
    connection.close();
    let wrong = ManagedConnection::builder("127.0.0.1", simulator.port()).password(ARGUMENT).start().unwrap();
    assert_eq!(wrong.wait_up(PATIENCE).unwrap_err().kind(), ErrorKind::Authentication);
    wrong.close();
    let listener = switchwire::Listener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().port();
    let server = listener.serve(|_call: Connection| {}).unwrap();
    let control = Connection::connect("127.0.0.1", simulator.port(), PASSWORD).unwrap();
    control
        .api("originate", &format!("loopback/9664/default '&socket(127.0.0.1:{port} async full)'"))
        .unwrap();
    while server.stats().accepted == 0 || server.stats().active > 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn all_that_happens_is_shown_and_nothing_secret_is() {
    #[cfg(feature = "metrics")]
    let metrics = metrics_are_told::begin();
    #[cfg(feature = "tracing")]
    let lines = tracing_is_told::begin();
    much_happens();
    #[cfg(feature = "metrics")]
    metrics_are_told::check(&metrics);
    #[cfg(feature = "tracing")]
    tracing_is_told::check(&lines);
}

#[cfg(feature = "metrics")]
mod metrics_are_told {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::{ARGUMENT, PASSWORD};

    #[derive(Clone, Default)]
    pub(super) struct Kept(Arc<Mutex<BTreeMap<String, f64>>>);

    struct One(Kept, String);

    impl One {
        fn add(&self, value: f64) {
            *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
        }
    }

    impl metrics::CounterFn for One {
        fn increment(&self, value: u64) {
            self.add(value as f64);
        }

        fn absolute(&self, _: u64) {
            unreachable!("nothing sets a counter");
        }
    }

    impl metrics::GaugeFn for One {
        fn increment(&self, value: f64) {
            self.add(value);
        }

        fn decrement(&self, value: f64) {
            self.add(-value);
        }

        fn set(&self, _: f64) {
            unreachable!("nothing sets a gauge");
        }
    }

    impl metrics::HistogramFn for One {
        fn record(&self, value: f64) {
            assert!(value >= 0.0);
            self.add(1.0);
        }
    }

    impl Kept {
        fn one(&self, key: &Key) -> Arc<One> {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            Arc::new(One(self.clone(), key.name().to_owned() + &labels.collect::<String>()))
        }
    }

    impl Recorder for Kept {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.one(key))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.one(key))
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.one(key))
        }
    }

    pub(super) fn begin() -> Kept {
        let kept = Kept::default();
        metrics::set_global_recorder(kept.clone()).unwrap();
        kept
    }

    pub(super) fn check(kept: &Kept) {
        let kept = kept.0.lock().unwrap().clone();
        let shown = format!("{kept:#?}");
        for secret in [PASSWORD, ARGUMENT] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let value = |name: &str| kept.get(name).copied().unwrap_or_else(|| panic!("{name} in {shown}"));
        for (name, wanted) in [
            ("switchwire_events_total type=DTMF", 50.0),
            ("switchwire_dropped_events_total cause=events", 40.0),
            ("switchwire_reconnects_total", 1.0),
            ("switchwire_outages_total reason=disconnected", 1.0),
            ("switchwire_outage_seconds", 1.0),
            ("switchwire_gave_up_total reason=authentication", 1.0),
            ("switchwire_calls_served_total ended=well", 1.0),
            ("switchwire_calls", 0.0),
        ] {
            assert_eq!(value(name), wanted, "{name} in {shown}");
        }
        for (name, least) in [
            ("switchwire_connections_opened_total side=inbound", 3.0),
            ("switchwire_connections_opened_total side=outbound", 1.0),
            ("switchwire_connections_closed_total reason=disconnected", 3.0),
            ("switchwire_commands_total command=api", 4.0),
            ("switchwire_round_trip_seconds command=api", 4.0),
            ("switchwire_event_bytes_total type=DTMF", 50.0 * 100.0),
            ("switchwire_failed_attempts_total reason=authentication", 1.0),
        ] {
            assert!(value(name) >= least, "{name} in {shown}");
        }
        assert!(kept.contains_key("switchwire_queued_events"), "{shown}");
    }
}

#[cfg(feature = "tracing")]
mod tracing_is_told {
    use std::fmt::{Debug, Write as _};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber};

    use super::{ARGUMENT, PASSWORD};

    /// Writes down everything, at every level.
    #[derive(Clone, Default)]
    pub(super) struct Lines(Arc<Mutex<String>>, Arc<AtomicU64>);

    struct Fields<'a>(&'a mut String);

    impl Visit for Fields<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
    }

    impl Lines {
        fn line(&self, begin: &str, metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields<'_>)) {
            let mut lines = self.0.lock().unwrap();
            let _ = write!(lines, "{begin} {} {}", metadata.level(), metadata.target());
            record(&mut Fields(&mut lines));
            lines.push('\n');
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target().starts_with("switchwire")
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.line("span", span.metadata(), |fields| span.record(fields));
            Id::from_u64(1 + self.1.fetch_add(1, Ordering::Relaxed))
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &tracing::Event<'_>) {
            let begin = event.parent().map_or("event".to_owned(), |id| format!("event in {}", id.into_u64()));
            self.line(&begin, event.metadata(), |fields| event.record(fields));
        }

        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    pub(super) fn begin() -> Lines {
        let lines = Lines::default();
        tracing::subscriber::set_global_default(lines.clone()).unwrap();
        lines
    }

    pub(super) fn check(lines: &Lines) {
        let shown = lines.0.lock().unwrap().clone();
        for secret in [PASSWORD, ARGUMENT] {
            assert!(!shown.contains(secret), "{shown}");
        }
        for wanted in [
            "span INFO switchwire::connection side=\"inbound\"",
            "span INFO switchwire::connection side=\"outbound\"",
            "event in 1 DEBUG switchwire::connection message=connected",
            "command=\"auth\"",
            "command=\"api echo\"",
            "message=reply received",
            "message=disconnected",
            "TRACE switchwire::event message=event received event=\"DTMF\"",
            "WARN switchwire::connection message=the queue is full",
            "INFO switchwire::managed message=connected host",
            "WARN switchwire::managed message=connection lost",
            "INFO switchwire::managed message=connected again",
            "WARN switchwire::managed message=cannot connect",
            "ERROR switchwire::managed message=gave up host=\"127.0.0.1\" port=",
            "DEBUG switchwire::listener message=a call has ended ended=\"well\"",
        ] {
            assert!(shown.contains(wanted), "{wanted} in:\n{shown}");
        }
    }
}
