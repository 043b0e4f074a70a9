//! The simulator, for `switchwire/testing`.

use std::str::FromStr;
use std::time::Duration;

use napi_derive::napi;
use switchwire_sim::{End, Faults, Scenario, ScenarioError, Simulator, User};

use crate::batch::Batch;
use crate::command::refused;
use crate::error::{Result, invalid, io};
use crate::options::milliseconds;
use crate::sim_handlers::{NativeEndpoint, NativeHandlers};

/// See `SimulatorOptions` in `testing.d.ts`. Times are milliseconds.
#[napi(object)]
#[derive(Default)]
pub struct NativeSimOptions {
    pub password: Option<String>,
    pub bind: Option<String>,
    pub users: Option<Vec<NativeSimUser>>,
    pub acl_reject: Option<bool>,
    pub hostname: Option<String>,
    pub version: Option<String>,
    pub heartbeat: Option<f64>,
    pub auth_timeout: Option<f64>,
    pub playback_duration: Option<f64>,
    pub queue_bound: Option<u32>,
    pub faults: Option<NativeFaults>,
    pub scenario: Option<String>,
}

#[napi(object)]
pub struct NativeSimUser {
    pub name: String,
    pub domain: String,
    pub password: Option<String>,
    pub events: Option<String>,
    pub api: Option<String>,
    pub log: Option<bool>,
}

/// See `Faults` in `testing.d.ts`.
#[napi(object)]
#[derive(Default)]
pub struct NativeFaults {
    pub split: Option<u32>,
    pub delay: Option<f64>,
    pub end_after_bytes: Option<u32>,
    pub end_after_frames: Option<u32>,
    pub end: Option<String>,
    pub silent: Option<bool>,
    pub stalled: Option<bool>,
    pub deaf: Option<bool>,
    pub last_events: Option<String>,
    pub linger_notice: Option<String>,
    pub completion: Option<String>,
    pub more: Option<String>,
}

impl NativeFaults {
    fn build(&self) -> Result<Faults> {
        let mut faults = choice::<Faults>(self.more.as_deref())?
            .last_events(choice(self.last_events.as_deref())?)
            .linger_notice(choice(self.linger_notice.as_deref())?)
            .completion(choice(self.completion.as_deref())?);
        let end: End = choice(self.end.as_deref())?;
        if let Some(bytes) = self.split {
            faults = faults.split(bytes as usize);
        }
        if let Some(delay) = self.delay {
            faults = faults.delay(milliseconds("delay", delay)?);
        }
        if let Some(bytes) = self.end_after_bytes {
            faults = faults.end_after_bytes(bytes.into(), end);
        }
        if let Some(frames) = self.end_after_frames {
            faults = faults.end_after_frames(frames.into(), end);
        }
        if self.silent == Some(true) {
            faults = faults.silent();
        }
        if self.stalled == Some(true) {
            faults = faults.stalled();
        }
        if self.deaf == Some(true) {
            faults = faults.deaf();
        }
        Ok(faults)
    }
}

/// A running simulator.
#[napi]
pub struct NativeSimulator {
    simulator: Option<Simulator>,
}

#[napi]
impl NativeSimulator {
    #[napi(constructor)]
    pub fn new(options: Option<NativeSimOptions>) -> Result<Self> {
        let options = options.unwrap_or_default();
        let mut builder = Simulator::builder();
        if let Some(password) = &options.password {
            builder = builder.password(password);
        }
        if let Some(address) = &options.bind {
            builder = builder.bind(address);
        }
        for user in options.users.iter().flatten() {
            builder = builder.user(account(user));
        }
        if let Some(hostname) = &options.hostname {
            builder = builder.hostname(hostname);
        }
        if let Some(version) = &options.version {
            builder = builder.version(version);
        }
        if let Some(time) = options.auth_timeout {
            builder = builder.auth_timeout(milliseconds("authTimeout", time)?);
        }
        if let Some(time) = options.playback_duration {
            builder = builder.playback_duration(milliseconds("playbackDuration", time)?);
        }
        if let Some(events) = options.queue_bound {
            builder = builder.queue_bound(events as usize);
        }
        if let Some(faults) = &options.faults {
            builder = builder.faults(faults.build()?);
        }
        if let Some(text) = &options.scenario {
            let scenario: Scenario =
                text.parse().map_err(|error: ScenarioError| invalid(error.to_string()))?;
            builder = builder.scenario(&scenario);
        }
        let heartbeat: Option<Duration> =
            options.heartbeat.map(|time| milliseconds("heartbeat", time)).transpose()?;
        let builder = builder.heartbeat(heartbeat).acl_reject(options.acl_reject.unwrap_or_default());
        let simulator = builder.start().map_err(|error| io("the simulator cannot be started", &error))?;
        Ok(Self { simulator: Some(simulator) })
    }

    #[napi(getter)]
    pub fn port(&self) -> Result<u16> {
        Ok(self.running()?.port())
    }

    #[napi(getter)]
    pub fn connections(&self) -> Result<u32> {
        Ok(u32::try_from(self.running()?.connections()).unwrap_or(u32::MAX))
    }

    #[napi(getter)]
    pub fn channels(&self) -> Result<u32> {
        Ok(u32::try_from(self.running()?.channels()).unwrap_or(u32::MAX))
    }

    /// Fires an event; waits while more than 10,000 such requests wait.
    #[napi]
    pub fn fire(&self, event: &Batch, at: u32) -> Result<()> {
        self.running()?.fire(event.event(at)?.clone());
        Ok(())
    }

    #[napi]
    pub fn log(&self, log_level: String, text: String) -> Result<()> {
        let level = log_level.parse().map_err(|error| refused(&error))?;
        self.running()?.log(level, &text);
        Ok(())
    }

    /// Applications and their arguments: app, arg, app, arg …
    #[napi]
    pub fn extension(&self, number: String, applications: Vec<String>) -> Result<()> {
        let applications: Vec<_> = applications
            .chunks(2)
            .map(|pair| (pair[0].as_str(), pair.get(1).map_or("", String::as_str)))
            .collect();
        self.running()?.extension(&number, &applications);
        Ok(())
    }

    #[napi]
    pub fn set_faults(&self, faults: NativeFaults) -> Result<()> {
        self.running()?.set_faults(faults.build()?);
        Ok(())
    }

    /// What was expected and has not happened, with what came instead; null if nothing is missing so far.
    #[napi]
    pub fn verify(&self) -> Result<Option<String>> {
        Ok(self.running()?.verify(Duration::ZERO).err().map(|unmet| unmet.to_string()))
    }

    #[napi]
    pub fn api(&self, handlers: &NativeHandlers, name: String) -> Result<()> {
        self.running()?.api_later(&name, handlers.api(format!("api {name}")));
        Ok(())
    }

    #[napi]
    pub fn application(&self, handlers: &NativeHandlers, name: String) -> Result<()> {
        self.running()?.application_later(&name, handlers.application(format!("application {name}")));
        Ok(())
    }

    #[napi]
    pub fn endpoint_with(&self, handlers: &NativeHandlers, dial: String) -> Result<()> {
        self.running()?.endpoint_later(&dial, handlers.endpoint(format!("endpoint {dial}")));
        Ok(())
    }

    #[napi]
    pub fn endpoint(&self, dial: String, endpoint: NativeEndpoint) -> Result<()> {
        self.running()?.endpoint(&dial, endpoint.build()?);
        Ok(())
    }

    #[napi]
    pub fn restart(&self) -> Result<()> {
        self.running()?.restart();
        Ok(())
    }

    #[napi]
    pub fn refuse(&self, refuse: bool) -> Result<()> {
        self.running()?.refuse(refuse);
        Ok(())
    }

    #[napi]
    pub fn disconnect_all(&self, how: Option<String>) -> Result<()> {
        self.running()?.disconnect_all(choice(how.as_deref())?);
        Ok(())
    }

    /// Sends this text, whatever it is, to every connection that is logged in.
    #[napi]
    pub fn send_raw(&self, text: String) -> Result<()> {
        self.running()?.send_raw(text);
        Ok(())
    }

    /// Ends it: with a shutdown's notices if `announced`, else without a notice. A second call does nothing.
    #[napi]
    pub fn stop(&mut self, announced: bool) {
        match self.simulator.take() {
            Some(simulator) if announced => simulator.shutdown(),
            simulator => drop(simulator),
        }
    }

    fn running(&self) -> Result<&Simulator> {
        self.simulator.as_ref().ok_or_else(|| invalid("the simulator has been stopped"))
    }
}

fn account(user: &NativeSimUser) -> User {
    let mut account = match &user.password {
        Some(password) => User::new(&user.name, &user.domain, password),
        None => User::without_password(&user.name, &user.domain),
    };
    if let Some(events) = &user.events {
        account = account.allow_events(events);
    }
    if let Some(api) = &user.api {
        account = account.allow_api(api);
    }
    account.allow_log(user.log.unwrap_or(true))
}

/// One of the simulator's choices, by its word.
fn choice<T: FromStr<Err = String> + Default>(word: Option<&str>) -> Result<T> {
    word.map_or_else(|| Ok(T::default()), |word| word.parse().map_err(|error: String| invalid(error)))
}
