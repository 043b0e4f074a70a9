//! Accepting calls and giving each a thread.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::handled::Ended as Ends;
use super::lobby::{Ended, Lobby};
use super::{ErrorHandler, Listener, Waiting};
use crate::deadline::Deadline;
use crate::engine::{Engine, waits_are_refused};
use crate::options::Options;
use crate::process::Origin;
use crate::sync::{Condvar, Mutex};
use crate::{Connection, Error, ErrorKind, Result, telemetry};

/// A running listener. Dropping it stops at once: no new calls, those that are on are hung up.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    origin: Origin,
    acceptor: Option<JoinHandle<()>>,
}

/// The counters of a [`Server`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStats {
    /// Calls that are being handled or shake hands.
    pub active: usize,
    /// Calls accepted so far.
    pub accepted: u64,
    /// Calls that shake hands: they have been accepted and have not replied to `connect` yet.
    pub shaking_hands: usize,
    /// Of the accepted, those whose handshake failed.
    pub failed: u64,
    /// Of the accepted, those that closed without having sent anything: looks whether the port is open. They are not
    /// reported.
    pub probes: u64,
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
    on_error: Option<ErrorHandler>,
    failure_cause: String,
    runner: Box<dyn Runner>,
    state: Mutex<State>,
    /// A session has ended.
    changed: Condvar,
    /// Writing to it wakes the accepting thread.
    waker: UnixStream,
}

#[derive(Default)]
struct State {
    /// No more calls are accepted.
    stopping: bool,
    /// Those that shake hands are not waited for any more.
    closing: bool,
    /// Calls that are being handled.
    handled: usize,
    /// The accepting thread waits for a session to end.
    full: bool,
    stats: ServerStats,
    next: u64,
    sessions: HashMap<u64, Weak<Engine>>,
}

impl Server {
    pub(super) fn start(listener: Listener, runner: Box<dyn Runner>) -> Result<Self> {
        let Listener { listener, address, options, max_sessions, on_error, failure_cause, lobby, .. } =
            listener;
        let begun = lobby.into_inner();
        let failed = |error| Error::with_source(ErrorKind::Io, "cannot start serving", error);
        let (waker, woken) = UnixStream::pair().map_err(failed)?;
        woken.set_nonblocking(true).map_err(failed)?;
        waker.set_nonblocking(true).map_err(failed)?;
        let shared = Arc::new(Shared {
            options,
            max_sessions,
            on_error,
            failure_cause,
            runner,
            state: Mutex::default(),
            changed: Condvar::new(),
            waker,
        });
        let accept = {
            let shared = shared.clone();
            move || shared.accept_all(listener, woken, begun)
        };
        let acceptor =
            std::thread::Builder::new().name("switchwire-accept".into()).spawn(accept).map_err(failed)?;
        Ok(Self { address, shared, origin: Origin::here(), acceptor: Some(acceptor) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> ServerStats {
        if self.origin.is_foreign() {
            return ServerStats::default();
        }
        self.shared.state.lock().stats
    }

    /// Stops: accepts no more calls, waits for those that are on for at most `patience`, hangs the rest up and
    /// disconnects them. Says whether all had ended by themselves. Handlers of disconnected calls are waited for.
    ///
    /// In a callback of an event loop, which must not wait, this only does what dropping does, and returns `false`.
    /// In a child made by `fork` (which has none of the threads) this does nothing, as dropping does: the parent's goes on.
    pub fn stop(mut self, patience: Duration) -> bool {
        if self.origin.is_foreign() || waits_are_refused() {
            return false;
        }
        self.stop_accepting();
        // (Those that shake hands are given the time, too.)
        let drained = self.shared.drain(Deadline::after(patience));
        self.close();
        self.shared.abandon_all();
        self.shared.drain(Deadline::NEVER);
        self.shared.runner.close();
        self.shared.runner.join();
        drained
    }

    /// Waits until the server is stopped from elsewhere, which never happens while you own it: for programs that do
    /// nothing else.
    pub fn join(mut self) {
        if self.origin.is_foreign() {
            return;
        }
        if let Some(acceptor) = self.acceptor.take() {
            // It panics only when a thread of ours did; there is no one to report it to.
            let _ = acceptor.join();
        }
    }

    fn stop_accepting(&mut self) {
        self.shared.state.lock().stopping = true;
        self.shared.wake_acceptor();
    }

    /// Ends the accepting thread.
    fn close(&mut self) {
        self.shared.state.lock().closing = true;
        self.shared.wake_acceptor();
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.origin.is_foreign() {
            return;
        }
        self.stop_accepting();
        self.close();
        self.shared.abandon_all();
        self.shared.runner.close();
    }
}

impl Shared {
    fn accept_all(self: &Arc<Self>, listener: TcpListener, mut woken: UnixStream, begun: Waiting) {
        let Waiting { mut lobby, ended } = begun;
        let mut calls = VecDeque::new();
        let mut listener = Some(listener);
        // Those that were begun by `accept`.
        self.state.lock().stats.active += lobby.len() + ended.len();
        self.sort(ended, &mut calls);
        // After accepting has failed: without descriptors it fails at once again, some calls must end first.
        let mut paused: Option<Deadline> = None;
        loop {
            let (place, stopping, closing) = self.place(lobby.len());
            if closing || stopping && lobby.len() == 0 && calls.is_empty() {
                break;
            }
            if stopping {
                // The port is free from now on.
                listener = None;
            }
            if place && let Some(call) = calls.pop_front() {
                self.begin(call);
                continue;
            }
            paused = paused.filter(|pause| !pause.passed());
            let open = listener.as_ref().filter(|_| place && lobby.has_room() && paused.is_none());
            let until = paused.unwrap_or(Deadline::NEVER);
            match lobby.wait(open, Some(&woken), until) {
                Ok(found) => {
                    if found.woken {
                        // What is written is only to wake.
                        while matches!(io::Read::read(&mut woken, &mut [0; 64]), Ok(1..)) {}
                    }
                    self.sort(found.ended, &mut calls);
                    if found.call
                        && let Some(listener) = &listener
                        && let Err(error) = self.admit(listener, &mut lobby)
                    {
                        paused = Some(Deadline::after(Listener::ACCEPT_PAUSE));
                        self.refused(error);
                    }
                }
                Err(error) => {
                    paused = Some(Deadline::after(Listener::ACCEPT_PAUSE));
                    self.refused(error);
                }
            }
        }
        let dropped = lobby.len() + calls.len();
        self.state.lock().stats.active -= dropped;
        self.changed.notify_all();
    }

    fn admit(&self, listener: &TcpListener, lobby: &mut Lobby) -> io::Result<()> {
        let count = || {
            let mut state = self.state.lock();
            state.stats.accepted += 1;
            state.stats.active += 1;
        };
        match lobby.accept(listener, &self.options, count) {
            Ok(failed) => {
                self.sort(failed, &mut VecDeque::new());
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether a further session may begin, the server is to stop, and that at once.
    fn place(&self, shaking_hands: usize) -> (bool, bool, bool) {
        let mut state = self.state.lock();
        state.stats.shaking_hands = shaking_hands;
        state.full = state.handled >= self.max_sessions;
        (!state.full, state.stopping, state.closing)
    }

    /// A call that was counted as active ends, whatever it has come to.
    fn ends(&self, count: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        count(&mut state);
        state.stats.active -= 1;
        drop(state);
        self.changed.notify_all();
    }

    fn begin(self: &Arc<Self>, call: Connection) {
        let id = {
            let mut state = self.state.lock();
            state.handled += 1;
            state.next += 1;
            let id = state.next;
            state.sessions.insert(id, Arc::downgrade(call.engine()));
            id
        };
        if let Err(error) = self.runner.begin(call, Place { shared: self.clone(), id }) {
            self.refused(error);
        }
    }

    /// Keeps the calls; counts and reports the handshakes that did not make one.
    fn sort(&self, ended: impl IntoIterator<Item = Ended>, calls: &mut VecDeque<Connection>) {
        for ended in ended {
            match ended {
                Ended::Call(call) => calls.push_back(call),
                Ended::Probe(_) => self.ends(|state| state.stats.probes += 1),
                Ended::Failed(error) => {
                    self.ends(|state| state.stats.failed += 1);
                    self.report(&error);
                }
            }
        }
    }

    fn wake_acceptor(&self) {
        // When there is no room it has been woken often enough.
        let _ = io::Write::write(&mut &self.waker, &[0]);
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
        let deadline = Deadline::after(Listener::HANGUP_TIMEOUT);
        let abandoned: Vec<_> = sessions.iter().map(|engine| engine.abandon(&self.failure_cause)).collect();
        for (engine, abandoned) in sessions.into_iter().zip(abandoned) {
            abandoned.wait(deadline.left().unwrap_or_default());
            engine.close(Error::disconnected("the listener was stopped"));
        }
        self.runner.disconnected();
    }
}

/// What runs the sessions.
pub(super) trait Runner: Send + Sync {
    /// Takes a call, without waiting.
    fn begin(&self, call: Connection, place: Place) -> io::Result<()>;

    /// Sessions have been disconnected from outside.
    fn disconnected(&self) {}

    /// No more calls come: what runs ends with the last session.
    fn close(&self) {}

    /// Waits until all that runs has ended.
    fn join(&self) {}
}

/// A session's place among those of the server: held while it lives.
pub(super) struct Place {
    shared: Arc<Shared>,
    pub(super) id: u64,
}

impl Place {
    /// With what a call is hung up whose handler has failed.
    pub(super) fn failure_cause(&self) -> &str {
        &self.shared.failure_cause
    }

    /// The session's handler is about to run.
    pub(super) fn begun(&self) {
        telemetry::call_begins();
    }

    /// The session ends: counts and reports how.
    pub(super) fn ended(self, ended: Ends) {
        telemetry::call_ends(ended.name());
        match ended {
            Ends::Well => {}
            Ends::Panicked => self.shared.state.lock().stats.panicked += 1,
            Ends::Failed(error) => {
                self.shared.state.lock().stats.errors += 1;
                self.shared.report(&error);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.sessions.remove(&self.id);
        state.handled -= 1;
        state.stats.active -= 1;
        let full = std::mem::take(&mut state.full);
        drop(state);
        if full {
            self.shared.wake_acceptor();
        }
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
