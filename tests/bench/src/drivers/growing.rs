//! Work beside much that is there or under way: what concerns none of it is to cost the same.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use switchwire::{
    Connection, Event, EventFormat, EventType, Listener, ManagedConnection, StreamItem, Subscription,
};

use super::Task;
use super::ours::{add, receive_only};
use crate::turn::{Clock, Sum, cpu};

/// What there is much of.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What the cost is of.
    pub(crate) what: &'static str,
    /// What there are so many of.
    pub(crate) means: &'static str,
    /// Commands are sent, in the place of events that are received.
    pub(crate) is_of_commands: bool,
    /// They are parts of each event, and the cost is that of a part.
    pub(crate) is_of_parts: bool,
}

impl Kind {
    /// Measured with `clients/growing.c`.
    pub(crate) fn is_of_c(&self) -> bool {
        self.name.starts_with("c-")
    }
}

const fn beside(name: &'static str, means: &'static str) -> Kind {
    Kind { name, what: "an event", means, is_of_commands: false, is_of_parts: false }
}

pub(crate) const KINDS: &[Kind] = &[
    beside("jobs", "jobs under way on the connection"),
    beside("executions", "applications under way on the connection"),
    beside("subscribers", "parts of a program that subscribed, of a supervised connection"),
    beside("sessions", "outbound sessions in the process"),
    beside("connections", "inbound connections in the process"),
    Kind {
        what: "a header",
        is_of_parts: true,
        ..beside("headers", "headers in the event, all of them read")
    },
    Kind {
        what: "a header",
        is_of_parts: true,
        ..beside("set", "headers of an event that is built, each by `set_header`")
    },
    Kind {
        what: "an element",
        is_of_parts: true,
        ..beside("pushed", "elements of an array that is built, each by `push_header`")
    },
    Kind {
        what: "a header in C",
        is_of_parts: true,
        ..beside("c-added", "headers of an event that is built, each by `esl_event_add_header_string`")
    },
    Kind {
        what: "an element in C",
        is_of_parts: true,
        ..beside("c-pushes", "elements of an array that is built, each by `ESL_STACK_PUSH`")
    },
    Kind {
        what: "an event in C",
        is_of_parts: true,
        ..beside("c-aside", "events that come while a command waits for its reply, and are taken after it")
    },
    Kind {
        what: "a command",
        is_of_commands: true,
        ..beside("threads", "threads that wait for events on the connection")
    },
];

/// `kind` is the name of one of [`KINDS`].
pub(super) fn run(kind: &str, many: usize, task: Task) -> Result<()> {
    let uuid = |number: usize| format!("5aff01d0-0000-4000-8000-{number:012}");
    match kind {
        "jobs" => {
            let connection = subscribed(task)?;
            let event_loop = connection.event_loop();
            let jobs = (0..many).map(|number| event_loop.start_bgapi("x", "", &uuid(number)));
            let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
            connection.api("x", "")?;
            receive(&connection, task)?;
            drop(jobs);
        }
        "executions" => {
            let connection = subscribed(task)?;
            let execute = |number| connection.prepare_execute("park", "", Some(&uuid(number)));
            let event_loop = connection.event_loop();
            let executions = (0..many).map(|number| event_loop.start_execute(execute(number)));
            let executions = executions.collect::<Result<Vec<_>, _>>()?;
            connection.api("x", "")?;
            receive(&connection, task)?;
            drop(executions);
        }
        "connections" => {
            let others = (1..many).map(|_| connect(task)).collect::<Result<Vec<_>>>()?;
            receive(&subscribed(task)?, task)?;
            drop(others);
        }
        "subscribers" => subscribers(many, task)?,
        "sessions" => sessions(many, task)?,
        "headers" => headers(many, task)?,
        "set" => built(many, task, |event, number| {
            event.set_header(format!("variable_{number:05}"), "a value");
        })?,
        "pushed" => built(many, task, |event, _| {
            event.push_header("list", "a value");
        })?,
        "threads" => threads(many, task)?,
        other => bail!("nothing grows that is called {other}"),
    }
    Ok(())
}

fn connect(task: Task) -> Result<Connection> {
    Ok(Connection::connect("127.0.0.1", task.port, "ClueCon")?)
}

fn subscribed(task: Task) -> Result<Connection> {
    let connection = connect(task)?;
    connection.events(EventFormat::Plain, "ALL")?;
    Ok(connection)
}

fn receive(connection: &Connection, task: Task) -> Result<()> {
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    connection.api(&task.stream(), "")?;
    receive_only(connection, task.count, &mut sum)?;
    Ok(clock.stop(sum)?)
}

fn subscribers(many: usize, task: Task) -> Result<()> {
    let connection = ManagedConnection::builder("127.0.0.1", task.port).password("ClueCon").start()?;
    connection.wait_up(PATIENCE)?;
    let wanted = Subscription::new().event(EventType::All);
    let leases = (0..many).map(|_| connection.subscribe(&wanted)).collect::<Result<Vec<_>, _>>()?;
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    connection.api(&task.stream(), "")?;
    while sum.events < task.count as u64 {
        if let StreamItem::Event(event) = connection.recv()? {
            add(&mut sum, &event);
        }
    }
    clock.stop(sum)?;
    drop(connection);
    drop(leases);
    Ok(())
}

fn sessions(many: usize, task: Task) -> Result<()> {
    let listener = Listener::bind("127.0.0.1:0")?;
    let server = connect(task)?;
    let mut sessions = Vec::new();
    while sessions.len() < many {
        // No more at once than wait in the system's backlog.
        let some = (many - sessions.len()).min(100);
        server.api(&format!("dial {} {some}", listener.local_addr().port()), "")?;
        for _ in 0..some {
            sessions.push(listener.accept()?);
        }
    }
    let Some(last) = sessions.last() else { bail!("no session") };
    last.events(EventFormat::Plain, "ALL")?;
    receive(last, task)
}

fn headers(many: usize, task: Task) -> Result<()> {
    let connection = subscribed(task)?;
    let events = task.count / many;
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    connection.api(&format!("headers {many} {events}"), "")?;
    for _ in 0..events {
        let event = connection.recv_event()?;
        for header in event.headers() {
            sum.add(header.name().as_bytes(), header.value().as_bytes(), b"", b"");
        }
    }
    Ok(clock.stop(sum)?)
}

/// Builds events of so many parts each.
fn built(many: usize, task: Task, add: impl Fn(&mut Event, usize)) -> Result<()> {
    let clock = Clock::start()?;
    let mut sum = Sum::new(false);
    while sum.events < task.count as u64 {
        let mut event = Event::bare(EventType::Custom);
        (0..many).for_each(|number| add(&mut event, number));
        sum.events += many as u64;
        std::hint::black_box(&event);
    }
    Ok(clock.stop(sum)?)
}

fn threads(many: usize, task: Task) -> Result<()> {
    let connection = subscribed(task)?;
    let waiting = || {
        let connection = connection.clone();
        let wait = move || drop(connection.recv_event());
        std::thread::Builder::new().stack_size(64 << 10).spawn(wait)
    };
    let threads = (0..many).map(|_| waiting()).collect::<Result<Vec<_>, _>>()?;
    // All of them wait once they use no time any more.
    let mut used = cpu();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let before = std::mem::replace(&mut used, cpu());
        if used - before < 1_000_000 {
            break;
        }
    }
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
    Ok(())
}

fn ask(connection: &Connection) -> Result<()> {
    ensure!(connection.api("x", "")?.text() == "+OK", "a wrong reply");
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(30);
