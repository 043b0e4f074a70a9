//! The digits that the far end presses, as the server's `DTMF` events report them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::application::DigitsEnd;

use super::{Call, CallWait};
use crate::deadline::Deadline;
use crate::inbox::{Inbox, Seen, Watcher};
use crate::sync::Mutex;
use crate::{Dtmf, Error, ErrorKind, PendingValue, Phase, Result};

/// What [`Call::wait_for_dtmf`] got.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DigitsReceived {
    /// The digits, without the terminator.
    pub digits: String,
    /// `Complete`, `Terminator` or `Timeout`.
    pub end: DigitsEnd,
    /// The key that ended it.
    pub terminator: Option<char>,
}

/// Digits as they come: see [`Call::dtmf`]. As an iterator it waits, and ends with the call.
pub struct DtmfEvents {
    call: Call,
    wait: Option<CallWait>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    digits: VecDeque<Dtmf>,
    missed: u64,
    ended: Option<Error>,
}

/// A callback for digits: see [`Call::on_dtmf`]. Dropping it ends the calls.
#[derive(Debug)]
#[must_use = "dropping it ends the calls"]
pub struct DtmfWatch(Option<CallWait>);

impl DtmfWatch {
    /// Leaves the callback in place for as long as the call is followed.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for DtmfWatch {
    fn drop(&mut self) {
        if let Some(wait) = self.0.take() {
            wait.abandon();
        }
    }
}

impl Drop for DtmfEvents {
    fn drop(&mut self) {
        if let Some(wait) = self.wait.take() {
            wait.abandon();
        }
    }
}

impl DtmfEvents {
    /// Waits for the next digit for at most `timeout`; `Ok(None)` when the timeout expired. What came before is returned
    /// first, in order.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Disconnected`.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Dtmf>> {
        self.recv(Deadline::after(timeout))
    }

    /// How many digits were dropped because nothing took them (the last 4096 are kept).
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.queue.lock().missed
    }

    /// The next digit that has come, or why no more will; never waits and never reads the socket: for event loops (see
    /// [`Call::dtmf_with`]).
    ///
    /// # Errors
    /// As [`recv_timeout`](Self::recv_timeout).
    pub fn queued(&mut self) -> Result<Option<Dtmf>> {
        let mut queue = self.queue.lock();
        let digit = queue.digits.pop_front();
        match (digit, &queue.ended) {
            (None, Some(reason)) => Err(reason.clone()),
            (digit, _) => Ok(digit),
        }
    }

    fn recv(&self, deadline: Deadline) -> Result<Option<Dtmf>> {
        let take = |_: &mut Inbox| {
            let mut queue = self.queue.lock();
            queue.digits.pop_front().map(Ok).or_else(|| queue.ended.clone().map(Err))
        };
        self.call.connection.engine().wait(deadline, take)?.transpose()
    }
}

impl std::fmt::Debug for DtmfEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DtmfEvents").field("call", &self.call).finish_non_exhaustive()
    }
}

impl Iterator for DtmfEvents {
    type Item = Dtmf;

    fn next(&mut self) -> Option<Dtmf> {
        self.recv(Deadline::NEVER).ok().flatten()
    }
}

impl Call {
    /// The digits that come from now on, also while verbs run. The connection must be subscribed to `DTMF` (`myevents`
    /// brings them, too).
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `NotSubscribed`, `Disconnected`.
    pub fn dtmf(&self) -> Result<DtmfEvents> {
        self.dtmf_with(|| {})
    }

    /// As [`dtmf`](Self::dtmf), for event loops: `notify` is called on the thread that reads, which must not be held up,
    /// when [`DtmfEvents::queued`] has something new.
    ///
    /// # Errors
    /// As [`dtmf`](Self::dtmf).
    pub fn dtmf_with(&self, notify: impl Fn() + Send + Sync + 'static) -> Result<DtmfEvents> {
        let queue = Arc::new(Mutex::new(Queue::default()));
        let (filled, notify) = (queue.clone(), Arc::new(notify));
        let wait = self.watch_digits(Box::new(move |seen, ready| {
            if matches!(seen, Seen::Digit(_) | Seen::Ended(_)) {
                let notify = notify.clone();
                ready.push(Box::new(move || notify()));
            }
            let mut queue = filled.lock();
            match seen {
                Seen::Digit(digit) => {
                    if queue.digits.len() == MOST_DIGITS {
                        queue.digits.pop_front();
                        queue.missed += 1;
                    }
                    queue.digits.push_back(digit.clone());
                }
                Seen::Ended(reason) => queue.ended = Some(reason.clone()),
                Seen::Status(_) | Seen::Expired => {}
            }
            false
        }))?;
        Ok(DtmfEvents { call: self.clone(), wait: Some(wait), queue })
    }

    /// Calls back for every digit from now on, on the thread that reads the connection, which must not be held up.
    ///
    /// # Errors
    /// As [`dtmf`](Self::dtmf).
    pub fn on_dtmf(&self, callback: impl Fn(Dtmf) + Send + Sync + 'static) -> Result<DtmfWatch> {
        let callback = Arc::new(callback);
        let wait = self.watch_digits(Box::new(move |seen, ready| {
            if let Seen::Digit(digit) = seen {
                let (callback, digit) = (callback.clone(), digit.clone());
                ready.push(Box::new(move || callback(digit)));
            }
            false
        }))?;
        Ok(DtmfWatch(Some(wait)))
    }

    /// Waits for digits that come from now on: until there are `count`, one of the `terminators` is pressed, or `timeout`
    /// has passed. It runs no application: any may run meanwhile. (To collect digits after a prompt, use
    /// [`play_and_get_digits`](Self::play_and_get_digits), which keeps those that come early.)
    ///
    /// # Errors
    /// As [`dtmf`](Self::dtmf). A timeout is no error: it is said in the end.
    pub fn wait_for_dtmf(
        &self,
        count: usize,
        timeout: Duration,
        terminators: &str,
    ) -> Result<DigitsReceived> {
        let mut wait = None;
        let pending = PendingValue::start(self.connection.engine(), |on_done| {
            wait = Some(self.digits_with(count, terminators, on_done)?);
            Ok(())
        })?;
        if let Some(done) = pending.take_timeout(timeout)? {
            return Ok(done);
        }
        if let Some(wait) = wait {
            wait.expire();
        }
        pending.take_timeout(Duration::ZERO)?.ok_or_else(|| Error::timeout(Phase::Digits))
    }

    /// As [`wait_for_dtmf`](Self::wait_for_dtmf), with a callback; never waits. The loop's own timer calls
    /// [`CallWait::expire`].
    ///
    /// # Errors
    /// As [`dtmf`](Self::dtmf), and `InvalidArgument` for a count of 0; the callback is not called then.
    pub fn digits_with(
        &self,
        count: usize,
        terminators: &str,
        on_done: impl FnOnce(Result<DigitsReceived>) + Send + 'static,
    ) -> Result<CallWait> {
        if count == 0 {
            return Err(super::invalid("wait_for_dtmf: no digits are waited for"));
        }
        let terminators = terminators.to_owned();
        let mut on_done = Some(on_done);
        let mut digits = String::new();
        self.watch_digits(Box::new(move |seen, ready| {
            let mut terminator = None;
            let end = match seen {
                Seen::Status(_) => return false,
                Seen::Digit(dtmf) if terminators.contains(dtmf.digit) => {
                    terminator = Some(dtmf.digit);
                    Ok(DigitsEnd::Terminator)
                }
                Seen::Digit(dtmf) => {
                    digits.push(dtmf.digit);
                    if digits.chars().count() < count {
                        return false;
                    }
                    Ok(DigitsEnd::Complete)
                }
                Seen::Expired => Ok(DigitsEnd::Timeout),
                Seen::Ended(reason) => Err(reason.clone()),
            };
            let digits = std::mem::take(&mut digits);
            let result = end.map(|end| DigitsReceived { digits, end, terminator });
            if let Some(on_done) = on_done.take() {
                ready.push(Box::new(move || on_done(result)));
            }
            true
        }))
    }

    fn watch_digits(&self, watcher: Watcher) -> Result<CallWait> {
        self.check_up()?;
        let own = self.is_own();
        let mut inbox = self.connection.engine().inbox_here().ok_or_else(Error::forked)?;
        if let Some(reason) = &inbox.closed {
            return Err(reason.clone());
        }
        if !inbox.will_hear(|heard| heard.reports_digits(own)) {
            let detail = "no DTMF event will come: subscribe to them first (events, or Subscription)";
            return Err(Error::new(ErrorKind::NotSubscribed, detail));
        }
        let number = inbox.followed.watch(self.uuid(), watcher);
        drop(inbox);
        number
            .map(|number| CallWait::new(self, number))
            .ok_or_else(|| Error::disconnected("the call is not followed any more"))
    }
}

/// How many digits are kept for a receiver that does not take them.
const MOST_DIGITS: usize = 4096;
