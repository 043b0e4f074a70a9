//! What a typed line means: a slash command, one of the program's own words, or a line for the server's console.

/// A line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Nothing but blanks.
    Empty,
    /// `/help`
    Help,
    /// `/exit`, `/quit`, `/bye` or `...`
    Exit,
    /// `/uuid [UUID]`: only log lines of that channel; without one, of all.
    Uuid(&'a str),
    /// `/logfilter [TEXT]`: only log lines that contain the text; without one, all.
    LogFilter(&'a str),
    /// `/debug [LEVEL]`: the program's own messages, 0 to 7.
    Debug(&'a str),
    /// `/event …`, `/noevents`, `/nixevent …`, `/log …`, `/nolog`, `/filter …`: sent as written, without the slash.
    Command(&'a str),
    /// A slash and something else.
    Unknown(&'a str),
    /// Run on the server as if typed on its console.
    Api(&'a str),
}

impl<'a> Line<'a> {
    /// Reads a line. Slash commands are recognised in any case, and by how they begin where `fs_cli` does so.
    pub(crate) fn read(line: &'a str) -> Self {
        let line = line.trim_start_matches(' ').trim_end_matches(['\r', '\n']);
        if line.trim().is_empty() {
            return Self::Empty;
        }
        let Some(command) = line.strip_prefix('/') else {
            return if line.starts_with("...") { Self::dots(line) } else { Self::Api(line) };
        };
        let begins = |word: &str| rest_after(command, word);
        if is_word(command, "help") {
            return Self::Help;
        }
        if ["exit", "quit", "bye", "..."].iter().any(|word| is_word(command, word)) {
            return Self::Exit;
        }
        if let Some(text) = begins("logfilter") {
            return Self::LogFilter(text);
        }
        if let Some(uuid) = begins("uuid") {
            return Self::Uuid(uuid);
        }
        if SENT.iter().any(|word| begins(word).is_some()) {
            return Self::Command(command);
        }
        match begins("debug") {
            Some(level) => Self::Debug(level),
            None => Self::Unknown(command),
        }
    }

    fn dots(line: &'a str) -> Self {
        if line.trim_end() == "..." { Self::Exit } else { Self::Unknown(line) }
    }
}

/// What follows `word` at the beginning of the command, without blanks around it.
fn rest_after<'a>(command: &'a str, word: &str) -> Option<&'a str> {
    let head = command.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| command[word.len()..].trim())
}

fn is_word(command: &str, word: &str) -> bool {
    command.trim_end().eq_ignore_ascii_case(word)
}

/// Slash commands that the server carries out.
const SENT: [&str; 6] = ["event", "noevents", "nixevent", "log", "nolog", "filter"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let cases = [
            ("", Line::Empty),
            ("  \n", Line::Empty),
            ("status", Line::Api("status")),
            ("  status \n", Line::Api("status ")),
            ("/help", Line::Help),
            ("/EXIT", Line::Exit),
            ("/quit ", Line::Exit),
            ("/bye", Line::Exit),
            ("...", Line::Exit),
            ("/...", Line::Exit),
            ("....", Line::Unknown("....")),
            ("/event plain ALL", Line::Command("event plain ALL")),
            ("/noevents", Line::Command("noevents")),
            ("/nixevent all", Line::Command("nixevent all")),
            ("/log 7", Line::Command("log 7")),
            ("/nolog", Line::Command("nolog")),
            ("/filter Unique-ID x", Line::Command("filter Unique-ID x")),
            ("/logfilter  two words ", Line::LogFilter("two words")),
            ("/logfilter", Line::LogFilter("")),
            ("/uuid abc", Line::Uuid("abc")),
            ("/debug 3", Line::Debug("3")),
            ("/nosuch", Line::Unknown("nosuch")),
            ("/é", Line::Unknown("é")),
            ("/", Line::Unknown("")),
        ];
        for (text, line) in cases {
            assert_eq!(Line::read(text), line, "{text:?}");
        }
    }
}
