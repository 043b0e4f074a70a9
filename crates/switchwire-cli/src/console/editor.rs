//! The line editor: history, completion by the server, function keys.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustyline::completion::Completer;
use rustyline::config::{BellStyle, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{
    Cmd, ConditionalEventHandler, Config, Context, Editor, Event, EventContext, EventHandler, Helper,
    KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::complete::{self, Offer};
use super::keys::Keys;
use super::link::Link;
use super::style::Colour;
use crate::failure::{Failure, Result};

/// What the user did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A line, and Enter.
    Line(String),
    /// A function key that runs that line; `None`: the key is not bound.
    Key(usize, Option<String>),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line, or the terminal is gone.
    End,
}

/// What a profile says about typing.
pub(crate) struct Habits {
    pub(crate) keys: Keys,
    pub(crate) prompt: Option<Colour>,
    pub(crate) input: Option<Colour>,
    pub(crate) history: Option<PathBuf>,
}

/// The editor.
pub(crate) struct LineEditor {
    editor: Editor<Assistant, FileHistory>,
    keys: Keys,
    pressed: Arc<Mutex<Option<Pressed>>>,
    /// What was being typed when a function key was pressed.
    left: Option<(String, String)>,
    history: Option<PathBuf>,
}

/// A function key, and the line at that moment.
struct Pressed {
    number: usize,
    before: String,
    after: String,
}

impl LineEditor {
    /// An editor for this terminal.
    pub(crate) fn new(link: Arc<Link>, habits: Habits) -> Result<Self> {
        let Habits { keys, prompt, input, history } = habits;
        let config = Config::builder()
            .max_history_size(HISTORY)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(cannot)?
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .bell_style(BellStyle::None)
            .build();
        let mut editor = Editor::with_config(config).map_err(cannot)?;
        editor.set_helper(Some(Assistant { link, prompt, input }));
        let pressed = Arc::new(Mutex::new(None));
        for number in 1..=12 {
            let handler = Box::new(FunctionKey { number, pressed: Arc::clone(&pressed) });
            let key = KeyEvent(KeyCode::F(number), Modifiers::NONE);
            editor.bind_sequence(key, EventHandler::Conditional(handler));
        }
        // A stopped console would hold up the server's events: Ctrl-Z is a Ctrl-C, as in `fs_cli`.
        editor.bind_sequence(KeyEvent(KeyCode::Char('Z'), Modifiers::CTRL), Cmd::Interrupt);
        if let Some(path) = &history {
            // The first time there is none.
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, keys, pressed, left: None, history })
    }

    /// What prints above the line that is being typed.
    pub(crate) fn printer(&mut self) -> Result<impl rustyline::ExternalPrinter + Send + use<>> {
        self.editor.create_external_printer().map_err(cannot)
    }

    /// Waits for a line, a function key, Ctrl-C or the end.
    pub(crate) fn read(&mut self, prompt: &str) -> Result<Typed> {
        let (before, after) = self.left.take().unwrap_or_default();
        match self.editor.readline_with_initial(prompt, (&before, &after)) {
            Ok(line) => match self.pressed.lock().take() {
                Some(pressed) => {
                    self.left = Some((pressed.before, pressed.after));
                    let line = self.keys.press(pressed.number).map(str::to_owned);
                    Ok(Typed::Key(pressed.number, line))
                }
                None => Ok(Typed::Line(line)),
            },
            Err(ReadlineError::Interrupted) => Ok(Typed::Interrupt),
            Err(ReadlineError::Eof | ReadlineError::Io(_)) => Ok(Typed::End),
            Err(error) => Err(cannot(error)),
        }
    }

    /// Remembers a line, here and in the history file.
    pub(crate) fn remember(&mut self, line: &str) {
        if !matches!(self.editor.add_history_entry(line), Ok(true)) {
            return;
        }
        if let Some(path) = &self.history {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = self.editor.append_history(path);
            private(path);
        }
    }
}

/// Only the user may read what was typed.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

fn cannot(error: ReadlineError) -> Failure {
    Failure::failed(format!("cannot edit lines: {error}"))
}

/// A function key ends the line's editing; the line comes back afterwards.
struct FunctionKey {
    number: u8,
    pressed: Arc<Mutex<Option<Pressed>>>,
}

impl ConditionalEventHandler for FunctionKey {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let (before, after) = context.line().split_at_checked(context.pos()).unwrap_or((context.line(), ""));
        let pressed =
            Pressed { number: usize::from(self.number), before: before.to_owned(), after: after.to_owned() };
        *self.pressed.lock() = Some(pressed);
        Some(Cmd::AcceptLine)
    }
}

/// Completion and the prompt's colour.
struct Assistant {
    link: Arc<Link>,
    prompt: Option<Colour>,
    input: Option<Colour>,
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        if line.starts_with('/') {
            let typed = line.get(..cursor).unwrap_or(line);
            let words = SLASH.iter().filter(|word| word.starts_with(typed)).map(|word| (*word).to_owned());
            return Ok((0, words.collect()));
        }
        let offer = self.ask(&complete::request(line, cursor)).unwrap_or_default();
        Ok(offer.candidates(line, cursor))
    }
}

impl Assistant {
    /// The server's offer; none while it is away or slow.
    fn ask(&self, request: &str) -> Option<Offer> {
        let connection = self.link.current().ok()?;
        let command = switchwire::Command::api("console_complete", request).ok()?;
        let reply = connection.submit(&command).ok()?.wait_timeout(PATIENCE).ok()?;
        Some(Offer::read(&String::from_utf8_lossy(reply.body()?)))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.input {
            Some(colour) => Cow::Owned(colour.paint(line)),
            None => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.input.is_some()
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        match self.prompt {
            Some(colour) => Cow::Owned(colour.paint(prompt)),
            None => Cow::Borrowed(prompt),
        }
    }
}

impl Hinter for Assistant {
    type Hint = String;
}
impl Validator for Assistant {}
impl Helper for Assistant {}

/// As many lines as `fs_cli` keeps.
const HISTORY: usize = 800;
/// How long Tab waits for the server.
const PATIENCE: Duration = Duration::from_secs(2);
const SLASH: [&str; 13] = [
    "/help",
    "/exit",
    "/quit",
    "/bye",
    "/event ",
    "/noevents",
    "/nixevent ",
    "/log ",
    "/nolog",
    "/uuid ",
    "/filter ",
    "/logfilter ",
    "/debug ",
];
