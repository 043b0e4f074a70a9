//! Opening a connection on a connected socket, step by step: the login inbound, `connect` outbound.

use std::fmt;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use switchwire_proto::{Command, ContentType, Login, LoginError, LoginStep, Message, Permissions, Reply};

use super::{Connection, Handshake};
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::options::Options;
use crate::pending::PendingReply;
use crate::sync::Socket;
use crate::telemetry::Side;
use crate::{Error, Phase, Result};

/// A connection that is being opened on a connected socket, for event loops: call [`advance`](Self::advance) when the
/// descriptor is ready. ([`Connection::log_in`] and [`Connection::outbound`] do all of it in one blocking call.)
///
/// The socket is closed when the opening fails, or is dropped before its end.
pub struct Opening {
    engine: Arc<Engine>,
    stage: Stage,
    /// The login timeout, counted from the beginning.
    deadline: Deadline,
}

enum Stage {
    /// The server speaks first.
    Greeting(Login),
    Login(Login, PendingReply),
    Connect(PendingReply),
    /// It became a connection, or failed.
    Over,
}

impl Opening {
    /// A login on a stream socket that is connected to an event socket.
    #[must_use]
    pub fn login(socket: OwnedFd, login: Login, options: Options) -> Self {
        Self::new(Arc::new(Engine::new(Socket::new(socket), options)), Stage::Greeting(login))
    }

    /// A call's socket that the server has connected to us: sends `connect`.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn outbound(socket: OwnedFd, options: Options) -> Result<Self> {
        Self::handshake(Arc::new(Engine::new(Socket::new(socket), options)))
    }

    pub(crate) fn handshake(engine: Arc<Engine>) -> Result<Self> {
        let pending = engine.try_submit(&Command::connect())?;
        Ok(Self::new(engine, Stage::Connect(pending)))
    }

    fn new(engine: Arc<Engine>, stage: Stage) -> Self {
        let deadline = Deadline::after(engine.options.login_timeout);
        Self { engine, stage, deadline }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    #[cfg_attr(all(test, switchwire_model), allow(dead_code, reason = "supervision is not in the model"))]
    pub(crate) fn engine_handle(&self) -> Arc<Engine> {
        self.engine.clone()
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// How much of the login timeout is left: when it has passed, [`advance`](Self::advance) says so. For the loop's timer.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.left().unwrap_or(Duration::MAX)
    }

    /// Goes on as far as what has arrived allows, without waiting: `None` while the server has yet to send something.
    ///
    /// # Errors
    /// As [`Connection::log_in`] and [`Connection::outbound`]; `Timeout` once the login timeout has passed. The
    /// opening is over then.
    pub fn advance(&mut self) -> Result<Option<Connection>> {
        let connection = self.go_on(Deadline::after(Duration::ZERO))?;
        if connection.is_none() && self.deadline.passed() {
            return Err(self.fail(Error::timeout(Phase::Login)));
        }
        Ok(connection)
    }

    /// Waits for its end, for at most the login timeout.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub fn finish(mut self) -> Result<Connection> {
        let connection = self.go_on(self.deadline)?;
        connection.ok_or_else(|| self.fail(Error::timeout(Phase::Login)))
    }

    fn go_on(&mut self, deadline: Deadline) -> Result<Option<Connection>> {
        loop {
            match self.step(deadline) {
                Ok(Step::Waits) => return Ok(None),
                Ok(Step::Again) => {}
                Ok(Step::Done(handshake)) => {
                    self.stage = Stage::Over;
                    let side = if handshake.info.get().is_some() { Side::Outbound } else { Side::Inbound };
                    return Ok(Some(Connection::from_handshake(self.engine.clone(), handshake, side)));
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
    }

    fn step(&mut self, deadline: Deadline) -> Result<Step> {
        let (message, login) = match &mut self.stage {
            Stage::Over => return Err(Error::disconnected("the opening is over")),
            Stage::Connect(pending) => {
                let reply = match replied(&self.engine, pending, deadline)? {
                    None => return Ok(Step::Waits),
                    Some(Sent::Reply(reply)) => reply,
                    Some(Sent::Unexpected(message)) => return Err(foreign(&message)),
                };
                return match reply.error() {
                    Some(refusal) => Err(Error::refused("connect", &refusal)),
                    None => Ok(Step::Done(Handshake {
                        info: OnceLock::from(reply.into_message()),
                        permissions: Permissions::default(),
                    })),
                };
            }
            Stage::Greeting(login) => match first_message(&self.engine, deadline)? {
                None => return Ok(Step::Waits),
                Some(message) => (message, login),
            },
            Stage::Login(login, pending) => match replied(&self.engine, pending, deadline)? {
                None => return Ok(Step::Waits),
                Some(Sent::Reply(reply)) => (reply.into_message(), login),
                // The only thing a server sends meanwhile is why it refuses.
                Some(Sent::Unexpected(message)) => match message.content_type() {
                    ContentType::RudeRejection => (message, login),
                    _ => return Err(foreign(&message)),
                },
            },
        };
        match login.step(&message) {
            LoginStep::Done(permissions) => {
                // The greeting does not count among the messages received.
                self.engine.inbox().greeted();
                Ok(Step::Done(Handshake { info: OnceLock::new(), permissions }))
            }
            LoginStep::Failed(error) => Err(error.into()),
            LoginStep::Send(command) => {
                let pending = self.engine.try_submit(&command)?;
                let stage = std::mem::replace(&mut self.stage, Stage::Over);
                self.stage = match stage {
                    Stage::Greeting(login) | Stage::Login(login, _) => Stage::Login(login, pending),
                    other => other,
                };
                Ok(Step::Again)
            }
        }
    }

    fn fail(&mut self, error: Error) -> Error {
        self.stage = Stage::Over;
        self.engine.close(error.clone());
        error
    }
}

impl Connection {
    /// Logs in on a stream socket that is connected to an event socket already (a tunnel, a Unix socket).
    ///
    /// # Errors
    /// As [`Builder::connect`](crate::Builder::connect).
    pub fn log_in(socket: OwnedFd, login: Login, options: Options) -> Result<Self> {
        Opening::login(socket, login, options).finish()
    }

    /// Takes the socket of a call that the server has connected to us: sends `connect` and keeps the channel's data as
    /// [`info`](Self::info). [`Listener`](crate::Listener) does this for every call.
    ///
    /// The descriptor is owned from now on and closed with the connection; give a duplicate (`try_clone`) where
    /// other code closes it too. Blocks for at most the login timeout.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`, `Protocol`, or `Refused` when the peer has no call on this socket.
    pub fn outbound(socket: OwnedFd, options: Options) -> Result<Self> {
        Opening::outbound(socket, options)?.finish()
    }

    /// Takes a call's accepted socket, and sends nothing yet: see [`EventLoop::handshake_with`](super::EventLoop::handshake_with).
    ///
    /// # Errors
    /// `Io` when the socket cannot be set up.
    pub fn accepted(stream: TcpStream, options: &Options) -> Result<Self> {
        let engine = crate::listener::engine(stream, options)?;
        Ok(Self::from_handshake(
            engine,
            Handshake { info: OnceLock::new(), permissions: Permissions::default() },
            Side::Outbound,
        ))
    }
}

/// What one step came to.
enum Step {
    Waits,
    Again,
    Done(Handshake),
}

/// What the peer sent while its reply was awaited.
enum Sent {
    Reply(Reply),
    /// Something that no event socket sends now: a second auth/request, a reply before its command, another protocol.
    Unexpected(Message),
}

fn replied(engine: &Engine, pending: &PendingReply, deadline: Deadline) -> Result<Option<Sent>> {
    engine.wait(deadline, |inbox| {
        // What came before the reply is in the queue.
        pending.received().map(Sent::Reply).or_else(|| inbox.next_message().map(Sent::Unexpected))
    })
}

fn foreign(message: &Message) -> Error {
    LoginError::not_freeswitch(message.headers().text()).into()
}

/// The server speaks first. A peer that begins with anything but a header of the protocol is refused at once.
fn first_message(engine: &Engine, deadline: Deadline) -> Result<Option<Message>> {
    enum First {
        Message(Message),
        Foreign(LoginError),
    }
    let first = engine.wait(deadline, |inbox| {
        if let Some(message) = inbox.next_message() {
            return Some(match message.content_type() {
                ContentType::Other => First::Foreign(LoginError::not_freeswitch(message.headers().text())),
                _ => First::Message(message),
            });
        }
        let begun = inbox.reader.as_ref()?.decoder.pending().trim_ascii_start();
        let length = begun.len().min(GREETING.len());
        let foreign = !begun[..length].eq_ignore_ascii_case(&GREETING[..length]);
        foreign.then(|| First::Foreign(LoginError::not_freeswitch(begun)))
    });
    match first? {
        Some(First::Message(message)) => Ok(Some(message)),
        Some(First::Foreign(error)) => Err(error.into()),
        None => Ok(None),
    }
}

impl AsFd for Opening {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.engine.socket.as_fd()
    }
}

impl AsRawFd for Opening {
    fn as_raw_fd(&self) -> RawFd {
        self.engine.socket.raw()
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("fd", &self.engine.socket.raw()).finish_non_exhaustive()
    }
}

/// What every first message of an event socket begins with.
const GREETING: &[u8] = b"Content-";
