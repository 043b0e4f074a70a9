//! How a connection begins: the login inbound, `connect` outbound.

use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};

use switchwire_proto::{Command, ContentType, Login, LoginError, LoginStep, Message, Permissions};

use super::{Connection, Parts};
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::options::Options;
use crate::socket::Socket;
use crate::{Error, Event, Phase, Result};

impl Connection {
    /// Logs in on a stream socket that is connected to an event socket already (a tunnel, a Unix socket).
    ///
    /// # Errors
    /// As [`Builder::connect`](crate::Builder::connect).
    pub fn log_in(socket: OwnedFd, mut login: Login, options: Options) -> Result<Self> {
        let engine = Arc::new(Engine::new(Socket::new(socket), options));
        let deadline = Deadline::after(engine.options.login_timeout);
        let outcome = run_login(&engine, &mut login, deadline);
        match outcome {
            Ok(permissions) => {
                // The server's greeting is none of the user's messages.
                engine.inbox().stats.received = 0;
                Ok(Self::from_parts(engine, Parts { info: OnceLock::new(), permissions }))
            }
            Err(error) => {
                engine.close(error.clone());
                Err(error)
            }
        }
    }

    /// Takes a call's socket, that the server has connected to us: sends `connect` and keeps the channel's data as
    /// [`info`](Self::info). [`Listener`](crate::Listener) does this for every call.
    ///
    /// The descriptor is owned from now on and closed with the connection; give a duplicate (`try_clone`) where
    /// somebody else closes it too. Blocks for at most the login time-out.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`, `Protocol`, or `Refused` when the peer has no call on this socket.
    pub fn outbound(socket: OwnedFd, options: Options) -> Result<Self> {
        Self::shake_hands(Arc::new(Engine::new(Socket::new(socket), options)))
    }

    pub(crate) fn shake_hands(engine: Arc<Engine>) -> Result<Self> {
        let timeout = engine.options.login_timeout;
        let outcome = engine.ask(&Command::connect(), Some(timeout)).and_then(|reply| match reply.error() {
            Some(refusal) => Err(Error::refused("connect", &refusal)),
            None => Ok(reply),
        });
        match outcome {
            Ok(reply) => {
                let info = OnceLock::from(reply.into_message());
                Ok(Self::from_parts(engine, Parts { info, permissions: Permissions::default() }))
            }
            Err(error) => {
                let error = if error.is_timeout() { Error::timeout(Phase::Login) } else { error };
                engine.close(error.clone());
                Err(error)
            }
        }
    }
}

/// What the server told about the call when it was connected.
pub(super) fn info_event(message: &Message) -> Event {
    message.head_event()
}

fn run_login(engine: &Arc<Engine>, login: &mut Login, deadline: Deadline) -> Result<Permissions> {
    let mut message = first_message(engine, deadline)?;
    loop {
        match login.step(&message) {
            LoginStep::Send(command) => {
                let left = deadline.left();
                let answer = engine.ask(&command, left);
                message = answer.map_err(login_timeout)?.into_message();
            }
            LoginStep::Done(permissions) => return Ok(permissions),
            LoginStep::Failed(error) => return Err(error.into()),
        }
    }
}

/// The server speaks first. A peer that begins with anything but a header of the protocol is told apart at once.
fn first_message(engine: &Arc<Engine>, deadline: Deadline) -> Result<Message> {
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
        let begun = inbox.decoder.pending().trim_ascii_start();
        let length = begun.len().min(GREETING.len());
        let foreign = !begun[..length].eq_ignore_ascii_case(&GREETING[..length]);
        foreign.then(|| First::Foreign(LoginError::not_freeswitch(begun)))
    });
    match first? {
        Some(First::Message(message)) => Ok(message),
        Some(First::Foreign(error)) => Err(error.into()),
        None => Err(Error::timeout(Phase::Login)),
    }
}

fn login_timeout(error: Error) -> Error {
    if error.is_timeout() { Error::timeout(Phase::Login) } else { error }
}

/// What every first message of an event socket begins with.
const GREETING: &[u8] = b"Content-";
