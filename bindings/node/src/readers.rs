//! Typed readers of events: which headers they read is the core's, and `node/lib/readers.js` reads them as any others, since
//! a call into this part costs more than the whole look-up where a header is prefetched (`tests/bench/clients/readers.mjs`).

use std::time::{Duration, SystemTime};

use napi_derive::napi;
use switchwire::vocabulary::CallerProfile;

use crate::batch::Batch;
use crate::call::camel_case;
use crate::error::Result;

#[napi]
impl Batch {
    /// The channel variables: name, value, name, value …
    #[napi]
    pub fn variables(&self, at: u32) -> Result<Vec<String>> {
        let variables = self.event(at)?.variables();
        Ok(variables.flat_map(|(name, value)| [name.into_owned(), value.into_owned()]).collect())
    }
}

/// The texts of a leg's profile: the property, and how the header's name goes on after `Caller-` or `Other-Leg-`.
#[napi]
pub fn profile_texts() -> Vec<Vec<String>> {
    properties(CallerProfile::TEXTS)
}

/// The times of a leg's profile, as its texts.
#[napi]
pub fn profile_times() -> Vec<Vec<String>> {
    properties(CallerProfile::TIMES)
}

fn properties(readers: &[(&str, &str)]) -> Vec<Vec<String>> {
    readers.iter().map(|(method, suffix)| vec![camel_case(method), (*suffix).to_owned()]).collect()
}

pub(crate) fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map(length).unwrap_or_default()
}

pub(crate) fn length(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
