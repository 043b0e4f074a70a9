//! Commands by name: JavaScript says which and gives its arguments; the core builds and checks them.

use napi_derive::napi;
use switchwire::{BuildError, Command, EventFormat, LogLevel, Subscription};

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
        "log" => Ok(Command::log(level(a.text(0))?)),
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

/// A level by number or by name.
pub(crate) fn level(text: &str) -> Result<LogLevel> {
    let named =
        |level: &&LogLevel| level.name().eq_ignore_ascii_case(text) || text.parse() == Ok(**level as u8);
    LogLevel::ALL.iter().find(named).copied().ok_or_else(|| invalid("the log level is 0 to 7, or its name"))
}

/// The commands that bring a subscription about: `list` is a list of names separated by blanks, `filters` header,
/// value, header, value …
#[napi]
pub fn subscription_commands(
    format: Option<String>,
    list: String,
    filters: Vec<String>,
    log: Option<String>,
) -> Result<Vec<String>> {
    let format = Arguments(&[format]).format(0)?.unwrap_or_default();
    let mut wanted = Subscription::from_list(format, &list);
    for pair in filters.chunks(2) {
        wanted = wanted.filter(&pair[0], pair.get(1).map_or("", String::as_str));
    }
    if let Some(log) = log {
        wanted = wanted.log(level(&log)?);
    }
    let commands = wanted.commands().map_err(|error| refused(&error))?;
    Ok(commands.iter().map(|command| String::from_utf8_lossy(command.as_bytes()).into_owned()).collect())
}
