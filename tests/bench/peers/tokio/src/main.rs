//! One turn of freeswitch-esl-tokio: `bench-tokio FORMAT WORK PORT COUNT SENDS`. On the current-thread runtime, the
//! fastest for it, and with events held back, not dropped, when its queue is full.

#[path = "../../../src/turn.rs"]
#[allow(dead_code, reason = "part of another program")]
mod turn;

#[path = "../../../src/stamp.rs"]
mod stamp;

use std::time::Duration;

use freeswitch_esl_tokio::{
    EslClient, EslConnectOptions, EslEvent, EslEventStream, EventFormat, EventOverflow,
};
use turn::{Clock, QUIET, Sum};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const FLOODED: usize = 20;
const DEPTH: usize = 100;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [format, work, port, count, sends] = &words[..] else {
        return Err("FORMAT WORK PORT COUNT SENDS".into());
    };
    let (port, count): (u16, usize) = (port.parse()?, count.parse()?);
    let stream = format!("stream {count} {sends}");
    let format = if format == "json" { EventFormat::Json } else { EventFormat::Plain };
    let connections = match &work[..] {
        "idle" => count,
        "flood" => FLOODED,
        _ => 1,
    };
    let mut open = Vec::new();
    for _ in 0..connections {
        let options =
            EslConnectOptions::new().with_event_overflow(EventOverflow::BlockFor(Duration::from_secs(60)));
        let (client, events) = EslClient::connect_with_options("127.0.0.1", port, "ClueCon", options).await?;
        if !matches!(&work[..], "idle" | "serial" | "pipelined") {
            client.subscribe_all_events(format).await?;
        }
        open.push((client, events));
    }
    let mut clock = Clock::start()?;
    let mut sum = Sum::new(work == "verify");
    if work == "serial" {
        for _ in 0..count {
            ask(&open[0].0).await?;
            sum.events += 1;
        }
    } else if work == "pipelined" {
        // (The client sends each when the one before has been replied to, whatever its tasks do.)
        for _ in 0..count / DEPTH {
            let mut asked = tokio::task::JoinSet::new();
            for _ in 0..DEPTH {
                let client = open[0].0.clone();
                asked.spawn(async move { ask(&client).await });
            }
            while let Some(replied) = asked.join_next().await {
                replied??;
                sum.events += 1;
            }
        }
    } else if work != "idle" {
        for (client, _) in &open {
            client.api(&stream).await?.check()?;
        }
        if work == "flood" {
            std::thread::sleep(Duration::from_millis(200));
        }
        if work == "latency" {
            let delays = delays(&mut open[0].1, count).await?;
            clock.hold();
            sum.events = delays.len() as u64;
            clock.delays(delays)?;
            return Ok(clock.stop(sum)?);
        }
        for (_, events) in &mut open {
            receive(events, count, &mut sum).await?;
        }
        if work == "flood" {
            clock.hold();
            tokio::time::sleep(QUIET).await;
        }
    }
    Ok(clock.stop(sum)?)
}

async fn ask(client: &EslClient) -> std::result::Result<(), String> {
    let reply = client.api("x").await.map_err(|error| error.to_string())?;
    if reply.body() == Some("+OK") { Ok(()) } else { Err("a wrong reply".into()) }
}

async fn receive(events: &mut EslEventStream, count: usize, sum: &mut Sum) -> Result<()> {
    for _ in 0..count {
        add(sum, &events.recv().await.ok_or("the stream has ended")??);
    }
    Ok(())
}

async fn delays(events: &mut EslEventStream, count: usize) -> Result<Vec<u64>> {
    let mut delays = Vec::with_capacity(count);
    for _ in 0..count {
        let event = events.recv().await.ok_or("the stream has ended")??;
        let sent = event.header_str(stamp::STAMP);
        let now = stamp::now();
        delays.push(now - sent.ok_or("no stamp")?.parse::<u64>()?);
    }
    Ok(delays)
}

fn add(sum: &mut Sum, event: &EslEvent) {
    let value = |name: &str| event.header_str(name).unwrap_or_default().as_bytes();
    let body = event.body().unwrap_or_default().as_bytes();
    sum.add(value("Event-Name"), value("Unique-ID"), value("Channel-State"), body);
}
