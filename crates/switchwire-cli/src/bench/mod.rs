//! `bench`: round trips and events a second of a server and the link to it.

mod measure;
mod svg;

use std::time::Duration;

use clap::Args;
use serde_json::json;

use self::measure::Measured;
use crate::failure::Result;
use crate::server::ServerArgs;
use crate::{duration, output};

/// Measure a server and the link to it: round trips (percentiles), commands a second, events a second
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct BenchArgs {
    /// How long each of the three parts takes (seconds, or 500ms, 2m …)
    #[arg(long = "for", value_name = "SECONDS", value_parser = duration::seconds, default_value = "3")]
    span: Duration,

    /// How many commands are under way at once in the second part
    #[arg(long, value_name = "NUMBER", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000))]
    depth: u16,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,

    /// Print a picture (SVG) of the round trips
    #[arg(long, conflicts_with = "json")]
    svg: bool,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
The commands are `api eval 1`; the events are CUSTOM switchwire::bench, fired by this program and received back. It is load:
think before you run it on a server with calls.";

pub(crate) fn run(args: BenchArgs, outer: ServerArgs) -> Result {
    let session = args.server.over(outer)?.connect()?;
    let connection = session.connection();
    let measured = Measured {
        round_trips: measure::round_trips(connection, args.span)?,
        commands: measure::commands(connection, args.span, usize::from(args.depth))?,
        events: measure::events(connection, args.span, usize::from(args.depth))?,
    };
    if args.svg {
        return output::line(svg::histogram(&measured));
    }
    if args.json {
        let micros = |quantile: f64| measured.round_trips.value_at_quantile(quantile);
        return output::line(
            json!({
                "round_trips": measured.round_trips.len(),
                "round_trip_us": {
                    "min": measured.round_trips.min(), "p50": micros(0.5), "p90": micros(0.9), "p99": micros(0.99),
                    "p99.9": micros(0.999), "max": measured.round_trips.max(),
                },
                "commands_per_second": measured.commands.round(),
                "depth": args.depth,
                "events_per_second": measured.events.round(),
            })
            .to_string(),
        );
    }
    output::line(measured.lines(args.depth).join("\n"))
}
