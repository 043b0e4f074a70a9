//! The layers above a connection, beside as many bare ones: a supervised connection, a fleet.

use std::time::Duration;

use anyhow::{Context as _, Result};
use switchwire::{
    Connection, EventType, Fleet, FleetServer, FleetUpdate, ManagedConnection, StreamItem, Subscription,
};

use super::ours::{add, receive_only};
use super::{Task, Work};
use crate::turn::{Clock, Sum};

/// How many servers a fleet has.
pub(crate) const SERVERS: usize = 20;

fn builder(task: Task) -> switchwire::ManagedBuilder {
    ManagedConnection::builder("127.0.0.1", task.port)
        .password("ClueCon")
        .subscription(Subscription::new().event(EventType::All))
}

/// A supervised connection.
pub(super) fn managed(task: Task) -> Result<()> {
    let connection = builder(task).start()?;
    connection.wait_up(PATIENCE)?;
    let clock = Clock::start()?;
    let mut sum = Sum::new(task.work == Work::Verify);
    connection.api(&task.stream(), "")?;
    while sum.events < task.count as u64 {
        if let StreamItem::Event(event) = connection.recv()? {
            add(&mut sum, &event);
        }
    }
    Ok(clock.stop(sum)?)
}

/// Bare connections, a thread each.
pub(super) fn bare(task: Task) -> Result<()> {
    let each = Task { count: task.count / SERVERS, ..task };
    let open = || -> Result<Connection> {
        let connection = Connection::connect("127.0.0.1", task.port, "ClueCon")?;
        connection.events(switchwire::EventFormat::Plain, "ALL")?;
        Ok(connection)
    };
    let connections = (0..SERVERS).map(|_| open()).collect::<Result<Vec<_>>>()?;
    let clock = Clock::start()?;
    connections.iter().try_for_each(|connection| connection.api(&each.stream(), "").map(drop))?;
    let (done, finished) = std::sync::mpsc::channel();
    // They live until all has been counted.
    let over = std::sync::Arc::new(std::sync::Mutex::new(()));
    let counting = over.lock();
    let threads = connections.into_iter().map(|connection| {
        let (done, over) = (done.clone(), over.clone());
        std::thread::spawn(move || {
            let mut sum = Sum::new(false);
            let received = receive_only(&connection, each.count, &mut sum).map(|()| sum.events);
            drop(done.send(received));
            drop(over.lock());
        })
    });
    let threads: Vec<_> = threads.collect();
    let mut sum = Sum::new(false);
    for _ in &threads {
        sum.events += finished.recv()??;
    }
    clock.stop(sum)?;
    drop(counting);
    threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread panicked"))
}

/// A fleet of as many, all of them received by one thread.
pub(super) fn fleet(task: Task) -> Result<()> {
    let each = Task { count: task.count / SERVERS, ..task };
    let servers = (0..SERVERS).map(|number| FleetServer::new(format!("fs{number}"), builder(task)));
    let fleet = servers.fold(Fleet::builder(), switchwire::FleetBuilder::server).start()?;
    let connections =
        fleet.servers().iter().map(|name| fleet.connection(name)).collect::<Result<Vec<_>, _>>()?;
    connections.iter().try_for_each(|connection| connection.wait_up(PATIENCE).map(drop))?;
    let clock = Clock::start()?;
    connections.iter().try_for_each(|connection| connection.api(&each.stream(), "").map(drop))?;
    let mut sum = Sum::new(false);
    while sum.events < (each.count * SERVERS) as u64 {
        if let FleetUpdate::Stream(StreamItem::Event(event)) = &fleet.recv()?.update {
            add(&mut sum, event);
        }
    }
    Ok(clock.stop(sum)?)
}

const PATIENCE: Duration = Duration::from_secs(30);
