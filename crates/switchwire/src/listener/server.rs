//! Accepting calls and giving each a thread.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::handled::{self, Ended, Failure};
use super::{ErrorHandler, Listener};
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::options::Options;
use crate::socket::wait_for;
use crate::sync::{Condvar, Mutex};
use crate::{Connection, Error, ErrorKind, Result};

/// A running listener. Dropping it stops at once: no new calls, those that are on are hung up.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Writing to it (or dropping it) wakes the accepting thread.
    waker: UnixStream,
    acceptor: Option<JoinHandle<()>>,
}

/// The counters of a [`Server`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStats {
    /// Calls that are being handled.
    pub active: usize,
    /// Calls accepted so far.
    pub accepted: u64,
    /// Of those, calls whose hand-shake failed.
    pub failed: u64,
    /// Calls whose handler panicked.
    pub panicked: u64,
    /// Calls whose handler gave an error back while the call was up.
    pub errors: u64,
    /// Times that accepting failed (no descriptors left, no thread to be had).
    pub refused: u64,
}

struct Shared {
    options: Options,
    max_sessions: usize,
    stack_size: usize,
    on_error: Option<ErrorHandler>,
    failure_cause: String,
    handler: Arc<Handler>,
    state: Mutex<State>,
    /// A session has ended, or the server is to stop.
    changed: Condvar,
}

pub(super) type Handler = dyn Fn(Connection) -> Option<Failure> + Send + Sync;

#[derive(Default)]
struct State {
    stopping: bool,
    stats: ServerStats,
    next: u64,
    sessions: HashMap<u64, Weak<Engine>>,
}

impl Server {
    pub(super) fn start(listener: Listener, handler: Arc<Handler>) -> Result<Self> {
        let Listener { listener, address, options, max_sessions, stack_size, on_error, failure_cause } =
            listener;
        let failed = |error| Error::with_source(ErrorKind::Io, "cannot start serving", error);
        let (waker, woken) = UnixStream::pair().map_err(failed)?;
        let shared = Arc::new(Shared {
            options,
            max_sessions,
            stack_size,
            on_error,
            failure_cause,
            handler,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let accept = {
            let shared = shared.clone();
            move || shared.accept_all(&listener, &woken)
        };
        let acceptor =
            std::thread::Builder::new().name("switchwire-accept".into()).spawn(accept).map_err(failed)?;
        Ok(Self { address, shared, waker, acceptor: Some(acceptor) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> ServerStats {
        self.shared.state.lock().stats
    }

    /// Stops: accepts no more calls, waits for those that are on for at most `patience`, hangs the rest up and
    /// disconnects them. Says whether all had ended by themselves. Handlers of disconnected calls are waited for.
    pub fn stop(mut self, patience: Duration) -> bool {
        self.stop_accepting();
        let drained = self.shared.drain(Deadline::after(patience));
        self.shared.abandon_all();
        self.shared.drain(Deadline::NEVER);
        drained
    }

    /// Waits until the server is stopped from elsewhere, which never happens while you own it: for programs that do
    /// nothing else.
    pub fn join(mut self) {
        if let Some(acceptor) = self.acceptor.take() {
            // It panics only when a thread of ours did; there is nobody to tell.
            let _ = acceptor.join();
        }
    }

    fn stop_accepting(&mut self) {
        self.shared.state.lock().stopping = true;
        self.shared.changed.notify_all();
        let _ = io::Write::write_all(&mut self.waker, &[0]);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_accepting();
        self.shared.abandon_all();
    }
}

impl Shared {
    fn accept_all(self: &Arc<Self>, listener: &TcpListener, woken: &UnixStream) {
        while self.wait_for_place() {
            let mut fds = [PollFd::new(listener, PollFlags::IN), PollFd::new(woken, PollFlags::IN)];
            match wait_for(&mut fds, Deadline::NEVER) {
                Ok([_, stop]) if !stop.is_empty() => return,
                Ok(_) => {}
                Err(error) => self.refused(error),
            }
            match listener.accept() {
                Ok((stream, _)) => self.begin(stream),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    self.refused(error);
                    // Without descriptors accepting fails at once again: let some calls end first.
                    let _ = wait_for(&mut [PollFd::new(woken, PollFlags::IN)], Deadline::after(PAUSE));
                }
            }
        }
    }

    /// Waits until a further session may begin; `false` when the server is to stop.
    fn wait_for_place(&self) -> bool {
        let mut state = self.state.lock();
        while !state.stopping && state.stats.active >= self.max_sessions {
            self.changed.wait(&mut state);
        }
        !state.stopping
    }

    fn begin(self: &Arc<Self>, stream: TcpStream) {
        let id = {
            let mut state = self.state.lock();
            state.stats.accepted += 1;
            state.stats.active += 1;
            state.next += 1;
            state.next
        };
        let session = Session { shared: self.clone(), id };
        let thread = std::thread::Builder::new().name("switchwire-call".into()).stack_size(self.stack_size);
        if let Err(error) = thread.spawn(move || session.run(stream)) {
            self.refused(error);
        }
    }

    fn refused(&self, error: io::Error) {
        self.state.lock().stats.refused += 1;
        self.report(&Error::with_source(ErrorKind::Io, "cannot take a call", error));
    }

    fn report(&self, error: &Error) {
        if let Some(report) = &self.on_error {
            report(error);
        }
    }

    /// `true` when no session is left.
    fn drain(&self, deadline: Deadline) -> bool {
        let mut state = self.state.lock();
        while state.stats.active > 0 {
            match deadline.instant() {
                None => self.changed.wait(&mut state),
                Some(at) => {
                    if self.changed.wait_until(&mut state, at).timed_out() {
                        return state.stats.active == 0;
                    }
                }
            }
        }
        true
    }

    /// Hangs up all calls that are on, all at once, and disconnects them.
    fn abandon_all(&self) {
        let sessions: Vec<_> = self.state.lock().sessions.values().filter_map(Weak::upgrade).collect();
        let deadline = Deadline::after(HANGUP);
        let abandoned: Vec<_> = sessions.iter().map(|engine| engine.abandon(&self.failure_cause)).collect();
        for (engine, abandoned) in sessions.into_iter().zip(abandoned) {
            abandoned.wait(deadline.left().unwrap_or_default());
            engine.close(Error::disconnected("the listener was stopped"));
        }
    }
}

/// One call: counted while it lives.
struct Session {
    shared: Arc<Shared>,
    id: u64,
}

impl Session {
    fn run(self, stream: TcpStream) {
        let shared = &self.shared;
        let connection = super::engine(stream, &shared.options).and_then(|engine| {
            let stopping = {
                let mut state = shared.state.lock();
                state.sessions.insert(self.id, Arc::downgrade(&engine));
                state.stopping
            };
            match stopping {
                true => Err(Error::disconnected("the listener was stopped")),
                false => Connection::shake_hands(engine),
            }
        });
        match connection {
            Ok(connection) => {
                let (ended, call) = handled::run(connection, &*shared.handler);
                if !matches!(ended, Ended::Well) {
                    call.abandon(&shared.failure_cause, HANGUP);
                }
                match ended {
                    Ended::Well => {}
                    Ended::Panicked => shared.state.lock().stats.panicked += 1,
                    Ended::Failed(error) => {
                        shared.state.lock().stats.errors += 1;
                        shared.report(&error);
                    }
                }
            }
            Err(error) => {
                shared.state.lock().stats.failed += 1;
                shared.report(&error);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.sessions.remove(&self.id);
        state.stats.active -= 1;
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// How long accepting pauses after it failed.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a call that is hung up may take to end before its connection is closed.
const HANGUP: Duration = Duration::from_secs(2);
