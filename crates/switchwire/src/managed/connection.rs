//! The supervised connection as its user sees it.

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use switchwire_proto::{Command, Execute, Subscription};

use super::change::Change;
use super::shared::Shared;
use super::{Lease, ManagedBuilder, ManagedStatus, StreamItem, Tries, supervisor};
use crate::deadline::Deadline;
use crate::{Connection, Error, ErrorKind, Event, Executed, Job, Reply, Result, Stats};

/// A connection to a server that comes back when it is lost: see [`builder`](Self::builder).
///
/// **The stream.** [`recv`](Self::recv) and its kin give, in order: `Connected`, the events and log lines, `Lost` once all
/// that was received before has been taken, `Restored` when the connection is back and subscribed again, and so on. Each
/// item goes to one receiver. Events that the server fires during an outage are not seen (it keeps none for us), which is
/// why each outage is told, and why `Restored` can carry the list of channels.
///
/// **Commands** go out on the present connection. Nothing is ever sent twice: a command whose reply was lost with the
/// connection fails with [`ErrorKind::OutcomeUnknown`], and so do jobs and applications under way. While there is no
/// connection, commands fail at once, or wait ([`WhileDown`](super::WhileDown)): they have not been sent then.
///
/// **Threads.** Any number may use it at once; clones are handles to the same connection. It has a thread of its own,
/// which ends with [`close`](Self::close), or with the last handle.
#[derive(Clone)]
pub struct ManagedConnection {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl ManagedConnection {
    /// Describes a supervised connection to that host and TCP port.
    #[must_use]
    pub fn builder(host: impl Into<String>, port: u16) -> ManagedBuilder {
        ManagedBuilder::new(host, port)
    }

    pub(super) fn start(shared: Shared) -> Result<Self> {
        let shared = Arc::new(shared);
        let run = {
            let shared = shared.clone();
            move || supervisor::run(&shared)
        };
        let spawned = std::thread::Builder::new().name("switchwire-managed".into()).spawn(run);
        let thread = spawned.map_err(|error| Error::from_io("cannot start a thread", error))?;
        Ok(Self { handle: Arc::new(Handle { shared, thread: Mutex::new(Some(thread)) }) })
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// Waits for the next item of the stream, without a time limit.
    ///
    /// # Errors
    /// Once all has been taken: the reason of `GaveUp`, or `Disconnected` after [`close`](Self::close).
    pub fn recv(&self) -> Result<StreamItem> {
        let item = self.shared().stream.recv(Deadline::NEVER)?;
        item.ok_or_else(super::shared::closed_here)
    }

    /// Waits for the next item for at most `timeout`; `Ok(None)` means that none has come, whether the connection is up or
    /// not.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<StreamItem>> {
        self.shared().stream.recv(Deadline::after(timeout))
    }

    /// The next item if one has come; never waits.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Option<StreamItem>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// Iterates over the items: waits for each, and ends with the stream. `for item in &connection` does the same.
    #[must_use]
    pub fn iter(&self) -> StreamItems<'_> {
        StreamItems { connection: self }
    }

    /// Up to `max` items that have been received, in order; never waits and never reads the socket. None means that the
    /// callback of [`on_ready`](Self::on_ready) will be called when there is something again. See [`ended`](Self::ended).
    #[must_use]
    pub fn take(&self, max: usize) -> Vec<StreamItem> {
        self.shared().stream.take(max)
    }

    /// As [`take`](Self::take), to the end of `taken`; nothing is announced for it.
    pub(crate) fn move_to(&self, taken: &mut Vec<StreamItem>, max: usize) {
        self.shared().stream.move_to(taken, max);
    }

    /// Makes the supervisor ask again whether it is to read.
    pub(crate) fn wake_supervisor(&self) {
        if let Some(connection) = self.shared().connection() {
            connection.engine().wake_watcher();
        }
    }

    /// Why nothing more will come; `None` while something may come, or waits to be taken.
    #[must_use]
    pub fn ended(&self) -> Option<Error> {
        self.shared().stream.ended()
    }

    /// For event loops: `notify` is called once when something has come after [`take`](Self::take) found nothing (and
    /// for the first item). It runs on the thread that reads and must not wait or take items itself. From now on the
    /// supervisor's thread reads all the time. A second call replaces the callback.
    pub fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static) {
        let stream = &self.shared().stream;
        stream.set_notify(Arc::new(notify));
        stream.announce_if_any();
        self.wake_supervisor();
    }

    /// For event loops: `ready` is called once with the present connection, or with the next one, or with the reason why there
    /// will be none. It runs here, or on the supervisor's thread, and must not wait. ([`while_down`](ManagedBuilder::while_down)
    /// does not apply: the loop keeps the timers.)
    pub fn on_up(&self, ready: impl FnOnce(Result<Connection>) + Send + 'static) {
        self.shared().on_up(Box::new(ready));
    }

    /// For event loops: `call` is called once when the supervisor's thread has read something (whatever it is), or the
    /// connection has ended: time to ask again what is asked, such as [`Job::try_take`](crate::Job::try_take). Ask after
    /// this call, too: what came before it is not announced. Needs [`on_ready`](Self::on_ready), which makes that the
    /// thread that reads.
    pub fn on_next_read(&self, call: impl FnOnce() + Send + 'static) {
        self.shared().next_read.add(Box::new(call));
    }

    /// The present connection: for all that it offers beside commands (`call`, `event_loop` …). It will not come back once
    /// it is over: ask again. Receiving on it takes events away from the stream.
    ///
    /// # Errors
    /// `Disconnected` while there is none; the reason when there will be none.
    pub fn connection(&self) -> Result<Connection> {
        self.shared().connection().ok_or_else(|| self.shared().down())
    }

    /// Waits for a connection for at most `timeout`.
    ///
    /// # Errors
    /// `Timeout` in the phase `Connect`; the reason when there will be none (a wrong password …).
    pub fn wait_up(&self, timeout: Duration) -> Result<Connection> {
        self.shared().wait_connection(Deadline::after(timeout))
    }

    /// How things stand.
    #[must_use]
    pub fn status(&self) -> ManagedStatus {
        self.shared().status()
    }

    /// The address (`host:port`) that is connected to, or was tried last.
    #[must_use]
    pub fn address(&self) -> String {
        self.shared().address()
    }

    /// `notify` is called after each change of the [`status`](Self::status)' state: up, down, given up, closed; also while
    /// nothing takes the stream. It runs on the thread that made the change, mostly the supervisor's, and must not wait. A
    /// second call replaces the callback.
    pub fn on_status(&self, notify: impl Fn() + Send + Sync + 'static) {
        *self.shared().on_status.lock() = Some(Arc::new(notify));
    }

    /// The counters, over all connections so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared().stream.stats()
    }

    /// The last HEARTBEAT of the present connection, where they are kept ([`ManagedBuilder::heartbeats`]).
    #[must_use]
    pub fn heartbeat(&self) -> Option<Event> {
        self.shared().heartbeat().map(switchwire_proto::Message::into_event)
    }

    /// How long ago it came.
    #[must_use]
    pub fn heartbeat_age(&self) -> Option<Duration> {
        self.shared().heartbeats(|kept| kept.at.map(|at| at.elapsed()))?
    }

    /// How many have come on the present connection.
    pub(crate) fn heartbeats_so_far(&self) -> u64 {
        self.shared().heartbeats(|kept| kept.count).unwrap_or(0)
    }

    /// `look` is called whenever the supervisor has looked after the peer.
    pub(crate) fn on_look(&self, look: impl Fn() + Send + Sync + 'static) {
        *self.shared().on_look.lock() = Some(Arc::new(look));
    }

    /// As [`close`](Self::close), without waiting for the thread.
    pub(crate) fn stop(&self) {
        self.shared().stop();
    }

    /// Adds to what the connections are subscribed to, now and after each reconnect, for as long as the lease lives. Other
    /// leases, and the subscription that the connection was built with, keep what they have: an event ends when the last
    /// one that wants it goes. Filters and the log level are the connection's, as on the server: a filter concerns the
    /// events of all leases, and the most verbose level counts. The format stays that of the first subscription.
    ///
    /// Waits for the server's reply when there is a connection; returns at once when there is none.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`; nothing has changed then.
    pub fn subscribe(&self, subscription: &Subscription) -> Result<Lease> {
        Change::begin(self.shared(), subscription)?.wait()
    }

    /// As [`subscribe`](Self::subscribe), for event loops: `done` gets the lease, or the error, here or on the supervisor's
    /// thread, and must not wait.
    ///
    /// # Errors
    /// `InvalidArgument`; `done` is not called then.
    pub fn subscribe_with(
        &self,
        subscription: &Subscription,
        done: impl FnOnce(Result<Lease>) + Send + 'static,
    ) -> Result<()> {
        Change::with(self.shared(), subscription, Box::new(done))
    }

    /// Ends the present connection and makes a new one, as after a loss.
    pub fn reconnect(&self) {
        if let Some(connection) = self.shared().connection() {
            connection.engine().close(Error::disconnected("a new connection was asked for on this side"));
        }
    }

    /// Ends it: closes the connection, wakes every waiter, joins the thread. What has been received can still be
    /// taken. A second call does nothing.
    pub fn close(&self) {
        self.handle.close();
    }

    /// [`Connection::request`], by the policy for commands while there is no connection.
    ///
    /// # Errors
    /// As there; `OutcomeUnknown` when the connection is lost before the reply comes.
    pub fn request(&self, command: &Command) -> Result<Reply> {
        self.with(|connection| connection.request(command))
    }

    /// [`Connection::perform`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `Refused`.
    pub fn perform(&self, call: &str, command: &Command) -> Result<Reply> {
        self.with(|connection| connection.perform(call, command))
    }

    /// [`Connection::send_recv`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`.
    pub fn send_recv(&self, command: impl AsRef<[u8]>) -> Result<Reply> {
        self.request(&Command::raw(command)?)
    }

    /// [`Connection::api`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`.
    pub fn api(&self, command: &str, arguments: &str) -> Result<Reply> {
        self.request(&Command::api(command, arguments)?)
    }

    /// [`Connection::bgapi`], likewise. The job ends with `OutcomeUnknown` when the connection is lost.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub fn bgapi(&self, command: &str, arguments: &str) -> Result<Job> {
        self.with(|connection| connection.bgapi(command, arguments))
    }

    /// [`Connection::execute_request`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub fn execute_request(&self, execute: &Execute) -> Result<Reply> {
        self.with(|connection| connection.execute_request(execute))
    }

    /// [`Connection::execute`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub fn execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.with(|connection| connection.execute(application, argument, uuid))
    }

    /// [`Connection::execute_and_wait`], likewise: `OutcomeUnknown` when the connection is lost meanwhile.
    ///
    /// # Errors
    /// As there.
    pub fn execute_and_wait(
        &self,
        application: &str,
        argument: &str,
        uuid: Option<&str>,
        timeout: Duration,
    ) -> Result<Executed> {
        self.with(|connection| connection.execute_and_wait(application, argument, uuid, timeout))
    }

    /// [`Connection::send_event`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub fn send_event(&self, event: &Event) -> Result<Reply> {
        self.with(|connection| connection.send_event(event))
    }

    /// Whether a command that failed with that on a supervised connection has not been sent, since the connection had ended
    /// (or there was none): it can go out on the next one, or on another server.
    #[must_use]
    pub fn is_unsent(error: &Error) -> bool {
        error.is_disconnected() && !matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Forked)
    }

    /// Begins the tries of one command, for bindings that wait in their own way: see [`Tries`].
    #[must_use]
    pub fn tries(&self) -> Tries {
        Tries::new(self.shared().plan.while_down)
    }

    /// Runs `call` on the present connection. Where it could not send, since that had just ended, it is run again on the
    /// next one, if the policy is to wait.
    fn with<T>(&self, call: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let tries = self.tries();
        loop {
            let connection = match tries.deadline() {
                None => self.connection()?,
                Some(deadline) => self.shared().wait_connection(deadline)?,
            };
            match call(&connection) {
                Err(error) if tries.goes_again(&error, &connection) => {}
                result => return result,
            }
        }
    }
}

impl Handle {
    fn close(&self) {
        self.shared.stop();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            // (It does not panic; and what would there be to do?)
            let _ = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for ManagedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedConnection")
            .field("addresses", &self.shared().plan.addresses)
            .field("state", &self.status().state)
            .finish_non_exhaustive()
    }
}

/// Iterator over the stream of a supervised connection: see [`ManagedConnection::iter`].
#[derive(Debug)]
pub struct StreamItems<'a> {
    connection: &'a ManagedConnection,
}

impl Iterator for StreamItems<'_> {
    type Item = StreamItem;

    fn next(&mut self) -> Option<StreamItem> {
        self.connection.recv().ok()
    }
}

impl<'a> IntoIterator for &'a ManagedConnection {
    type Item = StreamItem;
    type IntoIter = StreamItems<'a>;

    fn into_iter(self) -> StreamItems<'a> {
        self.iter()
    }
}
