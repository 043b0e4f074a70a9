//! The server, once there is a connection: what it lets us do, and how it is doing.

use std::time::{Duration, Instant, SystemTime};

use switchwire::{Command, Connection, Event, EventFormat, Subscription};

use super::finding::Finding;
use crate::failure::{Result, one_line};
use crate::story::micros;

type Say<'a> = &'a mut dyn FnMut(Finding) -> Result;

/// All checks of a connected server.
pub(crate) fn examine(connection: &Connection, say: Say<'_>) -> Result {
    permissions(connection, say)?;
    version(connection, say)?;
    let round_trip = round_trips(connection, say)?;
    event_and_clock(connection, round_trip, say)?;
    load(connection, say)?;
    queue(connection, say)
}

fn permissions(connection: &Connection, say: Say<'_>) -> Result {
    let custom = Subscription::from_list(EventFormat::Plain, &format!("HEARTBEAT CUSTOM {SUBCLASS}"));
    let refusals = [
        ("api", connection.api("version", "").map(|reply| reply.error().map(|refusal| refusal.to_string()))),
        (
            "bgapi",
            connection
                .request(&Command::raw("bgapi version")?)
                .map(|reply| reply.error().map(|refusal| refusal.to_string())),
        ),
        ("event", connection.subscribe(&custom).map(|()| None)),
        (
            "log",
            connection
                .request(&Command::raw("log 0")?)
                .map(|reply| reply.error().map(|refusal| refusal.to_string())),
        ),
    ];
    let mut granted = Vec::new();
    for (what, outcome) in refusals {
        let refusal = match outcome {
            Ok(refusal) => refusal,
            Err(error) if error.is_disconnected() => return Err(error.into()),
            Err(error) => Some(error.to_string()),
        };
        match refusal {
            None => granted.push(what),
            Some(refusal) => say(Finding::bad(
                "permission",
                format!("{what}: {}", one_line(&refusal)),
                "give the directory user the params esl-allowed-api, esl-allowed-events and esl-allowed-log, or log in without a user",
            ))?,
        }
    }
    say(Finding::good("permission", granted.join(", ")))
}

fn version(connection: &Connection, say: Say<'_>) -> Result {
    let text = connection.api("version", "")?;
    let text = one_line(&text.text());
    let number = text.split_whitespace().nth(2).unwrap_or_default();
    let mut parts = number.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    say(match version {
        (0, _) => Finding::poor("version", text, "that is no version this program knows how to read"),
        (1, minor) if minor < 10 => {
            Finding::poor("version", text, "versions before 1.10 are not maintained any more: upgrade")
        }
        _ => Finding::good("version", text),
    })
}

/// Gives the median.
fn round_trips(connection: &Connection, say: Say<'_>) -> Result<Duration> {
    let command = Command::api("eval", "1")?;
    let mut times = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let begin = Instant::now();
        connection.request(&command)?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    let (median, most) = (times[ROUND_TRIPS / 2], times[ROUND_TRIPS - 1]);
    let text = format!("median {}, worst {} of {ROUND_TRIPS}", ms(median), ms(most));
    say(if most > SLOW {
        let advice = "a slow link, an overloaded server, or an api command that another program runs on its connection for long (use bgapi)";
        Finding::poor("round trip", text, advice)
    } else {
        Finding::good("round trip", text)
    })?;
    Ok(median)
}

fn event_and_clock(connection: &Connection, round_trip: Duration, say: Say<'_>) -> Result {
    let begin = (Instant::now(), SystemTime::now());
    let mut event = Event::custom(SUBCLASS);
    event.add_header("X-Check", std::process::id().to_string());
    let fired = connection.send_event(&event);
    let deadline = begin.0 + PATIENCE;
    let received = fired.and_then(|_| {
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            let Some(event) = connection.recv_event_timeout(left)? else { break };
            if event.subclass().as_deref() == Some(SUBCLASS) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    });
    let event = match received {
        Ok(Some(event)) => event,
        Ok(None) => {
            let advice = "events are delayed or held back: is the server overloaded, or is a filter set for this user?";
            return say(Finding::bad(
                "lag",
                format!("an event did not come back within {PATIENCE:?}"),
                advice,
            ));
        }
        Err(error) if error.is_disconnected() => return Err(error.into()),
        Err(error) => {
            let advice = "the user may not fire events: the lag and the clock are not checked";
            return say(Finding::poor("lag", one_line(&error.to_string()), advice));
        }
    };
    let lag = begin.0.elapsed();
    let text = format!("an event fired came back after {}", ms(lag));
    let advice = "the server's event queue is behind: look at its CPU, and at programs that subscribe to ALL and read slowly";
    say(if lag > SLOW { Finding::poor("lag", text, advice) } else { Finding::good("lag", text) })?;
    let Some(theirs) = event.time().map(micros) else {
        return say(Finding::poor("clock", "its events have no time", ""));
    };
    let ours = micros(begin.1 + round_trip / 2);
    let difference = theirs.abs_diff(ours);
    let direction = if theirs > ours { "ahead of" } else { "behind" };
    let text = format!("{} {direction} this machine's", ms(Duration::from_micros(difference)));
    say(if difference > CLOCK {
        Finding::poor(
            "clock",
            text,
            "times of events cannot be compared with this machine's: run NTP on both",
        )
    } else {
        Finding::good("clock", text)
    })
}

/// Sessions and idle time, by `status`.
fn load(connection: &Connection, say: Say<'_>) -> Result {
    let status = connection.api("status", "")?;
    let status = status.text().into_owned();
    let line = |end: &str| status.lines().map(str::trim).find(|line| line.contains(end)).map(str::to_owned);
    let first = |text: Option<String>| text?.split_whitespace().next()?.parse::<u64>().ok();
    let now = first(line("session(s) -"));
    let most = first(line("session(s) max"));
    let idle = line("idle cpu").unwrap_or_default();
    let (Some(now), Some(most)) = (now, most) else {
        return say(Finding::poor("load", one_line(&status), "status is not as this program knows it"));
    };
    let text = format!("{now} of at most {most} sessions; {idle}");
    say(if now * 100 >= most * 95 {
        Finding::bad(
            "load",
            text,
            "new calls are refused soon: raise max-sessions (fsctl max_sessions), or add a server",
        )
    } else {
        Finding::good("load", text)
    })
}

fn queue(connection: &Connection, say: Say<'_>) -> Result {
    let stats = connection.stats();
    say(match stats.dropped_events {
        0 => Finding::good("queue", format!("{} events waiting, none dropped", stats.queued)),
        dropped => {
            Finding::poor("queue", format!("{dropped} events dropped here"), "this machine reads too slowly")
        }
    })
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

const SUBCLASS: &str = "switchwire::doctor";
const ROUND_TRIPS: usize = 20;
/// Slower is worth a word.
const SLOW: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(5);
/// Microseconds.
const CLOCK: u64 = 1_000_000;
