//! A conference as an object: its members, what is done to them, what happens in it.
//!
//! A binding for an event loop needs [`Conference::command_with`] (any [`ConferenceCommand`]), [`Conference::info_with`] and
//! [`Conference::on_event`]: none of them waits. The blocking verbs are those commands by name.

mod events;

use switchwire_proto::dial::{DialError, DialString};
use switchwire_proto::{Command, Reply};

pub use self::events::{ConferenceEvents, ConferenceWatch};
pub use switchwire_proto::conference::{
    ConferenceAction, ConferenceCommand, ConferenceEvent, ConferenceInfo, Member, Members, Relation,
};

use crate::{Connection, Error, ErrorKind, Result};

/// A conference by its name, on a connection that may use `api`.
///
/// Every verb sends `api conference NAME …` and waits for its reply, for at most the command timeout. What it is about
/// ([`Members`]) is an id, or all, the last or those that are no moderators.
///
/// All verbs fail with `Refused`, with the server's text, when the conference or the member is not there or the server
/// says how the command is used; with `InvalidArgument` for what cannot be said; with `Timeout` and `Disconnected`.
#[derive(Debug, Clone)]
pub struct Conference {
    connection: Connection,
    name: String,
}

impl Connection {
    /// The conference of that name. Sends nothing: it need not be there yet.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not one word of letters, digits, `_`, `-` and `.`.
    pub fn conference(&self, name: impl Into<String>) -> Result<Conference> {
        let name = name.into();
        ConferenceCommand::lock().arguments(&name)?;
        Ok(Conference { connection: self.clone(), name })
    }
}

macro_rules! verbs {
    ($($method:ident, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            ///
            /// # Errors
            /// See [`Conference`].
            pub fn $method(&self, members: impl Into<Members>) -> Result<()> {
                self.command(&ConferenceCommand::$method(members)).map(drop)
            }
        )*
    };
}

impl Conference {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The connection that it is reached by.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Any command; gives the server's text.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn command(&self, command: &ConferenceCommand) -> Result<String> {
        let reply = self.connection.request(&self.api(command)?)?;
        done(command, &reply)
    }

    /// [`command`](Self::command), without waiting.
    ///
    /// # Errors
    /// `InvalidArgument`, `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn command_with(
        &self,
        command: &ConferenceCommand,
        on_done: impl FnOnce(Result<String>) + Send + 'static,
    ) -> Result<()> {
        let sent = command.clone();
        let replied = move |reply: Result<Reply>| on_done(reply.and_then(|reply| done(&sent, &reply)));
        self.connection.event_loop().try_submit_with(&self.api(command)?, replied).map(drop)
    }

    /// The conference and its members; `None` when there is no conference of that name now.
    ///
    /// # Errors
    /// `Refused` when the connection may not list it, `Timeout`, `Disconnected`.
    pub fn info(&self) -> Result<Option<ConferenceInfo>> {
        read(&self.connection.request(&self.api(&ConferenceCommand::json_list())?)?)
    }

    /// [`info`](Self::info), without waiting.
    ///
    /// # Errors
    /// `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn info_with(
        &self,
        on_done: impl FnOnce(Result<Option<ConferenceInfo>>) + Send + 'static,
    ) -> Result<()> {
        let command = self.api(&ConferenceCommand::json_list())?;
        let replied = move |reply: Result<Reply>| on_done(reply.and_then(|reply| read(&reply)));
        self.connection.event_loop().try_submit_with(&command, replied).map(drop)
    }

    /// Its members, the one that joined last first; none when there is no conference.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub fn members(&self) -> Result<Vec<Member>> {
        Ok(self.info()?.map(|info| info.members).unwrap_or_default())
    }

    verbs! {
        mute, "They are not heard any more.";
        unmute, "They are heard again.";
        deaf, "They hear nothing any more.";
        undeaf, "They hear again.";
        hold, "Puts them on hold.";
        unhold, "Takes them off hold.";
        kick, "Sends them out: their channels go on.";
        hup, "Hangs them up.";
        floor, "Gives one of them the floor.";
    }

    /// No other member may join; or they may again.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn lock(&self, locked: bool) -> Result<()> {
        let command = if locked { ConferenceCommand::lock() } else { ConferenceCommand::unlock() };
        self.command(&command).map(drop)
    }

    /// How loud they are heard (`volume_in`), -4 to 4.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn volume_in(&self, members: impl Into<Members>, level: i32) -> Result<()> {
        self.command(&ConferenceCommand::volume_in(members, level)).map(drop)
    }

    /// How loud they hear (`volume_out`), -4 to 4.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn volume_out(&self, members: impl Into<Members>, level: i32) -> Result<()> {
        self.command(&ConferenceCommand::volume_out(members, level)).map(drop)
    }

    /// Plays a file to all. The reply comes when it begins; `play-file-done` tells its end.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn play(&self, path: &str) -> Result<()> {
        self.send(ConferenceCommand::play(path, false))
    }

    /// Plays a file to one member.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn play_to(&self, member: u32, path: &str) -> Result<()> {
        self.send(ConferenceCommand::play_to(member, path))
    }

    /// Ends all that is played.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn stop(&self) -> Result<()> {
        self.command(&ConferenceCommand::stop(true)).map(drop)
    }

    /// Speaks a text to all.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn say(&self, text: &str) -> Result<()> {
        self.send(ConferenceCommand::say(text))
    }

    /// Speaks a text to one member.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn say_to(&self, member: u32, text: &str) -> Result<()> {
        self.send(ConferenceCommand::say_to(member, text))
    }

    /// Records the conference to a file.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn record(&self, path: &str) -> Result<()> {
        self.send(ConferenceCommand::record(path))
    }

    /// Ends that recording, or without a file all of them.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn stop_recording(&self, path: Option<&str>) -> Result<()> {
        self.send(ConferenceCommand::no_record(path))
    }

    /// A pause in that recording, or its end.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn pause_recording(&self, path: &str, pause: bool) -> Result<()> {
        self.send(ConferenceCommand::pause_recording(path, pause))
    }

    /// Calls in the background and takes the party it reaches into the conference; `caller_id` is name and number. Gives the
    /// Job-UUID that the event `bgdial-result` has ([`ConferenceEvent::job_uuid`]): only that tells what came of it.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn dial(&self, dial: &DialString, caller_id: Option<(&str, &str)>) -> Result<String> {
        job(&self.command(&ConferenceCommand::dial(dial, caller_id, true)?)?)
    }

    /// A background [`ConferenceCommand::dial`], without waiting: the callback gets the Job-UUID. See [`dial`](Self::dial).
    ///
    /// # Errors
    /// `InvalidArgument`, `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn dial_with(
        &self,
        command: &ConferenceCommand,
        on_done: impl FnOnce(Result<String>) + Send + 'static,
    ) -> Result<()> {
        self.command_with(command, |text| on_done(text.and_then(|text| job(&text))))
    }

    /// These members go to another conference.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn transfer(&self, to: &str, members: &[u32]) -> Result<()> {
        self.send(ConferenceCommand::transfer(to, members))
    }

    /// Which member hears which.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn relate(&self, member: u32, other: u32, relation: Relation) -> Result<()> {
        self.command(&ConferenceCommand::relate(member, other, relation)).map(drop)
    }

    /// Sends digits to members.
    ///
    /// # Errors
    /// See [`Conference`].
    pub fn send_dtmf(&self, members: impl Into<Members>, digits: &str) -> Result<()> {
        self.send(ConferenceCommand::dtmf(members, digits))
    }

    fn send(&self, command: Result<ConferenceCommand, DialError>) -> Result<()> {
        self.command(&command?).map(drop)
    }

    fn api(&self, command: &ConferenceCommand) -> Result<Command> {
        Ok(Command::api("conference", &command.arguments(&self.name)?)?)
    }
}

fn done(command: &ConferenceCommand, reply: &Reply) -> Result<String> {
    let text = reply.text().into_owned();
    match command.is_refused(&text) {
        true => Err(Error::refused(&format!("conference {}", command.word()), &text)),
        false => Ok(text),
    }
}

fn job(text: &str) -> Result<String> {
    let job = ConferenceCommand::job_uuid(text).map(str::to_owned);
    job.ok_or_else(|| Error::refused("conference bgdial", text))
}

fn read(reply: &Reply) -> Result<Option<ConferenceInfo>> {
    let list = ConferenceInfo::read(&reply.text()).map_err(|error| {
        Error::with_source(ErrorKind::Refused, "the server did not list the conference", error)
    })?;
    Ok(list.into_iter().next())
}
