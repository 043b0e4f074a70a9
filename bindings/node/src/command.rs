//! Commands by name: JavaScript says which and gives its arguments; the core builds and checks them.

use napi_derive::napi;
use switchwire::{BuildError, Command, EventFormat, Subscription};

use crate::batch::Batch;
use crate::error::{Result, Thrown, invalid};

/// Arguments in the order of the core's builders; a missing one is `None`.
pub(crate) struct Arguments<'a>(pub(crate) &'a [Option<String>]);

impl Arguments<'_> {
    fn optional(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    fn text(&self, at: usize) -> &str {
        self.optional(at).unwrap_or_default()
    }

    fn number(&self, at: usize) -> Result<Option<u32>> {
        let number = self.optional(at).map(str::parse).transpose();
        number.map_err(|_| invalid("a whole number that is not negative is expected"))
    }

    fn format(&self, at: usize) -> Result<Option<EventFormat>> {
        let Some(name) = self.optional(at) else { return Ok(None) };
        let format = EventFormat::from_name(name);
        format.map(Some).ok_or_else(|| invalid("the format is one of plain, json, xml"))
    }
}

pub(crate) fn build(name: &str, arguments: &Arguments<'_>) -> Result<Command> {
    let a = arguments;
    let built = match name {
        "raw" => Command::raw(a.text(0)),
        "event" => Command::event(a.format(0)?.unwrap_or_default(), a.text(1)),
        "nixevent" => Command::nixevent(a.text(0)),
        "noevents" => Ok(Command::noevents()),
        "myevents" => Command::myevents(a.optional(0), a.format(1)?),
        "filter" => Command::filter(a.text(0), a.text(1)),
        "filter delete" => Command::filter_delete(a.text(0), a.optional(1)),
        "linger" => Ok(Command::linger(a.number(0)?)),
        "nolinger" => Ok(Command::nolinger()),
        "resume" => Ok(Command::resume()),
        "divert_events" => Ok(Command::divert_events(a.text(0) == "on")),
        "getvar" => Command::getvar(a.text(0)),
        "log" => a.text(0).parse().map(Command::log),
        "nolog" => Ok(Command::nolog()),
        "exit" => Ok(Command::exit()),
        "hangup" => Command::hangup(a.optional(0), a.optional(1)),
        "bgapi" => Command::bgapi(a.text(0), a.text(1), a.optional(2)),
        other => return Err(invalid(format!("no command {other:?}"))),
    };
    built.map_err(|error| refused(&error))
}

/// `sendevent` and `sendmsg`.
pub(crate) fn with_event(name: &str, batch: &Batch, at: u32, uuid: Option<&str>) -> Result<Command> {
    let event = batch.event(at)?;
    let built = if name == "sendmsg" { Command::sendmsg(uuid, event) } else { Command::sendevent(event) };
    built.map_err(|error| refused(&error))
}

pub(crate) fn refused(error: &BuildError) -> Thrown {
    invalid(error.to_string())
}

/// A subscription: `names` as programs give them (`CHANNEL_ANSWER`, `CUSTOM a::b`, lists separated by spaces), `filters`
/// as header, value, header, value …
#[napi(object)]
pub struct NativeSubscription {
    pub format: Option<String>,
    pub names: Vec<String>,
    pub filters: Option<Vec<String>>,
    pub log: Option<String>,
}

impl NativeSubscription {
    pub(crate) fn build(&self) -> Result<Subscription> {
        let format = Arguments(std::slice::from_ref(&self.format)).format(0)?.unwrap_or_default();
        let mut wanted = Subscription::from_names(format, &self.names);
        for pair in self.filters.as_deref().unwrap_or_default().chunks(2) {
            wanted = wanted.filter(&pair[0], pair.get(1).map_or("", String::as_str));
        }
        if let Some(log) = &self.log {
            wanted = wanted.log(log.parse().map_err(|error| refused(&error))?);
        }
        Ok(wanted)
    }
}

/// The commands of a subscription.
#[napi]
pub fn subscription_commands(subscription: NativeSubscription) -> Result<Vec<String>> {
    let commands = subscription.build()?.commands().map_err(|error| refused(&error))?;
    Ok(commands.iter().map(text_of).collect())
}

/// The command that ends a subscription to these events; null without names.
#[napi]
pub fn removal_command(names: Vec<String>) -> Result<Option<String>> {
    let removal = Subscription::from_names(EventFormat::default(), &names).removal();
    Ok(removal.map_err(|error| refused(&error))?.as_ref().map(text_of))
}

fn text_of(command: &Command) -> String {
    String::from_utf8_lossy(command.as_bytes()).into_owned()
}

/// What command that text is, without arguments: for tools that watch.
#[napi]
pub fn command_name(text: String) -> String {
    Command::raw(text).map(|command| command.name()).unwrap_or_default()
}
