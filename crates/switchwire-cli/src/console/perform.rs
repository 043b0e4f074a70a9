//! Carrying out a typed line, as `fs_cli` does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use switchwire::{Command, Error, Reply};

use super::line::Line;
use super::link::Link;
use super::render::LogView;
use super::screen::Screen;

/// What lines act on.
pub(crate) struct Performer {
    pub(crate) link: Arc<Link>,
    pub(crate) screen: Arc<Screen>,
    pub(crate) view: Arc<RwLock<LogView>>,
    /// Set by Ctrl-C while a reply is waited for.
    pub(crate) interrupted: Arc<AtomicBool>,
}

/// What the console does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Reads the next line.
    Line,
    /// Ends.
    End,
}

impl Performer {
    /// Carries a line out and prints what comes of it.
    ///
    /// # Errors
    /// Only when the output cannot be written; failures of the server or the connection are printed.
    pub(crate) fn perform(&self, line: &str) -> std::io::Result<Next> {
        match Line::read(line) {
            Line::Empty => {}
            Line::Help => self.print(HELP)?,
            Line::Exit => return Ok(Next::End),
            Line::Uuid(uuid) => {
                self.view.write().uuid = some(uuid);
                self.print(if uuid.is_empty() {
                    "UUID filtering disabled"
                } else {
                    "UUID filtering enabled"
                })?;
            }
            Line::LogFilter(text) => {
                self.view.write().text = some(text);
                self.print(if text.is_empty() { "Logfilter disabled" } else { "Logfilter enabled" })?;
            }
            Line::Debug(level) => match level.parse::<u8>() {
                Ok(level) if level < 8 => self.print(&format!("fs_cli debug level set to {level}"))?,
                _ => self.print("fs_cli debug level must be 0 - 7")?,
            },
            Line::Command(command) => self.command(command)?,
            Line::Unknown(command) => self.print(&format!("Unknown command [{command}]"))?,
            Line::Api(line) => self.api(line)?,
        }
        Ok(Next::Line)
    }

    fn command(&self, command: &str) -> std::io::Result<()> {
        match self.link.send(command) {
            Ok(reply) => self.screen.reply(reply.raw_text()),
            Err(error) => self.print(&error.to_string()),
        }
    }

    fn api(&self, line: &str) -> std::io::Result<()> {
        // The console's own log level is a connection's here.
        if let Some(level) =
            line.get(..CONSOLE_LOG.len()).filter(|head| head.eq_ignore_ascii_case(CONSOLE_LOG))
        {
            self.command(&format!("log {}", line[level.len()..].trim()))?;
        }
        match self.wait(line) {
            Ok(Some(reply)) => self.screen.reply(&body(&reply)),
            Ok(None) => self.print("Interrupted: the reply is no longer waited for."),
            Err(error) => self.print(&error.to_string()),
        }
    }

    /// The reply to a console line; `None` if Ctrl-C came first.
    fn wait(&self, line: &str) -> Result<Option<Reply>, Error> {
        let connection = self.link.current()?;
        self.interrupted.store(false, Ordering::Relaxed);
        let pending = connection.submit(&Command::console(line)?)?;
        loop {
            if let Some(reply) = pending.take_timeout(BETWEEN_LOOKS)? {
                return Ok(Some(reply));
            }
            if self.interrupted.swap(false, Ordering::Relaxed) {
                // Dropped, the reply that still comes belongs to it and is passed over.
                return Ok(None);
            }
        }
    }

    /// The console's own text.
    pub(crate) fn print(&self, text: &str) -> std::io::Result<()> {
        self.screen.reply(text.as_bytes())
    }
}

/// What `fs_cli` prints of an api reply, before its line break: the body, or the refusal when there is none.
pub(crate) fn body(reply: &Reply) -> Vec<u8> {
    if let Some(body) = reply.body() {
        return body.to_vec();
    }
    let text = reply.text_bytes();
    match text.get(..4).filter(|head| head.eq_ignore_ascii_case(b"-err")) {
        Some(_) => [b"Error: ", &text[4..], b"!"].concat(),
        None => Vec::new(),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

const CONSOLE_LOG: &str = "console loglevel ";
/// How soon Ctrl-C is noticed while a reply is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const HELP: &str = "\
Command                      Description
-----------------------------------------------
/help                        This list
/exit, /quit, /bye, ...      End the program
/event, /noevents, /nixevent Events, e.g. /event plain CHANNEL_ANSWER
/log, /nolog                 Log lines, e.g. /log debug
/uuid [UUID]                 Log lines of one channel; without a uuid, of all
/filter                      Filters of events, e.g. /filter Unique-ID UUID
/logfilter [TEXT]            Log lines that contain a text; without one, all
/debug [0-7]                 Debug level

Anything else is run on the server as if it were typed on its console.
Tab completes, F1 to F12 run what a profile binds to them.
";
