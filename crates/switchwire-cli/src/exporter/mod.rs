//! `exporter`: figures of one server or several for Prometheus, over HTTP.
//!
//! [`figures`] is what is known, [`poll`] asks for what no event tells, [`metrics`] writes it, [`http`] serves it.

mod figures;
mod http;
mod metrics;
mod poll;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use parking_lot::Mutex;
use switchwire::{EventFormat, FleetUpdate, StreamItem, Subscription};

use self::figures::Figures;
use crate::failure::Result;
use crate::live::{Live, Watching};
use crate::server::ServerArgs;
use crate::{duration, output};

/// Serve figures for Prometheus over HTTP (`/metrics`), of one server or several, until it is ended
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ExporterArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:9282")]
    bind: String,

    /// How often registrations and gateways are asked for (seconds, or 500ms, 2m …)
    #[arg(long, value_name = "SECONDS", value_parser = duration::seconds, default_value = "15")]
    interval: Duration,

    /// Events to be counted by type, by their names
    #[arg(long, value_name = "NAMES", default_value = "ALL")]
    events: String,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
The address is printed on stdout once it listens: `listening on 127.0.0.1:9282`. Servers that cannot be reached are reported
(`freeswitch_up 0`) and tried again.";

pub(crate) fn run(args: &ExporterArgs, outer: ServerArgs) -> Result {
    let server = args.server.clone().over(outer)?;
    let subscription = Subscription::from_list(EventFormat::Plain, &args.events);
    let watching = Watching { subscription, keep_events: true, changes: false };
    let mut live = Live::start(server.several()?, watching)?;
    let figures = Arc::new(Mutex::new(Figures::default()));
    figures.lock().refresh(&live);
    let address = http::serve(&args.bind, Arc::clone(&figures))?;
    output::line(format!("listening on {address}"))?;
    poll::start(live.fleet().clone(), args.interval, Arc::clone(&figures))?;
    loop {
        let until = Instant::now() + REFRESH;
        let count = |item: &switchwire::FleetItem| {
            if let FleetUpdate::Stream(StreamItem::Event(event)) = &item.update {
                figures.lock().count(&item.server, event);
            }
        };
        live.pump(count, || Instant::now() >= until)?;
        figures.lock().refresh(&live);
    }
}

/// How often what is up is looked at.
const REFRESH: Duration = Duration::from_secs(1);
