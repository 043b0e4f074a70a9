//! The connection: the classic ESLconnection, in snake_case, for any number of threads.

mod abandon;
mod called;
mod events;
mod execute;
mod open;
mod opening;
mod outcome;
mod peer;
mod perform;
mod session;
mod variable;

pub use events::Incoming;
pub use execute::{Executed, Execution};
pub use opening::Opening;

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use switchwire_proto::{Command, Message, Permissions, Reply};

use crate::answer::Answer;
use crate::deadline::Deadline;
use crate::engine::{Engine, Pumped};
use crate::inbox::Stats;
use crate::job::Job;
use crate::pending::{PendingReply, Submitted};
use crate::waits::Awaited;
use crate::watch::Watcher;
use crate::{Builder, Error, ErrorKind, Event, Phase, Result};

/// A connection to FreeSWITCH's event socket: inbound (we connected, see [`Builder`]) or outbound (the server
/// connected to us for a call, see [`Listener`](crate::Listener)).
///
/// **Threads.** Every method takes `&self`, and any number of threads may use one connection at once: one may sit in
/// [`recv_event`](Self::recv_event) while ten call [`api`](Self::api). Cloning gives another handle to the same
/// connection; it is closed when the last handle is dropped.
///
/// **Blocking.** Nobody reads the socket but a thread that waits in one of these methods (and the thread that
/// [`subscribe`](Self::subscribe) starts), so [`as_raw_fd`](AsRawFd::as_raw_fd) may be used in your own poll loop
/// together with [`try_recv_event`](Self::try_recv_event) or [`pump`](Self::pump). Answers wait for at most the
/// command time-out.
///
/// **Processes.** A connection belongs to the process that made it. In a child made by `fork` every call fails with
/// [`ErrorKind::Forked`], and dropping the connection there closes the child's descriptor and nothing else: the parent's
/// connection goes on. (See [`forked_child`](crate::forked_child) for languages with a hook.)
///
/// **Order.** Commands are answered in the order in which they were sent. Events come in the order in which the server
/// sent them, each to one taker.
#[derive(Clone)]
pub struct Connection {
    engine: Arc<Engine>,
    parts: Arc<Parts>,
    /// Closes the connection with the last handle, whoever else still holds the engine.
    _last: Arc<CloseOnDrop>,
    modes: Arc<Modes>,
}

/// What was learned when the connection began.
struct Parts {
    /// Set at once, but for a call whose hand-shake is told by a callback.
    info: OnceLock<Message>,
    permissions: Permissions,
}

/// What later `execute`s carry.
#[derive(Default)]
struct Modes {
    async_execute: AtomicBool,
    event_lock: AtomicBool,
}

struct CloseOnDrop(Arc<Engine>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close(Error::disconnected("the connection was closed on this side"));
    }
}

impl Connection {
    /// Connects and logs in with the default options; [`Builder`] has them all.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub fn connect(host: &str, port: u16, password: &str) -> Result<Self> {
        Builder::new(host, port).password(password).connect()
    }

    fn from_parts(engine: Arc<Engine>, parts: Parts) -> Self {
        let last = Arc::new(CloseOnDrop(engine.clone()));
        Self { engine, parts: Arc::new(parts), _last: last, modes: Arc::default() }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether the connection is up: the server's goodbye counts also when nobody has read it yet (then all that came
    /// before it is queued now). Never waits. A peer that went silently is noticed by whoever reads or writes next.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.engine.is_up()
    }

    /// Whether the end of the connection has not been read yet; never looks at the socket. For programs that take
    /// events for as long as there may be some.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.engine.inbox_here().is_some_and(|inbox| inbox.closed.is_none())
    }

    /// Whether the peer has not sent a single byte so far: a connection that ends so was a probe (a load balancer's look
    /// whether the port is open), no failed call.
    #[must_use]
    pub fn heard_nothing(&self) -> bool {
        self.engine.heard_nothing()
    }

    /// Why the connection is over; `None` while it is up.
    #[must_use]
    pub fn disconnect_reason(&self) -> Option<Error> {
        self.engine.inbox_here().map_or_else(|| Some(Error::forked()), |inbox| inbox.closed.clone())
    }

    /// The socket's descriptor for your own select or poll, -1 when the connection is over.
    #[must_use]
    pub fn socket_descriptor(&self) -> i32 {
        if self.is_open() { self.engine.socket.raw() } else { -1 }
    }

    /// Outbound: the `CHANNEL_DATA` event that answered `connect`, with the call's variables. `None` inbound.
    #[must_use]
    pub fn info(&self) -> Option<Event> {
        self.parts.info.get().map(open::info_event)
    }

    /// Outbound: the message that answered `connect`, as it came.
    #[must_use]
    pub fn info_message(&self) -> Option<&Message> {
        self.parts.info.get()
    }

    /// Inbound: what the server lets us do, as it told when we logged in as a user.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.parts.permissions
    }

    /// The options that it was opened with.
    #[must_use]
    pub fn options(&self) -> &crate::Options {
        &self.engine.options
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.inbox_here().map(|inbox| inbox.stats()).unwrap_or_default()
    }

    /// Sends a command as it is written (a blank line is added) and does not wait for the answer, which is dropped
    /// when it comes.
    ///
    /// # Errors
    /// `InvalidArgument` when the text holds a second command, `Disconnected`, `Timeout` when the server takes nothing.
    pub fn send(&self, command: impl AsRef<[u8]>) -> Result<()> {
        self.engine.send(&Command::raw(command)?)
    }

    /// Sends a command as it is written and waits for its answer. Events that pass meanwhile are queued.
    ///
    /// # Errors
    /// As [`send`](Self::send), and `Timeout` when no answer comes in time. A `-ERR` answer is `Ok`: look at
    /// [`Reply::is_ok`].
    pub fn send_recv(&self, command: impl AsRef<[u8]>) -> Result<Reply> {
        self.request(&Command::raw(command)?)
    }

    /// Sends a built command and waits for its answer.
    ///
    /// # Errors
    /// `Timeout` or `Disconnected`.
    pub fn request(&self, command: &Command) -> Result<Reply> {
        self.engine.ask(command, self.engine.options.command_timeout)
    }

    /// Sends a built command without waiting: any number may be under way, each with its own handle.
    ///
    /// # Errors
    /// `Disconnected`, or `Timeout` when the server takes nothing.
    pub fn submit(&self, command: &Command) -> Result<PendingReply> {
        self.engine.submit(command)
    }

    /// Sends a built command; `callback` is run once with the answer (or why there is none) by the thread that reads
    /// it, which must not be held up. What is given lets the caller [give the reply up](Submitted::abandon).
    ///
    /// # Errors
    /// As [`submit`](Self::submit); the callback is not called then.
    pub fn submit_with(
        &self,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        self.engine.submit_with(command, Box::new(callback))
    }

    /// As [`submit`](Self::submit), but never waits: what has no room in the socket is held back, until
    /// [`pump`](Self::pump) or [`flush_timed`](Self::flush_timed) writes it.
    ///
    /// # Errors
    /// `Disconnected`, or `LimitExceeded` when too much is held back already.
    pub fn try_submit(&self, command: &Command) -> Result<PendingReply> {
        self.engine.try_submit(command)
    }

    /// As [`submit_with`](Self::submit_with), but never waits; see [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit); the callback is not called then.
    pub fn try_submit_with(
        &self,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        self.engine.try_submit_with(command, Box::new(callback))
    }

    /// Sends a built command whose answer nobody wants, without waiting; see [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit).
    pub fn try_send(&self, command: &Command) -> Result<()> {
        self.engine.try_send(command)
    }

    /// Sends a built command without waiting; its answer comes to [`recv_message`](Self::recv_message) in its place
    /// among the events, as classic programs expect of `send`. See [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit).
    pub fn try_send_queued(&self, command: &Command) -> Result<()> {
        self.engine.try_send_queued(command)
    }

    /// Writes what is held back, for at most `timeout`; says whether all is written.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn flush_timed(&self, timeout: Duration) -> Result<bool> {
        match self.engine.flush(Deadline::after(timeout)) {
            Ok(()) => Ok(true),
            Err(error) if error.is_timeout() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `api COMMAND ARGUMENTS`: the answer's body is the command's output. Every other command of this connection
    /// waits behind a long one: use [`bgapi`](Self::bgapi) for those.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn api(&self, command: &str, arguments: &str) -> Result<Reply> {
        self.request(&Command::api(command, arguments)?)
    }

    /// `bgapi COMMAND ARGUMENTS`: runs it in the server's background, under a new Job-UUID. Ask for `BACKGROUND_JOB`
    /// events first if you want to wait for its end.
    ///
    /// # Errors
    /// As [`api`](Self::api), and `Refused` when the server does not take it.
    pub fn bgapi(&self, command: &str, arguments: &str) -> Result<Job> {
        self.bgapi_as(command, arguments, &uuid::Uuid::new_v4().to_string())
    }

    /// As [`bgapi`](Self::bgapi), under a Job-UUID of your own.
    ///
    /// # Errors
    /// As [`bgapi`](Self::bgapi), and `InvalidArgument` when a job of that id is under way on this connection.
    pub fn bgapi_as(&self, command: &str, arguments: &str, job_uuid: &str) -> Result<Job> {
        let job = self.start_bgapi(command, arguments, job_uuid)?;
        self.engine.make_room()?;
        job.accepted(Deadline::after_option(self.engine.options.command_timeout))?
            .then_some(job)
            .ok_or_else(|| Error::timeout(Phase::Reply))
    }

    /// As [`bgapi_as`](Self::bgapi_as), but never waits, not even for the server's answer: the job tells of a refusal.
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit), and `InvalidArgument`.
    pub fn start_bgapi(&self, command: &str, arguments: &str, job_uuid: &str) -> Result<Job> {
        let command = Command::bgapi(command, arguments, Some(job_uuid))?;
        let watcher = Watcher::new(self.engine.clone(), job_uuid.to_owned(), Awaited::Job)?;
        let answer = Answer::to(self.engine.try_submit(&command)?);
        Ok(Job::new(watcher, answer))
    }

    /// `bgapi` in the classic form: the answer only, the job's event comes to [`recv_event`](Self::recv_event).
    ///
    /// # Errors
    /// As [`api`](Self::api).
    pub fn bgapi_reply(&self, command: &str, arguments: &str, job_uuid: Option<&str>) -> Result<Reply> {
        self.request(&Command::bgapi(command, arguments, job_uuid)?)
    }

    /// Reads what has arrived (about a megabyte at most, see [`Pumped::more`]) and writes what a full socket held back,
    /// without waiting: what an event loop calls when its poll says that the descriptor is ready. Then take events with [`try_recv_event`](Self::try_recv_event)
    /// until there are none.
    #[must_use]
    pub fn pump(&self) -> Pumped {
        self.engine.pump()
    }

    /// Gathers the commands that are sent without waiting (`try_…`) from now on. They are written in one go by the next
    /// [`pump`](Self::pump) or [`flush_writes`](Self::flush_writes), before the next command that is sent without `try_`,
    /// or at [`disconnect`](Self::disconnect); nothing else writes them. For event loops, whose programs often send many
    /// commands before the loop turns again.
    pub fn gather_writes(&self) {
        self.engine.gather();
    }

    /// Writes what was gathered or held back, as far as there is room; says whether some is left. Never waits.
    #[must_use]
    pub fn flush_writes(&self) -> bool {
        // A broken connection says so to its askers.
        self.engine.write_held().unwrap_or(false)
    }

    /// Gives buffers back that a busy time has left, and says how many bytes: for event loops, to be called when nothing
    /// has come for a while. (Calls that wait do so by themselves.)
    pub fn release_buffers(&self) -> usize {
        self.engine.release()
    }

    /// Closes the connection; threads that wait on it are woken with `Disconnected`. Sends no `exit`. A second call
    /// does nothing.
    pub fn disconnect(&self) {
        let _ = self.flush_writes();
        self.engine.close(Error::disconnected("the connection was closed on this side"));
    }

    /// `exit`: says goodbye, then closes.
    ///
    /// # Errors
    /// `Timeout`; the connection is closed all the same.
    pub fn exit(&self) -> Result<()> {
        let said = self.request(&Command::exit());
        self.disconnect();
        match said {
            Err(error) if error.kind() != ErrorKind::Disconnected => Err(error),
            _ => Ok(()),
        }
    }
}

impl AsRawFd for Connection {
    fn as_raw_fd(&self) -> RawFd {
        self.engine.socket.raw()
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.engine.socket.as_fd()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("fd", &self.engine.socket.raw())
            .field("outbound", &self.parts.info.get().is_some())
            .field("connected", &self.is_open())
            .finish_non_exhaustive()
    }
}

impl Modes {
    fn set(flag: &AtomicBool, on: bool) -> bool {
        flag.store(on, Ordering::Relaxed);
        on
    }
}
