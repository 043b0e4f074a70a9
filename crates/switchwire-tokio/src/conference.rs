//! A conference as an object: [`switchwire::conference`] for tasks.

pub use switchwire::conference::{
    ConferenceAction, ConferenceCommand, ConferenceEvent, ConferenceInfo, ConferenceWatch, Member, Members,
    Relation,
};
use switchwire::dial::DialString;
use switchwire::{Phase, Result};

use crate::Connection;
use crate::pending::{Pending, within};

/// A conference by its name, on a connection that may use `api`.
///
/// Each [`ConferenceCommand`] is sent as `api conference NAME …`, and its reply waited for, for at most the command timeout.
/// Dropping the future takes nothing back.
///
/// ```no_run
/// use switchwire_tokio::conference::{ConferenceCommand, Members};
/// # async fn example(connection: switchwire_tokio::Connection) -> switchwire_tokio::Result<()> {
/// let room = connection.conference("3000")?;
/// for member in room.members().await? {
///     println!("{} {:?}", member.id, member.uuid);
/// }
/// room.command(&ConferenceCommand::mute(Members::NonModerators)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Conference {
    core: switchwire::conference::Conference,
    connection: Connection,
}

impl Connection {
    /// The conference of that name. Sends nothing: it need not be there yet.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not one word of letters, digits, `_`, `-` and `.`.
    pub fn conference(&self, name: impl Into<String>) -> Result<Conference> {
        Ok(Conference { core: self.core().conference(name)?, connection: self.clone() })
    }
}

impl Conference {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The connection that it is reached by.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Does something to it or its members; gives the server's text.
    ///
    /// # Errors
    /// `Refused`, with the server's text, when the conference or the member is not there or the server says how the command
    /// is used; `InvalidArgument` for what cannot be said; `Timeout`, `Disconnected`.
    pub async fn command(&self, command: &ConferenceCommand) -> Result<String> {
        self.asked(|done| self.core.command_with(command, done)).await
    }

    /// The conference and its members; `None` when there is no conference of that name now.
    ///
    /// # Errors
    /// `Refused` when the connection may not list it, `Timeout`, `Disconnected`.
    pub async fn info(&self) -> Result<Option<ConferenceInfo>> {
        self.asked(|done| self.core.info_with(done)).await
    }

    /// Its members, the one that joined last first; none when there is no conference.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub async fn members(&self) -> Result<Vec<Member>> {
        Ok(self.info().await?.map(|info| info.members).unwrap_or_default())
    }

    /// Calls in the background and takes the party it reaches into the conference; `caller_id` is name and number. Gives the
    /// Job-UUID that the event `bgdial-result` has ([`ConferenceEvent::job_uuid`]): only that tells what came of it.
    ///
    /// # Errors
    /// As [`command`](Self::command).
    pub async fn dial(&self, dial: &DialString, caller_id: Option<(&str, &str)>) -> Result<String> {
        let command = ConferenceCommand::dial(dial, caller_id, true)?;
        self.asked(|done| self.core.dial_with(&command, done)).await
    }

    /// Calls back for whatever happens from now on, in order, on the task that reads the connection, which must not be held
    /// up (an unbounded channel is a fit place); at the connection's end with the error. The connection must be subscribed to
    /// `CUSTOM conference::maintenance` ([`ConferenceEvent::SUBCLASS`]); the events stay in its queue as well.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn on_event(
        &self,
        callback: impl FnMut(Result<ConferenceEvent>) + Send + 'static,
    ) -> Result<ConferenceWatch> {
        self.core.on_event(callback)
    }

    async fn asked<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<()>,
    ) -> Result<T> {
        let done = Pending::<T, ()>::start(|done| self.connection.send(|_| ask(done)))?;
        within(self.connection.options().command_timeout, Phase::Reply, done).await
    }
}
