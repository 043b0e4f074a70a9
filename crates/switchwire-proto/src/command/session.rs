//! Login, api and the commands about the connection itself.

use super::build::raw;
use super::{BuildError, Builder, Command};
use crate::LogLevel;

impl Command {
    /// `auth PASSWORD`. The password never shows in `Debug`.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn auth(password: &str) -> Result<Self, BuildError> {
        Self::auth_bytes(password.as_bytes())
    }

    /// `userauth USER:PASSWORD`, where USER is `user@domain`.
    ///
    /// # Errors
    /// [`BuildError::LineBreak`].
    pub fn userauth(user: &str, password: &str) -> Result<Self, BuildError> {
        Self::userauth_bytes(user.as_bytes(), password.as_bytes())
    }

    /// `api COMMAND ARGUMENTS`: the reply comes when the command has been carried out. With no arguments a blank still
    /// follows the command, as libesl sends it.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty command.
    pub fn api(command: &str, arguments: &str) -> Result<Self, BuildError> {
        Self::api_bytes(command.as_bytes(), arguments.as_bytes())
    }

    /// `api LINE` with the header `console_execute: true`: the line is run as if it were typed on the server's console, as
    /// `fs_cli` does. It may be several commands with `;;` between them, and aliases are expanded.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty line.
    pub fn console(line: &str) -> Result<Self, BuildError> {
        let builder = Builder::new("api").command(line.as_bytes())?;
        Ok(builder.header_bytes("console", b"console_execute", b"true")?.finish())
    }

    /// `bgapi COMMAND ARGUMENTS`: the reply comes at once with a Job-UUID, the result as a `BACKGROUND_JOB` event.
    /// `job_uuid` chooses that id instead of the server.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks or an empty command.
    pub fn bgapi(command: &str, arguments: &str, job_uuid: Option<&str>) -> Result<Self, BuildError> {
        Self::bgapi_bytes(command.as_bytes(), arguments.as_bytes(), job_uuid.map(str::as_bytes))
    }

    /// `log LEVEL`: log lines of that level and graver come as `log/data` from now on.
    #[must_use]
    pub fn log(level: LogLevel) -> Self {
        // A number of one digit cannot hold a line break.
        Self::plain(&format!("log {}", level as u8))
    }

    /// `nolog`: ends [`log`](Self::log).
    #[must_use]
    pub fn nolog() -> Self {
        Self::plain("nolog")
    }

    /// `exit`: the server says goodbye and closes.
    #[must_use]
    pub fn exit() -> Self {
        Self::plain("exit")
    }

    /// A command as the user wrote it: one or more lines, a blank line at its end being added when it is missing. Lines
    /// may end in CRLF.
    ///
    /// # Errors
    /// [`BuildError::Empty`] for nothing, [`BuildError::LineBreak`] for a NUL or a CR inside a line,
    /// [`BuildError::TooLong`], and [`BuildError::SecondCommand`] or [`BuildError::BodyTooShort`] when what follows the
    /// blank line is not exactly the body of its `Content-Length`.
    pub fn raw(text: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        let bytes = raw(text.as_ref())?;
        let shown = secret_free(&bytes);
        Ok(Self::from_parts(bytes, shown))
    }

    pub(crate) fn plain(text: &str) -> Self {
        Builder::new(text).finish()
    }
}

impl Builder {
    pub(super) fn command(self, command: &[u8]) -> Result<Self, BuildError> {
        if command.trim_ascii().is_empty() {
            return Err(BuildError::Empty { argument: "api command" });
        }
        self.argument_bytes("api command", command)
    }
}

/// How much of a raw command may be shown: a login's first word.
pub(super) fn secret_free(bytes: &[u8]) -> usize {
    let trimmed = bytes.trim_ascii_start();
    let lead = bytes.len() - trimmed.len();
    let is_login =
        |word: &[u8]| trimmed.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    match () {
        () if is_login(b"auth") => lead + 4,
        () if is_login(b"userauth") => lead + 8,
        () => bytes.len(),
    }
}
