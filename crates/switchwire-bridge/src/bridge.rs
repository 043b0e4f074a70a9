//! A bridge: switches on one side, sinks on the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use switchwire::Fleet;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::{Config, ConfigError};
use crate::delivery::{Delivery, SinkStatus};
use crate::outbox::Outbox;
use crate::outlet::Outlet;
use crate::sink::Sink;
use crate::sink::lines::Lines;
use crate::sink::segments::Segments;
use crate::source::Source;
use crate::spool::{RealDisk, Spool};
use crate::{http, reload};

/// How often the metrics are kept small.
const UPKEEP: Duration = Duration::from_secs(5);

/// A running bridge. Call [`stop`](Self::stop) to end it: dropping it leaves what waits in memory undelivered.
#[derive(Debug)]
pub struct Bridge {
    config: Config,
    fleet: Fleet,
    source: Option<JoinHandle<()>>,
    deliveries: JoinSet<()>,
    helpers: JoinSet<()>,
    hurry: watch::Sender<bool>,
    ways: Vec<Way>,
    http: Option<SocketAddr>,
    #[cfg(feature = "nats")]
    commands: crate::commands::Allowed,
}

/// The way to one sink, as monitors see it.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) sink: &'static str,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) status: Arc<Mutex<SinkStatus>>,
}

/// Why a bridge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A switch cannot be added.
    #[error("a switch: {0}")]
    Switch(#[from] switchwire::Error),
    /// A spool cannot be opened.
    #[error("the spool: {0}")]
    Spool(std::io::Error),
    /// The page for monitors cannot be served.
    #[error("http: {0}")]
    Http(std::io::Error),
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl Bridge {
    /// Starts it. Returns at once: switches and sinks are connected to in the background, for as long as it takes.
    /// Runs on the current tokio runtime, and on a thread of its own that reads the switches.
    ///
    /// # Errors
    /// [`BridgeError`].
    pub async fn start(config: Config) -> Result<Self, BridgeError> {
        config.check()?;
        let metrics = recorder();
        let (hurry, hurried) = watch::channel(false);
        let mut bridge = Self {
            fleet: Fleet::builder().start()?,
            source: None,
            deliveries: JoinSet::new(),
            helpers: JoinSet::new(),
            hurry,
            ways: Vec::new(),
            http: None,
            #[cfg(feature = "nats")]
            commands: crate::commands::Allowed::default(),
            config,
        };
        let mut ways = Ways {
            hurried,
            outlets: Vec::new(),
            ways: Vec::new(),
            #[cfg(feature = "nats")]
            calls: None,
        };
        bridge.open_sinks(&mut ways)?;
        if ways.outlets.is_empty() {
            return Err(ConfigError::Wrong("no sink: where are the events to go?".to_owned()).into());
        }
        bridge.ways = ways.ways.clone();
        // (Samples of the histograms pile up until they are taken together, and there may never be a request that does it.)
        let upkeep = metrics.clone();
        bridge.helpers.spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        });
        if let Some(page) = &bridge.config.http {
            let page_of = http::Page { fleet: bridge.fleet.clone(), ways: ways.ways, metrics };
            let (address, serving) = http::serve(page.listen, page_of).await.map_err(BridgeError::Http)?;
            bridge.http = Some(address);
            bridge.helpers.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(%error, "the page for monitors has ended");
                }
            });
        }
        #[allow(unused_mut, reason = "a feature changes it")]
        let mut source = Source::new(bridge.fleet.clone(), bridge.config.name.clone(), ways.outlets);
        #[cfg(feature = "nats")]
        source.follow_calls(ways.calls);
        let thread = std::thread::Builder::new().name("switchwire-bridge".into()).spawn(move || source.run());
        bridge.source = Some(thread.map_err(BridgeError::Thread)?);
        for node in &bridge.config.nodes {
            bridge.fleet.add(node.server(&bridge.config.events)?)?;
        }
        Ok(bridge)
    }

    fn open_sinks(&mut self, ways: &mut Ways) -> Result<(), BridgeError> {
        let config = self.config.clone();
        if let Some(lines) = config.json_lines {
            self.open(ways, Lines::new(lines))?;
        }
        if let Some(segments) = config.segments {
            self.open(ways, Segments::new(segments))?;
        }
        #[cfg(feature = "amqp")]
        if let Some(amqp) = config.amqp {
            self.open(ways, crate::sink::amqp::Amqp::new(amqp))?;
        }
        #[cfg(feature = "redis")]
        if let Some(redis) = config.redis {
            self.open(ways, crate::sink::redis::Redis::new(redis))?;
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = config.nats {
            let requests = crate::commands::Requests::new(nats.commands.clone(), self.fleet.clone());
            self.commands = requests.allowed();
            let runtime = tokio::runtime::Handle::current();
            let live = nats.calls.clone().map(|calls| (calls, crate::calls::LiveCalls::default()));
            ways.calls = live.as_ref().map(|(_, live)| live.clone());
            let connected = move |client: async_nats::Client| {
                if let Some((calls, live)) = live.clone() {
                    runtime.spawn(crate::calls::serve(calls, live, client.clone()));
                }
                runtime.spawn(requests.clone().serve(client));
            };
            self.open(ways, crate::sink::nats::Nats::new(nats, connected))?;
        }
        Ok(())
    }

    fn open<S: Sink>(&mut self, ways: &mut Ways, sink: S) -> Result<(), BridgeError> {
        let name = sink.name();
        let spool = match &self.config.spool {
            Some(spool) => {
                let folder = spool.folder.join(name);
                let opened = Spool::open(&folder, spool.plan(), Box::new(RealDisk));
                let (opened, torn) = opened.map_err(|error| {
                    BridgeError::Spool(std::io::Error::new(
                        error.kind(),
                        format!("{}: {error}", folder.display()),
                    ))
                })?;
                if torn > 0 {
                    tracing::warn!(
                        sink = name,
                        bytes = torn,
                        "the spool ended in a record that was not whole: cut off"
                    );
                }
                Some(opened)
            }
            None => None,
        };
        let memory = usize::try_from(self.config.memory.0).unwrap_or(usize::MAX);
        let latency = metrics::histogram!("switchwire_bridge_latency_seconds", "sink" => name);
        let outbox = Arc::new(Outbox::new(memory, spool).measured_by(latency));
        let status = Arc::new(Mutex::new(SinkStatus::default()));
        ways.outlets.push(Outlet::new(name, outbox.clone(), sink.route()));
        ways.ways.push(Way { sink: name, outbox: outbox.clone(), status: status.clone() });
        let syncing = outbox.clone();
        self.helpers.spawn(async move { syncing.keep_synced(Duration::from_millis(100)).await });
        let delivery = Delivery { sink, outbox, status, hurry: ways.hurried.clone() };
        self.deliveries.spawn(delivery.run());
        Ok(())
    }

    /// Where `/healthz` and `/metrics` are served.
    #[must_use]
    pub fn http(&self) -> Option<SocketAddr> {
        self.http
    }

    /// Takes over what another configuration says of switches and of allowed commands; connections that stay as they are go on
    /// without a break. What it says of sinks, spool and page takes a new start: returned are the names of such parts.
    ///
    /// # Errors
    /// [`BridgeError`]; switches that were changed before it stay so.
    pub fn reload(&mut self, new: Config) -> Result<Vec<&'static str>, BridgeError> {
        new.check()?;
        reload::nodes(&self.fleet, &self.config, &new)?;
        #[cfg(feature = "nats")]
        if let Some(commands) = new.nats.as_ref().and_then(|nats| nats.commands.as_ref()) {
            self.commands.replace(&commands.allow);
        }
        let left = reload::needs_start(&self.config, &new);
        self.config.nodes = new.nodes;
        self.config.events = new.events;
        Ok(left)
    }

    /// Ends it: reads no more, delivers what waits for as long as the configuration says, puts the rest on the spool. Returns how
    /// many records are neither delivered nor spooled.
    pub async fn stop(mut self) -> usize {
        self.fleet.close();
        if let Some(source) = self.source.take() {
            // (It does not panic; it ends when the fleet is empty.)
            let _ = tokio::task::spawn_blocking(move || source.join()).await;
        }
        let all = async { while self.deliveries.join_next().await.is_some() {} };
        if tokio::time::timeout(self.config.stop_within.0, all).await.is_err() {
            self.hurry.send_replace(true);
            while self.deliveries.join_next().await.is_some() {}
        }
        self.helpers.shutdown().await;
        self.ways.iter().map(|way| way.outbox.waiting().records).sum()
    }
}

/// What is made on the way to a running bridge.
struct Ways {
    hurried: watch::Receiver<bool>,
    outlets: Vec<Outlet>,
    ways: Vec<Way>,
    #[cfg(feature = "nats")]
    calls: Option<crate::calls::LiveCalls>,
}

impl Way {
    pub(crate) fn record_metrics(&self) {
        let (counts, waiting) = (self.outbox.counts(), self.outbox.waiting());
        let counters = [
            ("delivered", counts.delivered),
            ("dropped", counts.dropped),
            ("lost", counts.lost),
            ("refused", counts.refused),
        ];
        for (what, count) in counters {
            metrics::counter!("switchwire_bridge_records_total", "sink" => self.sink, "outcome" => what)
                .absolute(count);
        }
        let up = if self.status.lock().up { 1.0 } else { 0.0 };
        metrics::gauge!("switchwire_bridge_sink_up", "sink" => self.sink).set(up);
        // (Gauges are floating-point numbers; these are far below 2^53.)
        #[allow(clippy::cast_precision_loss, reason = "exact below 2^53")]
        let gauges = [
            ("switchwire_bridge_waiting_records", waiting.records as f64),
            ("switchwire_bridge_memory_bytes", waiting.memory_bytes as f64),
            ("switchwire_bridge_spool_bytes", waiting.spool_bytes as f64),
        ];
        for (name, value) in gauges {
            metrics::gauge!(name, "sink" => self.sink).set(value);
        }
    }
}

/// One recorder for the process.
fn recorder() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // (Another one is there when a program that embeds the bridge has its own.)
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
