//! `ESLconnection`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use switchwire::{BuildError, Command, Connection, Event, EventFormat, Execute, Message, Reply};

use super::connect::open;
use super::event::ClassicEvent;
use super::pointer::Pointer;
use crate::text::Text;
use crate::wait;

/// A connection of the classic object model.
///
/// `ESLconnection(host, port, password)`, `ESLconnection(host, port, user, password)`; `ESLconnection(fd)` for a call's
/// socket that the caller has accepted and goes on owning. A failed connect gives an object whose `connected()` is 0.
/// Commands wait for their replies without limit; Ctrl-C ends every wait.
#[pyclass(frozen, subclass, dict, weakref, name = "ESLconnection", module = "ESL")]
pub(crate) struct ClassicConnection {
    /// Empty until it was opened, and when that failed.
    connection: OnceLock<Connection>,
    /// `disconnect()` was called: what is still queued is not given out any more.
    closed: AtomicBool,
    /// The event received last, which `sendEvent` gives again.
    last: Mutex<Option<Event>>,
    async_execute: AtomicBool,
    event_lock: AtomicBool,
    owned: AtomicBool,
}

type Built = Result<Command, BuildError>;

impl ClassicConnection {
    /// The connection while it is any good: up, or with something left that was received.
    fn alive(&self) -> Option<&Connection> {
        let connection = self.connection.get()?;
        let closed = self.closed.load(Ordering::Relaxed);
        (!closed && (connection.is_open() || connection.stats().queued > 0)).then_some(connection)
    }

    /// Sends and waits; `None` for every failure.
    fn ask(&self, py: Python<'_>, command: Built) -> PyResult<Option<Reply>> {
        let (Some(connection), Ok(command)) = (self.alive(), command) else { return Ok(None) };
        Ok(wait::reply(py, connection, &command, None)?.ok().flatten())
    }

    fn ask_event(&self, py: Python<'_>, command: Built) -> PyResult<Option<ClassicEvent>> {
        Ok(self.ask(py, command)?.map(|reply| ClassicEvent::new(reply.event())))
    }

    fn received(&self, message: Message) -> ClassicEvent {
        let event = message.into_classic_event();
        *self.last.lock() = Some(event.clone());
        ClassicEvent::new(event)
    }

    fn run(
        &self,
        py: Python<'_>,
        call: (Option<Text<'_>>, Option<Text<'_>>, Option<Text<'_>>),
        asynchronous: bool,
    ) -> PyResult<Option<ClassicEvent>> {
        let (app, arg, uuid) = call;
        let mut execute = app
            .map_or_else(Execute::nothing, |app| Execute::new(app.bytes()))
            .asynchronous(asynchronous || self.async_execute.load(Ordering::Relaxed))
            .event_lock(self.event_lock.load(Ordering::Relaxed));
        if let Some(arg) = arg {
            execute = execute.argument(arg.bytes());
        }
        if let Some(uuid) = uuid {
            execute = execute.uuid(uuid.bytes());
        }
        self.ask_event(py, execute.build())
    }
}

#[pymethods]
impl ClassicConnection {
    /// Takes any arguments, as those of a subclass may be others: `__init__` reads them.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn __new__(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self {
            connection: OnceLock::new(),
            closed: AtomicBool::new(false),
            last: Mutex::new(None),
            async_execute: AtomicBool::new(false),
            event_lock: AtomicBool::new(false),
            owned: AtomicBool::new(true),
        }
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __init__(&self, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        if let Some(connection) = open(args, kwargs)? {
            // A second call changes nothing: the new connection is closed again.
            let _ = self.connection.set(connection);
        }
        Ok(())
    }

    /// 1 while the connection is up or something received is left to take, else 0.
    fn connected(&self) -> i32 {
        i32::from(self.alive().is_some())
    }

    /// The descriptor for your own select or poll, -1 when not connected. Take events until there are none before you
    /// wait for it again.
    #[pyo3(name = "socketDescriptor")]
    fn socket_descriptor(&self) -> i32 {
        self.alive().map_or(-1, std::os::fd::AsRawFd::as_raw_fd)
    }

    /// Outbound: the event that describes the call. Inbound: `None`.
    #[pyo3(name = "getInfo")]
    fn get_info(&self) -> Option<ClassicEvent> {
        Some(ClassicEvent::new(self.connection.get()?.info()?))
    }

    /// Sends a command and reads no reply: that comes to `recvEvent` as any other message. 0, or 1 when it failed.
    fn send(&self, py: Python<'_>, cmd: Option<Text<'_>>) -> PyResult<i32> {
        let (Some(connection), Some(cmd)) = (self.alive(), cmd) else { return Ok(1) };
        let sent = Command::raw(cmd.bytes()).map(|command| connection.event_loop().try_send_queued(&command));
        if !matches!(sent, Ok(Ok(()))) {
            return Ok(1);
        }
        let flushed = wait::until(py, None, |slice| Ok(connection.flush_timeout(slice)?.then_some(())))?;
        Ok(i32::from(flushed.is_err()))
    }

    /// Sends a command and waits for its reply; `None` when that fails.
    #[pyo3(name = "sendRecv")]
    fn send_recv(&self, py: Python<'_>, cmd: Option<Text<'_>>) -> PyResult<Option<ClassicEvent>> {
        let Some(cmd) = cmd else { return Ok(None) };
        self.ask_event(py, Command::raw(cmd.bytes()))
    }

    /// `api CMD ARG`: the reply's body is the output. `None` when that fails.
    #[pyo3(signature = (cmd, arg=None))]
    fn api(
        &self,
        py: Python<'_>,
        cmd: Option<Text<'_>>,
        arg: Option<Text<'_>>,
    ) -> PyResult<Option<ClassicEvent>> {
        let Some(cmd) = cmd else { return Ok(None) };
        self.ask_event(py, Command::api_bytes(cmd.bytes(), bytes(arg.as_ref())))
    }

    /// `bgapi CMD ARG`: the reply has the Job-UUID, the result comes as a BACKGROUND_JOB event.
    #[pyo3(signature = (cmd, arg=None, job_uuid=None))]
    fn bgapi(
        &self,
        py: Python<'_>,
        cmd: Option<Text<'_>>,
        arg: Option<Text<'_>>,
        job_uuid: Option<Text<'_>>,
    ) -> PyResult<Option<ClassicEvent>> {
        let Some(cmd) = cmd else { return Ok(None) };
        let uuid = job_uuid.as_ref().map(Text::bytes);
        self.ask_event(py, Command::bgapi_bytes(cmd.bytes(), bytes(arg.as_ref()), uuid))
    }

    /// Fires an event. Gives the event received last once more (the reply, when there is none), or one of type
    /// SERVER_DISCONNECTED when it failed.
    #[pyo3(name = "sendEvent")]
    fn send_event(
        &self,
        py: Python<'_>,
        send_me: Option<&Bound<'_, ClassicEvent>>,
    ) -> PyResult<ClassicEvent> {
        let Some(event) = send_me.and_then(|event| event.get().content()) else {
            return Ok(ClassicEvent::disconnected());
        };
        let Some(reply) = self.ask(py, Command::sendevent(&event))? else {
            return Ok(ClassicEvent::disconnected());
        };
        let last = self.last.lock().clone();
        Ok(ClassicEvent::new(last.map_or_else(|| reply.event(), |event| event.duplicate())))
    }

    /// `sendmsg` with the event's headers and body. 0, or 1 when it failed.
    #[pyo3(signature = (send_me, uuid=None), name = "sendMSG")]
    fn send_msg(
        &self,
        py: Python<'_>,
        send_me: Option<&Bound<'_, ClassicEvent>>,
        uuid: Option<Text<'_>>,
    ) -> PyResult<i32> {
        let event = send_me.and_then(|event| event.get().content());
        let (Some(event), Ok(uuid)) = (event, uuid.as_ref().map(Text::utf8).transpose()) else {
            return Ok(1);
        };
        Ok(i32::from(self.ask(py, Command::sendmsg(uuid, &event))?.is_none()))
    }

    /// Waits for the next event; one of type SERVER_DISCONNECTED when the connection is over.
    #[pyo3(name = "recvEvent")]
    fn recv_event(&self, py: Python<'_>) -> PyResult<ClassicEvent> {
        let Some(connection) = self.receiving() else { return Ok(ClassicEvent::disconnected()) };
        match wait::message(py, connection, None)? {
            Ok(Some(message)) => Ok(self.received(message)),
            _ => Ok(ClassicEvent::disconnected()),
        }
    }

    /// Waits for the next event for at most `ms` milliseconds (0: no limit); `None` on a timeout or the
    /// connection is over. On a dead connection the time is waited out, so that a polling loop does not spin.
    #[pyo3(name = "recvEventTimed")]
    fn recv_event_timed(&self, py: Python<'_>, ms: i32) -> PyResult<Option<ClassicEvent>> {
        let limit = u64::try_from(ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis);
        if self.alive().is_none() {
            wait::pause(py, limit.unwrap_or(DEAD))?;
            return Ok(None);
        }
        let Some(connection) = self.receiving() else { return Ok(None) };
        Ok(wait::message(py, connection, limit)?.ok().flatten().map(|message| self.received(message)))
    }

    /// `filter HEADER VALUE`.
    fn filter(
        &self,
        py: Python<'_>,
        header: Option<Text<'_>>,
        value: Option<Text<'_>>,
    ) -> PyResult<Option<ClassicEvent>> {
        let (Some(header), Some(value)) = (header, value) else { return Ok(None) };
        self.ask_event(py, Command::filter_bytes(header.bytes(), value.bytes()))
    }

    /// `event FORMAT NAMES`; any format that is not json or xml is plain. 0, or 1 when it failed.
    fn events(&self, py: Python<'_>, etype: Option<Text<'_>>, value: Option<Text<'_>>) -> PyResult<i32> {
        let format = etype.as_ref().and_then(|name| name.utf8().ok()).and_then(EventFormat::from_name);
        let command = Command::event_bytes(format.unwrap_or_default(), bytes(value.as_ref()));
        Ok(i32::from(self.ask(py, command)?.is_none()))
    }

    /// Runs a dialplan application; gives the reply (that it was queued), not its end.
    #[pyo3(signature = (app, arg=None, uuid=None))]
    fn execute(
        &self,
        py: Python<'_>,
        app: Option<Text<'_>>,
        arg: Option<Text<'_>>,
        uuid: Option<Text<'_>>,
    ) -> PyResult<Option<ClassicEvent>> {
        self.run(py, (app, arg, uuid), false)
    }

    /// As `execute`, with `async: true`.
    #[pyo3(signature = (app, arg=None, uuid=None), name = "executeAsync")]
    fn execute_async(
        &self,
        py: Python<'_>,
        app: Option<Text<'_>>,
        arg: Option<Text<'_>>,
        uuid: Option<Text<'_>>,
    ) -> PyResult<Option<ClassicEvent>> {
        self.run(py, (app, arg, uuid), true)
    }

    /// Makes every later `execute` carry `async: true`, or not (`'1'`, `'true'`, `'0'` ...); gives the value now.
    #[pyo3(name = "setAsyncExecute")]
    fn set_async_execute(&self, val: Option<Text<'_>>) -> i32 {
        set(&self.async_execute, val.as_ref())
    }

    /// Makes every later `execute` carry `event-lock: true`, or not; gives the value now.
    #[pyo3(name = "setEventLock")]
    fn set_event_lock(&self, val: Option<Text<'_>>) -> i32 {
        set(&self.event_lock, val.as_ref())
    }

    /// Closes the connection; sends no `exit`. May be called again. Always 0.
    fn disconnect(&self) -> i32 {
        self.closed.store(true, Ordering::Relaxed);
        if let Some(connection) = self.connection.get() {
            connection.disconnect();
        }
        0
    }

    /// Opaque: what the wrapped object was.
    #[getter]
    fn this(&self) -> Pointer {
        Pointer::to("ESLconnection", self)
    }

    /// Kept for compatibility: memory is managed without it.
    #[getter]
    fn thisown(&self) -> bool {
        self.owned.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_thisown(&self, owned: bool) {
        self.owned.store(owned, Ordering::Relaxed);
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(format!("<ESL.{name}; proxy of {} >", slf.get().this().text()))
    }
}

impl ClassicConnection {
    /// The connection to receive from; whether it is up shows when it is tried.
    fn receiving(&self) -> Option<&Connection> {
        self.connection.get().filter(|_| !self.closed.load(Ordering::Relaxed))
    }
}

/// The bytes of an argument; none are as good as empty.
fn bytes<'a>(argument: Option<&'a Text<'_>>) -> &'a [u8] {
    argument.map_or(&[], Text::bytes)
}

fn set(flag: &AtomicBool, value: Option<&Text<'_>>) -> i32 {
    let on = value.is_some_and(|value| is_true(value.bytes()));
    flag.store(on, Ordering::Relaxed);
    i32::from(on)
}

/// What the classic library takes for true.
fn is_true(value: &[u8]) -> bool {
    let words: [&[u8]; 5] = [b"yes", b"on", b"true", b"enabled", b"active"];
    words.iter().any(|word| value.eq_ignore_ascii_case(word)) || is_number_above_zero(value)
}

/// Digits, perhaps with a sign and a fraction, that C's `atoi` reads as anything but 0.
fn is_number_above_zero(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").or(value.strip_prefix(b"+")).unwrap_or(value);
    let whole = digits.split(|byte| *byte == b'.').next().unwrap_or_default();
    digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') && whole.iter().any(|byte| *byte != b'0')
}

/// How long `recvEventTimed(0)` takes on a dead connection.
const DEAD: Duration = Duration::from_millis(10);
