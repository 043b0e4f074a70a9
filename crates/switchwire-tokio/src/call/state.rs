//! Waiting for a state of the call.

use switchwire::{CallWait, Event, Phase, Result, State};

use super::Call;
use crate::pending::{Pending, within};

impl Call {
    /// Asks the server (`api uuid_dump`) for the state and all variables of the channel.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Refused` when there is no such channel, `Timeout`, `Disconnected`.
    pub async fn refresh(&self) -> Result<Event> {
        let dump = Pending::start(|done| self.connection.send(|_| self.core.refresh_with(done)))?;
        within(self.command_timeout(), Phase::Reply, dump).await
    }

    /// Waits until the call is in that state (an answer state: at least so far).
    ///
    /// # Errors
    /// `Hangup` when the call ends first (waiting for [`AnswerState::Hangup`](switchwire::AnswerState::Hangup) succeeds
    /// then), `Timeout` where [`timeout`](Self::timeout) is set, `NotSubscribed` when no event would report it,
    /// `Disconnected`.
    pub async fn wait_for(&self, state: impl Into<State>) -> Result<()> {
        let reached = Pending::<(), Option<CallWait>>::start(|done| self.core.wait_for_with(state, done))?;
        within(self.timeout, Phase::State, reached).await
    }
}
