//! The figures in Prometheus' text form.

use std::fmt;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use switchwire::HealthState;

use super::figures::{Figures, ServerFigures};
use crate::printable;

/// What is served, and its type.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Label = Vec<(&'static str, String)>;
type Number = Gauge<f64, AtomicU64>;

/// All figures as text.
pub(crate) fn text(figures: &Figures) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    for (name, help, value) in GAUGES {
        gauge(&mut registry, figures, name, help, value);
    }
    for (name, help, value) in COUNTERS {
        let family = Family::<Label, Counter>::default();
        for (server, figures) in &figures.0 {
            family.get_or_create(&of(server)).inc_by(value(figures));
        }
        registry.register(name, help, family);
    }
    events(&mut registry, figures);
    gateways(&mut registry, figures);
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

fn gauge(
    registry: &mut Registry,
    figures: &Figures,
    name: &str,
    help: &str,
    value: fn(&ServerFigures) -> Option<f64>,
) {
    let family = Family::<Label, Number>::default();
    for (server, figures) in &figures.0 {
        // What is not known has no sample.
        if let Some(value) = value(figures) {
            family.get_or_create(&of(server)).set(value);
        }
    }
    registry.register(name, help, family);
}

fn events(registry: &mut Registry, figures: &Figures) {
    let family = Family::<Label, Counter>::default();
    for (server, figures) in &figures.0 {
        for (event, count) in &figures.events {
            let mut labels = of(server);
            labels.push(("type", event.name().to_owned()));
            family.get_or_create(&labels).inc_by(*count);
        }
    }
    registry.register("freeswitch_events", "Events received, by type", family);
}

fn gateways(registry: &mut Registry, figures: &Figures) {
    let family = Family::<Label, Number>::default();
    for (server, figures) in &figures.0 {
        for (gateway, state) in &figures.gateways {
            let mut labels = of(server);
            // Who looks at /metrics in a terminal sees them, too.
            labels.push(("gateway", printable::cell(gateway, LONGEST)));
            labels.push(("state", printable::cell(state, LONGEST)));
            // NOREG: a gateway that does not register is there.
            let good = state.starts_with("REGED") || state.starts_with("NOREG");
            family.get_or_create(&labels).set(f64::from(u8::from(good)));
        }
    }
    let help = "Whether a gateway of mod_sofia is registered, or needs no registration";
    registry.register("freeswitch_gateway_up", help, family);
}

fn of(server: &str) -> Label {
    vec![("server", server.to_owned())]
}

/// Keeps the labels' type within what can be encoded.
const _: fn() = || {
    fn encodes<L: EncodeLabelSet>() {}
    encodes::<Label>();
};

#[expect(clippy::cast_precision_loss, reason = "numbers of calls are far below 2^52")]
fn number(value: u64) -> f64 {
    value as f64
}

/// A label's columns.
const LONGEST: usize = 200;

type GaugeOf = (&'static str, &'static str, fn(&ServerFigures) -> Option<f64>);
type CounterOf = (&'static str, &'static str, fn(&ServerFigures) -> u64);

const GAUGES: [GaugeOf; 12] = [
    ("freeswitch_up", "Whether the event socket is connected", |of| {
        of.health.as_ref().map(|health| f64::from(u8::from(health.state != HealthState::Down)))
    }),
    ("freeswitch_degraded", "Whether the server is connected, but beyond a limit of health", |of| {
        of.health.as_ref().map(|health| f64::from(u8::from(health.state == HealthState::Degraded)))
    }),
    ("freeswitch_sessions", "Sessions, by the last heartbeat", |of| of.health.as_ref()?.sessions.map(number)),
    ("freeswitch_max_sessions", "The most sessions that the server takes", |of| {
        of.health.as_ref()?.max_sessions.map(number)
    }),
    ("freeswitch_idle_cpu_percent", "Idle CPU time, by the last heartbeat", |of| {
        of.health.as_ref()?.idle_cpu
    }),
    ("freeswitch_heartbeat_age_seconds", "How long ago the last heartbeat came", |of| {
        Some(of.health.as_ref()?.heartbeat_age?.as_secs_f64())
    }),
    ("freeswitch_round_trip_seconds", "How long the last ping took", |of| {
        Some(of.health.as_ref()?.round_trip?.as_secs_f64())
    }),
    ("freeswitch_legs", "Legs (channels) that are up", |of| Some(number(of.legs as u64))),
    ("freeswitch_answered_legs", "Legs that are answered", |of| Some(number(of.answered as u64))),
    ("freeswitch_bridged_calls", "Pairs of legs that talk to each other", |of| Some(number(of.calls as u64))),
    ("freeswitch_registrations", "Registrations (show registrations count)", |of| {
        of.registrations.map(number)
    }),
    ("switchwire_queued_events", "Events received that wait to be counted here", |of| {
        Some(number(of.health.as_ref()?.queued as u64))
    }),
];

const COUNTERS: [CounterOf; 2] = [
    ("switchwire_dropped_events", "Events that this program has dropped", |of| {
        of.health.as_ref().map_or(0, |health| health.dropped)
    }),
    ("switchwire_lost_connections", "Connections to the server that were lost", |of| {
        of.health.as_ref().map_or(0, |health| health.outages)
    }),
];
