//! Messages to a channel: what `sendmsg` requests.

use super::unicast;
use crate::conn::ConnId;
use crate::wire::command::Command;

/// One message, with the headers it came with for its PRIVATE_COMMAND event.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    Execute {
        call: Call,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
        broadcast: bool,
    },
    Hangup {
        cause: String,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
    },
    /// `xferext`: applications that take the place of the dialplan.
    Transfer {
        actions: Vec<(String, String)>,
    },
    /// `unicast`: its audio goes to a socket.
    Unicast(unicast::Request),
    /// Taken, and nothing happens: `nomedia`, unknown call-commands.
    Nothing,
}

/// One application to run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) app: String,
    pub(crate) arg: String,
    /// The `Event-UUID` of the request, or a new one for each run.
    pub(crate) uuid: Option<String>,
    pub(crate) uuid_name: Option<String>,
    /// Nothing else is run inside of it.
    pub(crate) lock: bool,
    /// How many times; below zero without end.
    pub(crate) loops: i64,
    /// How many times a message asked for: told in the channel's variables.
    pub(crate) total: Option<i64>,
    /// The other side of the bridge hears the hold music meanwhile.
    pub(crate) holds_other: bool,
    /// No application: its end fires no CHANNEL_EXECUTE_COMPLETE.
    pub(crate) silent: bool,
    /// Fired as a PRIVATE_COMMAND once it has run: the headers of the message.
    pub(crate) private: Option<Private>,
    /// The connection that waits for its end.
    pub(crate) reply_to: Option<ConnId>,
}

/// A message's own event.
#[derive(Debug, Clone)]
pub(crate) struct Private {
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) broadcast: bool,
}

impl Call {
    pub(crate) fn new(app: &str, arg: &str) -> Self {
        Self { app: app.to_owned(), arg: arg.to_owned(), loops: 1, ..Self::default() }
    }
}

impl Message {
    pub(crate) fn from_command(command: &Command) -> Self {
        let text = |name: &str| command.header(name).map(|v| String::from_utf8_lossy(v).into_owned());
        let is_true = |name: &str| text(name).is_some_and(|v| is_true(&v));
        let headers = || {
            // Only a named channel makes the server cut the packet down to its first line.
            let named = command.line().len() > "sendmsg".len();
            let line = if named { command.line().to_vec() } else { command.packet() };
            let mut all = vec![(b"Command".to_vec(), line)];
            all.extend(command.headers().iter().cloned());
            all
        };
        match text("call-command").unwrap_or_default().to_ascii_lowercase().as_str() {
            "execute" => {
                let Some(app) = text("execute-app-name") else { return Self::Nothing };
                let in_body = text("content-type").is_some_and(|t| t.eq_ignore_ascii_case("text/plain"));
                let body = command.body().filter(|_| in_body);
                let body = body.map(|b| String::from_utf8_lossy(b).into_owned());
                let loops =
                    text("loops").and_then(|l| l.trim().parse().ok()).filter(|l| *l != 0).unwrap_or(1);
                let call = Call {
                    app,
                    arg: text("execute-app-arg").or(body).unwrap_or_default(),
                    uuid: text("event-uuid"),
                    uuid_name: text("event-uuid-name"),
                    lock: is_true("event-lock"),
                    loops,
                    total: Some(loops),
                    silent: false,
                    holds_other: false,
                    private: None,
                    reply_to: None,
                };
                Self::Execute { call, headers: headers(), broadcast: false }
            }
            "hangup" => Self::Hangup {
                cause: text("hangup-cause").unwrap_or_else(|| "NORMAL_CLEARING".into()),
                headers: headers(),
            },
            "xferext" => {
                let actions =
                    command.headers().iter().filter(|(n, _)| n.eq_ignore_ascii_case(b"application"));
                let actions = actions.map(|(_, value)| {
                    let value = String::from_utf8_lossy(value);
                    let (app, arg) = value.split_once(' ').unwrap_or((&value, ""));
                    (app.to_owned(), arg.to_owned())
                });
                Self::Transfer { actions: actions.collect() }
            }
            "unicast" => unicast::Request::from_command(command).map_or(Self::Nothing, Self::Unicast),
            _ => Self::Nothing,
        }
    }
}

/// Whether the server takes a text for yes.
pub(super) fn is_true(text: &str) -> bool {
    TRUE.iter().any(|yes| yes.eq_ignore_ascii_case(text)) || text.parse::<i64>().is_ok_and(|n| n != 0)
}

const TRUE: [&str; 9] = ["true", "yes", "on", "enable", "enabled", "active", "allow", "t", "1"];
