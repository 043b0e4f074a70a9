//! `fs_cli`'s own file of profiles, `~/.fs_cli_conf` or `/etc/fs_cli.conf`, read as it is.
//!
//! Sections in brackets are profiles; in them `name => value` or `name = value`. A `;` or `#` begins a comment at the start
//! of a line. Unknown names are left alone, as `fs_cli` does.

use super::profile::Profile;
use super::style::Colour;
use crate::secret::Secret;

/// The profiles of a file, in its order.
pub(crate) fn read(text: &str) -> Vec<Profile> {
    let mut profiles: Vec<Profile> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            profiles.push(Profile::named(name.trim()));
            continue;
        }
        let pair = line.split_once("=>").or_else(|| line.split_once('='));
        if let (Some((name, value)), Some(profile)) = (pair, profiles.last_mut()) {
            set(profile, name.trim(), value.trim());
        }
    }
    profiles
}

fn set(profile: &mut Profile, name: &str, value: &str) {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "host" => profile.host = Some(value.to_owned()),
        "port" => profile.port = value.parse().ok().filter(|port| *port > 0).or(profile.port),
        "user" => profile.user = Some(value.to_owned()),
        "password" => profile.password = Some(Secret::from(value)),
        "debug" => profile.debug = value.parse().ok().filter(|level| *level < 8).or(profile.debug),
        "loglevel" => profile.log_level = Some(value.to_owned()),
        "log-uuid" => profile.log_uuid = is_true(value).then_some(usize::MAX),
        "log-uuid-short" => profile.log_uuid = is_true(value).then_some(SHORT_UUID),
        "log-uuid-length" => profile.log_uuid_length(value.parse().ok()),
        "quiet" => profile.quiet = is_true(value),
        "batchmode" => profile.batch = is_true(value),
        "no-history-file" => profile.no_history = is_true(value),
        "prompt-string" => profile.prompt = Some(value.to_owned()),
        "prompt-color" => profile.prompt_colour = Colour::named(value),
        "input-text-color" => profile.input_colour = Colour::named(value),
        "output-text-color" => profile.output_colour = Colour::named(value),
        "timeout" => profile.timeout = milliseconds(value).or(profile.timeout),
        "connect-timeout" => profile.connect_timeout = milliseconds(value).or(profile.connect_timeout),
        _ => {
            let toggled = lower.strip_prefix("key_toggle_f").and_then(|number| number.parse().ok());
            let plain = lower.strip_prefix("key_f").and_then(|number| number.parse().ok());
            if let Some(number) = toggled {
                profile.keys.toggle(number, value);
            } else if let Some(number) = plain {
                profile.keys.bind(number, value);
            }
        }
    }
}

/// The words that `fs_cli` takes for yes.
pub(crate) fn is_true(value: &str) -> bool {
    let yes = ["yes", "on", "true", "t", "enabled", "active", "allow"];
    yes.iter().any(|word| value.eq_ignore_ascii_case(word))
        || value.parse().is_ok_and(|number: i64| number != 0)
}

fn milliseconds(value: &str) -> Option<std::time::Duration> {
    value.parse().ok().filter(|time| *time > 0).map(std::time::Duration::from_millis)
}

/// What `log-uuid-short` shows of a uuid.
pub(crate) const SHORT_UUID: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_is() {
        let file = "; comment\n[default]\nhost => pbx\nport => 8022\npassword => a=>b # c\nkey_F1 => help\nkey_toggle_F2 => /nolog\n\
                    loglevel => 3\nquiet => true\nlog-uuid-short => yes\nprompt-color => bold-red\ndebug => 9\n\
                    [other]\nhost = 10.0.0.1\nnosuch = 1\nport = x\ntimeout = 500\nlog-uuid = 1\nlog-uuid-length = 4\n";
        let profiles = read(file);
        let [first, other] = profiles.as_slice() else { panic!("{profiles:?}") };
        assert_eq!(
            (first.name.as_str(), first.host.as_deref(), first.port),
            ("default", Some("pbx"), Some(8022))
        );
        assert_eq!(first.password.as_ref().map(Secret::reveal), Some("a=>b # c"));
        assert_eq!((first.log_level.as_deref(), first.quiet, first.debug), (Some("3"), true, None));
        assert_eq!((first.log_uuid, first.prompt_colour), (Some(8), Colour::named("bold-red")));
        assert_eq!((other.host.as_deref(), other.port, other.log_uuid), (Some("10.0.0.1"), None, Some(4)));
        assert_eq!(other.timeout, Some(std::time::Duration::from_millis(500)));
        assert!(read("host => lost\n[]\n").iter().all(|profile| profile.host.is_none()));
    }

    #[test]
    fn yes_has_many_words() {
        for yes in ["yes", "On", "TRUE", "1", "-2", "enabled"] {
            assert!(is_true(yes), "{yes}");
        }
        for no in ["", "no", "0", "false", "off", "2x"] {
            assert!(!is_true(no), "{no}");
        }
    }
}
