//! What happens in a conference: a stream, and callbacks.

use std::time::Duration;

use switchwire_proto::conference::ConferenceEvent;

use super::Conference;
use crate::deadline::Deadline;
use crate::feed::Queue;
use crate::inbox::{Passing, ReadyCallback};
use crate::{Connection, Error, Result};

/// What happens in a conference, in order: see [`Conference::events`]. As an iterator it waits, and ends with the
/// connection.
pub struct ConferenceEvents {
    watch: ConferenceWatch,
    queue: Queue<ConferenceEvent>,
}

/// A callback for what happens: see [`Conference::on_event`]. Dropping it ends the calls.
#[must_use = "dropping it ends the calls"]
pub struct ConferenceWatch {
    connection: Connection,
    tap: u64,
    queue: Queue<ConferenceEvent>,
}

impl Conference {
    /// What happens in the conference from now on, as a stream. The connection must be subscribed to `CUSTOM
    /// conference::maintenance` (see [`ConferenceEvent::SUBCLASS`]); the events stay in its queue as well.
    ///
    /// It keeps up to 10,000 that nothing takes; then all of them are dropped, and an error of kind `LimitExceeded` is in
    /// their place.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn events(&self) -> Result<ConferenceEvents> {
        let queue = Queue::stream([]);
        Ok(ConferenceEvents { watch: self.watch(queue.clone())?, queue })
    }

    /// Calls back for whatever happens from now on, in order, on the thread that reads the connection, which must not be
    /// held up; at the connection's end with the error. See [`events`](Self::events).
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn on_event(
        &self,
        callback: impl FnMut(Result<ConferenceEvent>) + Send + 'static,
    ) -> Result<ConferenceWatch> {
        self.watch(Queue::callback(callback))
    }

    fn watch(&self, queue: Queue<ConferenceEvent>) -> Result<ConferenceWatch> {
        let (fed, name) = (queue.clone(), self.name().to_owned());
        let tap = move |passing: Passing<'_>, ready: &mut Vec<ReadyCallback>| {
            match passing {
                Passing::Event(event) => {
                    let own = event.header("Conference-Name").is_some_and(|own| *own == *name);
                    if let Some(event) = own.then(|| ConferenceEvent::read(event)).flatten() {
                        fed.put(Ok(event), ready);
                    }
                }
                Passing::Closed(reason) => fed.put(Err(reason.clone()), ready),
            }
            false
        };
        let mut inbox = self.connection.engine().inbox_here().ok_or_else(Error::forked)?;
        if let Some(reason) = &inbox.closed {
            return Err(reason.clone());
        }
        let tap = inbox.taps.add(Box::new(tap));
        drop(inbox);
        Ok(ConferenceWatch { connection: self.connection.clone(), tap, queue })
    }
}

impl ConferenceEvents {
    /// Waits for the next event of the conference.
    ///
    /// # Errors
    /// `Disconnected` at the connection's end; `LimitExceeded` in the place of what was dropped.
    pub fn recv(&mut self) -> Result<ConferenceEvent> {
        let event = self.recv_until(Deadline::NEVER)?;
        event.ok_or_else(|| Error::disconnected("no more events will come"))
    }

    /// As [`recv`](Self::recv), for at most `timeout`; `Ok(None)` when the timeout expired.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<ConferenceEvent>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// The next event if one has arrived; never waits.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Option<ConferenceEvent>> {
        self.recv_until(Deadline::after(Duration::ZERO))
    }

    fn recv_until(&self, deadline: Deadline) -> Result<Option<ConferenceEvent>> {
        self.watch.connection.engine().wait(deadline, |_| self.queue.take())?.transpose()
    }
}

impl Iterator for ConferenceEvents {
    type Item = ConferenceEvent;

    fn next(&mut self) -> Option<ConferenceEvent> {
        loop {
            match self.recv() {
                Ok(event) => return Some(event),
                Err(error) if error.kind() == crate::ErrorKind::LimitExceeded && !error.is_disconnected() => {
                }
                Err(_) => return None,
            }
        }
    }
}

impl Drop for ConferenceWatch {
    fn drop(&mut self) {
        drop(self.connection.engine().change(|inbox| inbox.taps.remove(self.tap)));
        self.queue.close();
    }
}

impl std::fmt::Debug for ConferenceEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConferenceEvents").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ConferenceWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConferenceWatch").finish_non_exhaustive()
    }
}
