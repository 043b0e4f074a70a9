//! Accepting calls and giving each a task.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchwire::{Error, Handled, ServerStats};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::{Listener, OnError, Shaken, session};
use crate::Connection;

/// A running listener. Dropping it stops at once: no new calls, those that are on are hung up, in the background.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: JoinHandle<()>,
}

pub(super) struct Shared {
    stats: watch::Sender<ServerStats>,
    stage: watch::Sender<Stage>,
    on_error: Option<OnError>,
    pub(super) failure_cause: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Open,
    /// No more calls are accepted.
    Stopping,
    /// Those that are on are hung up, those that shake hands are not waited for any more.
    Closing,
}

impl Listener {
    /// Runs the handler for every call, each in a task of its own, with [`max_sessions`](Self::max_sessions) at once. The
    /// connection is closed when its handler's future ends and no clone of it is left.
    ///
    /// A handler may return `()` or a `Result<(), E>`. When it fails (an error, a panic) while the call is up, the
    /// call is hung up ([`failure_cause`](Self::failure_cause)) before the connection is closed, so that the caller is
    /// not left in silence; the program's `resume` keeps it from that. The error is counted and reported to
    /// [`on_error`](Self::on_error). A `Hangup` or `Disconnected` error that a handler lets through after its call has
    /// ended is a normal end. The same is done to calls that [`Server::stop`] ends.
    #[must_use = "dropping the server stops it"]
    pub fn serve<F>(self, handler: impl Fn(Connection) -> F + Send + Sync + 'static) -> Server
    where
        F: Future<Output: Handled> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            stats: watch::Sender::default(),
            stage: watch::Sender::new(Stage::Open),
            on_error: self.on_error.clone(),
            failure_cause: self.failure_cause.clone(),
        });
        let address = self.address;
        let sessions = Sessions {
            places: Arc::new(Semaphore::new(self.max_sessions)),
            shared: shared.clone(),
            handler: Arc::new(handler),
        };
        let acceptor = tokio::spawn(accept_all(self, sessions));
        Server { address, shared, acceptor }
    }
}

impl Server {
    /// The address that it listens on.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> ServerStats {
        *self.shared.stats.borrow()
    }

    /// Stops: accepts no more calls, waits for those that are on for at most `patience`, hangs the rest up and
    /// disconnects them. Says whether all had ended by themselves. Handlers of disconnected calls are waited for. Once
    /// polled, dropping the future stops at once, as dropping the server does.
    pub async fn stop(self, patience: Duration) -> bool {
        self.shared.enter(Stage::Stopping);
        let drained = tokio::time::timeout(patience, self.shared.drained()).await.is_ok();
        self.shared.enter(Stage::Closing);
        self.shared.drained().await;
        drained
    }

    /// Waits until the server is stopped, which never happens while you own it: for programs that do nothing else.
    pub async fn join(mut self) {
        // It panics only when a task of ours did; there is no one to report it to.
        let _ = (&mut self.acceptor).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.enter(Stage::Closing);
    }
}

impl Shared {
    fn enter(&self, stage: Stage) {
        self.stage.send_replace(stage);
    }

    /// Waits until the server is at that stage, or past it.
    pub(super) async fn reaches(&self, wanted: Stage) {
        // (The sender lives as long as we do.)
        let _ = self.stage.subscribe().wait_for(|stage| *stage >= wanted).await;
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut ServerStats)) {
        self.stats.send_modify(count);
    }

    pub(super) fn report(&self, error: &Error) {
        if let Some(report) = &self.on_error {
            report(error);
        }
    }

    /// Waits until no call is left.
    async fn drained(&self) {
        let _ = self.stats.subscribe().wait_for(|stats| stats.active == 0).await;
    }
}

struct Sessions<H> {
    places: Arc<Semaphore>,
    shared: Arc<Shared>,
    handler: Arc<H>,
}

async fn accept_all<F, H>(mut listener: Listener, sessions: Sessions<H>)
where
    H: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output: Handled> + Send + 'static,
{
    let shared = &sessions.shared;
    // Some were begun by `accept`.
    let mut lobby = std::mem::take(listener.lobby.get_mut());
    shared.count(|stats| {
        stats.active += lobby.len();
        stats.shaking_hands = lobby.len();
    });
    loop {
        let next = async {
            // A place first: calls that find none wait unaccepted.
            let place = sessions.place().await?;
            let accepted = || {
                shared.count(|stats| {
                    stats.accepted += 1;
                    stats.active += 1;
                    stats.shaking_hands += 1;
                });
            };
            Some((place, listener.next(&mut lobby, true, accepted).await))
        };
        let next = tokio::select! {
            biased;
            () = shared.reaches(Stage::Stopping) => break,
            next = next => next,
        };
        let Some((place, shaken)) = next else { break };
        shared.count(|stats| stats.shaking_hands = lobby.len());
        match shaken {
            Ok(shaken) => sessions.begin(shaken, place),
            // Without descriptors it fails at once again; some calls must end first.
            Err(error) => {
                shared.count(|stats| stats.refused += 1);
                shared.report(&error);
                tokio::time::sleep(switchwire::Listener::ACCEPT_PAUSE).await;
            }
        }
    }
    // The port is free from now on.
    drop(listener);
    let finish = finish(&mut lobby, &sessions);
    tokio::select! {
        biased;
        () = shared.reaches(Stage::Closing) => {}
        () = finish => {}
    }
    shared.count(|stats| {
        stats.active -= lobby.len();
        stats.shaking_hands = 0;
    });
}

/// Handles those that shake hands while the server stops.
async fn finish<F, H>(lobby: &mut JoinSet<Shaken>, sessions: &Sessions<H>)
where
    H: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output: Handled> + Send + 'static,
{
    while !lobby.is_empty() {
        let Some(place) = sessions.place().await else { return };
        if let Some(Ok(shaken)) = lobby.join_next().await {
            sessions.begin(shaken, place);
        }
    }
}

impl<F, H> Sessions<H>
where
    H: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output: Handled> + Send + 'static,
{
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // (It is never closed.)
        self.places.clone().acquire_owned().await.ok()
    }

    /// A handshake has ended.
    fn begin(&self, shaken: Shaken, place: OwnedSemaphorePermit) {
        let active = Active(self.shared.clone());
        match shaken {
            Shaken::Probe(_) => active.0.count(|stats| stats.probes += 1),
            Shaken::Failed(error) => {
                active.0.count(|stats| stats.failed += 1);
                active.0.report(&error);
            }
            Shaken::Call(call) => {
                let handler = self.handler.clone();
                tokio::spawn(async move {
                    session::run(&active.0, call, |call| handler(call)).await;
                    drop((place, active));
                });
            }
        }
    }
}

/// A call that is counted until it has ended.
struct Active(Arc<Shared>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.count(|stats| stats.active -= 1);
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
