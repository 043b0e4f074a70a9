//! `complete`, `console_complete`: what a console offers for a line that is being typed.

use super::Family;

pub(super) const COMMANDS: Family = &[
    ("complete", |_, _, arg| {
        let words: Vec<&str> = arg.split_whitespace().collect();
        match words.as_slice() {
            ["add" | "del", _, ..] => "+OK\n".into(),
            _ => "-USAGE: add <word>|del [<word>|*]\n".into(),
        }
    }),
    ("console_complete", |_, _, arg| as_text(&Found::of(arg)).into()),
    ("console_complete_xml", |_, _, arg| as_xml(&Found::of(arg)).into()),
];

struct Found {
    names: Vec<&'static str>,
    typed: String,
}

impl Found {
    /// The commands that begin like the line; none for the arguments of one. `c=N;` says where the cursor is.
    fn of(arg: &str) -> Self {
        let (cursor, line) = match arg.strip_prefix("c=").and_then(|rest| rest.split_once(';')) {
            Some((at, line)) => (at.parse::<usize>().ok(), line),
            None => (None, arg),
        };
        let line = cursor.and_then(|at| line.get(..at)).unwrap_or(line);
        let typed = line.rsplit(' ').next().unwrap_or_default().to_owned();
        let names = if line.contains(' ') {
            Vec::new()
        } else {
            super::interfaces::listed("api").filter(|i| i.name.starts_with(line)).map(|i| i.name).collect()
        };
        Self { names, typed }
    }

    /// What all names begin with, beyond what is typed; with a blank if there is one name.
    fn common(&self) -> Option<String> {
        let first = self.names.first()?;
        let mut common = (*first).to_owned();
        if self.typed.is_empty() {
            return None;
        }
        for name in &self.names {
            while !name.starts_with(&common) {
                common.pop();
            }
        }
        if self.names.len() == 1 {
            common.push(' ');
        }
        Some(common)
    }
}

fn as_text(found: &Found) -> String {
    let mut text = String::from("\n\n");
    for (at, name) in found.names.iter().enumerate() {
        text.push_str(&format!("[{name:>20}]\t"));
        if at % 4 == 3 {
            text.push('\n');
        }
    }
    if !found.names.is_empty() && !found.names.len().is_multiple_of(4) {
        text.push('\n');
    }
    text.push('\n');
    match found.common() {
        Some(common) if !common.is_empty() => text.push_str(&format!("write={}:{common}", found.typed.len())),
        // With nothing typed nothing is to be written.
        _ if found.names.is_empty() => text.push('\n'),
        _ => {}
    }
    text
}

fn as_xml(found: &Found) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<complete>\n");
    for name in &found.names {
        text.push_str(&format!("  <match>{name}</match>\n"));
    }
    let common = found.common().unwrap_or_default();
    text.push_str(&format!("  <write length=\"{}\">{common}</write>\n</complete>\n", found.typed.len()));
    text
}
