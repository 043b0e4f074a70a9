//! A connection as JavaScript sees it. Requests carry a number that JavaScript chose; their replies come through the
//! mailbox under that number.

use std::cell::Cell;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Buffer, ObjectFinalize};
use napi_derive::napi;
use switchwire::{Command, Connection, Execute, Stats};

use crate::batch::Batch;
use crate::command::{self, Arguments};
use crate::connection_table;
use crate::entry::{Entry, Notice, completion};
use crate::error::{Result, thrown};
use crate::poller::Poller;
use crate::reply::NativeReply;
use crate::text::Text;

#[napi(custom_finalize)]
pub struct NativeConnection {
    pub(crate) entry: Arc<Entry>,
    /// Its number in the thread's table, once it is there.
    number: Cell<Option<u32>>,
}

/// The core's counters; see `Stats` in `index.d.ts`.
#[napi(object)]
pub struct NativeStats {
    pub received: f64,
    pub dropped_events: f64,
    pub late_replies: f64,
    pub unasked_replies: f64,
    pub queued: f64,
    pub queued_bytes: f64,
    pub unanswered: f64,
}

#[allow(clippy::cast_precision_loss, reason = "no counter comes near 2^53")]
impl From<Stats> for NativeStats {
    fn from(stats: Stats) -> Self {
        Self {
            received: stats.received as f64,
            dropped_events: stats.dropped_events as f64,
            late_replies: stats.late_replies as f64,
            unasked_replies: stats.unasked_replies as f64,
            queued: stats.queued as f64,
            queued_bytes: stats.queued_bytes as f64,
            unanswered: stats.unanswered as f64,
        }
    }
}

impl NativeConnection {
    pub(crate) fn new(entry: Arc<Entry>) -> Self {
        Self { entry, number: Cell::new(None) }
    }

    fn submit(&self, request: u32, want: Want, built: &Command) -> Result<()> {
        submit(&self.entry, request, want, built)
    }

    fn submit_to_succeed(&self, request: u32, call: &str, built: &Command) -> Result<()> {
        let mailbox = self.entry.mailbox.clone();
        let done = move |reply| mailbox.push(completion(request, reply, Notice::Reply));
        self.entry.connection.event_loop().perform_with(call, built, done).map_err(|error| thrown(&error))?;
        self.sent();
        Ok(())
    }

    fn check_channel(&self, call: &str, uuid: Option<&str>) -> Result<()> {
        let connection = &self.entry.connection;
        if !connection.connected() {
            // The request itself fails with that, which is what the program should see.
            return Ok(());
        }
        connection.check_channel(call, uuid).map_err(|error| thrown(&error))
    }

    /// Something was sent.
    pub(crate) fn sent(&self) {
        sent(&self.entry);
    }
}

impl ObjectFinalize for NativeConnection {
    fn finalize(self, _: Env) -> napi::Result<()> {
        if let Some(number) = self.number.get() {
            connection_table::remove(number);
        }
        Ok(())
    }
}

/// Sends a command whose refusal is a reply.
pub(crate) fn submit(entry: &Arc<Entry>, request: u32, want: Want, built: &Command) -> Result<()> {
    let mailbox = entry.mailbox.clone();
    let done = move |reply| match want {
        Want::Text => mailbox.push(completion(request, reply, Notice::Text)),
        Want::Reply => mailbox.push(completion(request, reply, Notice::Reply)),
    };
    entry.connection.event_loop().try_submit_with(built, done).map_err(|error| thrown(&error))?;
    sent(entry);
    Ok(())
}

/// Something was sent.
fn sent(entry: &Arc<Entry>) {
    if let Ok(poller) = Poller::get() {
        poller.sent(entry);
    }
}

#[napi]
impl NativeConnection {
    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.entry.id
    }

    #[napi(getter)]
    pub fn connected(&self) -> bool {
        self.entry.connection.connected()
    }

    #[napi(getter)]
    pub fn descriptor(&self) -> i32 {
        self.entry.connection.socket_descriptor()
    }

    #[napi(getter)]
    pub fn is_sync(&self) -> bool {
        self.entry.connection.is_sync()
    }

    /// Outbound: the channel's data.
    #[napi]
    pub fn info(&self) -> Option<Batch> {
        self.entry.connection.info().map(Batch::of)
    }

    #[napi]
    pub fn permissions(&self) -> NativePermissions {
        let permissions = self.entry.connection.permissions();
        NativePermissions {
            events: permissions.events.clone(),
            api: permissions.api.clone(),
            log: permissions.log,
        }
    }

    #[napi]
    pub fn stats(&self) -> NativeStats {
        self.entry.connection.stats().into()
    }

    /// Up to `max` messages that have come; null when there are none: then there is a notice of the next.
    #[napi]
    pub fn take(&self, env: &Env, max: u32) -> Option<Batch> {
        self.entry.before_take();
        let messages = self.entry.connection.event_loop().queued_messages(max as usize);
        if messages.is_empty() {
            return None;
        }
        let mut batch = Batch::received(messages);
        if let Ok(poller) = Poller::get() {
            poller.taken(&self.entry, batch.size());
        }
        batch.report_external_memory(env);
        Some(batch)
    }

    /// Sends what was gathered and reads what is there, on this thread, with the I/O thread kept away. The sum of
    /// `INLINE_NOTICES` if the mailbox has something and `INLINE_AWAITED` if a reply is still pending. `endInlineRead`
    /// must follow soon.
    #[napi]
    pub fn begin_inline_read(&self) -> u32 {
        let Ok(poller) = Poller::get() else { return 0 };
        let any = self.entry.mailbox.without_wakeup(|| poller.begin_inline_read(&self.entry));
        let awaited = self.entry.connection.stats().unanswered > 0;
        u32::from(any) * INLINE_NOTICES + u32::from(awaited) * INLINE_AWAITED
    }

    /// The I/O thread reads again.
    #[napi]
    pub fn end_inline_read(&self) {
        if let Ok(poller) = Poller::get() {
            poller.end_inline_read(&self.entry);
        }
    }

    /// Commands are held back until the next `beginInlineRead`, which must follow soon, and go out in one piece then.
    #[napi]
    pub fn gather(&self) {
        Poller::gather(&self.entry);
    }

    /// Enters it in the thread's table of connections, for `sendApi`; its number there.
    #[napi]
    pub fn number(&self) -> u32 {
        let number = self.number.get().unwrap_or_else(|| connection_table::insert(self.entry.clone()));
        self.number.set(Some(number));
        number
    }

    /// `api`; completed with the whole reply.
    #[napi]
    pub fn api_reply(&self, request: u32, command: String, arguments: String) -> Result<()> {
        let built = Command::api(&command, &arguments).map_err(|error| command::refused(&error))?;
        self.submit(request, Want::Reply, &built)
    }

    /// A command by its name; a refusal is a reply.
    #[napi]
    pub fn command(&self, request: u32, name: String, arguments: Vec<Option<String>>) -> Result<()> {
        self.submit(request, Want::Reply, &command::build(&name, &Arguments(&arguments))?)
    }

    /// As `command`; a refusal is an error that names `call`.
    #[napi]
    pub fn perform(
        &self,
        request: u32,
        call: String,
        name: String,
        arguments: Vec<Option<String>>,
    ) -> Result<()> {
        self.submit_to_succeed(request, &call, &command::build(&name, &Arguments(&arguments))?)
    }

    /// As `perform`, for commands to a channel: `uuid`, or the connection's own.
    #[napi]
    pub fn perform_on(
        &self,
        request: u32,
        call: String,
        name: String,
        uuid: Option<String>,
        arguments: Vec<Option<String>>,
    ) -> Result<()> {
        self.check_channel(&call, uuid.as_deref())?;
        let arguments = [vec![uuid], arguments].concat();
        self.submit_to_succeed(request, &call, &command::build(&name, &Arguments(&arguments))?)
    }

    /// `sendevent` or `sendmsg`; a refusal is a reply.
    #[napi]
    pub fn send_event(
        &self,
        request: u32,
        name: String,
        event: &Batch,
        at: u32,
        uuid: Option<String>,
    ) -> Result<()> {
        self.submit(request, Want::Reply, &command::with_event(&name, event, at, uuid.as_deref())?)
    }

    /// `sendevent`; a refusal is an error that names `call`.
    #[napi]
    pub fn perform_event(&self, request: u32, call: String, event: &Batch, at: u32) -> Result<()> {
        self.submit_to_succeed(request, &call, &command::with_event("sendevent", event, at, None)?)
    }

    /// `sendmsg` to that channel, or the connection's own; a refusal is an error that names `call`.
    #[napi]
    pub fn perform_message(
        &self,
        request: u32,
        call: String,
        event: &Batch,
        at: u32,
        uuid: Option<String>,
    ) -> Result<()> {
        self.check_channel(&call, uuid.as_deref())?;
        self.submit_to_succeed(request, &call, &command::with_event("sendmsg", event, at, uuid.as_deref())?)
    }

    /// `sendmsg` `execute`, completed with the server's reply; a refusal is a reply.
    #[napi]
    pub fn execute(&self, request: u32, options: NativeExecute) -> Result<()> {
        self.submit(request, Want::Reply, &options.build(&self.entry.connection)?)
    }

    /// As `execute`; a refusal is an error.
    #[napi]
    pub fn perform_execute(&self, request: u32, options: NativeExecute) -> Result<()> {
        let call = format!("execute {}", options.app);
        self.check_channel(&call, options.uuid.as_deref())?;
        self.submit_to_succeed(request, &call, &options.build(&self.entry.connection)?)
    }

    /// `execute`, completed when the application has ended.
    #[napi]
    pub fn execute_and_wait(&self, request: u32, options: NativeExecute) {
        let mailbox = self.entry.mailbox.clone();
        let done = move |executed| mailbox.push(completion(request, executed, Notice::Executed));
        let connection = &self.entry.connection;
        let started = connection.event_loop().execute_and_wait_with(options.execution(connection), done);
        self.sent();
        if let Err(error) = started {
            // Not thrown: what is thrown has neither cause nor event.
            self.entry.mailbox.push(Notice::Failed(request, error));
        }
    }

    /// A variable of that channel, or of the connection's own call; completed with its value, or null.
    #[napi]
    pub fn variable(&self, request: u32, name: String, uuid: Option<String>) -> Result<()> {
        let mailbox = self.entry.mailbox.clone();
        let done = move |value| mailbox.push(completion(request, value, Notice::Value));
        let started = self.entry.connection.event_loop().variable_with(uuid.as_deref(), &name, done);
        self.sent();
        started.map_err(|error| thrown(&error))
    }

    /// Hangs up, because the call's handler has failed, and closes; completed when that is done.
    #[napi]
    pub fn abandon(&self, request: u32, cause: String) {
        let mailbox = self.entry.mailbox.clone();
        self.entry
            .connection
            .event_loop()
            .abandon_with(&cause, move || mailbox.push(Notice::Value(request, None)));
        self.sent();
    }

    /// Whether the connection's own call has ended.
    #[napi(getter)]
    pub fn hung_up(&self) -> bool {
        self.entry.connection.hung_up()
    }

    #[napi(getter)]
    pub fn hangup_cause(&self) -> Option<String> {
        self.entry.connection.hangup_cause()
    }

    /// `host:port` of the far end, as it was when the connection began.
    #[napi(getter)]
    pub fn peer(&self) -> Option<String> {
        self.entry.peer.map(|address| address.to_string())
    }

    /// `bgapi`: the reply comes under `request`, the job's end under `job`. Returns the Job-UUID.
    #[napi]
    pub fn bgapi(
        &self,
        request: u32,
        job: u32,
        command: String,
        arguments: String,
        job_uuid: Option<String>,
    ) -> Result<String> {
        let (mailbox, jobs) = (self.entry.mailbox.clone(), self.entry.mailbox.clone());
        let started = self.entry.connection.event_loop().bgapi_with(
            &command,
            &arguments,
            job_uuid.as_deref(),
            move |reply| mailbox.push(completion(request, reply, Notice::Reply)),
            move |event| jobs.push(completion(job, event, Notice::Event)),
        );
        self.sent();
        started.map_err(|error| thrown(&error))
    }

    /// Throws when no job could ever be waited for.
    #[napi]
    pub fn check_jobs(&self) -> Result<()> {
        self.entry.connection.event_loop().check_jobs_are_heard().map_err(|error| thrown(&error))
    }

    /// Makes later executions carry `async: true`.
    #[napi]
    pub fn set_async_execute(&self, on: bool) -> bool {
        self.entry.connection.set_async_execute(on)
    }

    /// Makes later executions carry `event-lock: true`.
    #[napi]
    pub fn set_event_lock(&self, on: bool) -> bool {
        self.entry.connection.set_event_lock(on)
    }

    #[napi]
    pub fn disconnect(&self) {
        self.entry.connection.disconnect();
    }

    /// A command by its name; BLOCKS the JavaScript thread until the reply, for at most `timeout` ms.
    #[napi]
    pub fn command_sync(
        &self,
        name: String,
        arguments: Vec<Option<String>>,
        timeout: f64,
    ) -> Result<NativeReply> {
        self.wait(&command::build(&name, &Arguments(&arguments))?, timeout)
    }

    /// `api`; BLOCKS as `commandSync`.
    #[napi]
    pub fn api_sync(&self, command: String, arguments: String, timeout: f64) -> Result<NativeReply> {
        let built = Command::api(&command, &arguments).map_err(|error| command::refused(&error))?;
        self.wait(&built, timeout)
    }

    /// `execute`; BLOCKS as `commandSync`.
    #[napi]
    pub fn execute_sync(&self, options: NativeExecute, timeout: f64) -> Result<NativeReply> {
        self.wait(&options.build(&self.entry.connection)?, timeout)
    }

    /// `sendevent` or `sendmsg`; BLOCKS as `commandSync`.
    #[napi]
    pub fn send_event_sync(
        &self,
        name: String,
        event: &Batch,
        at: u32,
        uuid: Option<String>,
        timeout: f64,
    ) -> Result<NativeReply> {
        self.wait(&command::with_event(&name, event, at, uuid.as_deref())?, timeout)
    }

    /// The next message; BLOCKS the JavaScript thread for at most `timeout` ms (null: no limit). Null on a
    /// timeout.
    #[napi]
    pub fn receive_sync(&self, env: &Env, timeout: Option<f64>) -> Result<Option<Batch>> {
        let connection = &self.entry.connection;
        let message = match timeout {
            None => connection.recv_message().map(Some),
            Some(time) => connection.recv_message_timeout(crate::options::milliseconds("the timeout", time)?),
        };
        let message = message.map_err(|error| thrown(&error))?;
        Ok(message.map(|message| {
            let mut batch = Batch::received(vec![message]);
            batch.report_external_memory(env);
            batch
        }))
    }
}

impl NativeConnection {
    fn wait(&self, built: &Command, timeout: f64) -> Result<NativeReply> {
        let pending = self.entry.connection.submit(built);
        let reply = match crate::options::milliseconds("the timeout", timeout)? {
            time if time.is_zero() => pending.and_then(switchwire::PendingReply::wait),
            time => pending.and_then(|pending| pending.wait_timeout(time)),
        };
        reply.map(NativeReply::from).map_err(|error| thrown(&error))
    }
}

/// See `ExecuteOptions` in `index.d.ts`.
#[napi(object)]
pub struct NativeExecute {
    pub app: String,
    pub arg: Option<String>,
    pub uuid: Option<String>,
    pub event_uuid: Option<String>,
    pub loops: Option<u32>,
    pub event_lock: Option<bool>,
    pub asynchronous: Option<bool>,
    pub hold_bleg: Option<bool>,
}

impl NativeExecute {
    /// Starts from the connection's modes.
    fn execution(&self, connection: &Connection) -> Execute {
        let argument = self.arg.as_deref().unwrap_or_default();
        let mut execution = connection.prepare_execute(&self.app, argument, self.uuid.as_deref());
        if let Some(lock) = self.event_lock {
            execution = execution.event_lock(lock);
        }
        if let Some(asynchronous) = self.asynchronous {
            execution = execution.asynchronous(asynchronous);
        }
        if let Some(uuid) = &self.event_uuid {
            execution = execution.event_uuid(uuid);
        }
        if let Some(loops) = self.loops {
            execution = execution.loops(loops);
        }
        execution.hold_bleg(self.hold_bleg.unwrap_or_default())
    }

    fn build(&self, connection: &Connection) -> Result<Command> {
        self.execution(connection).build().map_err(|error| command::refused(&error))
    }
}

/// What the server lets a user do.
#[napi(object)]
pub struct NativePermissions {
    pub events: Option<String>,
    pub api: Option<String>,
    pub log: Option<bool>,
}

/// How a reply is wanted.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    Text,
    Reply,
}

/// The bytes of a command, for the layer that has a socket of JavaScript's own.
#[napi]
pub fn encode_command(name: String, arguments: Vec<Option<String>>) -> Result<Buffer> {
    let built = match name.as_str() {
        "api" => {
            let text = |at: usize| arguments.get(at).and_then(Option::as_deref).unwrap_or_default();
            Command::api(text(0), text(1)).map_err(|error| command::refused(&error))?
        }
        _ => command::build(&name, &Arguments(&arguments))?,
    };
    Ok(built.into_bytes().into())
}

/// The percent-decoded text.
#[napi(ts_return_type = "string")]
pub fn percent_decode(text: Buffer) -> Text<Vec<u8>> {
    Text(switchwire::proto::percent::decode(&text).into_owned())
}

/// `beginInlineRead`: the mailbox has notices.
#[napi]
pub const INLINE_NOTICES: u32 = 2;
/// `beginInlineRead`: a reply is still pending.
#[napi]
pub const INLINE_AWAITED: u32 = 1;

/// The version of the native part, which must be the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
