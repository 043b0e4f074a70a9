//! A change of what the connections are subscribed to, until the server has replied.

use std::sync::Arc;

use parking_lot::Mutex;
use switchwire_proto::{Command, Subscription};

use super::Lease;
use super::shared::Shared;
use crate::pending::PendingReply;
use crate::{Connection, Reply, Result};

/// A lease, and the replies that it waits for. (After an error the lease is dropped, which takes back what was sent.)
pub(super) struct Change {
    lease: Lease,
    pending: Vec<(Command, PendingReply)>,
}

type Done = Box<dyn FnOnce(Result<Lease>) + Send>;

impl Change {
    pub(super) fn begin(shared: &Arc<Shared>, subscription: &Subscription) -> Result<Self> {
        let (lease, pending) = take(shared, subscription, |connection, commands| {
            let submit = |command: Command| connection.submit(&command).map(|reply| (command, reply));
            // A connection that is over needs no change: the next one is told.
            commands.into_iter().map(submit).collect::<Result<_>>().unwrap_or_default()
        })?;
        Ok(Self { lease, pending: pending.unwrap_or_default() })
    }

    /// Waits for the replies.
    pub(super) fn wait(self) -> Result<Lease> {
        self.pending.into_iter().try_for_each(|(command, reply)| taken(&command, reply.wait()))?;
        Ok(self.lease)
    }

    /// The same with a callback.
    pub(super) fn with(shared: &Arc<Shared>, subscription: &Subscription, done: Done) -> Result<()> {
        let waiting = Arc::new(Mutex::new(Waiting { left: 1, result: Ok(()), done: None }));
        let (lease, _) = take(shared, subscription, |connection, commands| {
            for command in commands {
                waiting.lock().left += 1;
                let (noted, sent) = (waiting.clone(), command.clone());
                let submitted = connection
                    .event_loop()
                    .try_submit_with(&command, move |reply| note(&noted, taken(&sent, reply)));
                if submitted.is_err() {
                    note(&waiting, Ok(()));
                }
            }
        })?;
        waiting.lock().done = Some((lease, done));
        note(&waiting, Ok(()));
        Ok(())
    }
}

/// The replies that are awaited; the start itself counts as one.
struct Waiting {
    left: usize,
    result: Result<()>,
    done: Option<(Lease, Done)>,
}

/// Takes one of the replies; after the last one the callback runs.
fn note(waiting: &Mutex<Waiting>, result: Result<()>) {
    let mut state = waiting.lock();
    state.left -= 1;
    if state.result.is_ok() {
        state.result = result;
    }
    if state.left > 0 {
        return;
    }
    let (done, result) = (state.done.take(), state.result.clone());
    drop(state);
    if let Some((lease, done)) = done {
        done(result.map(|()| lease));
    }
}

fn take<T>(
    shared: &Arc<Shared>,
    subscription: &Subscription,
    send: impl FnOnce(&Connection, Vec<Command>) -> T,
) -> Result<(Lease, Option<T>)> {
    subscription.commands()?;
    let mut id = 0;
    let sent = shared.rewant(|wanted| id = wanted.add(subscription.clone()), send);
    let lease = Lease::new(shared, id);
    Ok((lease, sent?))
}

fn taken(command: &Command, reply: Result<Reply>) -> Result<()> {
    match reply {
        Ok(reply) => Connection::performed(&command.summary(), command, reply).map(drop),
        // The next connection will be told.
        Err(error) if error.is_disconnected() => Ok(()),
        Err(error) => Err(error),
    }
}
