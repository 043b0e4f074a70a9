//! The console: a prompt on the server, with its log lines and events above it. What `fs_cli` does, by its habits.
//!
//! One thread reads lines and carries them out ([`perform`]), one shows what the server sends on its own
//! ([`incoming`]); they share the connection ([`link`]) and the screen ([`screen`]).

mod complete;
mod editor;
mod fs_cli_conf;
mod incoming;
mod keys;
mod line;
mod link;
mod perform;
mod profile;
mod prompt;
mod render;
mod screen;
mod style;

use std::io::{BufRead, IsTerminal, stdin};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::RwLock;
use switchwire::Connection;

pub(crate) use fs_cli_conf::{SHORT_UUID, is_true};
pub(crate) use perform::body;
pub(crate) use profile::{Profile, all as all_profiles, pick as pick_profile};

use crate::failure::{Failure, Result};
use crate::server::Opener;
use crate::{printable, retry};
use editor::{Habits, LineEditor, Typed};
use incoming::{Ended, Viewer};
use link::{Link, Way};
use perform::{Next, Performer};
use prompt::Names;
use render::LogView;
use screen::Screen;

/// Everything the command line and the profile say about a console.
pub(crate) struct Settings {
    pub(crate) opener: Opener,
    pub(crate) profile: Profile,
    /// Where it connects to, for the prompt.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// How often connecting is tried.
    pub(crate) tries: u32,
    /// `--reconnect`: a lost connection is made anew.
    pub(crate) reconnect: bool,
    /// `--interrupt`: Ctrl-C ends the program.
    pub(crate) interrupt: bool,
    pub(crate) colour: bool,
    /// Exit code when the connection is lost for good.
    pub(crate) lost_code: i32,
    /// `--set-log-uuid`
    pub(crate) only_uuid: Option<String>,
}

/// Runs the console until the user or the connection ends it.
pub(crate) fn run(settings: Settings) -> Result {
    let interrupted = Arc::new(AtomicBool::new(false));
    if !settings.interrupt {
        crate::signals::note_interrupts(&interrupted)?;
    }
    let Settings { opener, profile, host, port, tries, reconnect, interrupt, colour, lost_code, only_uuid } =
        settings;
    let way = match reconnect {
        true => Way::Supervised(retry::supervised(&opener, tries, retry::say)?),
        false => Way::Once(retry::open(tries, || opener.connect(), retry::say)?),
    };
    let link = Arc::new(Link::new(way));
    let names = names(&link.current()?, &profile, host, port);
    let prompt = names.prompt(profile.prompt.as_deref());
    let editing = stdin().is_terminal() && !profile.batch;
    let mut editor = match editing {
        true => {
            let habits = Habits {
                keys: profile.keys.clone(),
                prompt: profile.prompt_colour.filter(|_| colour),
                input: profile.input_colour.filter(|_| colour),
                history: history_file().filter(|_| !profile.no_history),
            };
            Some(LineEditor::new(Arc::clone(&link), habits)?)
        }
        false => None,
    };
    let screen = Arc::new(match &mut editor {
        Some(editor) => Screen::above(editor.printer()?, colour, profile.output_colour),
        None => Screen::plain(colour && !profile.batch),
    });
    let view = LogView { uuid: only_uuid, text: None, shown_uuid: profile.log_uuid };
    let view = Arc::new(RwLock::new(view));
    let performer = Performer {
        link: Arc::clone(&link),
        screen: Arc::clone(&screen),
        view: Arc::clone(&view),
        interrupted,
    };
    if editing {
        greet(&performer, &names)?;
    }
    if !profile.quiet {
        let level = profile.log_level.as_deref().unwrap_or("debug");
        let reply = link.send(&format!("log {level}"))?;
        if editing {
            performer.print(&reply.text()).map_err(|error| Failure::output(&error))?;
        }
    }
    let terminal = Terminal::now();
    let viewer = Viewer { link, screen, view };
    let watch = move || {
        // A simulator inside this program lives as long as the program: its end would be shown as a lost connection.
        let _opener = opener;
        let ended = viewer.run();
        // The other thread waits for a line, which may never come; nothing is printed above its line any more.
        terminal.restore();
        std::process::exit(match ended {
            Ended::Disconnected(text) => {
                let before = if viewer.screen.look.terminal { "\n" } else { "" };
                let _ = viewer.screen.reply(format!("{before}{text}").as_bytes());
                lost_code
            }
            Ended::Output => FAILED,
        });
    };
    let thread = std::thread::Builder::new().name("incoming".into());
    thread.spawn(watch).map_err(|error| Failure::failed(format!("cannot start a thread: {error}")))?;
    match editor {
        Some(editor) => type_lines(editor, &performer, &prompt, interrupt),
        None => read_lines(&performer, profile.batch.then_some(prompt.as_str())),
    }
}

/// Lines from a terminal.
fn type_lines(mut editor: LineEditor, performer: &Performer, prompt: &str, interrupt: bool) -> Result {
    loop {
        let line = match editor.read(prompt)? {
            Typed::Line(line) => {
                editor.remember(&line);
                line
            }
            Typed::Key(number, None) => format!("/F{number} is not bound"),
            Typed::Key(_, Some(line)) => {
                print(performer, &line)?;
                line
            }
            Typed::Interrupt if interrupt => return Err(Failure::failed("Interrupted.")),
            Typed::Interrupt => {
                print(performer, "Type control-D or /exit or /quit or /bye to exit.\n")?;
                continue;
            }
            Typed::End => {
                print(performer, "/exit\n")?;
                return Ok(());
            }
        };
        if performer.perform(&line).map_err(|error| Failure::output(&error))? == Next::End {
            return Ok(());
        }
    }
}

/// Lines from a pipe or file, or in batch mode; `prompt` is printed before each.
fn read_lines(performer: &Performer, prompt: Option<&str>) -> Result {
    let mut lines = stdin().lock();
    let mut line = Vec::new();
    loop {
        if let Some(prompt) = prompt {
            use std::io::Write;
            let mut out = std::io::stdout().lock();
            out.write_all(prompt.as_bytes())
                .and_then(|()| out.flush())
                .map_err(|error| Failure::output(&error))?;
        }
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Failure::failed(format!("cannot read stdin: {error}"))),
        }
        let line = String::from_utf8_lossy(&line);
        if performer.perform(&line).map_err(|error| Failure::output(&error))? == Next::End {
            return Ok(());
        }
    }
}

fn print(performer: &Performer, text: &str) -> Result {
    performer.print(text).map_err(|error| Failure::output(&error))
}

fn greet(performer: &Performer, names: &Names) -> Result {
    let place = format!("{}:{}", names.host, names.port);
    let text = format!(
        "switchwire {} on {} ({place}).\nType /help <enter> to see a list of commands\n",
        env!("CARGO_PKG_VERSION"),
        names.switch,
    );
    print(performer, &text)
}

fn names(connection: &Connection, profile: &Profile, host: String, port: u16) -> Names {
    let ask = |command| {
        let reply = connection.api(command, "").ok()?;
        // It stands in the prompt.
        let text = printable::cell(reply.text().trim(), LONGEST_NAME);
        (reply.is_ok() && !text.is_empty()).then_some(text)
    };
    let local = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    // A profile without a name is the built-in one, which fs_cli calls by this machine's name.
    let own = if profile.name.is_empty() { local.clone() } else { profile.name.clone() };
    Names {
        switch: ask("switchname").unwrap_or_else(|| own.clone()),
        remote: ask("hostname").unwrap_or_else(|| own.clone()),
        local,
        profile: own,
        host,
        port,
    }
}

/// `$XDG_STATE_HOME/switchwire/history`, else under `~/.local/state`. (`fs_cli`'s own file has another form.)
fn history_file() -> Option<PathBuf> {
    let given = std::env::var_os("XDG_STATE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    Some(given.or(home)?.join("switchwire/history"))
}

/// The terminal's settings as they were before lines are edited.
struct Terminal(Option<rustix::termios::Termios>);

impl Terminal {
    fn now() -> Self {
        Self(rustix::termios::tcgetattr(stdin()).ok())
    }

    fn restore(&self) {
        if let Some(settings) = &self.0 {
            let _ = rustix::termios::tcsetattr(stdin(), rustix::termios::OptionalActions::Now, settings);
        }
    }
}

const FAILED: i32 = 1;
/// Of a switch's name, so much is in the prompt.
const LONGEST_NAME: usize = 64;
