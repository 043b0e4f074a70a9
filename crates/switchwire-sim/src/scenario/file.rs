//! Scenarios as TOML files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use switchwire_proto::{Event, EventType};

use super::{Act, Expect, Step, When};
use crate::builder::Builder;
use crate::dialplan::Extension;
use crate::endpoint::Endpoint;
use crate::faults::Faults;

/// A scenario: extensions, endpoints, scripted events, faults and expectations, read from TOML.
///
/// ```
/// use switchwire_sim::{Scenario, Simulator};
/// let scenario: Scenario = r#"
///     [[extension]]
///     number = "5000"                       # or regex = "^5(...)$"; context = "public"
///     run = ["answer", "socket 127.0.0.1:8084|127.0.0.1:8085 async full"]
///
///     [[endpoint]]
///     dial = "user/1000"                    # * is any text
///     ring = "20ms"                         # also: early_media, busy, no_answer, cause
///     dtmf = [{ after = "50ms", digits = "12#" }]
///     hangup = { after = "2s", cause = "NORMAL_CLEARING" }
///
///     [[step]]
///     on = { event = "CHANNEL_PARK" }       # or on = { command = "..." }; nothing: from the start
///     after = "10ms"
///     api = "uuid_kill ${Unique-ID}"        # or fire, log, faults, disconnect, raw, restart
///
///     [[faults]]
///     connection = 2                        # nothing: every one
///     faults = "split=3,delay=1ms"
///
///     [[expect]]
///     command = "api uuid_broadcast *"
///     then = [{ execute = "playback", headers = { Application-Data = "*.wav" } }]
///     within = "1s"
/// "#.parse()?;
/// let sim = Simulator::builder().scenario(&scenario).start()?;
/// let unmet = sim.verify(std::time::Duration::ZERO).unwrap_err();
/// assert!(unmet.to_string().contains("the command `api uuid_broadcast *` did not come"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Times are texts with a unit (`20ms`, `1.5s`, `2m`) or numbers of seconds. An unknown key is an error that names it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    password: Option<String>,
    #[serde(default, rename = "extension")]
    extensions: Vec<ExtensionTable>,
    #[serde(default, rename = "endpoint")]
    endpoints: Vec<EndpointTable>,
    #[serde(default, rename = "step")]
    steps: Vec<StepTable>,
    #[serde(default)]
    faults: Vec<FaultsTable>,
    #[serde(default, rename = "expect")]
    expectations: Vec<ExpectTable>,
}

/// Why a scenario cannot be read: the text names the line and the key.
#[derive(Debug)]
pub struct ScenarioError(String);

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for ScenarioError {}

impl std::str::FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError(error.to_string()))?;
        // Whatever is wrong is told here, not when it is used.
        let _ = scenario.apply(Builder::default())?;
        Ok(scenario)
    }
}

impl Scenario {
    /// Reads a file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ScenarioError(format!("cannot read {name}: {error}")))?;
        text.parse().map_err(|ScenarioError(text)| ScenarioError(format!("{name}: {text}")))
    }

    /// Adds everything to a simulator that is being made.
    pub(crate) fn apply(&self, mut builder: Builder) -> Result<Builder, ScenarioError> {
        if let Some(password) = &self.password {
            builder = builder.password(password);
        }
        for extension in &self.extensions {
            builder = builder.dialplan(extension.build()?);
        }
        for endpoint in &self.endpoints {
            builder = builder.endpoint(&endpoint.dial, endpoint.build()?);
        }
        for step in &self.steps {
            builder = builder.step(step.build()?);
        }
        for faults in &self.faults {
            builder = match faults.connection {
                Some(number) => builder.faults_of(number, faults.faults.0.clone()),
                None => builder.faults(faults.faults.0.clone()),
            };
        }
        for expectation in &self.expectations {
            builder = builder.expect(expectation.build()?);
        }
        Ok(builder)
    }
}

fn wrong<T>(text: impl Into<String>) -> Result<T, ScenarioError> {
    Err(ScenarioError(text.into()))
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionTable {
    number: Option<String>,
    regex: Option<String>,
    context: Option<String>,
    run: Vec<String>,
}

impl ExtensionTable {
    fn build(&self) -> Result<Extension, ScenarioError> {
        let extension = match (&self.number, &self.regex) {
            (Some(number), None) => Extension::number(number),
            (None, Some(regex)) => {
                Extension::matching(regex).map_err(|error| ScenarioError(error.to_string()))?
            }
            _ => return wrong("an [[extension]] has either `number` or `regex`"),
        };
        let extension = match &self.context {
            Some(context) => extension.context(context),
            None => extension,
        };
        Ok(self.run.iter().fold(extension, |extension, action| {
            let (app, argument) = action.split_once(' ').unwrap_or((action, ""));
            extension.run(app, argument)
        }))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointTable {
    dial: String,
    ring: Option<Time>,
    early_media: Option<Time>,
    #[serde(default)]
    busy: bool,
    #[serde(default)]
    no_answer: bool,
    cause: Option<String>,
    #[serde(default)]
    dtmf: Vec<Digits>,
    hangup: Option<Hangup>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digits {
    #[serde(default)]
    after: Time,
    digits: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hangup {
    #[serde(default)]
    after: Time,
    #[serde(default = "normal")]
    cause: String,
}

fn normal() -> String {
    "NORMAL_CLEARING".into()
}

impl EndpointTable {
    fn build(&self) -> Result<Endpoint, ScenarioError> {
        let mut endpoint = match (self.busy, self.no_answer, &self.cause) {
            (false, false, None) => Endpoint::answers(),
            (true, false, None) => Endpoint::busy(),
            (false, true, None) => Endpoint::no_answer(),
            (false, false, Some(cause)) => Endpoint::fails(cause),
            _ => return wrong(format!("the endpoint {} has one of `busy`, `no_answer`, `cause`", self.dial)),
        };
        endpoint = endpoint.ring(self.ring.unwrap_or_default().0);
        if let Some(after) = self.early_media {
            endpoint = endpoint.early_media(after.0);
        }
        for Digits { after, digits } in &self.dtmf {
            endpoint = endpoint.dtmf(after.0, digits);
        }
        if let Some(Hangup { after, cause }) = &self.hangup {
            endpoint = endpoint.hangs_up(after.0, cause);
        }
        Ok(endpoint)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepTable {
    on: Option<ExpectTable>,
    #[serde(default)]
    after: Time,
    fire: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    api: Option<String>,
    log: Option<String>,
    level: Option<String>,
    faults: Option<Named>,
    disconnect: Option<String>,
    raw: Option<String>,
    #[serde(default)]
    restart: bool,
}

impl StepTable {
    fn build(&self) -> Result<Step, ScenarioError> {
        let mut acts = Vec::new();
        if let Some(name) = &self.fire {
            acts.push(Act::Fire(self.event(name)?));
        }
        acts.extend(self.api.clone().map(Act::Api));
        if let Some(text) = &self.log {
            let level = self.level.as_deref().unwrap_or("info").parse();
            let level = level.map_err(|_| ScenarioError(format!("no log level {:?}", self.level)))?;
            acts.push(Act::Log(level, text.clone()));
        }
        acts.extend(self.faults.clone().map(|faults| Act::Faults(faults.0)));
        if let Some(end) = &self.disconnect {
            acts.push(Act::Disconnect(end.parse().map_err(ScenarioError)?));
        }
        acts.extend(self.raw.clone().map(|text| Act::Raw(text.into_bytes())));
        acts.extend(self.restart.then_some(Act::Restart));
        let when = match &self.on {
            Some(expect) => When::Seen(expect.build()?),
            None => When::Start,
        };
        match <[Act; 1]>::try_from(acts) {
            Ok([act]) => Ok(Step { when, after: self.after.0, act }),
            Err(_) => {
                wrong("a [[step]] has one of `fire`, `api`, `log`, `faults`, `disconnect`, `raw`, `restart`")
            }
        }
    }

    fn event(&self, name: &str) -> Result<Event, ScenarioError> {
        let (name, subclass) = name.split_once(' ').unwrap_or((name, ""));
        let Some(kind) = EventType::from_name(name) else {
            return wrong(format!("no event is named {name}"));
        };
        let mut event = if kind == EventType::Custom { Event::custom(subclass) } else { Event::bare(kind) };
        for (name, value) in &self.headers {
            event.add_header(name, value);
        }
        if let Some(body) = &self.body {
            event.set_body(body.clone());
        }
        Ok(event)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsTable {
    connection: Option<usize>,
    faults: Named,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectTable {
    command: Option<String>,
    event: Option<String>,
    execute: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    times: Option<usize>,
    #[serde(default)]
    never: bool,
    #[serde(default)]
    then: Vec<ExpectTable>,
    within: Option<Time>,
}

impl ExpectTable {
    fn build(&self) -> Result<Expect, ScenarioError> {
        let mut expect = match (&self.command, &self.event, &self.execute) {
            (Some(line), None, None) => Expect::command(line),
            (None, Some(name), None) => Expect::event(name),
            (None, None, Some(action)) => {
                let (app, argument) = action.split_once(' ').unwrap_or((action, "*"));
                Expect::executes(app, argument)
            }
            _ => return wrong("an expectation has one of `command`, `event`, `execute`"),
        };
        for (name, value) in &self.headers {
            expect = expect.header(name, value);
        }
        if let Some(times) = self.times.or(self.never.then_some(0)) {
            expect = expect.times(times);
        }
        if let Some(time) = self.within {
            expect = expect.within(time.0);
        }
        for next in &self.then {
            expect = expect.then(next.build()?);
        }
        Ok(expect)
    }
}

/// A time with a unit, or seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Time(Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(u64),
            Part(f64),
            Text(String),
        }
        let read = match Written::deserialize(from)? {
            Written::Whole(seconds) => Ok(Duration::from_secs(seconds)),
            Written::Part(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()),
            Written::Text(text) => crate::faults::time(&text),
        };
        read.map(Time).map_err(de::Error::custom)
    }
}

/// Faults by their words.
#[derive(Debug, Clone)]
struct Named(Faults);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map(Named).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        for (text, told) in [
            ("[[extension]]\nnumber = '1'\nruns = []", "unknown field `runs`"),
            ("[[extension]]\nrun = []", "either `number` or `regex`"),
            ("[[extension]]\nregex = '('\nrun = []", "unclosed group"),
            ("[[endpoint]]\ndial = 'user/1'\nring = '3 apples'", "3 apples"),
            ("[[endpoint]]\ndial = 'user/1'\nbusy = true\nno_answer = true", "one of `busy`"),
            ("[[step]]\nafter = 1", "one of `fire`"),
            ("[[step]]\nfire = 'NO_SUCH'", "no event is named NO_SUCH"),
            ("[[step]]\ndisconnect = 'softly'", "softly"),
            ("[[faults]]\nfaults = 'slowly'", "slowly"),
            ("[[expect]]\ntimes = 1", "one of `command`"),
        ] {
            let error = text.parse::<Scenario>().expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
