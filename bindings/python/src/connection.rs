//! The native half of `switchwire.Connection` and `switchwire.aio.Connection`.

use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use switchwire::{Connection as CoreConnection, Error, Phase};

use crate::call::{self, Call, Originating};
use crate::calls::{self, Calls};
use crate::command::Command;
use crate::conference::{self, Conference};
use crate::consumer::{self, ConsumerThread};
use crate::dial::{Originated, Wanted};
use crate::errors::{exception, timeout as timeout_error};
use crate::event::Event;
use crate::execute::Execute;
use crate::future::Delivery;
use crate::incoming::event;
use crate::job::{Execution, Job};
use crate::log;
use crate::mailbox::Mailbox;
use crate::memory;
use crate::notice::{LingerNotice, Notices};
use crate::opening::Handle;
use crate::pending_futures::{Left, PendingFutures};
use crate::reply::Reply;
use crate::text::string;
use crate::timeout::{Timeout, duration};
use crate::wait;

/// What the blocking and the asyncio connection are built on.
#[pyclass(frozen, subclass, weakref, module = "switchwire._native")]
pub(crate) struct Connection {
    core: CoreConnection,
    pending: PendingFutures,
    delivery: Delivery,
    /// Kept, as a connection that is over has none.
    peer: Option<SocketAddr>,
    notices: Arc<Notices>,
    end_told: AtomicBool,
}

impl Connection {
    /// The core's, and how what it finds gets to Python.
    pub(crate) fn parts(&self) -> (&CoreConnection, &Delivery) {
        (&self.core, &self.delivery)
    }

    /// Logs the end of the connection, once.
    fn tell_end(&self, py: Python<'_>) {
        if !self.core.is_open() && !self.end_told.swap(true, Ordering::Relaxed) {
            let reason = self.core.disconnect_reason();
            log::debug(py, || {
                let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
                format!("{}: disconnected{reason}", log::peer(self.peer))
            });
        }
    }

    fn limit(&self, timeout: Option<Timeout>) -> Option<Duration> {
        duration(timeout).or_else(|| self.core.options().command_timeout)
    }

    fn ask(
        &self,
        py: Python<'_>,
        command: &switchwire::Command,
        timeout: Option<Timeout>,
    ) -> PyResult<switchwire::Reply> {
        log::command(py, &self.core, || command.name());
        match wait::reply(py, &self.core, command, self.limit(timeout))? {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(timeout_error(py, Phase::Reply)),
            Err(error) => {
                self.tell_end(py);
                Err(exception(py, &error))
            }
        }
    }
}

fn api(py: Python<'_>, command: &str, arguments: &str) -> PyResult<switchwire::Command> {
    switchwire::Command::api(command, arguments).map_err(|error| exception(py, &error.into()))
}

/// What an api command has put out; a refusal is an error when the command is to be checked.
fn output<'py>(
    py: Python<'py>,
    reply: &switchwire::Reply,
    checked: Option<&str>,
) -> PyResult<Bound<'py, PyString>> {
    if let Some(command) = checked
        && let Some(refusal) = reply.error()
    {
        return Err(exception(py, &Error::refused(command, &refusal)));
    }
    string(py, &reply.text_bytes())
}

#[pymethods]
impl Connection {
    /// With a `mailbox` a supervisor reads the connection, and futures are filled from there.
    #[new]
    #[pyo3(signature = (handle, mailbox=None))]
    fn __new__(handle: &Bound<'_, Handle>, mailbox: Option<&Bound<'_, Mailbox>>) -> PyResult<Self> {
        let core = handle.get().take()?;
        let peer = core.peer_addr();
        let delivery = mailbox.map_or(Delivery::Here, |mailbox| Delivery::Letters(mailbox.get().letters()));
        let pending = PendingFutures::new(delivery.clone());
        Ok(Self { core, pending, delivery, peer, notices: Arc::default(), end_told: AtomicBool::new(false) })
    }

    /// Sends a built command and waits for its reply.
    #[pyo3(signature = (command, timeout=None))]
    fn _request(
        &self,
        py: Python<'_>,
        command: &Bound<'_, Command>,
        timeout: Option<Timeout>,
    ) -> PyResult<Reply> {
        self.ask(py, &command.get().0, timeout).map(Reply)
    }

    /// As `_request` for a command that is to succeed: a refusal is an error that names the call.
    #[pyo3(signature = (call, command, timeout=None))]
    fn _perform(
        &self,
        py: Python<'_>,
        call: &str,
        command: &Bound<'_, Command>,
        timeout: Option<Timeout>,
    ) -> PyResult<Reply> {
        let command = &command.get().0;
        let reply = self.ask(py, command, timeout)?;
        CoreConnection::performed(call, command, reply).map(Reply).map_err(|error| exception(py, &error))
    }

    /// Refuses what needs a channel's uuid and has none.
    fn _check_channel(&self, py: Python<'_>, call: &str, uuid: Option<&str>) -> PyResult<()> {
        self.core.check_channel(call, uuid).map_err(|error| exception(py, &error))
    }

    /// As `_request` for an api command, giving its output.
    fn _api<'py>(
        &self,
        py: Python<'py>,
        command: &str,
        arguments: &str,
        timeout: Option<Timeout>,
        check: bool,
    ) -> PyResult<Bound<'py, PyString>> {
        let reply = self.ask(py, &api(py, command, arguments)?, timeout)?;
        output(py, &reply, check.then_some(command))
    }

    /// Sends a built command; its reply is dropped.
    fn _send(&self, py: Python<'_>, command: &Bound<'_, Command>) -> PyResult<()> {
        log::command(py, &self.core, || command.get().0.name());
        let sent = self.core.event_loop().try_send(&command.get().0);
        sent.map_err(|error| exception(py, &error))?;
        let flushed =
            wait::until(py, self.limit(None), |slice| Ok(self.core.flush_timeout(slice)?.then_some(())))?;
        match flushed {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(timeout_error(py, Phase::Send)),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// Sends a built command without waiting; its reply is dropped. Says whether some of it has no room yet.
    fn _try_send(&self, py: Python<'_>, command: &Bound<'_, Command>) -> PyResult<bool> {
        log::command(py, &self.core, || command.get().0.name());
        let sent = self.core.event_loop().try_send(&command.get().0);
        sent.map_err(|error| exception(py, &error))?;
        Ok(self.core.event_loop().wants_write())
    }

    /// Sends a built command without waiting; `future` gets the `Reply`, or a timeout after `limit` seconds. Says
    /// whether the loop has something to do, see `_left`.
    fn _ask(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        limit: Option<f64>,
        command: &Bound<'_, Command>,
    ) -> PyResult<bool> {
        self.pending.ask(py, &self.core, &command.get().0, future, limit, |py, reply| {
            Ok(Bound::new(py, Reply(reply))?.into_any())
        })
    }

    /// As `_ask` for a command that is to succeed, see `_perform`.
    fn _ask_perform(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        limit: Option<f64>,
        call: String,
        command: &Bound<'_, Command>,
    ) -> PyResult<bool> {
        let command = command.get().0.clone();
        let asked = command.clone();
        self.pending.ask(py, &self.core, &asked, future, limit, move |py, reply| {
            let reply = CoreConnection::performed(&call, &command, reply);
            Ok(Bound::new(py, Reply(reply.map_err(|error| exception(py, &error))?))?.into_any())
        })
    }

    /// As `_ask` for an api command; `future` gets its output.
    fn _ask_api(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        limit: Option<f64>,
        command: &str,
        arguments: &str,
        check: bool,
    ) -> PyResult<bool> {
        let built = api(py, command, arguments)?;
        let checked = check.then(|| command.to_owned());
        self.pending.ask(py, &self.core, &built, future, limit, move |py, reply| {
            Ok(output(py, &reply, checked.as_deref())?.into_any())
        })
    }

    /// What the loop is to do for the commands sent: `_pump` when the socket has room, `_flush` at the end of this
    /// turn, `_expire` after that many seconds (replacing the time given before).
    fn _left(&self) -> Left {
        self.pending.left(&self.core)
    }

    /// The future was cancelled.
    fn _abandon(&self, future: &Bound<'_, PyAny>) {
        self.pending.abandon(future);
    }

    /// Fails the commands whose timeout has passed.
    fn _expire(&self, py: Python<'_>) {
        self.pending.expire(py);
    }

    /// Starts a background job, without waiting for the server's reply.
    fn _start_bgapi(&self, py: Python<'_>, command: &str, arguments: &str, job_uuid: &str) -> PyResult<Job> {
        log::command(py, &self.core, || format!("bgapi {command}"));
        let job = self.core.event_loop().start_bgapi(command, arguments, job_uuid);
        job.map(Job::new).map_err(|error| exception(py, &error))
    }

    /// Starts an application to be waited for.
    fn _start_execute(&self, py: Python<'_>, execute: &Bound<'_, Execute>) -> PyResult<Execution> {
        log::command(py, &self.core, || "execute".to_owned());
        let execution = self.core.event_loop().start_execute(execute.get().0.clone());
        execution.map(Execution::new).map_err(|error| exception(py, &error))
    }

    /// A variable of a channel, waited for.
    fn _variable(
        &self,
        py: Python<'_>,
        name: &str,
        uuid: Option<&str>,
        timeout: Option<Timeout>,
    ) -> PyResult<Option<String>> {
        let waiting =
            self.core.event_loop().start_variable(uuid, name).map_err(|error| exception(py, &error))?;
        match wait::until(py, self.limit(timeout), |slice| waiting.take_timeout(slice))? {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(timeout_error(py, Phase::Reply)),
            Err(error) => Err(exception(py, &error)),
        }
    }

    /// A variable of a channel; `future` gets it. Says whether the loop is to write.
    fn _ask_variable(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        name: &str,
        uuid: Option<&str>,
    ) -> PyResult<bool> {
        let value = |py: Python<'_>, value: Option<String>| Ok(value.into_pyobject(py)?.into_any().unbind());
        let filled = self.delivery.fill(future, value);
        let asked = self.core.event_loop().variable_with(uuid, name, filled);
        asked.map_err(|error| exception(py, &error))?;
        Ok(self.core.event_loop().wants_write())
    }

    /// The connection's own call, or that of a channel.
    #[pyo3(signature = (uuid=None))]
    fn _call(&self, py: Python<'_>, uuid: Option<&str>) -> PyResult<Call> {
        match uuid {
            Some(uuid) => call::of(py, &self.core, uuid, self.delivery.clone()),
            None => call::own(py, &self.core, self.delivery.clone()),
        }
    }

    /// The conference of that name.
    fn _conference(&self, py: Python<'_>, name: &str) -> PyResult<Conference> {
        conference::named(py, &self.core, name, self.delivery.clone())
    }

    /// Tracks the server's calls: waits until those that are up are known.
    fn _calls(&self, py: Python<'_>, keep_events: bool, timeout: Option<Timeout>) -> PyResult<Calls> {
        calls::track(py, &self.core, keep_events, self.limit(timeout))
    }

    /// The same without waiting; `future` gets `None` when they are known.
    fn _ask_calls(&self, py: Python<'_>, future: Py<PyAny>, keep_events: bool) -> PyResult<Calls> {
        calls::ask(py, &self.core, keep_events, future, self.delivery.clone())
    }

    /// Starts a call, without waiting.
    #[expect(clippy::too_many_arguments, reason = "one for each option of Python's method")]
    fn _start_originate(
        &self,
        py: Python<'_>,
        dial: &Bound<'_, PyAny>,
        extension: Option<String>,
        application: Option<String>,
        argument: Option<String>,
        inline: Option<Vec<(String, Option<String>)>>,
        bridge: Option<Bound<'_, PyAny>>,
        dialplan: Option<String>,
        context: Option<String>,
        caller_id: Option<(String, String)>,
        ring: Option<Timeout>,
        job_uuid: Option<String>,
    ) -> PyResult<Originating> {
        let target = Wanted { extension, application, argument, inline, bridge };
        let asked = Originated { dial, target, dialplan, context, caller_id, ring };
        log::command(py, &self.core, || "bgapi originate".to_owned());
        let started = self.core.event_loop().start_originate(&asked.core(py)?, job_uuid.as_deref());
        started.map(Originating::new).map_err(|error| exception(py, &error))
    }

    /// Hangs the call up and closes, as is done when its handler has failed; waits for at most `patience`.
    fn _give_up(&self, py: Python<'_>, cause: &str, patience: Timeout) {
        py.detach(|| self.core.abandon(cause, patience.0));
        self.pending.answered(0);
    }

    /// As `_give_up` without waiting; `future` gets `None` once it is done. Says whether the loop is to write.
    fn _ask_give_up(&self, future: Py<PyAny>, cause: &str) -> bool {
        let filled = self.delivery.fill(future, |py, ()| Ok(py.None()));
        self.core.event_loop().abandon_with(cause, move || filled(Ok(())));
        self.core.event_loop().wants_write()
    }

    /// Waits for the next event, for at most `timeout` when given; `None` when that has passed. Log lines met on the
    /// way go to `logging`. Raises `DisconnectedError` once the connection is over and every event was taken.
    #[pyo3(signature = (timeout=None))]
    fn recv(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<Option<Event>> {
        let end = duration(timeout).and_then(|time| std::time::Instant::now().checked_add(time));
        loop {
            let left = end.map(|end| end.saturating_duration_since(std::time::Instant::now()));
            match wait::message(py, &self.core, left)? {
                Ok(None) => return Ok(None),
                Ok(Some(message)) => {
                    if let Some(event) = event(py, message, &self.notices)? {
                        return Ok(Some(event));
                    }
                }
                Err(error) => {
                    self.tell_end(py);
                    return Err(exception(py, &error));
                }
            }
        }
    }

    /// The next event that has been received already; never looks at the socket. Raises as `recv`.
    fn _queued(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        while let Some(message) = self.core.event_loop().queued_message() {
            if let Some(event) = event(py, message, &self.notices)? {
                return Ok(Some(event));
            }
        }
        match self.core.disconnect_reason() {
            Some(reason) => Err(exception(py, &reason)),
            None => Ok(None),
        }
    }

    /// Reads all that has arrived and writes what was held back, without waiting: whether there is more to write, and
    /// whether the connection is up.
    fn _pump(&self, py: Python<'_>) -> (bool, bool) {
        let pumped = self.core.event_loop().pump();
        if !pumped.connected {
            self.tell_end(py);
        }
        self.pending.answered(self.core.stats().unanswered);
        (pumped.wants_write, pumped.connected)
    }

    /// Where a supervisor reads: what it has brought.
    fn _answered(&self) {
        self.pending.answered(self.core.stats().unanswered);
    }

    /// Whether the connection is up, without a look at the socket.
    fn _is_open(&self) -> bool {
        self.core.is_open()
    }

    /// Writes what was gathered; says whether something is held back.
    fn _flush(&self) -> bool {
        self.pending.flushed();
        self.core.event_loop().flush_writes()
    }

    /// Gives back the memory that a busy time has left: for event loops, when nothing has come for a while.
    fn _release(&self, py: Python<'_>) {
        py.detach(|| {
            if self.core.event_loop().release_buffers() > FLOOD {
                memory::trim();
            }
        });
    }

    /// Starts a native thread that calls `take` with every event until it says no.
    fn _consume(&self, take: Py<PyAny>) -> PyResult<ConsumerThread> {
        consumer::start(self.core.clone(), self.notices.clone(), take)
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Event> {
        loop {
            match wait::message(py, &self.core, None)? {
                Ok(Some(message)) => {
                    if let Some(event) = event(py, message, &self.notices)? {
                        return Ok(event);
                    }
                }
                Ok(None) | Err(_) => {
                    self.tell_end(py);
                    return Err(PyStopIteration::new_err(()));
                }
            }
        }
    }

    /// Whether the connection is up, as far as is known.
    #[getter]
    fn connected(&self) -> bool {
        self.core.connected()
    }

    /// Why the connection is over, as the exception that a call would raise; `None` while it is up.
    #[getter]
    fn disconnect_reason(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let reason = self.core.disconnect_reason()?;
        Some(exception(py, &reason).into_value(py).into_any())
    }

    /// Outbound: the event that describes the call. Inbound: `None`.
    #[getter]
    fn info(&self) -> Option<Event> {
        self.core.info().map(Event::new)
    }

    /// Outbound: the uuid of the call.
    #[getter]
    fn channel_uuid(&self) -> Option<String> {
        self.core.channel_uuid()
    }

    /// Whether the connection's own call is known to have ended: from the server's notices, and from the call's events.
    /// Looks at what has arrived, and never waits.
    #[getter]
    fn hung_up(&self) -> bool {
        self.core.hung_up()
    }

    /// Why the connection's own call has ended, e.g. `NORMAL_CLEARING`; `None` while it is up, and where no event has
    /// named it.
    #[getter]
    fn hangup_cause(&self) -> Option<String> {
        self.core.hangup_cause()
    }

    /// Outbound: whether the reply to `execute` comes only when the application has ended (the socket application without
    /// `async`).
    #[getter]
    fn is_sync(&self) -> bool {
        self.core.is_sync()
    }

    /// The timeout of each reply in seconds; `None` means no limit.
    #[getter]
    fn _command_timeout(&self) -> Option<f64> {
        self.limit(None).map(|limit| limit.as_secs_f64())
    }

    /// The server's notice that the call has ended and the connection lingers on, once it was met in receiving.
    #[getter]
    fn linger_notice(&self, py: Python<'_>) -> Option<Py<LingerNotice>> {
        self.notices.last(py)
    }

    /// What is called with the linger notice when it is met in receiving, in its place among the events; `None` is
    /// nothing.
    #[getter]
    fn on_linger(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.notices.hook(py)
    }

    #[setter]
    fn set_on_linger(&self, hook: Option<Py<PyAny>>) {
        self.notices.set_hook(hook);
    }

    /// The counters, by name.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counters(py, &self.core.stats())
    }

    /// The socket's descriptor, for select and friends; -1 when the connection is over.
    fn fileno(&self) -> i32 {
        self.core.socket_descriptor()
    }

    /// The socket's descriptor even when the connection is over.
    fn _raw_fileno(&self) -> i32 {
        self.core.as_raw_fd()
    }

    /// Closes the connection; every wait on it ends with `DisconnectedError`. Sends no `exit`; a second call does nothing.
    fn disconnect(&self, py: Python<'_>) {
        py.detach(|| self.core.disconnect());
        self.tell_end(py);
        self.pending.answered(0);
    }

    /// Side, peer, call and state, for `repr`.
    fn _description(&self) -> String {
        let outbound = self.core.info_message().is_some();
        let mut text = if outbound { "outbound".to_owned() } else { "inbound".to_owned() };
        if let Some(peer) = self.peer {
            let word = if outbound { "from" } else { "to" };
            text.push_str(&format!(" {word} {peer}"));
        }
        if let Some(uuid) = self.core.channel_uuid() {
            text.push_str(&format!(", call {uuid}"));
        }
        text.push_str(match (self.core.connected(), self.core.hung_up()) {
            (false, _) => ", closed",
            (true, true) => ", hung up",
            (true, false) => ", connected",
        });
        text
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(format!("<switchwire.{name} {}>", slf.get()._description()))
    }
}

/// The counters by their names.
pub(crate) fn counters<'py>(py: Python<'py>, stats: &switchwire::Stats) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    all.set_item("received", stats.received)?;
    all.set_item("dropped_events", stats.dropped_events)?;
    all.set_item("dropped_by_bytes", stats.dropped_by_bytes)?;
    all.set_item("late_replies", stats.late_replies)?;
    all.set_item("unasked_replies", stats.unasked_replies)?;
    all.set_item("queued", stats.queued)?;
    all.set_item("queued_bytes", stats.queued_bytes)?;
    all.set_item("unanswered", stats.unanswered)?;
    Ok(all)
}

/// Buffers larger than this were made by a flood.
const FLOOD: usize = 64 * 1024;
