//! switchwire's own Connection.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use switchwire::proto::Command;
use switchwire::{Connection, Event, EventFormat};

use super::{DEPTH, FLOODED, Task, Work};
use crate::stamp::{self, STAMP};
use crate::stream::{Format, READ};
use crate::turn::{Clock, QUIET, Sum};

pub(super) fn run(task: Task, format: Format) -> Result<()> {
    let open = || Connection::connect("127.0.0.1", task.port, "ClueCon");
    let deep = task.work == Work::Verify;
    let count = match task.work {
        Work::Idle => task.count,
        Work::Flood => FLOODED,
        _ => 1,
    };
    let connections = (0..count).map(|_| open()).collect::<Result<Vec<_>, _>>()?;
    let format = if format == Format::Json { EventFormat::Json } else { EventFormat::Plain };
    if !matches!(task.work, Work::Serial | Work::Pipelined | Work::Idle) {
        connections.iter().try_for_each(|connection| connection.events(format, "ALL").map(drop))?;
    }
    let mut clock = Clock::start()?;
    let mut sum = Sum::new(deep);
    match task.work {
        Work::Events | Work::Verify => receive(&connections[0], task, &mut sum)?,
        Work::Latency => {
            connections[0].api(&task.stream(), "")?;
            let delays = (0..task.count).map(|_| delay(&connections[0].recv_event()?));
            let delays = delays.collect::<Result<Vec<_>>>()?;
            clock.hold();
            sum.events = delays.len() as u64;
            clock.delays(delays)?;
        }
        Work::Serial => {
            for _ in 0..task.count {
                ensure!(connections[0].api("x", "")?.text() == "+OK", "a wrong reply");
                sum.events += 1;
            }
        }
        Work::Pipelined => pipelined(&connections[0], task.count, &mut sum)?,
        Work::Idle => {}
        Work::Flood => {
            for connection in &connections {
                connection.api(&task.stream(), "")?;
            }
            std::thread::sleep(Duration::from_millis(200));
            for connection in &connections {
                receive_only(connection, task.count, &mut sum)?;
            }
            clock.hold();
            std::thread::sleep(QUIET);
        }
    }
    Ok(clock.stop(sum)?)
}

fn receive(connection: &Connection, task: Task, sum: &mut Sum) -> Result<()> {
    connection.api(&task.stream(), "")?;
    receive_only(connection, task.count, sum)
}

pub(super) fn receive_only(connection: &Connection, count: usize, sum: &mut Sum) -> Result<()> {
    for _ in 0..count {
        add(sum, &connection.recv_event()?);
    }
    Ok(())
}

/// The work that every client does.
#[inline]
pub(super) fn add(sum: &mut Sum, event: &Event) {
    let [name, id, state] = READ.map(|name| event.header(name));
    let body = event.body().unwrap_or_default();
    sum.add(bytes(&name), bytes(&id), bytes(&state), body);
}

/// How long a stamped event took to here, where its time can be read.
pub(super) fn delay(event: &Event) -> Result<u64> {
    let sent = event.header(STAMP);
    let now = stamp::now();
    let sent: u64 = sent.as_deref().context("no stamp")?.parse()?;
    now.checked_sub(sent).context("received before it was sent")
}

fn pipelined(connection: &Connection, count: usize, sum: &mut Sum) -> Result<()> {
    let command = Command::api("x", "")?;
    for _ in 0..count / DEPTH {
        // All in one piece, as an event loop does it with what its program asks in one turn.
        connection.event_loop().gather_writes();
        let asked = (0..DEPTH)
            .map(|_| connection.event_loop().try_submit(&command))
            .collect::<Result<Vec<_>, _>>()?;
        ensure!(!connection.event_loop().flush_writes(), "the socket takes a few hundred bytes");
        for pending in asked {
            ensure!(pending.wait()?.text() == "+OK", "a wrong reply");
            sum.events += 1;
        }
    }
    Ok(())
}

fn bytes<'a>(value: &'a Option<Cow<'_, str>>) -> &'a [u8] {
    value.as_deref().unwrap_or_default().as_bytes()
}
