//! Options of connections as JavaScript gives them. Times are milliseconds; 0 means no limit (where that is possible).

use std::time::Duration;

use napi_derive::napi;
use switchwire::{Limits, Options, Overflow, QueueLimits};

use crate::error::{Result, invalid};

/// See `ConnectOptions` in `index.d.ts`.
#[napi(object)]
#[derive(Default)]
pub struct NativeOptions {
    pub connect_timeout: Option<f64>,
    pub login_timeout: Option<f64>,
    pub keepalive: Option<f64>,
    pub queue_events: Option<f64>,
    pub queue_bytes: Option<f64>,
    pub overflow: Option<String>,
    pub max_body: Option<f64>,
    pub max_header_block: Option<f64>,
}

impl NativeOptions {
    pub(crate) fn apply(&self, options: Options) -> Result<Options> {
        self.apply_to(options, false)
    }

    /// The same for a supervised connection: its own thread reads, and may stop reading.
    pub(crate) fn apply_supervised(&self, options: Options) -> Result<Options> {
        self.apply_to(options, true)
    }

    fn apply_to(&self, mut options: Options, supervised: bool) -> Result<Options> {
        if let Some(time) = self.connect_timeout {
            options.connect_timeout = milliseconds("connectTimeout", time)?;
        }
        if let Some(time) = self.login_timeout {
            options.login_timeout = milliseconds("loginTimeout", time)?;
        }
        if let Some(time) = self.keepalive {
            options.keepalive = Some(milliseconds("keepalive", time)?).filter(|time| !time.is_zero());
        }
        // Replies are timed by JavaScript's own timers (deadlines.js).
        options.command_timeout = None;
        let Limits { header_block, body, .. } = options.limits;
        options.limits = Limits::new(
            size("maxHeaderBlock", self.max_header_block, header_block)?,
            size("maxBody", self.max_body, body)?,
        );
        let QueueLimits { events, bytes, .. } = options.queue;
        let overflow = match self.overflow.as_deref() {
            None | Some("drop-newest") => Overflow::DropNewest,
            Some("drop-oldest") => Overflow::DropOldest,
            Some("fail") => Overflow::Fail,
            Some("block") if supervised => Overflow::Block,
            Some("block") => return Err(invalid("overflow 'block' is for supervised connections")),
            Some(_) => return Err(invalid("overflow is one of drop-newest, drop-oldest, fail, block")),
        };
        options.queue = QueueLimits::new(
            size("queue.events", self.queue_events, events)?,
            size("queue.bytes", self.queue_bytes, bytes)?,
            overflow,
        );
        Ok(options)
    }
}

pub(crate) fn milliseconds(what: &str, time: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(time / 1000.0)
        .map_err(|_| invalid(format!("{what} must be a number of milliseconds")))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked before: a whole number that every f64 of that size holds exactly"
)]
fn size(what: &str, given: Option<f64>, default: usize) -> Result<usize> {
    match given {
        None => Ok(default),
        Some(size) if (0.0..=LARGEST).contains(&size) => Ok(size as usize),
        Some(_) => Err(invalid(format!("{what} must be a number of bytes or events"))),
    }
}

const LARGEST: f64 = 9_007_199_254_740_991.0;
