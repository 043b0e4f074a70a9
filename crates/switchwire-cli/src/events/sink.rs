//! Where the lines go: stdout, or a file that is changed when it has grown, compressed where its name ends in `.zst`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::output;

/// The output of `events`.
pub(crate) enum Sink {
    Stdout,
    File(Rotating),
}

/// A file, and those before it.
pub(crate) struct Rotating {
    path: PathBuf,
    /// The most bytes of text in one file.
    most: Option<u64>,
    /// How many files are kept beside the present one.
    keep: u32,
    written: u64,
    out: Out,
}

enum Out {
    Plain(BufWriter<File>),
    Zstd(Box<zstd::Encoder<'static, File>>),
}

impl Sink {
    /// Writes a line. Stdout shows it at once; a file when it is flushed.
    pub(crate) fn line(&mut self, text: &[u8]) -> Result {
        match self {
            Self::Stdout => output::line(text),
            Self::File(file) => file.line(text).map_err(|error| cannot(&file.path, &error)),
        }
    }

    /// What was written can be read now.
    pub(crate) fn flush(&mut self) -> Result {
        match self {
            Self::Stdout => Ok(()),
            Self::File(file) => file.out.flush().map_err(|error| cannot(&file.path, &error)),
        }
    }

    /// Ends the file; nothing can be written any more.
    pub(crate) fn finish(&mut self) -> Result {
        match std::mem::replace(self, Self::Stdout) {
            Self::Stdout => Ok(()),
            Self::File(file) => file.out.finish().map_err(|error| cannot(&file.path, &error)),
        }
    }
}

impl Rotating {
    /// Begins the file; one that is there becomes the first of those before it.
    pub(crate) fn create(path: &Path, most: Option<u64>, keep: u32) -> Result<Self> {
        let begin = || {
            if path.exists() {
                shift(path, keep)?;
            }
            Out::create(path)
        };
        let out = begin().map_err(|error| cannot(path, &error))?;
        Ok(Self { path: path.to_owned(), most, keep, written: 0, out })
    }

    fn line(&mut self, text: &[u8]) -> std::io::Result<()> {
        let length = text.len() as u64 + 1;
        if self.most.is_some_and(|most| self.written > 0 && self.written + length > most) {
            // The present one is ended before it gets another name.
            let next = Out::Plain(BufWriter::new(File::open("/dev/null")?));
            std::mem::replace(&mut self.out, next).finish()?;
            shift(&self.path, self.keep)?;
            self.out = Out::create(&self.path)?;
            self.written = 0;
        }
        self.written += length;
        let out: &mut dyn Write = match &mut self.out {
            Out::Plain(out) => out,
            Out::Zstd(out) => out,
        };
        out.write_all(text)?;
        out.write_all(b"\n")
    }
}

impl Out {
    fn create(path: &Path) -> std::io::Result<Self> {
        let file = File::create(path)?;
        if path.extension().is_some_and(|ext| ext == "zst") {
            return Ok(Self::Zstd(Box::new(zstd::Encoder::new(file, LEVEL)?)));
        }
        Ok(Self::Plain(BufWriter::new(file)))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Zstd(out) => out.flush(),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Zstd(out) => out.finish().map(drop),
        }
    }
}

/// `FILE` becomes `FILE.1`, that `FILE.2` …; the oldest goes. `.zst` stays at the end.
fn shift(path: &Path, keep: u32) -> std::io::Result<()> {
    if keep == 0 {
        return std::fs::remove_file(path);
    }
    for number in (1..keep).rev() {
        let from = numbered(path, number);
        if from.exists() {
            std::fs::rename(&from, numbered(path, number + 1))?;
        }
    }
    std::fs::rename(path, numbered(path, 1))
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let text = path.as_os_str().to_string_lossy();
    match text.strip_suffix(".zst") {
        Some(head) => format!("{head}.{number}.zst").into(),
        None => format!("{text}.{number}").into(),
    }
}

/// `10M`, `500k`, `1G`, or bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let wrong = || "not a size: write 500k, 10M or 1G".to_owned();
    let (number, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", path.display()))
}

/// Of zstd: its own default, a good deal faster than events come.
const LEVEL: i32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_grown_makes_room_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["events", "events.zst"] {
            let path = folder.path().join(name);
            let mut sink = Sink::File(Rotating::create(&path, Some(8), 2).unwrap());
            for line in ["one", "two", "three", "four", "a very long line", "six"] {
                sink.line(line.as_bytes()).unwrap();
            }
            sink.finish().unwrap();
            let read = |path: &Path| {
                let bytes = std::fs::read(path).unwrap();
                let text = if name.ends_with("zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
                String::from_utf8(text).unwrap()
            };
            assert_eq!(read(&path), "six\n");
            assert_eq!(read(&numbered(&path, 1)), "a very long line\n");
            assert_eq!(read(&numbered(&path, 2)), "four\n");
            assert!(!numbered(&path, 3).exists());
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!((size("10M"), size("2k"), size("7")), (Ok(10 << 20), Ok(2048), Ok(7)));
        for wrong in ["", "0", "M", "-1", "1T", "99999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
