//! Dial strings and calls to be made, as JavaScript gives and gets them; the core prints, reads and refuses them.

use napi_derive::napi;
use switchwire::dial::{Carrier, DialError, DialString, Endpoint, Leg, Originate, Target, Thread, Variables};

use crate::error::{Result, Thrown, invalid};

/// A variable with its text, or an array.
#[napi(object)]
#[derive(Clone)]
pub struct NativeVariable {
    pub name: String,
    pub value: Option<String>,
    pub elements: Option<Vec<String>>,
}

/// A leg: which fields are there says what kind of endpoint it is. See `Leg` in `dial.d.ts`.
#[napi(object)]
#[derive(Clone, Default)]
pub struct NativeLeg {
    pub endpoint: Option<String>,
    pub user: Option<String>,
    pub group: Option<String>,
    pub domain: Option<String>,
    pub gateway: Option<String>,
    pub number: Option<String>,
    pub profile: Option<String>,
    pub address: Option<String>,
    pub loopback: Option<String>,
    pub context: Option<String>,
    pub dialplan: Option<String>,
    pub pickup: Option<String>,
    pub error: Option<String>,
    pub null: Option<String>,
    pub variables: Vec<NativeVariable>,
    pub timeout: Option<u32>,
    pub delay: Option<u32>,
}

#[napi(object)]
#[derive(Clone)]
pub struct NativeThread {
    pub variables: Vec<NativeVariable>,
    pub groups: Vec<Vec<NativeLeg>>,
}

/// A dial string; the caller's id, the uuid and the timeout are those of the last thread.
#[napi(object)]
#[derive(Clone)]
pub struct NativeDial {
    pub shared: Vec<NativeVariable>,
    pub threads: Vec<NativeThread>,
    pub caller_id_name: Option<String>,
    pub caller_id_number: Option<String>,
    pub uuid: Option<String>,
    pub timeout: Option<u32>,
}

/// One of an inline list's applications.
#[napi(object)]
#[derive(Clone)]
pub struct NativeStep {
    pub application: String,
    pub argument: Option<String>,
}

/// A call to be made. Of `application`, `extension`, `bridge` and `inline` one is given.
#[napi(object)]
#[derive(Clone)]
pub struct NativeOriginate {
    pub dial: NativeDial,
    pub application: Option<String>,
    pub argument: Option<String>,
    pub bridge: Option<NativeDial>,
    pub extension: Option<String>,
    pub inline: Option<Vec<NativeStep>>,
    pub dialplan: Option<String>,
    pub context: Option<String>,
    pub caller_id_name: Option<String>,
    pub caller_id_number: Option<String>,
    pub timeout: Option<u32>,
}

pub(crate) fn refused(error: &DialError) -> Thrown {
    invalid(error.to_string())
}

fn set(variables: &[NativeVariable]) -> Result<Variables> {
    variables.iter().try_fold(
        Variables::new(),
        |all, NativeVariable { name, value, elements }| match elements {
            Some(elements) => {
                all.set_array(name, elements.iter().map(String::as_str)).map_err(|error| refused(&error))
            }
            None => Ok(all.set(name, value.as_deref().unwrap_or_default())),
        },
    )
}

fn shown(variables: &Variables) -> Vec<NativeVariable> {
    let shown = |(name, value): (&str, &str)| NativeVariable {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        elements: None,
    };
    variables.iter().map(shown).collect()
}

impl NativeLeg {
    fn build(&self) -> Result<Leg> {
        let mut leg = Leg { endpoint: self.endpoint()?, variables: set(&self.variables)? };
        if let Some(seconds) = self.timeout {
            leg = leg.timeout(seconds);
        }
        if let Some(seconds) = self.delay {
            leg = leg.delay(seconds);
        }
        Ok(leg)
    }

    fn endpoint(&self) -> Result<Endpoint> {
        let leg = self.clone();
        Ok(match leg {
            Self { user: Some(user), domain, .. } => Endpoint::User { user, domain },
            Self { group: Some(group), domain, .. } => Endpoint::Group { group, domain },
            Self { gateway: Some(gateway), number: Some(number), .. } => {
                Endpoint::Gateway { gateway, number }
            }
            Self { profile: Some(profile), address: Some(address), .. } => {
                Endpoint::Sofia { profile, address }
            }
            Self { loopback: Some(extension), context, dialplan, .. } => {
                Endpoint::Loopback { extension, context, dialplan }
            }
            Self { pickup: Some(group), .. } => Endpoint::Pickup(group),
            Self { error: Some(cause), .. } => Endpoint::Error(cause.as_str().into()),
            Self { null: Some(name), .. } => Endpoint::Null(name),
            Self { endpoint: Some(text), .. } => Endpoint::from_text(&text),
            _ => {
                return Err(invalid(
                    "a leg is one of {user}, {group}, {gateway, number}, {profile, address}, {loopback}, {pickup}, {error}, \
                     {null}, {endpoint}",
                ));
            }
        })
    }

    fn of(leg: &Leg) -> Self {
        let mut shown = Self { variables: shown(&leg.variables), ..Self::default() };
        match leg.endpoint.clone() {
            Endpoint::User { user, domain } => (shown.user, shown.domain) = (Some(user), domain),
            Endpoint::Group { group, domain } => (shown.group, shown.domain) = (Some(group), domain),
            Endpoint::Gateway { gateway, number } => {
                (shown.gateway, shown.number) = (Some(gateway), Some(number));
            }
            Endpoint::Sofia { profile, address } => {
                (shown.profile, shown.address) = (Some(profile), Some(address));
            }
            Endpoint::Loopback { extension, context, dialplan } => {
                (shown.loopback, shown.context, shown.dialplan) = (Some(extension), context, dialplan);
            }
            Endpoint::Pickup(group) => shown.pickup = Some(group),
            Endpoint::Error(cause) => shown.error = Some(cause.name().to_owned()),
            Endpoint::Null(name) => shown.null = Some(name),
            other => shown.endpoint = Some(other.to_string()),
        }
        shown
    }
}

impl NativeThread {
    fn build(&self) -> Result<Thread> {
        let group = |legs: &Vec<NativeLeg>| legs.iter().map(NativeLeg::build).collect();
        let groups = self.groups.iter().map(group).collect::<Result<_>>()?;
        Ok(Thread { variables: set(&self.variables)?, groups })
    }
}

impl NativeDial {
    pub(crate) fn build(&self) -> Result<DialString> {
        let threads = self.threads.iter().map(NativeThread::build).collect::<Result<_>>()?;
        let mut dial = DialString { shared: set(&self.shared)?, threads };
        match (&self.caller_id_name, &self.caller_id_number) {
            (Some(name), Some(number)) => dial = dial.caller_id(name, number),
            (None, None) => {}
            _ => return Err(invalid("callerId has a name and a number")),
        }
        if let Some(uuid) = &self.uuid {
            dial = dial.uuid(uuid);
        }
        if let Some(seconds) = self.timeout {
            dial = dial.timeout(seconds);
        }
        Ok(dial)
    }

    fn of(dial: &DialString) -> Self {
        let thread = |thread: &Thread| NativeThread {
            variables: shown(&thread.variables),
            groups: thread.groups.iter().map(|group| group.iter().map(NativeLeg::of).collect()).collect(),
        };
        Self {
            shared: shown(&dial.shared),
            threads: dial.threads.iter().map(thread).collect(),
            caller_id_name: None,
            caller_id_number: None,
            uuid: None,
            timeout: None,
        }
    }
}

impl NativeOriginate {
    pub(crate) fn build(&self) -> Result<Originate> {
        let wanted = self.clone();
        let target =
            match (wanted.extension, wanted.application, wanted.argument, wanted.inline, wanted.bridge) {
                (Some(extension), None, None, None, None) => Target::Extension(extension),
                (None, None, None, Some(steps), None) => {
                    Target::Inline(steps.into_iter().map(|step| (step.application, step.argument)).collect())
                }
                (None, None, None, None, Some(dial)) => {
                    Target::bridge(&dial.build()?).map_err(|error| refused(&error))?
                }
                (None, application, argument, None, None) => {
                    Target::Application { name: application.unwrap_or_else(|| "park".to_owned()), argument }
                }
                _ => {
                    let one_of =
                        "originate: one of extension, bridge, inline, or an application and its argument";
                    return Err(invalid(one_of));
                }
            };
        Ok(Originate {
            dialplan: self.dialplan.clone(),
            context: self.context.clone(),
            caller_id_name: self.caller_id_name.clone(),
            caller_id_number: self.caller_id_number.clone(),
            timeout: self.timeout,
            ..Originate::new(self.dial.build()?, target)
        })
    }

    fn of(originate: Originate) -> Self {
        let mut shown = Self {
            dial: NativeDial::of(&originate.dial),
            application: None,
            argument: None,
            bridge: None,
            extension: None,
            inline: None,
            dialplan: originate.dialplan,
            context: originate.context,
            caller_id_name: originate.caller_id_name,
            caller_id_number: originate.caller_id_number,
            timeout: originate.timeout,
        };
        match originate.target {
            Target::Extension(extension) => shown.extension = Some(extension),
            Target::Inline(steps) => {
                let step = |(application, argument)| NativeStep { application, argument };
                shown.inline = Some(steps.into_iter().map(step).collect());
            }
            Target::Application { name, argument } => {
                (shown.application, shown.argument) = (Some(name), argument);
            }
            _ => {}
        }
        shown
    }
}

fn carrier(name: &str) -> Result<Carrier> {
    match name {
        "api" => Ok(Carrier::Api),
        "application" => Ok(Carrier::Application),
        _ => Err(invalid("the carrier is api or application")),
    }
}

/// The dial string's text, as an api command or an application takes it.
#[napi]
pub fn dial_text(dial: NativeDial, way: String) -> Result<String> {
    dial.build()?.to_text(carrier(&way)?).map_err(|error| refused(&error))
}

/// Reads a dial string.
#[napi]
pub fn parse_dial(text: String, way: String) -> Result<NativeDial> {
    let dial = DialString::parse(&text, carrier(&way)?).map_err(|error| refused(&error))?;
    Ok(NativeDial::of(&dial))
}

/// What comes after the word `originate`.
#[napi]
pub fn originate_text(originate: NativeOriginate) -> Result<String> {
    originate.build()?.to_text().map_err(|error| refused(&error))
}

/// Reads what comes after the word `originate`.
#[napi]
pub fn parse_originate(text: String) -> Result<NativeOriginate> {
    Originate::parse(&text).map(NativeOriginate::of).map_err(|error| refused(&error))
}

/// The same dial string with its options as variables.
#[napi]
pub fn dial_with_options(dial: NativeDial) -> Result<NativeDial> {
    dial.build().map(|dial| NativeDial::of(&dial))
}
