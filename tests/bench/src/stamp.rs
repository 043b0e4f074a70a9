//! What a server and a client agree on about the time at which an event was sent. (The tokio client's driver uses this file, too.)

/// The header: nanoseconds of the monotonic clock.
pub(crate) const STAMP: &str = "variable_bench_sent";

/// Nanoseconds of the monotonic clock, which all processes of a machine share.
#[allow(clippy::cast_sign_loss, reason = "the clock counts from the machine's start")]
pub(crate) fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
