//! Faults by their names, as command lines and scenarios write them.

use std::str::FromStr;
use std::time::Duration;

use super::Faults;

impl FromStr for Faults {
    type Err = String;

    /// Reads `split=3,delay=10ms,end-after-bytes=100,end=reset`: names as the methods', with `-`; times with a unit;
    /// several values with `:` between them. `none` is none.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Self::none();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let number = || number(name, value);
            faults = match name {
                "none" => faults,
                "split" => {
                    let sizes: Result<Vec<u64>, _> =
                        value.split(':').map(|part| self::number(name, part)).collect();
                    faults.split_at(sizes?.into_iter().map(size))
                }
                "delay" => faults.delay(time(value)?),
                "throttle" => faults.throttle(number()?),
                "stall-after-bytes" => faults.stall_after_bytes(number()?),
                "stall-in-frame" => faults.stall_in_frame(number()?),
                "cut-in-frame" => {
                    let end = faults.end;
                    faults.cut_in_frame(number()?, end)
                }
                "end-after-bytes" => {
                    let end = faults.end;
                    faults.end_after_bytes(number()?, end)
                }
                "end-after-frames" => {
                    let end = faults.end;
                    faults.end_after_frames(number()?, end)
                }
                "end" => Self { end: value.parse()?, ..faults },
                "refuse" => faults.refuse(),
                "silent" => faults.silent(),
                "stalled" => faults.stalled(),
                "deaf" => faults.deaf(),
                "wrong-length" => {
                    let (frame, by) = value.split_once(':').unwrap_or((value, "1"));
                    let by = by.parse().map_err(|_| format!("{name} takes FRAME:BYTES, not {value:?}"))?;
                    faults.wrong_length(self::number(name, frame)?, by)
                }
                "garbage" => {
                    let (frame, text) = value.split_once(':').unwrap_or((value, "\u{fffd}garbage\n\n"));
                    faults.garbage(self::number(name, frame)?, text)
                }
                "duplicate-reply" => faults.duplicate_reply(number()?),
                "late-replies" => faults.late_replies(time(value)?),
                "last-events" => faults.last_events(value.parse()?),
                "linger-notice" => faults.linger_notice(value.parse()?),
                "completion" => faults.completion(value.parse()?),
                _ => return Err(format!("{name:?} is no fault; there are {NAMES}")),
            };
        }
        Ok(faults)
    }
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("the fault {name} takes a number, not {text:?}"))
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// `20ms`, `1.5s`, `2m`, or seconds.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .unwrap_or((text, 1.0));
    let seconds: Option<f64> = number.trim().parse().ok();
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds * unit).ok());
    time.ok_or_else(|| format!("{text:?} is no time; write 20ms, 1.5s or 2m"))
}

const NAMES: &str = "split, delay, throttle, stall-after-bytes, stall-in-frame, cut-in-frame, end-after-bytes, \
    end-after-frames, end, refuse, silent, stalled, deaf, wrong-length, garbage, duplicate-reply, late-replies, \
    last-events, linger-notice, completion";

#[cfg(test)]
mod tests {
    use super::super::End;
    use super::*;

    #[test]
    fn faults_are_read_by_name() {
        let read: Faults = "split=3:5,delay=10ms,end=reset,end-after-frames=2,garbage=2:x".parse().unwrap();
        let made = Faults::none()
            .split_at([3, 5])
            .delay(Duration::from_millis(10))
            .end_after_frames(2, End::Reset)
            .garbage(2, "x");
        assert_eq!(read, made);
        for name in NAMES.split(", ") {
            let error = name.parse::<Faults>().err().unwrap_or_default();
            assert!(!error.contains("is no fault"), "{error}");
        }
        assert!("slowly".parse::<Faults>().unwrap_err().starts_with("\"slowly\" is no fault"));
    }

    #[test]
    fn times_have_units() {
        for (text, millis) in [("20ms", 20), ("1.5s", 1500), ("2m", 120_000), ("3", 3000)] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)));
        }
        assert!(time("-1s").is_err() && time("soon").is_err());
    }
}
