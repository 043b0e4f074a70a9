//! How far the first segment has been acknowledged: a small file, rewritten in place. When it is torn or stale, more is read again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

use super::{Disk, Place};

#[derive(Debug)]
pub(super) struct Cursor {
    file: File,
    place: Option<Place>,
}

impl Cursor {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join("cursor");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = String::new();
        // (What is not text is no cursor.)
        let place = file.read_to_string(&mut text).ok().and_then(|_| parse(&text));
        Ok(Self { file, place })
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    pub(super) fn set(&mut self, disk: &dyn Disk, place: Place) -> io::Result<()> {
        self.place = Some(place);
        disk.write_at(&self.file, line(place).as_bytes(), 0)
    }

    /// Nothing of the first segment has been acknowledged.
    pub(super) fn clear(&mut self, disk: &dyn Disk) -> io::Result<()> {
        self.place = None;
        disk.truncate(&self.file, 0)
    }
}

/// A line of always the same length, with a checksum.
fn line(place: Place) -> String {
    let text = format!("{:016x} {:016x}", place.segment, place.offset);
    format!("{text} {:08x}\n", crc32fast::hash(text.as_bytes()))
}

fn parse(text: &str) -> Option<Place> {
    let mut words = text.split_ascii_whitespace();
    let mut number = || u64::from_str_radix(words.next()?, 16).ok();
    let place = Place { segment: number()?, offset: number()? };
    (line(place) == text).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_cursor_is_none() {
        let whole = line(Place { segment: 7, offset: 300 });
        assert_eq!(parse(&whole), Some(Place { segment: 7, offset: 300 }));
        for cut in 0..whole.len() {
            assert_eq!(parse(&whole[..cut]), None);
        }
        assert_eq!(parse(&whole.replacen('7', "8", 1)), None);
    }
}
