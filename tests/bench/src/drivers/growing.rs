//! Work beside much that is under way on the same connection: what concerns none of it is to cost the same.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use switchwire::{Connection, EventFormat};

use super::Task;
use super::ours::receive_only;
use crate::turn::{Clock, Sum};

/// What there is much of.
pub(crate) const KINDS: [&str; 3] = ["jobs", "executions", "threads"];

/// `kind` is one of [`KINDS`].
pub(super) fn run(kind: &str, many: usize, task: Task) -> Result<()> {
    let connection = Connection::connect("127.0.0.1", task.port, "ClueCon")?;
    connection.events(EventFormat::Plain, "ALL")?;
    let event_loop = connection.event_loop();
    let uuid = |number: usize| format!("5aff01d0-0000-4000-8000-{number:012}");
    match kind {
        "jobs" => {
            let jobs = (0..many).map(|number| event_loop.start_bgapi("x", "", &uuid(number)));
            let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
            connection.api("x", "")?;
            receive(&connection, task)?;
            drop(jobs);
        }
        "executions" => {
            let execute = |number| connection.prepare_execute("park", "", Some(&uuid(number)));
            let executions = (0..many).map(|number| event_loop.start_execute(execute(number)));
            let executions = executions.collect::<Result<Vec<_>, _>>()?;
            connection.api("x", "")?;
            receive(&connection, task)?;
            drop(executions);
        }
        "threads" => {
            let waiting = || {
                let connection = connection.clone();
                let wait = move || drop(connection.recv_event());
                std::thread::Builder::new().stack_size(64 << 10).spawn(wait)
            };
            let threads = (0..many).map(|_| waiting()).collect::<Result<Vec<_>, _>>()?;
            // All of them wait by now, or soon.
            std::thread::sleep(Duration::from_millis(200));
            (0..100).try_for_each(|_| ask(&connection))?;
            let clock = Clock::start()?;
            let mut sum = Sum::new(false);
            for _ in 0..task.count {
                ask(&connection)?;
                sum.events += 1;
            }
            clock.stop(sum)?;
            connection.disconnect();
            threads.into_iter().for_each(|thread| drop(thread.join()));
        }
        other => bail!("nothing grows that is called {other}"),
    }
    Ok(())
}

fn receive(connection: &Connection, task: Task) -> Result<()> {
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    connection.api(&task.stream(), "")?;
    receive_only(connection, task.count, &mut sum)?;
    Ok(clock.stop(sum)?)
}

fn ask(connection: &Connection) -> Result<()> {
    ensure!(connection.api("x", "")?.text() == "+OK", "a wrong reply");
    Ok(())
}
