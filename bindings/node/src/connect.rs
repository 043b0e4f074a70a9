//! Connecting blocks (resolving, TCP, login), so short-lived threads of our own do it: in Node's pool, which has four threads,
//! a few servers that do not reply would hold up files and DNS.

use std::collections::VecDeque;
use std::sync::Arc;

use napi_derive::napi;
use parking_lot::Mutex;
use switchwire::{Builder, Options, QueueLimits};

use crate::connection::NativeConnection;
use crate::entry::{Entry, Mailbox, Notice, completion};
use crate::error::{Result, io, thrown};
use crate::hub::Hub;
use crate::options::NativeOptions;
use crate::poller::Poller;

pub(crate) type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Workers {
    running: usize,
    waiting: VecDeque<Task>,
}

static WORKERS: Mutex<Workers> = Mutex::new(Workers { running: 0, waiting: VecDeque::new() });

/// Connects and logs in; the request is completed with a connection. Does not block.
#[napi]
pub fn connect(hub: &Hub, request: u32, target: NativeTarget, options: NativeOptions) -> Result<()> {
    let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let limits = options.apply(Options::inbound())?.queue;
    let builder = target.builder(&options)?;
    let mailbox = hub.mailbox.clone();
    let task = move || {
        let connected = start(&builder, poller, mailbox.clone(), limits);
        let entry = connected.as_ref().ok().cloned();
        mailbox.push(completion(request, connected, Notice::Connected));
        if let Some(entry) = entry {
            entry.introduced();
        }
    };
    run(Box::new(task)).map_err(|error| io("a thread cannot be started", &error))
}

/// Connects and logs in; BLOCKS the JavaScript thread for at most the connect and login timeouts.
#[napi]
pub fn connect_sync(hub: &Hub, target: NativeTarget, options: NativeOptions) -> Result<NativeConnection> {
    let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let limits = options.apply(Options::inbound())?.queue;
    let entry = start(&target.builder(&options)?, poller, hub.mailbox.clone(), limits);
    let entry = entry.map_err(|error| thrown(&error))?;
    entry.introduced();
    Ok(NativeConnection::new(entry))
}

/// Where to connect to, and as which user.
#[napi(object)]
pub struct NativeTarget {
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
    pub password: Option<String>,
}

impl NativeTarget {
    fn builder(self, options: &NativeOptions) -> Result<Builder> {
        let mut builder = Builder::new(self.host, self.port).options(options.apply(Options::inbound())?);
        if let Some(user) = self.user {
            builder = builder.user(user);
        }
        if let Some(password) = self.password {
            builder = builder.password(password);
        }
        Ok(builder)
    }
}

fn start(
    builder: &Builder,
    poller: &Poller,
    mailbox: Arc<Mailbox>,
    limits: QueueLimits,
) -> switchwire::Result<Arc<Entry>> {
    let connection = builder.connect()?;
    let added = poller.add(connection, mailbox, limits, None);
    added.map_err(|error| switchwire::Error::from_io("the connection cannot be watched", error))
}

/// Runs a task on a thread, at most [`MAX_THREADS`] at once; the rest wait for their turn.
pub(crate) fn run(task: Task) -> std::io::Result<()> {
    let mut workers = WORKERS.lock();
    if workers.running >= MAX_THREADS {
        workers.waiting.push_back(task);
        return Ok(());
    }
    workers.running += 1;
    drop(workers);
    let thread = std::thread::Builder::new().name("switchwire-dial".into()).stack_size(STACK);
    let spawned = thread.spawn(move || {
        let mut task = Some(task);
        while let Some(now) = task {
            now();
            let mut workers = WORKERS.lock();
            task = workers.waiting.pop_front();
            if task.is_none() {
                workers.running -= 1;
            }
        }
    });
    if spawned.is_err() {
        WORKERS.lock().running -= 1;
    }
    spawned.map(|_| ())
}

const MAX_THREADS: usize = 64;
const STACK: usize = 256 * 1024;
