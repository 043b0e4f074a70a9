//! Commands for the modern connections, made by the core's builders: what a user typed cannot start a second one.

use pyo3::prelude::*;
use switchwire::{BuildError, Command as CoreCommand, EventFormat, Subscription};

use crate::errors::exception;
use crate::event::Event;
use crate::log::Level;
use crate::text::Text;

/// One command, checked and encoded.
#[pyclass(frozen)]
pub(crate) struct Command(pub(crate) CoreCommand);

pub(crate) fn built(py: Python<'_>, command: Result<CoreCommand, BuildError>) -> PyResult<Command> {
    command.map(Command).map_err(|error| exception(py, &error.into()))
}

fn format(name: &str) -> PyResult<EventFormat> {
    EventFormat::from_name(name)
        .ok_or_else(|| pyo3::exceptions::PyValueError::new_err("the format is 'plain', 'json' or 'xml'"))
}

/// Names may be lists of their own, as `events` has always taken them.
fn subscription(names: &[String], custom: Vec<String>, format: EventFormat) -> Subscription {
    custom.into_iter().fold(Subscription::from_list(format, &names.join(" ")), Subscription::custom)
}

/// A `switchwire.Subscription`.
#[derive(FromPyObject)]
pub(crate) struct SubscriptionValues {
    names: Vec<String>,
    custom: Vec<String>,
    format: String,
    filters: Vec<(String, String)>,
    log: Option<Level>,
}

impl SubscriptionValues {
    pub(crate) fn subscription(self) -> PyResult<Subscription> {
        let wanted = subscription(&self.names, self.custom, format(&self.format)?);
        let filters = self.filters.into_iter();
        let wanted = filters.fold(wanted, |wanted, (header, value)| wanted.filter(header, value));
        Ok(self.log.into_iter().fold(wanted, |wanted, level| wanted.log(level.0)))
    }
}

#[pymethods]
impl Command {
    #[staticmethod]
    fn raw(py: Python<'_>, text: Text<'_>) -> PyResult<Self> {
        built(py, CoreCommand::raw(text.bytes()))
    }

    #[staticmethod]
    fn api(py: Python<'_>, command: &str, arguments: &str) -> PyResult<Self> {
        built(py, CoreCommand::api(command, arguments))
    }

    /// All commands of a subscription, in the order in which they are sent.
    #[staticmethod]
    fn subscription(
        py: Python<'_>,
        names: Vec<String>,
        custom: Vec<String>,
        form: String,
        filters: Vec<(String, String)>,
        log: Option<Level>,
    ) -> PyResult<Vec<Self>> {
        let wanted = SubscriptionValues { names, custom, format: form, filters, log }.subscription()?;
        let commands = wanted.commands().map_err(|error| exception(py, &error.into()))?;
        Ok(commands.into_iter().map(Self).collect())
    }

    /// `nixevent` of those events and subclasses; `None` without any.
    #[staticmethod]
    fn nixevent(py: Python<'_>, names: Vec<String>, custom: Vec<String>) -> PyResult<Option<Self>> {
        let removal = subscription(&names, custom, EventFormat::Plain).removal();
        removal.map(|command| command.map(Self)).map_err(|error| exception(py, &error.into()))
    }

    #[staticmethod]
    fn noevents() -> Self {
        Self(CoreCommand::noevents())
    }

    #[staticmethod]
    fn myevents(py: Python<'_>, uuid: Option<&str>, form: Option<&str>) -> PyResult<Self> {
        let form = match (form, uuid) {
            (Some(form), _) => Some(format(form)?),
            // With a format word the server checks the uuid.
            (None, Some(_)) => Some(EventFormat::Plain),
            (None, None) => None,
        };
        built(py, CoreCommand::myevents(uuid, form))
    }

    #[staticmethod]
    fn filter(py: Python<'_>, header: &str, value: &str) -> PyResult<Self> {
        built(py, CoreCommand::filter(header, value))
    }

    #[staticmethod]
    fn filter_delete(py: Python<'_>, header: &str, value: Option<&str>) -> PyResult<Self> {
        built(py, CoreCommand::filter_delete(header, value))
    }

    #[staticmethod]
    fn linger(seconds: Option<u32>) -> Self {
        Self(CoreCommand::linger(seconds))
    }

    #[staticmethod]
    fn nolinger() -> Self {
        Self(CoreCommand::nolinger())
    }

    #[staticmethod]
    fn resume() -> Self {
        Self(CoreCommand::resume())
    }

    #[staticmethod]
    fn divert_events(on: bool) -> Self {
        Self(CoreCommand::divert_events(on))
    }

    #[staticmethod]
    fn log(level: Level) -> Self {
        Self(CoreCommand::log(level.0))
    }

    #[staticmethod]
    fn nolog() -> Self {
        Self(CoreCommand::nolog())
    }

    #[staticmethod]
    fn exit() -> Self {
        Self(CoreCommand::exit())
    }

    #[staticmethod]
    fn hangup(py: Python<'_>, uuid: Option<&str>, cause: Option<&str>) -> PyResult<Self> {
        built(py, CoreCommand::hangup(uuid, cause))
    }

    #[staticmethod]
    fn sendevent(py: Python<'_>, event: &Bound<'_, Event>) -> PyResult<Self> {
        built(py, CoreCommand::sendevent(event.get().core()))
    }

    #[staticmethod]
    fn sendmsg(py: Python<'_>, event: &Bound<'_, Event>, uuid: Option<&str>) -> PyResult<Self> {
        built(py, CoreCommand::sendmsg(uuid, event.get().core()))
    }

    /// The bytes that are sent.
    fn __bytes__(&self) -> std::borrow::Cow<'_, [u8]> {
        self.0.as_bytes().into()
    }

    /// The first line; a login's is not shown.
    fn __str__(&self) -> String {
        self.0.summary()
    }

    fn __repr__(&self) -> String {
        format!("Command({:?})", self.0.summary())
    }
}
