//! One command as the server's parser sees it.

/// A complete command: its text, its headers and its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// The whole packet: the server matches and cuts this text.
    text: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl Command {
    pub(crate) fn new(text: Vec<u8>, headers: Vec<(Vec<u8>, Vec<u8>)>, body: Option<Vec<u8>>) -> Self {
        Self { text, headers, body }
    }

    /// The command line: the text cut at its first CR, or, only when it has none, at its first LF. Mixing both
    /// kinds of line ends therefore leaves header lines in the command, as it does in the real server.
    pub(crate) fn line(&self) -> &[u8] {
        let end = (self.text.iter().position(|&b| b == b'\r'))
            .or_else(|| self.text.iter().position(|&b| b == b'\n'))
            .unwrap_or(self.text.len());
        let line = &self.text[..end];
        &line[..line.len() - line.iter().rev().take_while(|b| **b == b'\n').count()]
    }

    /// The whole packet without its body, with the blank line that ends it.
    pub(crate) fn packet(&self) -> Vec<u8> {
        let mut text = self.text.clone();
        while !text.ends_with(b"\n\n") {
            text.push(b'\n');
        }
        text
    }

    /// Whether the command begins with `prefix` in any case: the server compares no more than that.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        starts_with_ci(&self.text, prefix)
    }

    /// What follows the first `skip` bytes of the command line.
    pub(crate) fn after(&self, skip: usize) -> &[u8] {
        self.line().get(skip..).unwrap_or_default()
    }

    /// Whether the text, headers included, contains `needle`.
    pub(crate) fn text_contains(&self, needle: &str) -> bool {
        self.text.windows(needle.len()).any(|w| w == needle.as_bytes())
    }

    /// The value of the first header called `name` in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, v)| v.as_slice())
    }

    /// Every header in the order it was sent.
    pub(crate) fn headers(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.headers
    }

    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }
}

/// Whether `text` begins with `prefix` in any case.
pub(crate) fn starts_with_ci(text: &[u8], prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// `text` without leading blanks.
pub(crate) fn trim_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&b| b != b' ').unwrap_or(text.len());
    &text[start..]
}

/// Splits at the first blank: the first word and the rest after that blank.
pub(crate) fn split_word(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&b| b == b' ') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}
