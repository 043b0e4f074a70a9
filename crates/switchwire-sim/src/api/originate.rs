//! `originate`.

use std::time::Duration;

use switchwire_proto::dial::{Carrier, DialString, Originate};

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
    // As the server reads it; what the core has no value for, as well as it goes.
    let first = Originate::arguments(arg).into_iter().next().unwrap_or_default();
    let dial =
        DialString::parse(&first, Carrier::Api).map_or_else(|_| Dial::parse(url), |dial| Dial::of(&dial));
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

/// Words by blanks; single quotes hold a word together and are taken off. A backslash keeps a quote, a blank and itself;
/// any other one stays, for what reads the word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                begun = true;
                match characters.next_if(|(_, next)| matches!(next, '\'' | '"' | ' ' | '\\')) {
                    Some((_, kept)) => word.push(kept),
                    None => word.push(c),
                }
            }
            '\'' if quoted || text[at + 1..].contains('\'') => {
                quoted = !quoted;
                begun = true;
            }
            ' ' if !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => {
                begun = true;
                word.push(c);
            }
        }
    }
    if begun {
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
        let expected = ["{a=x y,b=2}loopback/1", "&playback(a b)", "XML", "default", "Some Name", "123"];
        assert_eq!(words(text), expected);
    }
}
