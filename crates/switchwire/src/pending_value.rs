use std::sync::Arc;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::sync::Mutex;
use crate::{Error, Phase, Result};

/// A value that takes more than one command to get: the result comes to this handle.
#[must_use = "the result comes to this handle"]
pub struct PendingValue<T> {
    engine: Arc<Engine>,
    slot: Slot<T>,
}

type Slot<T> = Arc<Mutex<Option<Result<T>>>>;

impl<T: Send + 'static> PendingValue<T> {
    /// Starts it with the callback that gets the result.
    pub(crate) fn start(
        engine: &Arc<Engine>,
        start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<()>,
    ) -> Result<Self> {
        let slot = Slot::default();
        let filled = slot.clone();
        start(Box::new(move |result| *filled.lock() = Some(result)))?;
        Ok(Self { engine: engine.clone(), slot })
    }

    /// Waits for at most `timeout`; `Ok(None)` when the timeout expired: you may ask again. The result is returned once.
    ///
    /// # Errors
    /// As the call that started it; `Disconnected`.
    pub fn take_timeout(&self, timeout: Duration) -> Result<Option<T>> {
        self.take(Deadline::after(timeout))
    }

    /// Waits for at most `timeout`.
    ///
    /// # Errors
    /// As [`take_timeout`](Self::take_timeout), and `Timeout`.
    pub fn wait_timeout(self, timeout: Duration) -> Result<T> {
        self.wait_for(Some(timeout))
    }

    pub(crate) fn wait_for(self, timeout: Option<Duration>) -> Result<T> {
        self.take(Deadline::after_option(timeout))?.ok_or_else(|| Error::timeout(Phase::Reply))
    }

    fn take(&self, deadline: Deadline) -> Result<Option<T>> {
        self.engine.flush(deadline).or_else(|error| if error.is_timeout() { Ok(()) } else { Err(error) })?;
        self.engine.wait_reply(deadline, |_| self.slot.lock().take())?.transpose()
    }
}

impl<T> std::fmt::Debug for PendingValue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingValue").finish_non_exhaustive()
    }
}
