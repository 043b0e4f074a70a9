//! `originate`.

use std::time::Duration;

use super::{ApiRequest, Family, NewCall, Outcome};
use crate::channel::{CallerId, Dial, Then};
use crate::world::World;

pub(super) const COMMANDS: Family = &[("originate", originate)];

fn originate(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words = words(arg);
    let [url, destination, options @ ..] = words.as_slice() else { return USAGE.into() };
    let open = url.starts_with('{') && !url.contains('}');
    // A blank in the braces cut them; a paused server makes no calls.
    if open || world.stores.settings.paused_outbound {
        return "-ERR DESTINATION_OUT_OF_ORDER
"
        .into();
    }
    let dial = Dial::parse(url);
    let option = |at: usize| options.get(at).filter(|text| *text != "undef").cloned();
    let then = match destination.strip_prefix('&').filter(|app| !app.is_empty()) {
        Some(app) => {
            let (app, arg) = app.split_once('(').unwrap_or((app, ""));
            // The first one ends it, whatever was opened.
            Then::App(app.to_owned(), arg.split(')').next().unwrap_or_default().to_owned())
        }
        None => Then::Extension {
            number: destination.clone(),
            dialplan: option(0).unwrap_or_else(|| "XML".into()),
            context: option(1).unwrap_or_else(|| "default".into()),
        },
    };
    let caller = CallerId {
        name: option(2).unwrap_or_default(),
        number: option(3).unwrap_or_else(|| "0000000000".into()),
    };
    let seconds = option(4).or_else(|| dial.variable("originate_timeout").map(str::to_owned));
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(60);
    let ignore_early = dial.variable("ignore_early_media").is_some_and(|v| v != "false");
    Outcome::Call(Box::new(NewCall {
        dial,
        caller,
        then,
        ignore_early,
        timeout: Duration::from_secs(seconds),
    }))
}

/// Words by blanks; single quotes hold a word together. They are taken off a word that begins with one, and stay where
/// they are a part of the variables.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut whole, mut escaped) = (false, false, false);
    for c in text.chars() {
        match c {
            '\'' if !escaped => {
                if word.is_empty() && !quoted {
                    whole = true;
                }
                quoted = !quoted;
                if whole {
                    continue;
                }
            }
            ' ' if !quoted => {
                if !word.is_empty() || whole {
                    words.push(std::mem::take(&mut word));
                }
                whole = false;
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

const USAGE: &str = "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] \
    [<cid_name>] [<cid_num>] [<timeout_sec>]\n";

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_held_together_by_quotes() {
        let text = "{a='x y',b=2}loopback/1 '&playback(a b)' XML default 'Some Name' 123";
        let expected = ["{a='x y',b=2}loopback/1", "&playback(a b)", "XML", "default", "Some Name", "123"];
        assert_eq!(words(text), expected);
    }
}
