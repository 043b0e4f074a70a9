//! Options of supervised connections as JavaScript gives them. Times are milliseconds; 0 means never, or no limit.

use std::time::Duration;

use napi_derive::napi;
use switchwire::{
    Backoff, ErrorKind, Liveness, ManagedBuilder, ManagedConnection, Options, Subscription, WhileDown,
};

use crate::command::NativeSubscription;
use crate::error::{Result, invalid};
use crate::options::{NativeOptions, milliseconds};

/// See `ManagedOptions` in `managed.d.ts`.
#[napi(object)]
pub struct NativeManagedOptions {
    pub addresses: Vec<NativeAddress>,
    pub user: Option<String>,
    pub password: Option<String>,
    pub subscription: Option<NativeSubscription>,
    pub options: NativeOptions,
    pub backoff: NativeBackoff,
    pub liveness: NativeLiveness,
    /// 0: commands fail at once.
    pub while_down: Option<f64>,
    /// Kinds of errors.
    pub stop_on: Option<Vec<String>>,
    pub snapshot: Option<bool>,
    pub heartbeats: Option<bool>,
}

#[napi(object)]
pub struct NativeAddress {
    pub host: String,
    pub port: u16,
}

#[napi(object)]
pub struct NativeBackoff {
    pub first: Option<f64>,
    pub most: Option<f64>,
    pub factor: Option<f64>,
    pub jitter: Option<f64>,
    pub good_after: Option<f64>,
    pub attempts: Option<u32>,
    pub give_up_after: Option<f64>,
}

#[napi(object)]
pub struct NativeLiveness {
    pub ping_after: Option<f64>,
    pub ping_deadline: Option<f64>,
    pub silence: Option<f64>,
    pub user_timeout: Option<f64>,
}

impl NativeManagedOptions {
    pub(crate) fn builder(&self) -> Result<ManagedBuilder> {
        let mut addresses = self.addresses.iter();
        let first = addresses.next().ok_or_else(|| invalid("at least one address is needed"))?;
        let mut builder = ManagedConnection::builder(&first.host, first.port);
        for address in addresses {
            builder = builder.address(&address.host, address.port);
        }
        if let Some(user) = &self.user {
            builder = builder.user(user);
        }
        if let Some(password) = &self.password {
            builder = builder.password(password);
        }
        if let Some(kinds) = &self.stop_on {
            builder = builder.stop_on(kinds.iter().map(|name| kind(name)).collect::<Result<Vec<_>>>()?);
        }
        let wanted = self.subscription.as_ref().map(NativeSubscription::build).transpose()?;
        let while_down = match self.while_down {
            Some(time) if time > 0.0 => WhileDown::Wait(milliseconds("whileDown", time)?),
            _ => WhileDown::Fail,
        };
        Ok(builder
            .options(self.options.apply_supervised(Options::inbound())?)
            .subscription(wanted.unwrap_or_else(Subscription::new))
            .backoff(self.backoff.build()?)
            .liveness(self.liveness.build()?)
            .while_down(while_down)
            .snapshot(self.snapshot.unwrap_or_default())
            .heartbeats(self.heartbeats.unwrap_or_default()))
    }
}

fn kind(name: &str) -> Result<ErrorKind> {
    let known = ErrorKind::ALL.iter().copied().find(|kind| kind.name() == name);
    known.ok_or_else(|| invalid(format!("stopOn: there is no kind of error {name:?}")))
}

impl NativeBackoff {
    fn build(&self) -> Result<Backoff> {
        let mut backoff = Backoff::default();
        set(&mut backoff.first, "backoff.first", self.first)?;
        set(&mut backoff.most, "backoff.most", self.most)?;
        set(&mut backoff.good_after, "backoff.goodAfter", self.good_after)?;
        limit(&mut backoff.give_up_after, "backoff.giveUpAfter", self.give_up_after)?;
        backoff.factor = self.factor.unwrap_or(backoff.factor);
        backoff.jitter = self.jitter.unwrap_or(backoff.jitter);
        backoff.attempts = self.attempts.filter(|attempts| *attempts > 0);
        backoff.most = backoff.most.max(backoff.first);
        Ok(backoff)
    }
}

impl NativeLiveness {
    fn build(&self) -> Result<Liveness> {
        let mut liveness = Liveness::default();
        limit(&mut liveness.ping_after, "liveness.pingAfter", self.ping_after)?;
        set(&mut liveness.ping_deadline, "liveness.pingDeadline", self.ping_deadline)?;
        limit(&mut liveness.silence, "liveness.silence", self.silence)?;
        limit(&mut liveness.user_timeout, "liveness.userTimeout", self.user_timeout)?;
        Ok(liveness)
    }
}

/// A time, where one is given.
pub(crate) fn set(time: &mut Duration, name: &str, given: Option<f64>) -> Result<()> {
    if let Some(given) = given {
        *time = milliseconds(name, given)?;
    }
    Ok(())
}

/// A time, or none for 0, where one is given.
pub(crate) fn limit(time: &mut Option<Duration>, name: &str, given: Option<f64>) -> Result<()> {
    if let Some(given) = given {
        *time = Some(milliseconds(name, given)?).filter(|time| !time.is_zero());
    }
    Ok(())
}
