//! Commands about texts: hashes, encodings, regular expressions, dates.

use md5::{Digest, Md5};

use super::{ApiRequest, Family, Outcome};
use crate::event::clock::Moment;
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("coalesce", coalesce),
    ("escape", |_, _, arg| arg.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t").into()),
    ("md5", md5),
    ("quote_shell_arg", |_, _, arg| {
        if arg.is_empty() { "".into() } else { format!("'{}'", arg.replace('\'', "'\\''")).into() }
    }),
    ("regex", regex),
    ("replace", replace),
    ("sql_escape", |_, _, arg| arg.replace('\'', "''").into()),
    ("strepoch", strepoch),
    ("strftime", |_, _, arg| strftime(arg).into()),
    ("strftime_tz", strftime_tz),
    ("strmicroepoch", |_, _, arg| match arg {
        "" => Moment::now().micros().to_string().into(),
        date => (seconds_of(date) * 1_000_000).to_string().into(),
    }),
    ("tolower", |_, _, arg| arg.to_lowercase().into()),
    ("toupper", |_, _, arg| arg.to_uppercase().into()),
    ("url_decode", |_, _, arg| {
        String::from_utf8_lossy(&switchwire_proto::percent::decode(arg.as_bytes())).into_owned().into()
    }),
    ("url_encode", |_, _, arg| {
        let encoded =
            switchwire_proto::percent::encode(arg.as_bytes(), switchwire_proto::percent::Escape::Server);
        String::from_utf8_lossy(&encoded).into_owned().into()
    }),
];

fn md5(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        return "!err!".into();
    }
    let digest = Md5::digest(arg.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// The first value that is not empty; another separator may stand after `^^`.
fn coalesce(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        return "-USAGE: [^^<delim>]<value1>,<value2>,...\n".into();
    }
    let (between, list) = match arg.strip_prefix("^^").and_then(|rest| rest.chars().next()) {
        Some(between) => (between, &arg[2 + between.len_utf8()..]),
        None => (',', arg),
    };
    list.split(between).find(|value| !value.is_empty()).unwrap_or_default().into()
}

/// A regular expression as PCRE has them; `/.../i` sets options.
fn compile(pattern: &str) -> Option<fancy_regex::Regex> {
    let (pattern, options) = match pattern.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((inner, options)) if options.chars().all(|c| "imsx".contains(c)) => (inner, options),
        _ => (pattern, ""),
    };
    let pattern = if options.is_empty() { pattern.to_owned() } else { format!("(?{options}){pattern}") };
    fancy_regex::RegexBuilder::new(&pattern).backtrack_limit(BACKTRACK).build().ok()
}

/// `data|pattern[|substitution[|n or b]]`, or the same with another separator after `m:`.
fn regex(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let (between, text) = match arg.strip_prefix("m:").and_then(|rest| rest.chars().next()) {
        Some(between) => (between, &arg[2 + between.len_utf8()..]),
        None => ('|', arg),
    };
    let mut parts = text.split(between);
    let (data, pattern) = (parts.next().unwrap_or_default(), parts.next());
    let (template, flag) = (parts.next(), parts.next());
    let Some(pattern) = pattern.filter(|_| !data.is_empty()) else { return "-ERR".into() };
    let found = compile(pattern).and_then(|regex| regex.captures(data).ok().flatten());
    match (found, template, flag) {
        (Some(captures), Some(template), _) => substituted(&captures, template).into(),
        (Some(_), None, _) => "true".into(),
        (None, None, _) | (None, Some(_), Some("b")) => "false".into(),
        (None, Some(_), Some("n")) => "".into(),
        (None, Some(_), _) => data.into(),
    }
}

/// `$1` and `%1` are the groups.
fn substituted(captures: &fancy_regex::Captures<'_, str>, template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['$', '%']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let digits: String = after.chars().take_while(char::is_ascii_digit).take(2).collect();
        if digits.is_empty() {
            out.push_str(&rest[at..=at]);
            rest = after;
        } else {
            let group = digits.parse::<usize>().ok().and_then(|group| captures.get(group));
            out.push_str(group.map_or("", |group| group.as_str()));
            rest = &after[digits.len()..];
        }
    }
    out.push_str(rest);
    out
}

/// `text|search|replacement`, or with another separator after `m:`.
fn replace(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let (between, text) = match arg.strip_prefix("m:").and_then(|rest| rest.chars().next()) {
        Some(between) => (between, &arg[2 + between.len_utf8()..]),
        None => ('|', arg),
    };
    let parts: Vec<&str> = text.split(between).collect();
    match parts.as_slice() {
        [text, search, with] if !search.is_empty() => text.replace(search, with).into(),
        _ => "-ERR".into(),
    }
}

/// A date, in seconds since 1970; 0 for what is none.
fn seconds_of(date: &str) -> i64 {
    let time = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", date)
        .or_else(|_| jiff::civil::Date::strptime("%Y-%m-%d", date).map(|date| date.at(0, 0, 0, 0)));
    time.and_then(|time| jiff::tz::TimeZone::UTC.to_timestamp(time)).map_or(0, jiff::Timestamp::as_second)
}

fn strepoch(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    match arg {
        "" => Moment::now().seconds().to_string().into(),
        date => seconds_of(date).to_string().into(),
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[SECONDS|]FORMAT`. The server skips a character of the format behind the bar.
fn strftime(arg: &str) -> String {
    if arg.is_empty() {
        return Moment::now().local();
    }
    match arg.split_once('|') {
        Some((seconds, format)) => {
            let seconds = seconds.trim_start_matches('@').parse().unwrap_or_default();
            let skipped = format.char_indices().nth(1).map_or("", |(at, _)| &format[at..]);
            Moment::from_epoch_seconds(seconds).strftime(skipped)
        }
        None => Moment::now().strftime(arg),
    }
}

/// `ZONE [SECONDS|]FORMAT`
fn strftime_tz(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let (zone, rest) = arg.split_once(' ').unwrap_or((arg, ""));
    let zone = if zone.is_empty() { "UTC" } else { zone };
    let Ok(zone) = jiff::tz::TimeZone::get(zone) else { return "-ERR Invalid Timezone\n".into() };
    let (seconds, format) = match rest.split_once('|') {
        // Zero is no time: now.
        Some((seconds, format)) if all_digits(seconds) => {
            (seconds.parse::<i64>().ok().filter(|s| *s > 0), format)
        }
        Some((_, format)) => (None, format),
        None => (None, rest),
    };
    let format = if format.is_empty() { "%Y-%m-%d %T" } else { format };
    let moment = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok());
    let moment = moment.unwrap_or_else(|| {
        let now = Moment::now().seconds();
        i64::try_from(now)
            .ok()
            .and_then(|s| jiff::Timestamp::from_second(s).ok())
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    });
    jiff::ZonedDateTime::new(moment, zone).strftime(format).to_string().into()
}

/// Steps back that a match may take.
const BACKTRACK: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_what_pcre_has() {
        let captures = |pattern: &str, text: &str| {
            let regex = compile(pattern).unwrap();
            regex.captures(text).unwrap().map(|found| found[0].to_owned())
        };
        assert_eq!(captures(r"(\w)\1", "hello").as_deref(), Some("ll"));
        assert_eq!(captures(r"(?<=b)c(?!d)", "abce").as_deref(), Some("c"));
        assert_eq!(captures("/ABC/i", "xabc").as_deref(), Some("abc"));
        assert!(compile("(").is_none());
    }
}
