//! switchwire-tokio's Connection, on the runtime that its peer is fastest on: the current-thread one.

use std::time::Duration;

use anyhow::{Result, ensure};
use switchwire_tokio::{Command, Connection, EventFormat, Subscription};
use tokio::runtime::Builder;

use super::ours::{add, delay};
use super::{DEPTH, FLOODED, Task, Work};
use crate::turn::{Clock, QUIET, Sum};

pub(super) fn run(task: Task) -> Result<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(take_turn(task))
}

async fn take_turn(task: Task) -> Result<()> {
    let count = match task.work {
        Work::Idle => task.count,
        Work::Flood => FLOODED,
        _ => 1,
    };
    let mut connections = Vec::new();
    for _ in 0..count {
        let connection = Connection::connect("127.0.0.1", task.port, "ClueCon").await?;
        if !matches!(task.work, Work::Serial | Work::Pipelined | Work::Idle) {
            connection.subscribe(&Subscription::all().format(EventFormat::Plain)).await?;
        }
        connections.push(connection);
    }
    let mut clock = Clock::start()?;
    let mut sum = Sum::new(task.work == Work::Verify);
    match task.work {
        Work::Events | Work::Verify => {
            connections[0].api(&task.stream(), "").await?;
            receive(&connections[0], task.count, &mut sum).await?;
        }
        Work::Latency => {
            connections[0].api(&task.stream(), "").await?;
            let mut delays = Vec::with_capacity(task.count);
            for _ in 0..task.count {
                delays.push(delay(&connections[0].recv_event().await?)?);
            }
            clock.hold();
            sum.events = delays.len() as u64;
            clock.delays(delays)?;
        }
        Work::Serial => {
            for _ in 0..task.count {
                ensure!(connections[0].api("x", "").await?.text() == "+OK", "a wrong reply");
                sum.events += 1;
            }
        }
        Work::Pipelined => pipelined(&connections[0], task.count, &mut sum).await?,
        Work::Idle => {}
        Work::Flood => {
            for connection in &connections {
                connection.api(&task.stream(), "").await?;
            }
            std::thread::sleep(Duration::from_millis(200));
            for connection in &connections {
                receive(connection, task.count, &mut sum).await?;
            }
            clock.hold();
            tokio::time::sleep(QUIET).await;
        }
    }
    Ok(clock.stop(sum)?)
}

async fn receive(connection: &Connection, count: usize, sum: &mut Sum) -> Result<()> {
    for _ in 0..count {
        add(sum, &connection.recv_event().await?);
    }
    Ok(())
}

async fn pipelined(connection: &Connection, count: usize, sum: &mut Sum) -> Result<()> {
    let command = Command::api("x", "")?;
    for _ in 0..count / DEPTH {
        let asked = (0..DEPTH).map(|_| connection.submit(&command)).collect::<Result<Vec<_>, _>>()?;
        for pending in asked {
            ensure!(pending.await?.text() == "+OK", "a wrong reply");
            sum.events += 1;
        }
    }
    Ok(())
}
