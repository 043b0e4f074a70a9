//! The command reader: bytes from a client in, whole commands out.

use super::command::Command;

/// Why a connection is closed without a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// A `Content-Length` below zero or above [`MAX_BODY`].
    BadLength,
}

/// Collects bytes until a command is whole. Feed any fragment; take commands until `Ok(None)`.
#[derive(Debug, Default)]
pub(crate) struct CommandReader {
    buffer: Vec<u8>,
    /// Up to where `buffer` was looked at, so that one byte at a time stays linear.
    scanned: usize,
    /// Line feeds in a row, blank lines holding only CRs included.
    line_feeds: u8,
    /// The header block ends here once it is known.
    head_end: Option<usize>,
}

impl CommandReader {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes the next whole command.
    pub(crate) fn take(&mut self) -> Result<Option<Command>, ReadError> {
        self.skip_blank_lines();
        let Some(head_end) = self.find_head_end() else { return Ok(None) };
        let head = &self.buffer[..head_end];
        let mut lengths = Vec::new();
        for (name, value) in header_lines(head) {
            if name.eq_ignore_ascii_case(b"content-length") {
                lengths.push(body_length(value)?);
            }
        }
        let total: usize = head_end + lengths.iter().sum::<usize>();
        if self.buffer.len() < total {
            return Ok(None);
        }
        let headers = header_lines(head).map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
        // Each length is read at once, the last body read is the one that counts; it goes through a C string.
        let body = lengths.iter().rev().find(|&&n| n > 0).map(|&n| {
            let raw = &self.buffer[total - n..total];
            raw[..raw.iter().position(|&b| b == 0).unwrap_or(n)].to_vec()
        });
        let text = head.to_vec();
        self.buffer.drain(..total);
        (self.scanned, self.line_feeds, self.head_end) = (0, 0, None);
        Ok(Some(Command::new(text, headers, body)))
    }

    /// Whether a command is begun but not whole: the server sends nothing meanwhile.
    pub(crate) fn is_partial(&self) -> bool {
        self.buffer.iter().any(|b| !matches!(b, b'\r' | b'\n'))
    }

    fn skip_blank_lines(&mut self) {
        if self.scanned == 0 {
            let blank = self.buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            self.buffer.drain(..blank);
        }
    }

    fn find_head_end(&mut self) -> Option<usize> {
        if self.head_end.is_none() {
            while self.scanned < self.buffer.len() && self.head_end.is_none() {
                match self.buffer[self.scanned] {
                    b'\n' => self.line_feeds += 1,
                    b'\r' => {}
                    _ => self.line_feeds = 0,
                }
                self.scanned += 1;
                if self.line_feeds == 2 || self.scanned == MAX_HEAD {
                    self.head_end = Some(self.scanned);
                }
            }
        }
        self.head_end
    }
}

/// The header lines after the command line: a line without `:` is dropped, the name is kept as it is, leading
/// blanks of the value are not.
fn header_lines(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&b| b == b'\n').skip(1).filter_map(|line| {
        let line = &line[..line.iter().position(|&b| b == b'\r').unwrap_or(line.len())];
        let colon = line.iter().position(|&b| b == b':')?;
        let value = &line[colon + 1..];
        let start = value.iter().position(|&b| b != b' ').unwrap_or(value.len());
        Some((&line[..colon], &value[start..]))
    })
}

/// `atoi` with the server's bounds: white space is skipped, text that is not a number is 0.
fn body_length(value: &[u8]) -> Result<usize, ReadError> {
    let blanks = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let value = &value[blanks..];
    let negative = value.first() == Some(&b'-');
    let digits = if negative || value.first() == Some(&b'+') { &value[1..] } else { value };
    let mut length = 0usize;
    for digit in digits.iter().take_while(|b| b.is_ascii_digit()) {
        length = length.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
    }
    if length > MAX_BODY || (negative && length > 0) { Err(ReadError::BadLength) } else { Ok(length) }
}

/// The largest body of a command.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// More header text than this is parsed as if it had ended.
const MAX_HEAD: usize = 10 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Vec<(String, usize, Option<Vec<u8>>)> {
        let mut reader = CommandReader::default();
        reader.feed(input);
        drain(&mut reader)
    }

    fn drain(reader: &mut CommandReader) -> Vec<(String, usize, Option<Vec<u8>>)> {
        let mut out = Vec::new();
        while let Some(command) = reader.take().unwrap() {
            let line = String::from_utf8_lossy(command.line()).into_owned();
            out.push((line, command.headers().len(), command.body().map(<[u8]>::to_vec)));
        }
        out
    }

    const STREAM: &[u8] =
        b"\r\n\napi status\n\nevent plain ALL\r\n\r\nlog 7\n\r\nbgapi x\r\n\nsendevent CUSTOM\nA: 1\n\
        no colon\nContent-Length: 5\nB:   two \n\nab\ncdexit\n\n";

    #[test]
    fn every_line_end_and_a_body_are_understood() {
        let lines: Vec<_> = all(STREAM).into_iter().map(|(line, ..)| line).collect();
        assert_eq!(lines, ["api status", "event plain ALL", "log 7", "bgapi x", "sendevent CUSTOM", "exit"]);
        let event = &all(STREAM)[4];
        assert_eq!((event.1, event.2.as_deref()), (3, Some(b"ab\ncd".as_slice())));
    }

    #[test]
    fn a_cut_at_any_boundary_changes_nothing() {
        let whole = all(STREAM);
        for cut in 0..=STREAM.len() {
            let mut reader = CommandReader::default();
            reader.feed(&STREAM[..cut]);
            let mut got = drain(&mut reader);
            reader.feed(&STREAM[cut..]);
            got.extend(drain(&mut reader));
            assert_eq!(got, whole, "cut at {cut}");
        }
        let mut reader = CommandReader::default();
        let mut got = Vec::new();
        for byte in STREAM {
            reader.feed(&[*byte]);
            got.extend(drain(&mut reader));
        }
        assert_eq!(got, whole);
        assert!(!reader.is_partial());
    }

    #[test]
    fn a_line_with_a_blank_does_not_end_a_command() {
        assert_eq!(all(b"api x\n \n").len(), 0);
        assert_eq!(all(b"api x\n \n\n").len(), 1);
    }

    #[test]
    fn mixed_line_ends_leave_header_lines_in_the_command() {
        assert_eq!(all(b"event plain X\nA: b\r\n\r\n")[0].0, "event plain X\nA: b");
    }

    #[test]
    fn lengths_are_read_as_atoi_does() {
        for (length, body) in [
            ("abc", None),
            ("0", None),
            ("3 ", Some(b"xyz".to_vec())),
            ("\t3", Some(b"xyz".to_vec())),
            ("-0", None),
        ] {
            let text = format!("sendevent X\nContent-Length: {length}\n\nxyz\n\n");
            assert_eq!(all(text.as_bytes())[0].2, body, "{length}");
        }
        for length in ["-1", "16777217", "99999999999999999999999"] {
            let mut reader = CommandReader::default();
            reader.feed(format!("x\nContent-Length: {length}\n\n").as_bytes());
            assert_eq!(reader.take(), Err(ReadError::BadLength), "{length}");
        }
    }

    #[test]
    fn a_nul_ends_a_body() {
        assert_eq!(all(b"x\nContent-Length: 4\n\nab\0c")[0].2.as_deref(), Some(b"ab".as_slice()));
    }
}
