//! Synchronising: subscribes, asks for the lists, merges them, and asks about the legs that are in doubt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use switchwire_proto::calls::{Snapshot, Tracker};
use switchwire_proto::{Command, EventFormat, Reply};

use super::State;
use crate::engine::Engine;
use crate::inbox::ReadyCallback;
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Result};

pub(super) type OnDone = Box<dyn FnOnce(Result<()>) + Send>;

struct Sync {
    state: Arc<Mutex<State>>,
    engine: Arc<Engine>,
    /// Of the connection that was followed when it began.
    moves: u64,
    channels: Mutex<Vec<u8>>,
    /// How many replies about legs are still to come.
    left: AtomicUsize,
    on_done: Mutex<Option<OnDone>>,
}

/// Starts; the tracker's `begin_sync` has been called. After an error the callback is not called.
pub(super) fn start(
    state: Arc<Mutex<State>>,
    engine: &Arc<Engine>,
    format: Option<EventFormat>,
    on_done: OnDone,
) -> Result<()> {
    let moves = state.lock().moves;
    let sync = Arc::new(Sync {
        state,
        engine: engine.clone(),
        moves,
        channels: Mutex::default(),
        left: AtomicUsize::new(0),
        on_done: Mutex::new(Some(on_done)),
    });
    match sync.begin(format) {
        // (Otherwise the callback has been called already.)
        Err(error) if sync.on_done.lock().take().is_some() => Err(error),
        _ => Ok(()),
    }
}

impl Sync {
    fn begin(self: &Arc<Self>, format: Option<EventFormat>) -> Result<()> {
        if let Some(format) = format {
            let names: Vec<_> = Tracker::EVENTS.iter().map(|event| event.name()).collect();
            self.ask(&Command::event(format, &names.join(" "))?, |sync, reply| {
                if let Some(refusal) = reply.error() {
                    sync.end(Err(Error::refused("events", &refusal)));
                }
            })?;
        }
        self.ask(&Command::api("eval", "${core_uuid}")?, |sync, reply| sync.core(&reply))?;
        self.ask(&Command::api("show", "channels as json")?, |sync, reply| {
            *sync.channels.lock() = reply.text_bytes().into_owned();
        })?;
        self.ask(&Command::api("show", "calls as json")?, |sync, reply| sync.merge(&reply))
    }

    fn ask(
        self: &Arc<Self>,
        command: &Command,
        replied: impl FnOnce(&Arc<Self>, Reply) + Send + 'static,
    ) -> Result<()> {
        let sync = self.clone();
        let callback = move |reply: Result<Reply>| match reply {
            Ok(reply) => replied(&sync, reply),
            Err(error) => sync.end(Err(error)),
        };
        self.engine.try_submit_with(command, Box::new(callback)).map(drop)
    }

    fn core(&self, reply: &Reply) {
        let core = reply.text().trim().to_owned();
        if reply.error().is_none() && !core.is_empty() {
            self.change(|state, ready| {
                let mut changes = Vec::new();
                state.tracker.core(&core, &mut changes);
                state.report(changes, ready);
            });
        }
    }

    fn merge(self: &Arc<Self>, reply: &Reply) {
        let calls = reply.text_bytes();
        let snapshot = match Snapshot::read(&self.channels.lock(), &calls) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let error =
                    Error::with_source(ErrorKind::Refused, "the server did not list its channels", error);
                return self.end(Err(error));
            }
        };
        let doubtful = self.change(|state, ready| {
            let (changes, doubtful) = state.tracker.merge(&snapshot);
            state.report(changes, ready);
            doubtful
        });
        let Some(doubtful) = doubtful else { return self.end(Ok(())) };
        // One more, so that the last reply is not taken for the end while questions are still sent.
        self.left.store(doubtful.len() + 1, Ordering::Relaxed);
        for uuid in doubtful {
            let asked = Command::api("uuid_exists", &uuid).map_err(Error::from).and_then(|command| {
                self.ask(&command, move |sync, reply| {
                    // Anything else is no answer: a permission that is missing.
                    if reply.text().trim() == "false" {
                        sync.change(|state, ready| {
                            let changes = state.tracker.confirm(&uuid, false);
                            state.report(changes, ready);
                        });
                    }
                    sync.one_less();
                })
            });
            if asked.is_err() {
                self.one_less();
            }
        }
        self.one_less();
    }

    fn one_less(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.end(Ok(()));
        }
    }

    /// Changes the state, calls back and wakes; `None` when another connection is followed meanwhile.
    fn change<T>(&self, change: impl FnOnce(&mut State, &mut Vec<ReadyCallback>) -> T) -> Option<T> {
        let mut ready = Vec::new();
        let changed = {
            let mut state = self.state.lock();
            (state.moves == self.moves).then(|| change(&mut state, &mut ready))
        };
        for callback in ready {
            callback();
        }
        // Threads that wait for changes look again.
        self.engine.change(|_| ());
        changed
    }

    fn end(&self, result: Result<()>) {
        let on_done = self.on_done.lock().take();
        if let Some(on_done) = on_done {
            on_done(result);
        }
    }
}
