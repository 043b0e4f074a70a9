//! The forms of `ESLconnection(...)`. None of them raises for what the network does.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple};
use switchwire::{Builder, Connection, Error, Options};

use super::wrong_arguments;
use crate::opening::duplicate;
use crate::text::Text;
use crate::wait;

/// Which form of the constructor the arguments are.
enum Form {
    /// A call's socket, accepted by the program.
    Socket(i32),
    Inbound {
        host: Option<String>,
        port: u16,
        user: Option<String>,
        password: Option<String>,
    },
}

/// The connection; `None` when it failed.
pub(super) fn open(
    args: &Bound<'_, PyTuple>,
    kwargs: Option<&Bound<'_, PyDict>>,
) -> PyResult<Option<Connection>> {
    let py = args.py();
    let arguments = in_order(args, kwargs).ok_or_else(|| wrong_arguments(py, FORMS))?;
    let form = form(&arguments).ok_or_else(|| wrong_arguments(py, FORMS))?;
    let opened = match form {
        Form::Socket(fd) => match duplicate(fd) {
            Ok(fd) => wait::blocking(py, move || Connection::outbound(fd, options()))?,
            Err(_) => return Ok(None),
        },
        Form::Inbound { host: Some(host), port, user, password: Some(password) } => {
            wait::blocking(py, move || {
                let builder = Builder::new(host, port).options(options()).password(password);
                builder.user(user.unwrap_or_default()).connect()
            })?
        }
        Form::Inbound { .. } => return Ok(None),
    };
    Ok(opened.map_err(|error: Error| drop(error)).ok())
}

/// No timeout on commands, as in the classic library; Ctrl-C ends every wait.
fn options() -> Options {
    let mut options = Options::outbound();
    options.command_timeout = None;
    options.connect_timeout = CONNECT;
    options.login_timeout = LOGIN;
    options
}

/// Positional arguments, then those by name, which must follow in their order.
fn in_order<'py>(
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> Option<Vec<Bound<'py, PyAny>>> {
    let mut arguments: Vec<_> = args.iter().collect();
    let Some(kwargs) = kwargs else { return Some(arguments) };
    let total = arguments.len() + kwargs.len();
    let names: &[&str] = match total {
        1 => &["socket"],
        3 => &["host", "port", "password"],
        4 => &["host", "port", "user", "password"],
        _ => return None,
    };
    for name in &names[arguments.len()..] {
        arguments.push(kwargs.get_item(name).ok()??);
    }
    Some(arguments)
}

fn form(arguments: &[Bound<'_, PyAny>]) -> Option<Form> {
    match arguments {
        [socket] if !socket.is_instance_of::<PyBool>() => Some(Form::Socket(socket.extract().ok()?)),
        [host, port, password] => Some(Form::Inbound {
            host: text(host)?,
            port: number(port)?,
            user: None,
            password: text(password)?,
        }),
        [host, port, user, password] => Some(Form::Inbound {
            host: text(host)?,
            port: number(port)?,
            user: text(user)?,
            password: text(password)?,
        }),
        _ => None,
    }
}

/// `str` or `None`; the outer `None` is any other type. Text that is not UTF-8 names no host and no account.
#[expect(clippy::option_option, reason = "None is a value that Python code passes here")]
fn text(argument: &Bound<'_, PyAny>) -> Option<Option<String>> {
    let text: Option<Text<'_>> = argument.extract().ok()?;
    Some(text.and_then(|text| text.utf8().map(str::to_owned).ok()))
}

/// A port as a number or as text, of which C's `atoi` reads the leading digits; 0 cannot be connected to.
fn number(argument: &Bound<'_, PyAny>) -> Option<u16> {
    if let Some(text) = text(argument) {
        let text = text.unwrap_or_default();
        let digits = text.trim_start().split(|digit: char| !digit.is_ascii_digit()).next();
        return Some(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0));
    }
    let number: i64 = argument.extract().ok()?;
    Some(u16::try_from(number).unwrap_or(0))
}

const CONNECT: Duration = Duration::from_secs(20);
const LOGIN: Duration = Duration::from_secs(20);
const FORMS: &str =
    "ESLconnection takes (host, port, password), (host, port, user, password) or (socket descriptor)";
