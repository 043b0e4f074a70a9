use std::sync::Arc;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Bell, Concern};
use crate::sync::Mutex;
use crate::{Error, Phase, Result};

/// A value that takes more than one command to get: the result comes to this handle.
#[must_use = "the result comes to this handle"]
pub struct PendingValue<T> {
    engine: Arc<Engine>,
    slot: Arc<Slot<T>>,
}

struct Slot<T> {
    value: Mutex<Option<Result<T>>>,
    bell: Bell,
}

impl<T: Send + 'static> PendingValue<T> {
    /// Starts it with the callback that gets the result.
    pub(crate) fn start(
        engine: &Arc<Engine>,
        start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<()>,
    ) -> Result<Self> {
        let slot = Arc::new(Slot { value: Mutex::new(None), bell: Bell::default() });
        let (filled, of) = (slot.clone(), Arc::downgrade(engine));
        start(Box::new(move |result| {
            *filled.value.lock() = Some(result);
            if let Some(engine) = of.upgrade() {
                filled.bell.ring(&engine);
            }
        }))?;
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
        let concern = Concern::Bell(&self.slot.bell);
        self.engine.wait_reply(deadline, &concern, |_| self.slot.value.lock().take())?.transpose()
    }
}

impl<T> std::fmt::Debug for PendingValue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingValue").finish_non_exhaustive()
    }
}
