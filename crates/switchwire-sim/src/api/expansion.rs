//! `${name}`, `${name:offset:length}` and `${command(argument)}` in the arguments of api commands.

use super::{ApiRequest, Outcome};
use crate::world::World;

impl World {
    /// Replaces what stands in `${...}` or `$${...}`: a variable of the server, or the output of an api command.
    pub(super) fn expand_globally(&mut self, request: &ApiRequest, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('\\') {
                out.push_str(before);
                out.push('$');
                rest = &from[1..];
                continue;
            }
            out.push_str(before);
            let Some(inside) = from.strip_prefix("$${").or_else(|| from.strip_prefix("${")) else {
                out.push('$');
                rest = &from[1..];
                continue;
            };
            let end = closing(inside, '{', '}').unwrap_or(inside.len());
            out.push_str(&self.expand_one(request, &inside[..end], depth));
            rest = inside.get(end + 1..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }

    fn expand_one(&mut self, request: &ApiRequest, inside: &str, depth: usize) -> String {
        if let Some((command, arg)) = inside.split_once(['(', ' ']) {
            let arg = &arg[..closing(arg, '(', ')').unwrap_or(arg.len())];
            if depth >= MAX_DEPTH {
                return String::new();
            }
            let arg = self.expand_globally(request, arg, depth + 1);
            return self.run_inside(request, command.trim(), &arg).unwrap_or_default();
        }
        let mut parts = inside.split(':');
        let name = parts.next().unwrap_or_default();
        let value = self.globals.get(name).cloned().unwrap_or_default();
        match parts.next().map(number) {
            None => value,
            Some(offset) => cut(&value, offset, parts.next().map_or(0, number)),
        }
    }

    /// An application's argument, each `${command(argument)}` replaced by the output of that command.
    pub(crate) fn with_commands_run(&mut self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(at) = rest.find("${") {
            let inside = &rest[at + 2..];
            let Some(end) = closing(inside, '{', '}') else { break };
            let (before, name) = (&rest[..at], inside[..end].split_once('('));
            out.push_str(before);
            match name {
                Some((command, arg)) => {
                    let arg = &arg[..closing(arg, '(', ')').unwrap_or(arg.len())];
                    let request = ApiRequest::inside(command, arg);
                    out.push_str(&self.run_inside(&request, command, arg).unwrap_or_default());
                }
                None => out.push_str(&rest[at..at + 2 + end + 1]),
            }
            rest = &inside[end + 1..];
        }
        out + rest
    }

    /// The output of a command that runs inside of another one; `None` if there is none of that name.
    pub(super) fn run_inside(&mut self, request: &ApiRequest, command: &str, arg: &str) -> Option<String> {
        if let Some(handler) = self.config.apis.get(&command.to_ascii_lowercase()).cloned() {
            return Some(self.ask_now(&handler, command, arg));
        }
        let api = super::find(command)?;
        Some(match api(self, request, arg.trim()) {
            Outcome::Reply(text) | Outcome::After(_, text) => text,
            Outcome::Call(_) => String::new(),
        })
    }
}

/// Where the bracket closes that was opened before the text.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn number(text: &str) -> i64 {
    text.trim().parse().unwrap_or_default()
}

/// A part of a value: from an offset (from the end if negative), of a length (0: all).
fn cut(value: &str, offset: i64, length: i64) -> String {
    let bytes = value.as_bytes();
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let from = if offset >= 0 {
        offset.min(size)
    } else if -offset <= size {
        size + offset
    } else {
        0
    };
    let from = usize::try_from(from).unwrap_or_default();
    let part = &bytes[from..];
    let length = usize::try_from(length).unwrap_or_default();
    let part = if length > 0 && length < part.len() { &part[..length] } else { part };
    String::from_utf8_lossy(part).into_owned()
}

/// Commands that may run inside of each other.
const MAX_DEPTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::{closing, cut};

    #[test]
    fn parts_of_values_are_cut_as_by_the_server() {
        for (offset, length, part) in [
            (0, 3, "127"),
            (-2, 0, ".1"),
            (4, 0, "0.0.1"),
            (99, 0, ""),
            (-99, 0, "127.0.0.1"),
            (0, 99, "127.0.0.1"),
        ] {
            assert_eq!(cut("127.0.0.1", offset, length), part, "{offset}:{length}");
        }
    }

    #[test]
    fn brackets_nest() {
        assert_eq!(closing("a(b)c)d", '(', ')'), Some(5));
        assert_eq!(closing("a(b)c", '(', ')'), None);
    }
}
